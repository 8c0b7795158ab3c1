import { expect, it, onTestFinished, vi } from 'vitest';
import { createLog } from '../src/log.ts';
import type { NewCall } from '../src/store/calls.ts';
import { History } from '../src/store/history.ts';
import { openStore, type Store } from '../src/store/store.ts';

const accountSid = 'AC00000000000000000000000000000001';
const DAY_MS = 86_400_000;

function open(): Store {
  const store = openStore(':memory:');
  onTestFinished(() => store.close());
  return store;
}

function call(sid: string): NewCall {
  const parties = { from: 'client:alice', to: 'client:jenny', direction: 'inbound' } as const;
  return { sid, accountSid, ...parties, status: 'ringing', createdAtMs: 0 };
}

function endOf(endedAtMs: number) {
  return { status: 'completed', endedAtMs, durationSeconds: 0, endReason: 'hangup' } as const;
}

function conference(sid: string, status: 'in-progress' | 'completed', updatedAtMs: number) {
  return {
    sid,
    accountSid,
    friendlyName: 'blue',
    status,
    endReason: null,
    endedBy: null,
    createdAtMs: 0,
    updatedAtMs,
  };
}

function notification(sid: string, atMs: number) {
  const about = { callSid: null, severity: 'error', code: 11200, message: 'no answer' } as const;
  const place = { line: null, column: null };
  const asked = { requestUrl: null, requestMethod: null, requestParams: [] };
  const answered = { responseStatus: null, responseHeaders: [], responseBody: null };
  return { sid, accountSid, ...about, ...place, ...asked, ...answered, atMs };
}

it('[ST18] legs that ended long ago are forgotten in slices; those that live stay', () => {
  const { calls } = open();
  for (let index = 0; index < 10; index++) {
    calls.open(call(`CA${index}`));
    if (index === 0) continue;
    calls.end(`CA${index}`, endOf(index));
  }
  expect(calls.forgetBefore(9, 6)).toBe(5);
  expect(calls.forgetBefore(9, 6)).toBe(3);
  expect(calls.forgetBefore(9, 6)).toBe(0);
  expect(calls.unfinished().map(({ sid }) => sid)).toEqual(['CA0']);
  expect(calls.list({ accountSid, offset: 0, limit: 10 }).total).toBe(2);
});

it('[ST18] everything that has had its time is forgotten, a slice a turn, and nothing that has not', async () => {
  const store = open();
  const { calls, conferences, notifications, feedback } = store;
  const count = 1200;
  const ageOf = (index: number): number => (index < count ? 0 : 91 * DAY_MS);
  for (let index = 0; index <= count; index++) {
    const atMs = ageOf(index);
    calls.open(call(`CA${index}`));
    calls.end(`CA${index}`, endOf(atMs));
    conferences.save(conference(`CF${index}`, 'completed', atMs));
    notifications.add(notification(`NO${index}`, atMs));
    feedback.save({ callSid: `CA${index}`, accountSid, score: 5, issue: null }, atMs);
  }
  conferences.save(conference('CFup', 'in-progress', 0));
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 0);
  onTestFinished(() => clearInterval(counting));
  const slices: number[] = [];
  const counted = {
    forgetBefore(beforeMs: number, limit: number) {
      slices.push(limit);
      return calls.forgetBefore(beforeMs, limit);
    },
  };
  using history = new History({
    tables: { calls: counted, conferences, notifications, feedback },
    keepMs: 90 * DAY_MS,
    nowMs: () => 100 * DAY_MS,
    log: createLog({ level: 'silent' }),
  });
  await history.sweep();
  expect(slices).toEqual([500, 500, 500]);
  expect(turns).toBeGreaterThan(0);
  const page = { accountSid, offset: 0, limit: 10 };
  expect(calls.list(page).calls.map(({ sid }) => sid)).toEqual([`CA${count}`]);
  expect(conferences.list(page).conferences.map(({ sid }) => sid)).toEqual(['CFup', `CF${count}`]);
  expect(notifications.list(page).notifications.map(({ sid }) => sid)).toEqual([`NO${count}`]);
  expect(feedback.find(accountSid, 'CA0')).toBeUndefined();
  expect(feedback.find(accountSid, `CA${count}`)).toBeDefined();
});

it('[ST18] without an end to its time nothing is forgotten, and a store that fails ends no gateway', async () => {
  const { calls } = open();
  calls.open(call('CA1'));
  calls.end('CA1', endOf(0));
  const log = createLog({ level: 'silent' });
  const nowMs = () => Number.MAX_SAFE_INTEGER;
  using kept = new History({ tables: { calls }, keepMs: undefined, nowMs, log });
  await kept.sweep();
  expect(calls.find(accountSid, 'CA1')).toBeDefined();
  const broken = {
    forgetBefore() {
      throw new Error('disk full');
    },
  };
  const failed = vi.spyOn(log, 'error');
  using failing = new History({ tables: { broken }, keepMs: 1, nowMs, log });
  await failing.sweep();
  expect(failed).toHaveBeenCalledOnce();
});
