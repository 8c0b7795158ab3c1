import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { say, SetupError } from './progress.mjs';

const LOOK_AGAIN_MS = 1_000;
const WAIT_MAX_MS = 30 * 60_000;
/** A holder needs a moment between making the folder and writing its process id into it. */
const UNSIGNED_MAX_MS = 10_000;

/**
 * Runs `work` while no other process runs it for the same `folder`. A holder that has died loses the lock.
 *
 * @template T
 * @param {string} folder   the lock is `<folder>.lock`, beside it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  const lock = `${folder}.lock`;
  const giveUpAtMs = Date.now() + WAIT_MAX_MS;
  let hasSaidSo = false;
  while (!(await tryToTake(lock))) {
    if (await isAbandoned(lock)) {
      await rm(lock, { recursive: true, force: true });
      continue;
    }
    if (Date.now() > giveUpAtMs) {
      throw new SetupError(`another set-up has been at work on ${folder} for half an hour.`, {
        help: `If none is running, delete ${lock} and run this again.`,
      });
    }
    if (!hasSaidSo) say(`another set-up is at work on ${path.basename(folder)}; waiting for it`);
    hasSaidSo = true;
    await sleep(LOOK_AGAIN_MS);
  }
  const release = () => rm(lock, { recursive: true, force: true });
  try {
    return await work();
  } finally {
    await release();
  }
}

async function tryToTake(/** @type {string} */ lock) {
  await mkdir(path.dirname(lock), { recursive: true });
  try {
    await mkdir(lock);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(path.join(lock, 'pid'), String(process.pid));
  return true;
}

async function isAbandoned(/** @type {string} */ lock) {
  try {
    const pid = Number(await readFile(path.join(lock, 'pid'), 'utf8'));
    return pid > 0 && !isRunning(pid);
  } catch {
    const info = await stat(lock).catch(() => undefined);
    return info !== undefined && Date.now() - info.mtimeMs > UNSIGNED_MAX_MS;
  }
}

function isRunning(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, and belongs to somebody else.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
