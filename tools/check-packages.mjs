// Packs every package that is published as it would be published, and asks publint and "are the types wrong" about the
// tarballs. What users get is the tarball: `publishConfig` has been applied, and `files` has left things out.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PARENTS = ['packages', 'apps'];

const out = await mkdtemp(path.join(os.tmpdir(), 'parley-packed-'));
let isGood = true;
for (const folder of await publishedFolders()) {
  const complaints = await complaintsAbout(folder);
  process.stdout.write(`${folder}: ${complaints.length === 0 ? 'good' : 'NOT good'}\n`);
  for (const complaint of complaints) process.stdout.write(`${complaint}\n`);
  isGood &&= complaints.length === 0;
}
await rm(out, { recursive: true, force: true });
process.exitCode = isGood ? 0 : 1;

async function publishedFolders() {
  const folders = [];
  for (const parent of PARENTS) {
    for (const name of await readdir(parent)) {
      const folder = path.join(parent, name);
      const manifest = await readFile(path.join(folder, 'package.json'), 'utf8').catch(() => undefined);
      if (manifest && !JSON.parse(manifest).private) folders.push(folder);
    }
  }
  return folders;
}

async function complaintsAbout(/** @type {string} */ folder) {
  const tarball = path.join(out, `${path.basename(folder)}.tgz`);
  const packed = await tryTo('pnpm', ['--dir', folder, 'pack', '--out', tarball]);
  if (packed) return [packed];
  const answers = await Promise.all([
    tryTo('publint', ['run', tarball, '--strict']),
    tryTo('attw', [tarball, '--profile', 'esm-only']),
  ]);
  return answers.filter((answer) => answer !== undefined);
}

/** What a program said when it failed. */
async function tryTo(/** @type {string} */ command, /** @type {string[]} */ args) {
  try {
    await run(command, args);
    return undefined;
  } catch (error) {
    const { stdout, stderr, message } = /** @type {Error & { stdout?: string, stderr?: string }} */ (error);
    return [stdout, stderr].filter(Boolean).join('\n').trim() || message;
  }
}
