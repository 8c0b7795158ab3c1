import path from 'node:path';
import process from 'node:process';
import { capture } from './child.mjs';
import { commandOnPath } from './command-on-path.mjs';
import { REPOSITORY } from './places.mjs';
import { say, SetupError, step } from './progress.mjs';
import { installSystemPackages } from './system-packages.mjs';

const E2E = path.join(REPOSITORY, 'e2e');
const PLAYWRIGHT = path.join(E2E, 'node_modules', '.bin', 'playwright');

const STARTS_DEADLINE_MS = 20_000;
const DOWNLOAD_DEADLINE_MS = 8 * 60_000;
/** Playwright tries several hosts, several times each: without this a closed network costs minutes. */
const CONNECT_DEADLINE_MS = 10_000;

/**
 * @typedef {object} Browser
 * @property {'chromium' | 'firefox'} name
 * @property {string} variable           in which the person may name one, and the tests are told
 * @property {string[]} installed        where an installed one is found: commands, or absolute paths
 * @property {string[]} debianPackages
 */

/** @type {Browser[]} */
const BROWSERS = [
  {
    name: 'chromium',
    variable: 'PARLEY_CHROMIUM',
    installed: [
      'chromium',
      'google-chrome-stable',
      'google-chrome',
      'chromium-browser',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    debianPackages: ['chromium', 'fonts-liberation'],
  },
  {
    name: 'firefox',
    variable: 'PARLEY_FIREFOX',
    installed: ['firefox-esr', 'firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
    debianPackages: ['firefox-esr'],
  },
];

/**
 * Finds the browsers for the tests, or installs them, and returns what the tests are told about them: `PARLEY_CHROMIUM`
 * and `PARLEY_FIREFOX` are paths, and `PARLEY_FIREFOX_PROTOCOL` says how to drive the latter: `bidi` for a stock Firefox,
 * `juggler` for Playwright's own build.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Record<string, string>>}
 */
export async function ensureBrowsers(env) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const browser of BROWSERS) {
    const { command, isPlaywrights } = await ensureBrowser(browser, env);
    found[browser.variable] = command;
    if (browser.name === 'firefox') found['PARLEY_FIREFOX_PROTOCOL'] = isPlaywrights ? 'juggler' : 'bidi';
  }
  return found;
}

/**
 * @param {Browser} browser
 * @param {NodeJS.ProcessEnv} env
 */
async function ensureBrowser(browser, env) {
  const own = process.env[browser.variable];
  if (own) {
    if (await starts(own)) return { command: own, isPlaywrights: false };
    throw new SetupError(`${browser.variable} names ${own}, which does not start.`, {
      help: `Correct the variable, or unset it to have ${browser.name} found or installed.`,
    });
  }
  const playwrights = async () => {
    const command = await playwrightsOwn(browser.name, env);
    return command && (await starts(command)) ? { command, isPlaywrights: true } : undefined;
  };
  const installed = async () => {
    for (const command of browser.installed.map(commandOnPath)) {
      if (command && (await starts(command))) return { command, isPlaywrights: false };
    }
    return undefined;
  };

  // Firefox: a stock one first, because that is what people have, and what the tests are written with.
  const looks = browser.name === 'firefox' ? [installed, playwrights] : [playwrights, installed];
  const find = async () => (await looks[0]?.()) ?? (await looks[1]?.());
  const present = await find();
  if (present) return present;

  await downloadWithPlaywright(browser.name, env);
  const downloaded = await playwrights();
  if (downloaded) return downloaded;

  await installSystemPackages(browser.debianPackages, { why: `testing with ${browser.name}` });
  const packaged = await installed();
  if (packaged) return packaged;
  throw new SetupError(`no ${browser.name} that starts could be installed.`, {
    help: `Install one (for example with "pnpm --dir e2e exec playwright install --with-deps ${browser.name}") or name one in ${browser.variable}, then run this again.`,
  });
}

/** A browser whose libraries are missing, or a package that only says "use snap", does not even tell its version. */
async function starts(/** @type {string} */ command) {
  return (await capture(command, ['--version'], { deadlineMs: STARTS_DEADLINE_MS })).code === 0;
}

/**
 * Where Playwright keeps its own browser, whether it is there or not.
 *
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
async function playwrightsOwn(name, env) {
  const script = `import('@playwright/test').then((playwright) => console.log(playwright.${name}.executablePath()))`;
  const { code, output } = await capture('node', ['-e', script], { cwd: E2E, env });
  return code === 0 ? output.trim() : undefined;
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
async function downloadWithPlaywright(name, env) {
  const result = await step(`fetching ${name} with Playwright`, () =>
    capture(PLAYWRIGHT, ['install', name], {
      cwd: E2E,
      env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(CONNECT_DEADLINE_MS), ...env },
      deadlineMs: DOWNLOAD_DEADLINE_MS,
    }),
  );
  if (result.code !== 0) {
    say(`Playwright could not fetch ${name}; trying the distribution's`);
    return;
  }
  // It comes without the libraries that it needs from the system. This installs them where we may.
  await capture(PLAYWRIGHT, ['install-deps', name], { cwd: E2E, env, deadlineMs: DOWNLOAD_DEADLINE_MS });
}
