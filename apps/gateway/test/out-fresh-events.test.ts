import { expect, it } from 'vitest';
import { FreshEvents } from '../src/out/fresh-events.ts';
import type { OutboxRecord } from '../src/store/outbox-table.ts';

function event(stream: string, sequence = 0): OutboxRecord {
  const url = 'https://app.example.com/status';
  const what = { id: sequence + 1, key: `${stream}-${sequence}`, accountSid: 'AC1', stream, sequence };
  const how = { origin: 'https://app.example.com', url, method: 'POST', params: [] } as const;
  const state = { state: 'pending', attempts: 0, createdAtMs: 0, lastStatus: null, lastError: null } as const;
  return { ...what, ...how, ...state };
}

it('[WH32] the events of a leg are held in order until they are taken', () => {
  const fresh = new FreshEvents({ isTableEmpty: true });
  expect(fresh.next('CA1')).toBe('none');
  const [first, second] = [event('CA1'), event('CA1', 1)];
  fresh.written(first);
  fresh.written(event('CA2'));
  fresh.written(second);
  expect(fresh.next('CA1')).toBe(first);
  expect(fresh.next('CA1')).toBe(first);
  fresh.finished('CA1', 2);
  expect(fresh.next('CA1')).toBe(second);
  fresh.finished('CA1', 1);
  expect(fresh.next('CA1')).toBe('none');
});

it('[WH32] a leg of which an event was not taken is asked for until nothing of it waits', () => {
  const fresh = new FreshEvents({ isTableEmpty: true });
  fresh.written(event('CA1'));
  fresh.written(event('CA2'));
  fresh.failed('CA1');
  expect(fresh.next('CA1')).toBe('ask');
  // What comes meanwhile must not go before it.
  fresh.written(event('CA1', 1));
  expect(fresh.next('CA1')).toBe('ask');
  fresh.finished('CA1', 2);
  expect(fresh.next('CA1')).toBe('ask');
  fresh.finished('CA1', 1);
  expect(fresh.next('CA1')).toBe('none');
  const third = event('CA1', 2);
  fresh.written(third);
  expect(fresh.next('CA1')).toBe(third);
});

it('[WH32] [WH37] what was there before is asked for, until nothing waits', () => {
  const fresh = new FreshEvents({ isTableEmpty: false });
  fresh.written(event('CA1', 1));
  expect(fresh.next('CA1')).toBe('ask');
  expect(fresh.next('CA2')).toBe('ask');
  fresh.finished('CA1', 1);
  expect(fresh.next('CA1')).toBe('ask');
  fresh.finished('CA1', 0);
  expect(fresh.next('CA1')).toBe('none');
  const after = event('CA3');
  fresh.written(after);
  expect(fresh.next('CA3')).toBe(after);
});

it('[WH32] [WH36] what is replayed goes before what is held', () => {
  const fresh = new FreshEvents({ isTableEmpty: true });
  fresh.written(event('CA1', 1));
  fresh.lose();
  expect(fresh.next('CA1')).toBe('ask');
});

it('[WH35] holds so many legs of a dead server and no more', () => {
  const fresh = new FreshEvents({ isTableEmpty: true });
  for (let leg = 0; leg < 10_000; leg += 1) fresh.written(event(`CA${leg}`));
  expect(fresh.next('CA999')).toMatchObject({ stream: 'CA999' });
  expect(fresh.next('CA1000')).toBe('ask');
  // One that has been taken makes room for another.
  fresh.finished('CA0', 9999);
  const held = event('CA0', 1);
  fresh.written(held);
  expect(fresh.next('CA0')).toBe(held);
  expect(fresh.next('CA-new')).toBe('none');
  fresh.written(event('CA-new'));
  expect(fresh.next('CA0')).toBe('ask');
  expect(fresh.next('CA-other')).toBe('ask');
});
