import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { withLock } from './cache-lock.mjs';
import { capture } from './child.mjs';
import { REPOSITORY } from './places.mjs';
import { say, SetupError, step } from './progress.mjs';
import { buildWorker } from './sfu-worker-build.mjs';
import { downloadWorker } from './sfu-worker-download.mjs';
import { workerFolder } from './sfu-worker-place.mjs';

/** mediasoup's worker, started by nobody it knows, ends with this code. It proves that the machine can load the binary. */
const EXIT_CODE_OF_A_HEALTHY_WORKER = 41;
const STARTS_DEADLINE_MS = 10_000;
const VERIFY_DEADLINE_MS = 40_000;

/**
 * The path of an SFU worker that is known to carry media on this machine: the person's own (`MEDIASOUP_WORKER_BIN`), the
 * one in the cache, the official prebuilt one, or one built here, in that order.
 *
 * @param {string} node
 * @returns {Promise<string>}
 */
export async function ensureWorker(node) {
  const own = process.env['MEDIASOUP_WORKER_BIN'];
  if (own) {
    if (await starts(own)) return own;
    throw new SetupError(`MEDIASOUP_WORKER_BIN names ${own}, which is no working mediasoup worker.`, {
      help: 'Correct the variable, or unset it to have a worker downloaded or built.',
    });
  }
  const folder = await workerFolder();
  const binary = path.join(folder, 'mediasoup-worker');
  if (await isReady(folder)) return binary;
  await withLock(folder, async () => {
    if (!(await isReady(folder))) await obtain(folder, node);
  });
  return binary;
}

/** A folder is complete when it holds the record of a verification; the binary is only asked whether it still starts. */
async function isReady(/** @type {string} */ folder) {
  return existsSync(path.join(folder, 'worker.json')) && starts(path.join(folder, 'mediasoup-worker'));
}

async function obtain(/** @type {string} */ folder, /** @type {string} */ node) {
  await mkdir(path.dirname(folder), { recursive: true });
  const scratch = `${folder}.unfinished`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch);
  try {
    const downloaded = await downloadWorker(scratch);
    if (downloaded && (await isGood(downloaded, node))) return await keep(folder, downloaded, 'prebuilt');

    const built = await buildWorker(scratch);
    if (await isGood(built, node)) return await keep(folder, built, 'built');
    throw new SetupError('the SFU worker that was built here does not carry media.', {
      help: 'Give the path of a working worker in MEDIASOUP_WORKER_BIN, and please report this with the lines above and your distribution.',
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Puts the binary and the record of its verification in their place in one movement. */
async function keep(
  /** @type {string} */ folder,
  /** @type {string} */ binary,
  /** @type {'prebuilt' | 'built'} */ origin,
) {
  const complete = `${folder}.complete`;
  await rm(complete, { recursive: true, force: true });
  await mkdir(complete);
  await copyFile(binary, path.join(complete, 'mediasoup-worker'));
  await chmod(path.join(complete, 'mediasoup-worker'), 0o755);
  const record = { origin, verifiedAt: new Date().toISOString() };
  await writeFile(path.join(complete, 'worker.json'), `${JSON.stringify(record, null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(complete, folder);
}

async function starts(/** @type {string} */ binary) {
  const { code } = await capture(binary, [], { env: {}, deadlineMs: STARTS_DEADLINE_MS });
  return code === EXIT_CODE_OF_A_HEALTHY_WORKER;
}

/**
 * Starting proves little: a worker has been seen that started, and crashed at the first DTLS handshake. So one handshake
 * is made and one packet is sent before a binary is trusted.
 */
async function isGood(/** @type {string} */ binary, /** @type {string} */ node) {
  if (!(await starts(binary))) {
    say('that SFU worker does not start on this machine');
    return false;
  }
  return step('checking the SFU worker with a real handshake and a packet', async () => {
    const script = path.join(REPOSITORY, 'tools', 'sfu-worker', 'verify.mjs');
    const result = await capture(node, [script, binary], { cwd: REPOSITORY, deadlineMs: VERIFY_DEADLINE_MS });
    if (result.code !== 0) say(`the SFU worker failed its check:\n${result.output.trim()}`);
    return result.code === 0;
  });
}
