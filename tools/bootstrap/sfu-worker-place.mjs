import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { cacheFolder, REPOSITORY } from './places.mjs';

/** The unpacked mediasoup package: the worker's sources are inside. */
export const MEDIASOUP = path.join(REPOSITORY, 'node_modules', 'mediasoup');

/** Our CMake recipe. */
export const RECIPE = path.join(REPOSITORY, 'tools', 'sfu-worker');

/** What mediasoup's own package.json says about itself. */
export async function mediasoupManifest() {
  return JSON.parse(await readFile(path.join(MEDIASOUP, 'package.json'), 'utf8'));
}

/**
 * Where the worker for this checkout and this machine is kept. Everything that makes a binary a different one is in the
 * name: mediasoup's version, the platform, the distribution (its libraries), and our recipe.
 *
 * @returns {Promise<string>}
 */
export async function workerFolder() {
  const { version } = await mediasoupManifest();
  const parts = [version, process.platform, process.arch, await distribution(), await recipeHash()];
  return path.join(cacheFolder(), 'sfu-worker', parts.filter(Boolean).join('-'));
}

/** `debian12`, `ubuntu24.04`, `alpine3.20.1`; nothing where there is no such file. */
async function distribution() {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (/** @type {string} */ name) => new RegExp(`^${name}="?([\\w.]+)`, 'm').exec(text)?.[1] ?? '';
  return field('ID') + field('VERSION_ID');
}

async function recipeHash() {
  const names = await readdir(RECIPE, { recursive: true });
  const files = names.filter((name) => /(\.h|CMakeLists\.txt)$/.test(name)).toSorted();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(await readFile(path.join(RECIPE, file)));
  return hash.digest('hex').slice(0, 8);
}
