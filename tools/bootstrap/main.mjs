// Everything a bare machine needs before the work can begin, and then the work:
//
//   node tools/bootstrap/main.mjs start | test | check | e2e | setup | run
//
// It runs on Node 20 and has no dependency, because it is what installs them. Each step is quick when its result is there.
import path from 'node:path';
import process from 'node:process';
import { ensureBrowsers } from './browsers.mjs';
import { runChecks } from './checks.mjs';
import { become } from './child.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureMediaProbe } from './media-probe.mjs';
import { ensureNode, environmentFor } from './node-runtime.mjs';
import { REPOSITORY } from './places.mjs';
import { ensurePnpm } from './pnpm.mjs';
import { say, seconds, SetupError } from './progress.mjs';
import { ensureWorker } from './sfu-worker.mjs';
import { ensureSoftphone } from './softphone.mjs';
import { ensureSpeech } from './speech.mjs';
import { ensureTurnServer } from './turn.mjs';

const USAGE =
  'Usage: node tools/bootstrap/main.mjs start | test | check | e2e | setup | run [--browsers] FILE  [arguments for the program]';

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const COMMANDS = {
  async start(args) {
    const { node, env } = await setUp({ withBrowsers: false });
    await ensureSoftphone(env);
    const gateway = path.join(REPOSITORY, 'apps', 'gateway', 'src', 'main.ts');
    return become(node, ['--conditions=@parley/source', gateway, ...args], { cwd: REPOSITORY, env });
  },
  async test(args) {
    const { env } = await setUp({ withBrowsers: true });
    await ensureMediaProbe();
    return runChecks('test', { env, args });
  },
  async check(args) {
    const { env } = await setUp({ withBrowsers: false });
    await ensureMediaProbe();
    return runChecks('check', { env, args });
  },
  async e2e(args) {
    const { env } = await setUp({ withBrowsers: true });
    return runChecks('e2e', { env, args });
  },
  /** A program of the repository: `run [--browsers] file [arguments]`. */
  async run(args) {
    const withBrowsers = args[0] === '--browsers';
    const [file, ...rest] = withBrowsers ? args.slice(1) : args;
    if (file === undefined) throw new SetupError('run needs a file.', { help: USAGE });
    const { node, env } = await setUp({ withBrowsers });
    return become(node, ['--conditions=@parley/source', path.join(REPOSITORY, file), ...rest], {
      cwd: REPOSITORY,
      env,
    });
  },
  async setup() {
    await setUp({ withBrowsers: true });
    await ensureMediaProbe();
    return 0;
  },
};

/** Brings the machine to where every command of the repository works. */
async function setUp(/** @type {{ withBrowsers: boolean }} */ { withBrowsers }) {
  const startedAtMs = Date.now();
  const pnpm = await ensurePnpm();
  await ensureDependencies(pnpm);
  const node = await ensureNode();
  const env = environmentFor({ node, pnpm });
  env['MEDIASOUP_WORKER_BIN'] = await ensureWorker(node);
  await ensureSpeech();
  if (withBrowsers) {
    Object.assign(env, await ensureBrowsers(env));
    await ensureTurnServer();
  }
  say(`everything is set up (${seconds(Date.now() - startedAtMs)})`);
  return { node, env };
}

async function main(/** @type {string[]} */ [name = '', ...rest]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  try {
    // npm takes the `--` away that divides its own arguments from ours, pnpm leaves it.
    return await command(rest[0] === '--' ? rest.slice(1) : rest);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    say(`What to do: ${error.help}`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
