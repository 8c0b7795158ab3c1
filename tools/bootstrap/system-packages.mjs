import { existsSync } from 'node:fs';
import process from 'node:process';
import { capture } from './child.mjs';
import { say, SetupError, step } from './progress.mjs';

const UPDATE_DEADLINE_MS = 5 * 60_000;
const INSTALL_DEADLINE_MS = 20 * 60_000;

/** @type {boolean} */
let isListFresh = false;

/**
 * Installs packages of the distribution (Debian and its relatives), saying which and why. Where that is not possible
 * (another system, no rights, no network) it throws a sentence that names them.
 *
 * @param {string[]} packages
 * @param {{ why: string }} options
 */
export async function installSystemPackages(packages, { why }) {
  const names = packages.join(' ');
  const help = `Install what these Debian packages hold, then run this again: ${names}`;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new SetupError(`${why} needs software that this set-up can install on Debian and Ubuntu only.`, {
      help,
    });
  }
  const prefix = await rootPrefix();
  if (!prefix) {
    throw new SetupError(`${why} needs packages that only root may install.`, {
      help: `Run "sudo apt-get install -y --no-install-recommends ${names}", then run this again.`,
    });
  }

  say(`${why} needs ${names}`);
  const apt = async (/** @type {string[]} */ args, /** @type {number} */ deadlineMs) => {
    const env = [...prefix, 'DEBIAN_FRONTEND=noninteractive'];
    return capture('env', [...env, 'apt-get', ...args], { deadlineMs });
  };
  if (!isListFresh) {
    // A failed update is not the end: the lists that are there may do.
    await step('apt-get update', () => apt(['update', '-q'], UPDATE_DEADLINE_MS));
    isListFresh = true;
  }
  // Another apt-get may be at work, on a machine that has just booted for instance: wait for its lock.
  const args = [
    '-o',
    'DPkg::Lock::Timeout=300',
    'install',
    '-q',
    '-y',
    '--no-install-recommends',
    ...packages,
  ];
  const result = await step('apt-get install', () => apt(args, INSTALL_DEADLINE_MS));
  if (result.code !== 0) {
    throw new SetupError(
      `apt-get could not install ${names}.\n${result.output.trim().split('\n').slice(-8).join('\n')}`,
      {
        help,
      },
    );
  }
}

/** What to put before a command that needs root: nothing for root, `sudo -n env` where that works, undefined where neither does. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = await capture('sudo', ['-n', 'true'], { deadlineMs: 5_000 });
  return sudo.code === 0 ? ['sudo', '-n', 'env'] : undefined;
}
