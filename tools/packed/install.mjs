// Packs every published package and lays the tarballs out as an installation would: a folder with node_modules in which
// @parley is what users get, and everything else is what our own lockfile has. No registry is asked.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const REPOSITORY = path.resolve(import.meta.dirname, '../..');

export const PUBLISHED = ['protocol', 'rcml', 'client', 'react', 'vue'];
/** Who brings what a published package, or a test of one, needs from outside. */
const BORROWED = {
  valibot: 'packages/protocol',
  'fast-xml-parser': 'packages/rcml',
  'mediasoup-client': 'packages/client',
  react: 'packages/react',
  'react-dom': 'packages/react',
  vue: 'packages/vue',
  '@types/react': 'packages/react',
  '@types/react-dom': 'packages/react',
};

/**
 * @param {string} [folder] where; default a new one in the system's place for such
 * @returns {Promise<{ folder: string, remove: () => Promise<void> }>}
 */
export async function installPacked(folder) {
  const root = folder ?? (await mkdtemp(path.join(os.tmpdir(), 'parley-installed-')));
  const modules = path.join(root, 'node_modules');
  await mkdir(path.join(modules, '@parley'), { recursive: true });
  await mkdir(path.join(modules, '@types'), { recursive: true });
  for (const name of PUBLISHED) await unpack(name, path.join(modules, '@parley', name));
  for (const [name, owner] of Object.entries(BORROWED)) {
    const target = await realpath(path.join(REPOSITORY, owner, 'node_modules', name));
    await symlink(target, path.join(modules, name), 'dir');
  }
  return { folder: root, remove: () => rm(root, { recursive: true, force: true }) };
}

async function unpack(/** @type {string} */ name, /** @type {string} */ target) {
  const out = await mkdtemp(path.join(os.tmpdir(), 'parley-packing-'));
  try {
    // Packed from a copy: packing builds in place what is published, and others may be reading it.
    const copy = path.join(out, 'packages', name);
    await cp(path.join(REPOSITORY, 'packages', name), copy, {
      recursive: true,
      filter: (source) => !/node_modules|tsbuildinfo/.test(path.relative(REPOSITORY, source)),
    });
    await symlink(
      path.join(REPOSITORY, 'packages', name, 'node_modules'),
      path.join(copy, 'node_modules'),
      'dir',
    );
    await symlink(path.join(REPOSITORY, 'node_modules'), path.join(out, 'node_modules'), 'dir');
    for (const file of ['package.json', 'pnpm-workspace.yaml', 'tsconfig.base.json', 'LICENSE'])
      await cp(path.join(REPOSITORY, file), path.join(out, file));
    await run('pnpm', ['--dir', copy, 'pack', '--out', path.join(out, 'packed.tgz')]);
    await run('tar', ['-xzf', path.join(out, 'packed.tgz'), '-C', out]);
    await cp(path.join(out, 'package'), target, { recursive: true });
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Every entry point that an installed package names: `@parley/client`, `@parley/client/testing`, … */
export async function entryPoints(/** @type {string} */ folder) {
  const found = [];
  for (const name of await readdir(path.join(folder, 'node_modules/@parley'))) {
    const manifest = path.join(folder, 'node_modules/@parley', name, 'package.json');
    const { exports } = JSON.parse(await readFile(manifest, 'utf8'));
    for (const subpath of Object.keys(exports)) found.push(`@parley/${name}${subpath.slice(1)}`);
  }
  return found.toSorted();
}
