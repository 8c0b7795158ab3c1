import { readFile } from 'node:fs/promises';

/**
 * How many tests passed and failed.
 *
 * @typedef {{ passed: number, failed: number }} Tally
 */

/** Adds up. */
export function sum(/** @type {Tally[]} */ tallies) {
  return tallies.reduce(
    (all, each) => ({ passed: all.passed + each.passed, failed: all.failed + each.failed }),
    { passed: 0, failed: 0 },
  );
}

/**
 * Reads vitest's JSON report. A file that could not even be loaded counts as one failed test.
 *
 * @param {string} file
 * @returns {Promise<Tally>}
 */
export async function tallyVitest(file) {
  const report = await readReport(file);
  if (!report) return { passed: 0, failed: 1 };
  const unloaded = report.testResults.filter(
    (/** @type {any} */ suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  );
  return atLeastOne({ passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length });
}

/**
 * Reads Playwright's JSON report. A test that passed only at a second try has passed; Playwright's own output names it.
 *
 * @param {string} file
 * @returns {Promise<Tally>}
 */
export async function tallyPlaywright(file) {
  const report = await readReport(file);
  if (!report) return { passed: 0, failed: 1 };
  const { expected, flaky, unexpected } = report.stats;
  // Errors outside any test: a spec that could not be loaded, a web server that did not start.
  const outside = unexpected === 0 ? report.errors.length : 0;
  return atLeastOne({ passed: expected + flaky, failed: unexpected + outside });
}

/** A run that ran nothing proves nothing: it counts as one failure. */
function atLeastOne(/** @type {Tally} */ tally) {
  return tally.passed + tally.failed === 0 ? { passed: 0, failed: 1 } : tally;
}

async function readReport(/** @type {string} */ file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
