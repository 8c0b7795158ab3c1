import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it, vi } from 'vitest';
import { createLog } from '../src/log.ts';
import { WEBHOOK_SECRET_OVERLAP_MS } from '../src/store/accounts.ts';
import type { NewCall } from '../src/store/calls.ts';
import type { ConferenceRecord } from '../src/store/conferences.ts';
import { createNotificationLog, type NotificationRecord } from '../src/store/notifications.ts';
import { hashPassword, verifyPassword } from '../src/store/password.ts';
import { newSid } from '../src/store/sid.ts';
import { nth } from './out-application.ts';
import { openStore, type Store, type StoreOptions } from '../src/store/store.ts';

const accountSid = 'AC00000000000000000000000000000001';
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function open(path = ':memory:', options: StoreOptions = {}): Store {
  const store = openStore(path, options);
  closing.push(() => store.close());
  return store;
}

function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-store-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'parley.db');
}

function call(sid: string, more: Partial<NewCall> = {}): NewCall {
  return {
    sid,
    accountSid,
    from: 'client:alice',
    to: 'client:jenny',
    direction: 'inbound',
    status: 'ringing',
    createdAtMs: 1000,
    ...more,
  };
}

it('[TN20] a conference that a crash cut short is over at the next start', async () => {
  const path = temporaryPath();
  const first = open(path, { nowMs: () => 5000 });
  const conference: ConferenceRecord = {
    sid: newSid('CF'),
    accountSid,
    friendlyName: 'blue',
    status: 'in-progress',
    endReason: null,
    endedBy: null,
    createdAtMs: 1000,
    updatedAtMs: 2000,
  };
  first.conferences.save(conference);
  const over = {
    ...conference,
    sid: newSid('CF'),
    status: 'completed',
    endReason: 'x',
    updatedAtMs: 3000,
  } as const;
  first.conferences.save(over);
  await first.close();
  const second = open(path, { nowMs: () => 9000 });
  expect(second.conferences.list({ accountSid, offset: 0, limit: 10 })).toEqual({
    total: 2,
    conferences: [over, { ...conference, status: 'completed', updatedAtMs: 5000 }],
  });
  expect(second.conferences.list({ accountSid, status: 'in-progress', offset: 0, limit: 10 }).total).toBe(0);
  expect(second.conferences.list({ accountSid: 'AC2', offset: 0, limit: 10 }).total).toBe(0);
});

it('[ST1] what one turn of the event loop writes is one transaction', async () => {
  const path = temporaryPath();
  const store = open(path);
  const before = store.turn.commits;
  const reader = new DatabaseSync(path, { readOnly: true });
  closing.push(() => reader.close());
  const countCalls = (): unknown => reader.prepare('SELECT count(*) AS total FROM calls').get()?.['total'];
  for (let index = 0; index < 50; index++) store.calls.open(call(`CA${index}`));
  expect(countCalls()).toBe(0);
  // Who wrote sees it already.
  expect(store.calls.find(accountSid, 'CA49')).toBeDefined();
  await store.committed();
  expect(countCalls()).toBe(50);
  expect(store.turn.commits).toBe(before + 1);
});

it('[ST1] a statement that fails takes nothing else of its turn with it', async () => {
  const store = open();
  store.calls.open(call('CA1'));
  expect(() => store.calls.open(call('CA1'))).toThrow(/UNIQUE/);
  store.calls.open(call('CA2'));
  await store.committed();
  expect(store.calls.list({ accountSid, offset: 0, limit: 10 }).total).toBe(2);
});

it('[ST2] a process that is killed in the middle of a burst loses nothing it had committed, and keeps the order', async () => {
  const path = temporaryPath();
  const burst = spawn(
    process.execPath,
    ['--conditions=@parley/source', fileURLToPath(new URL('./store-burst.ts', import.meta.url)), path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let committed = 0;
  const { promise: isBusy, resolve } = Promise.withResolvers<void>();
  let rest = '';
  burst.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    committed = Number(lines.at(-1) ?? committed);
    if (committed > 2000) resolve();
  });
  await isBusy;
  burst.kill('SIGKILL');
  await once(burst, 'close');

  const store = open(path);
  const { total } = store.calls.list({ accountSid, offset: 0, limit: 1 });
  expect(total).toBeGreaterThanOrEqual(committed);
  // A turn is whole or not there: the children write ten calls in each.
  expect(total % 10).toBe(0);
  const { calls } = store.calls.list({ accountSid, offset: 0, limit: total });
  expect(calls.map(({ sid }) => Number.parseInt(sid.slice(2), 16))).toEqual(
    Array.from({ length: total }, (_, index) => total - 1 - index),
  );
  for (const { sid } of calls) {
    expect(store.outbox.ofStream(sid).map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  }
  // And what it left open is closed (ST7, ST8).
  expect(store.interrupted).toHaveLength(total);
  for (const { sid, status, endReason } of calls) {
    expect(status).toBe(Number.parseInt(sid.slice(2), 16) % 7 === 0 ? 'failed' : 'completed');
    expect(endReason).toBe('gateway-restart');
  }
});

it('[ST3] committed() resolves when what was written is in the file, at once when nothing waits', async () => {
  const path = temporaryPath();
  const store = open(path);
  await store.committed();
  store.calls.open(call('CA1'));
  const order: string[] = [];
  const committed = store.committed().then(() => order.push('committed'));
  order.push('written');
  await committed;
  expect(order).toEqual(['written', 'committed']);
});

it('[ST4] a store is brought up to date once, and keeps what it holds', async () => {
  const path = temporaryPath();
  const first = openStore(path);
  first.accounts.save({ sid: accountSid, friendlyName: 'one' });
  await first.close();
  const second = open(path);
  expect(second.accounts.find(accountSid)?.friendlyName).toBe('one');
});

it('[ST4] a store that a later version has written is refused', async () => {
  const path = temporaryPath();
  await openStore(path).close();
  const database = new DatabaseSync(path);
  database.exec(`INSERT INTO migrations VALUES (9999, 'from the future', 0)`);
  database.close();
  expect(() => openStore(path)).toThrow(/later version/);
});

it('[ST5] a store is opened by one process at a time', async () => {
  const path = temporaryPath();
  const first = openStore(path);
  expect(() => openStore(path)).toThrow(/Another process/);
  await first.close();
  await openStore(path).close();
});

it('[ST6] nobody but its owner can read the file', async () => {
  const path = temporaryPath();
  const store = open(path);
  store.calls.open(call('CA1'));
  await store.committed();
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o077).toBe(0);
});

it('[ST7] legs that a crash cut short are closed: answered ones completed up to the last sign of life, others failed', async () => {
  const path = temporaryPath();
  let nowMs = 100_000;
  const first = openStore(path, { nowMs: () => nowMs, signOfLifeEveryMs: 20 });
  first.calls.open(call('CAringing'));
  first.calls.open(call('CAtalking'));
  first.calls.answered('CAtalking', 90_000);
  first.calls.open(call('CAyoung'));
  first.calls.answered('CAyoung', 200_000);
  first.calls.open(call('CAended'));
  first.calls.end('CAended', { status: 'busy', endedAtMs: 95_000, durationSeconds: 0, endReason: 'busy' });
  nowMs = 107_500;
  await new Promise((resolve) => setTimeout(resolve, 60));
  await first.close();

  nowMs = 900_000;
  const second = open(path, { nowMs: () => nowMs });
  expect(second.interrupted.map(({ sid }) => sid)).toEqual(['CAringing', 'CAtalking', 'CAyoung']);
  expect(second.calls.find(accountSid, 'CAringing')).toMatchObject({
    status: 'failed',
    durationSeconds: 0,
    endReason: 'gateway-restart',
  });
  expect(second.calls.find(accountSid, 'CAtalking')).toMatchObject({
    status: 'completed',
    durationSeconds: 17,
    endedAtMs: 107_500,
    endReason: 'gateway-restart',
  });
  expect(second.calls.find(accountSid, 'CAyoung')).toMatchObject({ status: 'completed', durationSeconds: 0 });
  expect(second.calls.find(accountSid, 'CAended')).toMatchObject({ status: 'busy', endReason: 'busy' });
});

it('[ST8] the end of a leg that a crash cut short is reported like any other, with the next number', async () => {
  const path = temporaryPath();
  const first = openStore(path);
  const callback = {
    url: 'https://app.example.com/status',
    method: 'GET',
    wantsCompleted: true,
    params: [['CallSid', 'CA1']],
  } as const;
  first.calls.open(call('CA1', { callback }));
  first.calls.open(call('CA2', { callback: { ...callback, wantsCompleted: false } }));
  first.calls.open(call('CA3'));
  first.outbox.add({
    ...{ key: 'k', accountSid, stream: 'CA1', sequence: 0, origin: 'https://app.example.com' },
    ...{ url: callback.url, method: 'GET', params: [], createdAtMs: 0 },
  });
  await first.close();
  const second = open(path);
  expect(second.outbox.ofStream('CA1')).toHaveLength(2);
  const end = nth(second.outbox.ofStream('CA1'), 1);
  expect(end).toMatchObject({ sequence: 1, method: 'GET', origin: 'https://app.example.com' });
  expect(Object.fromEntries(end.params)).toEqual({
    CallSid: 'CA1',
    CallStatus: 'failed',
    CallEvent: 'completed',
    CallDuration: '0',
    EndReason: 'gateway-restart',
    Timestamp: expect.stringMatching(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000$/),
    CallbackSource: 'call-progress-events',
    SequenceNumber: '1',
  });
  expect(second.outbox.ofStream('CA2')).toHaveLength(0);
  expect(second.outbox.ofStream('CA3')).toHaveLength(0);
});

it('[ST9] a leg has one pick-up and one end; what comes later changes neither', () => {
  const { calls } = open();
  calls.open(call('CA1', { annotations: { device: 'laptop' } }));
  calls.answered('CA1', 2000);
  calls.answered('CA1', 2500);
  calls.end('CA1', {
    status: 'completed',
    endedAtMs: 5000,
    durationSeconds: 3,
    endReason: 'hangup',
    annotations: { quality: 'good' },
  });
  calls.end('CA1', { status: 'failed', endedAtMs: 9000, durationSeconds: 9, endReason: 'server' });
  calls.setStatus('CA1', 'ringing');
  calls.answered('CA1', 7000);
  expect(calls.find(accountSid, 'CA1')).toEqual({
    sid: 'CA1',
    accountSid,
    parentSid: null,
    applicationSid: null,
    from: 'client:alice',
    to: 'client:jenny',
    direction: 'inbound',
    status: 'completed',
    createdAtMs: 1000,
    answeredAtMs: 2000,
    endedAtMs: 5000,
    durationSeconds: 3,
    endReason: 'hangup',
    annotations: { device: 'laptop', quality: 'good' },
    callback: null,
  });
});

it('[ST10] legs are listed newest first, by page and by whatever is asked for', () => {
  const { calls } = open();
  for (let index = 0; index < 20; index++) {
    calls.open(
      call(`CA${index}`, {
        createdAtMs: index,
        to: `client:person${index % 2}`,
        parentSid: index % 5 === 0 ? 'CAparent' : null,
      }),
    );
  }
  calls.open(call('CAother', { accountSid: 'AC2' }));
  const page = calls.list({ accountSid, offset: 2, limit: 3 });
  expect(page.total).toBe(20);
  expect(page.calls.map(({ sid }) => sid)).toEqual(['CA17', 'CA16', 'CA15']);
  const total = (filter: object): number =>
    calls.list({ accountSid, offset: 0, limit: 100, ...filter }).total;
  expect(total({ to: 'client:person1' })).toBe(10);
  expect(total({ from: 'client:bob' })).toBe(0);
  expect(total({ parentSid: 'CAparent' })).toBe(4);
  expect(total({ status: 'ringing', createdFromMs: 5, createdBeforeMs: 8 })).toBe(3);
  expect(calls.find('AC2', 'CA1')).toBeUndefined();
});

it('[ST11] the newest notifications are kept, up to a ceiling', () => {
  const { notifications } = open(':memory:', { notificationsMax: 300 });
  for (let index = 0; index < 1000; index++) notifications.add(notification(`NO${index}`));
  const { notifications: kept, total } = notifications.list({ accountSid, offset: 0, limit: 1 });
  expect(kept[0]?.sid).toBe('NO999');
  expect(total).toBeGreaterThanOrEqual(300);
  expect(total).toBeLessThan(300 + 256);
});

it('[ST11] notifications are found by what they say', () => {
  const { notifications } = open();
  notifications.add(notification('NO1', { message: '100% of <Dail>', code: 12200, severity: 'warning' }));
  notifications.add(notification('NO2', { callSid: 'CA2', requestUrl: 'https://app.example.com/voice' }));
  const sids = (filter: object): readonly string[] =>
    notifications.list({ accountSid, offset: 0, limit: 10, ...filter }).notifications.map(({ sid }) => sid);
  expect(sids({})).toEqual(['NO2', 'NO1']);
  expect(sids({ messagePart: '0% of' })).toEqual(['NO1']);
  expect(sids({ messagePart: '%' })).toEqual(['NO1']);
  expect(sids({ code: 12200, severity: 'warning' })).toEqual(['NO1']);
  expect(sids({ callSid: 'CA2' })).toEqual(['NO2']);
  expect(sids({ requestUrl: 'https://app.example.com/voice' })).toEqual(['NO2']);
  expect(notifications.remove(accountSid, 'NO2')).toBe(true);
  expect(notifications.find(accountSid, 'NO2')).toBeUndefined();
  expect(notifications.find(accountSid, 'NO1')).toEqual(
    notification('NO1', { message: '100% of <Dail>', code: 12200, severity: 'warning' }),
  );
});

function notification(sid: string, more: Partial<NotificationRecord> = {}): NotificationRecord {
  return {
    sid,
    accountSid,
    callSid: null,
    severity: 'error',
    code: 11200,
    message: 'The server answered with status 500.',
    line: 7,
    column: 3,
    requestUrl: null,
    requestMethod: 'POST',
    requestParams: [['From', 'client:alice']],
    responseStatus: 500,
    responseHeaders: [['x-trace', 'T1']],
    responseBody: 'oh',
    atMs: 1,
    ...more,
  };
}

it('[ST12] of a password only what recognises it is kept', async () => {
  const kept = await hashPassword('correct horse');
  expect(kept).not.toContain('horse');
  expect(await hashPassword('correct horse')).not.toBe(kept);
  expect(await verifyPassword('correct horse', kept)).toBe(true);
  expect(await verifyPassword('wrong horse', kept)).toBe(false);
  for (const broken of ['', 'plain', 'scrypt$1$2$3$4$', 'scrypt$x$8$1$AAAA$AAAA']) {
    expect(await verifyPassword('correct horse', broken)).toBe(false);
  }
});

it('[ST13] a replaced webhook secret stays valid for a day beside the new one', () => {
  let nowMs = 0;
  const { accounts } = open(':memory:', { nowMs: () => nowMs });
  const { webhookSecrets: before, authToken } = accounts.save({ sid: accountSid, friendlyName: 'one' });
  expect(before[0]).toMatch(/^whsec_/);
  const secret = accounts.rotateWebhookSecret(accountSid);
  expect(accounts.find(accountSid)?.webhookSecrets).toEqual([secret, before[0]]);
  nowMs = WEBHOOK_SECRET_OVERLAP_MS;
  expect(accounts.find(accountSid)?.webhookSecrets).toEqual([secret]);
  // Saving again changes the name and leaves what was not given.
  expect(accounts.save({ sid: accountSid, friendlyName: 'two' })).toMatchObject({
    friendlyName: 'two',
    authToken,
  });
  expect(accounts.list()).toHaveLength(1);
  expect(accounts.find('AC2')).toBeUndefined();
});

it('[ST14] a login is one client of its account, compared exactly', () => {
  const { accounts, clients } = open();
  accounts.save({ sid: accountSid, friendlyName: 'one' });
  accounts.save({ sid: 'AC2', friendlyName: 'two' });
  const jenny = clients.create(accountSid, 'jenny', { voiceUrl: 'https://app.example.com/voice' });
  expect(jenny.isNew).toBe(true);
  expect(clients.create(accountSid, 'jenny', { friendlyName: 'other' })).toEqual({
    client: jenny.client,
    isNew: false,
  });
  expect(clients.create(accountSid, 'Jenny').isNew).toBe(true);
  expect(clients.create('AC2', 'jenny').isNew).toBe(true);
  const changed = clients.update(accountSid, jenny.client.sid, { isEnabled: false, voiceMethod: 'GET' });
  expect(clients.findByLogin(accountSid, 'jenny')).toEqual(changed);
  expect(changed).toMatchObject({
    isEnabled: false,
    voiceMethod: 'GET',
    voiceUrl: 'https://app.example.com/voice',
  });
  expect(clients.list(accountSid, { offset: 1, limit: 5 })).toMatchObject({
    total: 2,
    clients: [{ login: 'Jenny' }],
  });
  expect(clients.update(accountSid, 'CL0', {})).toBeUndefined();
  expect(clients.remove('AC2', jenny.client.sid)).toBe(false);
  expect(clients.remove(accountSid, jenny.client.sid)).toBe(true);
  expect(clients.find(accountSid, jenny.client.sid)).toBeUndefined();
});

it('[ST15] an application is found by its sid and by its name', () => {
  const { accounts, applications } = open();
  accounts.save({ sid: accountSid, friendlyName: 'one' });
  const made = applications.create(accountSid, {
    friendlyName: 'desk',
    voiceUrl: 'https://app.example.com/voice',
  });
  expect(made).toMatchObject({ voiceMethod: 'POST', voiceFallbackUrl: null });
  expect(applications.findByName(accountSid, 'desk')).toEqual(made);
  expect(applications.findByName(accountSid, 'Desk')).toBeUndefined();
  const changed = applications.update(accountSid, made.sid, {
    voiceFallbackUrl: 'https://app.example.com/fallback',
  });
  expect(applications.find(accountSid, made.sid)).toEqual(changed);
  expect(applications.list(accountSid, { offset: 0, limit: 10 })).toEqual({
    applications: [changed],
    total: 1,
  });
  expect(applications.update(accountSid, 'AP0', {})).toBeUndefined();
  expect(applications.remove(accountSid, made.sid)).toBe(true);
  expect(applications.find(accountSid, made.sid)).toBeUndefined();
});

it('[ST16] an API key is found by its sid and belongs to one account', () => {
  const { accounts, apiKeys } = open();
  accounts.save({ sid: accountSid, friendlyName: 'one' });
  accounts.save({ sid: 'AC2', friendlyName: 'two' });
  const key = apiKeys.save({ accountSid, friendlyName: 'token server' });
  expect(apiKeys.find(key.sid)).toEqual(key);
  expect(() => apiKeys.save({ accountSid: 'AC2', friendlyName: 'theirs', sid: key.sid })).toThrow(
    /another account/,
  );
  expect(apiKeys.save({ accountSid, friendlyName: 'renamed', sid: key.sid, secret: 's' })).toMatchObject({
    secret: 's',
  });
  expect(apiKeys.list(accountSid)).toHaveLength(1);
  expect(apiKeys.remove('AC2', key.sid)).toBe(false);
  expect(apiKeys.remove(accountSid, key.sid)).toBe(true);
  expect(apiKeys.find(key.sid)).toBeUndefined();
});

it('[ST17] a notification is a row, and a line in the log that says where without quoting the document', async () => {
  const store = open();
  const lines: string[] = [];
  const logger = createLog({ destination: { write: (line) => void lines.push(line) } });
  const log = createNotificationLog({ table: store.notifications, logger, nowMs: () => 5 });
  const sid = log.notify({
    accountSid,
    callSid: 'CA1',
    code: 12100,
    severity: 'error',
    message: 'alice?X-Account=42 is no name',
    line: 7,
    column: 3,
    request: {
      url: 'https://app.example.com/voice?secret=1',
      method: 'POST',
      params: [['From', 'client:alice']],
    },
    response: { status: 200, headers: [['content-type', 'text/xml']], body: '<Response>' },
  });
  expect(store.notifications.find(accountSid, sid)).toMatchObject({
    callSid: 'CA1',
    code: 12100,
    message: 'alice?X-Account=42 is no name',
    line: 7,
    column: 3,
    requestUrl: 'https://app.example.com/voice?secret=1',
    responseBody: '<Response>',
    atMs: 5,
  });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(nth(lines))).toMatchObject({
    level: 50,
    callSid: 'CA1',
    code: 12100,
    line: 7,
    notificationSid: sid,
  });
  expect(lines[0]).not.toContain('X-Account');
  expect(lines[0]).not.toContain('secret');
});

it('[ST17] a notification that cannot be written fails nobody', () => {
  const logger = createLog({ destination: { write: vi.fn<() => void>() } });
  const table = {
    add: () => {
      throw new Error('disk full');
    },
  };
  const log = createNotificationLog({ table, logger });
  expect(log.notify({ accountSid, code: 12100, severity: 'warning', message: '' })).toMatch(
    /^NO[0-9a-f]{32}$/,
  );
});

it('[ST19] a sid is its two letters and 32 hex digits, and no two are the same', () => {
  const sids = Array.from({ length: 1000 }, () => newSid('CA'));
  expect(new Set(sids).size).toBe(1000);
  for (const sid of sids) expect(sid).toMatch(/^CA[0-9a-f]{32}$/);
});
