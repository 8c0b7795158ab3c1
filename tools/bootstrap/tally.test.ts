import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { sum, tallyPlaywright, tallyVitest } from './tally.mjs';

it('counts what vitest ran, and a file that could not be loaded as one failure', async () => {
  const report = await reportOf({
    numPassedTests: 7,
    numFailedTests: 1,
    testResults: [
      { status: 'failed', assertionResults: [{}, {}] },
      { status: 'failed', assertionResults: [] },
    ],
  });
  expect(await tallyVitest(report)).toEqual({ passed: 7, failed: 2 });
});

it('counts what Playwright ran, a second try that passed among the passed', async () => {
  const report = await reportOf({ stats: { expected: 4, flaky: 1, unexpected: 2 }, errors: [{}] });
  expect(await tallyPlaywright(report)).toEqual({ passed: 5, failed: 2 });
});

it('counts an error outside any test as a failure', async () => {
  const report = await reportOf({ stats: { expected: 4, flaky: 0, unexpected: 0 }, errors: [{}] });
  expect(await tallyPlaywright(report)).toEqual({ passed: 4, failed: 1 });
});

it('takes a run of nothing, and a run without a report, for a failure', async () => {
  const nothing = { passed: 0, failed: 1 };
  const empty = await reportOf({ numPassedTests: 0, numFailedTests: 0, testResults: [] });
  expect(await tallyVitest(empty)).toEqual(nothing);
  expect(await tallyVitest(path.join(os.tmpdir(), 'no-such-report.json'))).toEqual(nothing);
  const none = await reportOf({ stats: { expected: 0, flaky: 0, unexpected: 0 }, errors: [] });
  expect(await tallyPlaywright(none)).toEqual(nothing);
});

it('adds up', () => {
  expect(
    sum([
      { passed: 1, failed: 2 },
      { passed: 3, failed: 4 },
    ]),
  ).toEqual({ passed: 4, failed: 6 });
  expect(sum([])).toEqual({ passed: 0, failed: 0 });
});

async function reportOf(content: unknown): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'parley-tally-'));
  const file = path.join(folder, 'report.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}
