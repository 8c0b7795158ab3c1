import { capture } from './child.mjs';
import { REPOSITORY } from './places.mjs';
import { SetupError, step } from './progress.mjs';

const INSTALL_DEADLINE_MS = 15 * 60_000;

/**
 * Installs what the lockfile names, and nothing else. pnpm sees by itself, in milliseconds, when there is nothing to do.
 *
 * @param {string} pnpm
 */
export async function ensureDependencies(pnpm) {
  await step('installing dependencies from the lockfile', async () => {
    const result = await capture(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only'], {
      cwd: REPOSITORY,
      deadlineMs: INSTALL_DEADLINE_MS,
      // Without CI pnpm asks before it replaces a node_modules that another package manager made, and nobody would answer.
      env: { ...process.env, CI: 'true' },
    });
    if (result.code === 0) return;
    throw new SetupError(`dependencies could not be installed.\n${lastLines(result.output)}`, {
      help: helpFor(result.output),
    });
  });
}

function helpFor(/** @type {string} */ output) {
  if (output.includes('OUTDATED_LOCKFILE')) {
    return 'A package.json changed without the lockfile: run "pnpm install" and commit pnpm-lock.yaml with it.';
  }
  if (/permission denied|EACCES/i.test(output)) {
    return 'Some files here belong to another user (was this set up as root before?): delete the node_modules folders as that user, then run this again.';
  }
  return 'See that the npm registry can be reached ("npm ping"); after a broken install, delete the node_modules folders and run this again.';
}

function lastLines(/** @type {string} */ output) {
  return output.trim().split('\n').slice(-20).join('\n');
}
