import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { show } from './child.mjs';
import { BIN, REPOSITORY, SOFTPHONE } from './places.mjs';
import { say, seconds } from './progress.mjs';
import { sum, tallyPlaywright, tallyVitest } from './tally.mjs';

/**
 * One thing that must hold before a change is good.
 *
 * @typedef {object} Check
 * @property {string} title
 * @property {string} command
 * @property {string[]} args
 * @property {string} help                 what to do when it fails
 * @property {string} [cwd]
 * @property {Record<string, string>} [env]
 * @property {() => Promise<import('./tally.mjs').Tally>} [tally]  for checks that are tests
 */

const tool = (/** @type {string} */ name) => path.join(BIN, name);

/** Format, lint, types, dead code, packages, and the tests that need no browser. */
function repositoryChecks(/** @type {string} */ reports) {
  const report = path.join(reports, 'vitest.json');
  /** @type {Check[]} */
  const checks = [
    {
      title: 'format',
      command: tool('oxfmt'),
      args: ['--check'],
      help: 'Run "pnpm format" and look at what it changed.',
    },
    // Before lint, which reads the types of a package from what this builds.
    {
      title: 'types',
      command: tool('tsc'),
      args: ['-b'],
      help: 'Correct the types; if a message speaks of a stale output (TS6305), delete that dist folder.',
    },
    {
      title: 'lint',
      command: tool('oxlint'),
      args: ['--type-aware', '--deny-warnings'],
      help: 'Each complaint above says what to write instead; "pnpm lint --fix" corrects what can be corrected by itself.',
    },
    {
      title: 'unit tests',
      command: tool('vitest'),
      args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      help: 'Run "pnpm unit <part of the file name>" to repeat one file.',
      tally: () => tallyVitest(report),
    },
    {
      title: 'dead code',
      command: tool('knip'),
      args: [],
      help: 'Delete what nobody uses, or name its user in knip.json.',
    },
    // Reads the declarations that the types were checked with.
    {
      title: 'interfaces',
      command: 'node',
      args: [path.join('docs', 'site', 'api.mjs'), '--check'],
      help: 'The published interface has changed: run "pnpm api", read the difference in docs/api, and commit it.',
    },
    {
      title: 'packages',
      command: 'node',
      args: [path.join('tools', 'check-packages.mjs')],
      help: 'Correct the "exports" or "files" of the package.json that is named above.',
    },
  ];
  return checks;
}

/** People's stories, in real browsers. */
function browserChecks(/** @type {string} */ reports, /** @type {string[]} */ args) {
  const report = path.join(reports, 'playwright.json');
  const e2e = path.join(REPOSITORY, 'e2e');
  /** @type {Check[]} */
  const checks = [
    // What is published is packed from what is built; nothing is done where that is there already.
    {
      title: 'build',
      command: tool('tsc'),
      args: ['-b'],
      help: 'Correct the types: "pnpm build" repeats this step.',
    },
    {
      title: 'softphone',
      command: path.join(SOFTPHONE, 'node_modules', '.bin', 'vite'),
      args: ['build', '--logLevel=warn'],
      cwd: SOFTPHONE,
      help: 'The sample phone must build before a browser can open it: "pnpm --dir apps/softphone build" builds it alone.',
    },
    {
      title: 'tests in browsers',
      command: path.join(e2e, 'node_modules', '.bin', 'playwright'),
      args: ['test', '--reporter=list,json', ...args],
      cwd: e2e,
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
      help: 'Run "pnpm e2e <part of the file name>" to repeat one file; traces are in e2e/test-results.',
      tally: () => tallyPlaywright(report),
    },
  ];
  return checks;
}

/**
 * Runs the checks and prints, as the last line, how many tests passed and failed. A check that is no test counts as one
 * failure when it fails, and as nothing when it holds.
 *
 * @param {'check' | 'e2e' | 'test'} which   `test` goes on after a failure, to tell everything at once; the others stop
 * @param {{ env: NodeJS.ProcessEnv, args: string[] }} options
 * @returns {Promise<number>} the exit code
 */
export async function runChecks(which, { env, args }) {
  const reports = await mkdtemp(path.join(os.tmpdir(), 'parley-reports-'));
  const checks = [
    ...(which === 'e2e' ? [] : repositoryChecks(reports)),
    ...(which === 'check' ? [] : browserChecks(reports, args)),
  ];
  const results = [];
  const complaints = [];
  for (const check of checks) {
    say(`── ${check.title}`);
    const startedAtMs = Date.now();
    const code = await show(check.command, check.args, {
      cwd: check.cwd ?? REPOSITORY,
      env: { ...env, ...check.env },
    });
    const tally = await tallyOf(check, code);
    results.push(tally);
    const isGood = code === 0 && tally.failed === 0;
    say(`── ${check.title}: ${isGood ? 'good' : 'FAILED'} after ${seconds(Date.now() - startedAtMs)}`);
    if (isGood) continue;
    complaints.push(`${check.title} failed. ${check.help}`);
    if (which !== 'test') break;
  }
  await rm(reports, { recursive: true, force: true });

  for (const complaint of complaints) say(complaint);
  const { passed, failed } = sum(results);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function tallyOf(/** @type {Check} */ check, /** @type {number} */ code) {
  const tally = check.tally ? await check.tally() : { passed: 0, failed: 0 };
  // The program says that it failed, and no test does: that is a failure all the same.
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}
