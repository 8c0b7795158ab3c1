import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { capture } from './child.mjs';
import { REPOSITORY, SOFTPHONE } from './places.mjs';
import { SetupError, step } from './progress.mjs';

const BUILT = path.join(SOFTPHONE, 'dist', 'index.html');
const BUILD_DEADLINE_MS = 5 * 60_000;

/** What the built page is made of. */
const SOURCES = [
  ...['src', 'public', 'index.html', 'vite.config.ts', 'package.json'].map((name) =>
    path.join(SOFTPHONE, name),
  ),
  ...['client', 'protocol'].map((name) => path.join(REPOSITORY, 'packages', name, 'src')),
  path.join(REPOSITORY, 'pnpm-lock.yaml'),
];

/**
 * Builds the sample phone when something it is made of is newer than what was built last.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export async function ensureSoftphone(env) {
  const builtAtMs = await newestMs(BUILT);
  const changedAtMs = Math.max(...(await Promise.all(SOURCES.map(newestMs))));
  if (builtAtMs > changedAtMs) return;
  await step('building the softphone', async () => {
    const vite = path.join(SOFTPHONE, 'node_modules', '.bin', 'vite');
    const result = await capture(vite, ['build'], { cwd: SOFTPHONE, env, deadlineMs: BUILD_DEADLINE_MS });
    if (result.code === 0) return;
    throw new SetupError(`the softphone could not be built.\n${result.output.trim()}`, {
      help: 'Correct what the lines above name; "pnpm --dir apps/softphone build" builds it alone.',
    });
  });
}

/** When the newest file in a folder, or a file, was changed; 0 where there is none. */
async function newestMs(/** @type {string} */ place) {
  const info = await stat(place).catch(() => undefined);
  if (!info) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  const names = await readdir(place, { recursive: true });
  const infos = await Promise.all(names.map((name) => stat(path.join(place, name)).catch(() => undefined)));
  return Math.max(info.mtimeMs, ...infos.map((each) => each?.mtimeMs ?? 0));
}
