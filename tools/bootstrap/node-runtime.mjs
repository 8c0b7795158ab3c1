import path from 'node:path';
import process from 'node:process';
import { capture } from './child.mjs';
import { BIN } from './places.mjs';
import { SetupError } from './progress.mjs';

/** From here on Node runs TypeScript without a flag and has what the gateway uses. */
const OLDEST = { major: 24, minor: 0 };

/**
 * The path of a Node that is new enough: the one that the dependencies brought, where there is one for this platform,
 * otherwise the machine's own.
 *
 * @returns {Promise<string>}
 */
export async function ensureNode() {
  const bundled = path.join(BIN, 'node');
  for (const node of [bundled, process.execPath]) {
    const { code, output } = await capture(node, ['--version']);
    if (code === 0 && isNewEnough(output.trim())) return node;
  }
  throw new SetupError(
    `Node ${OLDEST.major}.${OLDEST.minor} or newer is needed; this machine has ${process.version}.`,
    {
      help: `For ${process.platform} on ${process.arch} none comes with the dependencies: install Node 24 from nodejs.org or with your version manager, then run this again.`,
    },
  );
}

/** `v24.21.0` → true. */
export function isNewEnough(/** @type {string} */ version) {
  const match = /^v(\d+)\.(\d+)\./.exec(version);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

/**
 * The environment for commands of the repository: this Node, this pnpm and the tools among the dependencies come first
 * on the PATH.
 *
 * @param {{ node: string, pnpm: string }} commands
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor({ node, pnpm }) {
  const folders = [BIN, path.dirname(node), path.dirname(pnpm), process.env['PATH'] ?? ''];
  return { ...process.env, PATH: folders.join(path.delimiter) };
}
