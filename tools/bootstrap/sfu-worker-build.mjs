import { mkdir, realpath, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { capture } from './child.mjs';
import { cacheFolder } from './places.mjs';
import { say, SetupError, seconds } from './progress.mjs';
import { MEDIASOUP, RECIPE } from './sfu-worker-place.mjs';
import { installSystemPackages } from './system-packages.mjs';

const COMPILERS = ['g++', 'cmake', 'ninja', 'pkg-config', 'flatc'];
const LIBRARIES = [
  'libuv',
  'libssl',
  'libcrypto',
  'libsrtp2',
  'flatbuffers',
  'absl_strings',
  'absl_flat_hash_map',
];
const DEBIAN_COMPILERS = ['g++', 'cmake', 'ninja-build', 'pkg-config', 'flatbuffers-compiler'];
const DEBIAN_LIBRARIES = ['libuv1-dev', 'libssl-dev', 'libsrtp2-dev', 'libflatbuffers-dev', 'libabsl-dev'];

const BUILD_DEADLINE_MS = 40 * 60_000;
const REPORT_EVERY_MS = 15_000;
/** A batch of eight optimised C++ files has been seen to take this much memory. */
const BYTES_PER_JOB = 1.5 * 1024 ** 3;

/**
 * Builds mediasoup's worker from the sources in its npm package, and returns its path. It takes two to five minutes on a
 * small machine, and happens once for a version of mediasoup.
 *
 * @param {string} folder
 * @returns {Promise<string>}
 */
export async function buildWorker(folder) {
  if (!(await hasTools())) {
    await installSystemPackages([...DEBIAN_COMPILERS, ...DEBIAN_LIBRARIES], {
      why: 'building the SFU worker',
    });
  }
  say('building the SFU worker from its sources; this happens once and takes some minutes …');
  const startedAtMs = Date.now();
  const build = path.join(folder, 'build');
  const sources = await realpath(MEDIASOUP);
  await compile(['-G', 'Ninja', '-S', RECIPE, '-B', build, `-DMEDIASOUP_DIR=${sources}`]);

  const jobs = Math.max(1, Math.min(os.availableParallelism(), Math.floor(os.totalmem() / BYTES_PER_JOB)));
  let reportedAtMs = startedAtMs;
  await compile(['--build', build, '--parallel', String(jobs)], (line) => {
    const progress = /^\[(\d+)\/(\d+)\]/.exec(line);
    if (!progress || Date.now() - reportedAtMs < REPORT_EVERY_MS) return;
    reportedAtMs = Date.now();
    say(`  ${progress[1]} of ${progress[2]} parts compiled, ${seconds(Date.now() - startedAtMs)}`);
  });
  say(`building the SFU worker: done in ${seconds(Date.now() - startedAtMs)}`);
  return path.join(build, 'mediasoup-worker');
}

async function hasTools() {
  const answers = await Promise.all([
    ...COMPILERS.map((command) => capture(command, ['--version'])),
    capture('pkg-config', ['--exists', ...LIBRARIES]),
  ]);
  return answers.every(({ code }) => code === 0);
}

async function compile(
  /** @type {string[]} */ args,
  /** @type {(line: string) => void} */ onLine = () => {},
) {
  const result = await capture('cmake', args, { deadlineMs: BUILD_DEADLINE_MS, onLine });
  if (result.code === 0) return;
  const log = path.join(cacheFolder(), 'sfu-worker', 'failed-build.log');
  await mkdir(path.dirname(log), { recursive: true });
  await writeFile(log, result.output);
  const errors = result.output.split('\n').filter((line) => /error|FAILED/i.test(line));
  const why = result.timedOut
    ? `it took longer than ${seconds(BUILD_DEADLINE_MS)}`
    : errors.slice(0, 8).join('\n');
  throw new SetupError(`the SFU worker could not be built: ${why}`, {
    help: `The whole output is in ${log}. A compiler that knows C++20 (g++ 12 or newer) and the libraries ${DEBIAN_LIBRARIES.join(', ')} are needed; or give the path of a worker in MEDIASOUP_WORKER_BIN.`,
  });
}
