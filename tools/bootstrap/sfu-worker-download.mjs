import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { capture } from './child.mjs';
import { say, step } from './progress.mjs';
import { mediasoupManifest } from './sfu-worker-place.mjs';

const ANSWER_DEADLINE_MS = 15_000;
const DOWNLOAD_DEADLINE_MS = 180_000;

/**
 * Downloads the official worker, published with mediasoup's release, and returns its path. It returns undefined, and says
 * why, where there is none for this machine or it cannot be reached: that is no failure, the worker can be built.
 *
 * The two variables are mediasoup's own, and mean here what they mean there.
 *
 * @param {string} folder
 * @returns {Promise<string | undefined>}
 */
export async function downloadWorker(folder) {
  if (process.env['MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD']) return undefined;
  const url = await releaseUrl();
  try {
    return await step('fetching the official SFU worker', () => fetchAndUnpack(url, folder));
  } catch (error) {
    say(`the official SFU worker could not be fetched (${reason(error)}); it will be built here`);
    return undefined;
  }
}

async function releaseUrl() {
  const { version, repository } = await mediasoupManifest();
  const home = String(repository.url)
    .replace(/^git\+/, '')
    .replace(/\.git$/, '');
  const base = process.env['MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL'] || `${home}/releases/download`;
  const kernel = os.platform() === 'linux' ? `-kernel${os.release().split('.')[0]}` : '';
  return `${base}/${version}/mediasoup-worker-${version}-${os.platform()}-${os.arch()}${kernel}.tgz`;
}

async function fetchAndUnpack(/** @type {string} */ url, /** @type {string} */ folder) {
  const abort = new AbortController();
  const giveUp = (/** @type {string} */ why) => abort.abort(new Error(why));
  const noAnswer = setTimeout(giveUp, ANSWER_DEADLINE_MS, `no answer in ${ANSWER_DEADLINE_MS / 1_000} s`);
  const tooSlow = setTimeout(
    giveUp,
    DOWNLOAD_DEADLINE_MS,
    `not finished in ${DOWNLOAD_DEADLINE_MS / 1_000} s`,
  );
  try {
    const response = await fetch(url, { signal: abort.signal });
    clearTimeout(noAnswer);
    if (response.status === 404) throw new Error('there is none for this version and platform');
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const archive = path.join(folder, 'worker.tgz');
    await writeFile(archive, Buffer.from(await response.arrayBuffer()));
    const unpacked = await capture('tar', ['-xzf', archive, '-C', folder]);
    if (unpacked.code !== 0) throw new Error(`it could not be unpacked: ${unpacked.output.trim()}`);
    return path.join(folder, process.platform === 'win32' ? 'mediasoup-worker.exe' : 'mediasoup-worker');
  } finally {
    clearTimeout(noAnswer);
    clearTimeout(tooSlow);
  }
}

/** `fetch` says only "fetch failed"; the cause says what happened. */
function reason(/** @type {unknown} */ error) {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return cause || error.message;
}
