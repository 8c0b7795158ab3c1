import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { capture } from './child.mjs';
import { commandOnPath } from './command-on-path.mjs';
import { cacheFolder, REPOSITORY } from './places.mjs';
import { SetupError, step } from './progress.mjs';

const INSTALL_DEADLINE_MS = 180_000;

/**
 * The path of pnpm at exactly the version that `packageManager` pins: the one on the PATH when it is that version,
 * otherwise one fetched with npm into the cache.
 *
 * @returns {Promise<string>}
 */
export async function ensurePnpm() {
  const version = await pinnedVersion();
  // pnpm looks for a package.json upwards to decide which version to be; the root's says the pinned one.
  const present = commandOnPath('pnpm');
  const answer = present && (await capture(present, ['--version'], { cwd: REPOSITORY }));
  if (answer && answer.code === 0 && answer.output.trim() === version) return present;

  const folder = path.join(cacheFolder(), 'pnpm', `${version}-${process.platform}-${process.arch}`);
  const command = path.join(folder, 'node_modules', '.bin', 'pnpm');
  if (!existsSync(command)) await step(`fetching pnpm ${version}`, () => fetchPnpm(version, folder));
  return command;
}

async function pinnedVersion() {
  const manifest = JSON.parse(await readFile(path.join(REPOSITORY, 'package.json'), 'utf8'));
  return String(manifest.packageManager).replace(/^pnpm@/, '');
}

async function fetchPnpm(/** @type {string} */ version, /** @type {string} */ folder) {
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  // A manifest of its own keeps npm from looking upwards for somebody else's project.
  await writeFile(path.join(unfinished, 'package.json'), '{ "private": true }\n');
  const result = await capture(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', `pnpm@${version}`],
    { cwd: unfinished, deadlineMs: INSTALL_DEADLINE_MS },
  );
  if (result.code !== 0) {
    await rm(unfinished, { recursive: true, force: true });
    throw new SetupError(`pnpm ${version} could not be fetched with npm.\n${result.output.trim()}`, {
      help: `See that "npm view pnpm version" answers (network, proxy, registry settings), or install it yourself with "npm install --global pnpm@${version}", then run this again.`,
    });
  }
  // Two runs may have fetched at once: the first to finish has put its folder there, and it is as good as ours.
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }));
}
