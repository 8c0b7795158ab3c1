// @vitest-environment happy-dom
import { FakeGateway } from '@parley/client/testing';
import { createElement as h, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { usePreflight, type PreflightControls } from '../src/index.ts';

let gateway: FakeGateway;
let page: ReturnType<FakeGateway['page']>;
let root: Root;
let line: PreflightControls;

function Line() {
  line = usePreflight('jenny', { platform: page.platform, durationMs: 3000 });
  return line.checks.map(({ name, state }) => `${name} ${state}`).join(', ');
}

const container = () => document.createElement('div');

// On a busy machine the first reading of it takes longer than anything here.
beforeAll(() => import('@parley/client/preflight'), 60_000);

beforeEach(async () => {
  gateway = new FakeGateway();
  page = gateway.page();
  root = createRoot(container());
  root.render(h(StrictMode, null, h(Line)));
  await until(() => (line as PreflightControls | undefined)?.status === 'idle');
});

afterEach(() => root.unmount());

/** Begins, and waits until what is loaded first is there. */
async function started() {
  const report = line.start();
  await until(() => line.status === 'running' && line.checks.length > 0);
  return { report };
}

/** What React shows, and what is loaded when it is first wanted, take as long as they take. */
async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 10_000 }).toBe(true);
}

it('[PK29] shows what is tried, as it is tried, and the report', async () => {
  expect([line.status, line.report]).toEqual(['idle', null]);
  const { report } = await started();
  expect(line.status).toBe('running');
  expect(line.checks[0]).toEqual({ name: 'microphone', state: 'passed', reason: null });
  expect(line.progress).toBeLessThan(1);
  await gateway.advance(10_000);
  expect((await report)?.verdict).toBe('pass');
  await until(() => line.status === 'done');
  expect(line).toMatchObject({ status: 'done', progress: 1, report: { verdict: 'pass' }, error: null });
  expect(line.samples.length).toBeGreaterThan(0);
  expect(line.checks.map(({ state }) => state)).not.toContain('running');
});

it('[PK29] one that runs is not begun twice; one that is over may be begun again', async () => {
  const { report } = await started();
  expect(line.start()).toBe(report);
  await gateway.advance(10_000);
  await until(() => line.status === 'done');
  page.refuse.microphone = 'NotAllowedError';
  await started();
  await gateway.advance(10_000);
  await until(() => line.status === 'done');
  expect(line.report).toMatchObject({ verdict: 'fail', reasons: ['microphone-denied'] });
});

it('[PK29] cancelling it closes everything, and so does the end of the component', async () => {
  const { report } = await started();
  line.cancel();
  expect(await report).toBeNull();
  await until(() => line.status === 'cancelled');
  expect([line.status, line.error, page.open.size]).toEqual(['cancelled', null, 0]);
  const second = await started();
  await until(() => line.checks.some(({ name, state }) => name === 'gateway' && state === 'passed'));
  root.render(null);
  expect(await second.report).toBeNull();
  await gateway.settle();
  expect(gateway.heard.at(-1)?.type).toBe('bye');
});

it('[PK29] what cannot be run at all says why, and rejects nothing', async () => {
  Object.assign(page.platform, { prepareMedia: () => Promise.reject(new Error('no file')) });
  const report = line.start();
  await until(() => line.status === 'failed');
  expect([line.status, line.report, await report]).toEqual(['failed', null, null]);
  expect(line.error).toBeInstanceOf(Error);
});
