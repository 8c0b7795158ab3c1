import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createLog, type Logger } from '../src/log.ts';

const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJVadQssw5c';
const authToken = randomBytes(16).toString('hex');
const accountSid = `AC${randomBytes(16).toString('hex')}`;

/** A log whose sink fails on anything that looks like an address, a token, a key, a query string or a parameter. */
function guardedLog(level: 'info' | 'debug' = 'info'): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
    if (Number(JSON.parse(line).level) <= 20) return;
    for (const forbidden of [
      /\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/,
      /[0-9a-f]*:[0-9a-f]*:[0-9a-f]*:/i,
      /::1/,
      /eyJ/,
      /whsec_/,
      /(?<![A-Z]{2})\b[0-9a-f]{32}\b/,
      /\?[\w.-]+=/,
      /X-Account|gold/,
      /hunter2/,
    ]) {
      expect(line).not.toMatch(forbidden);
    }
  };
  return { log: createLog({ level, destination: { write } }), lines };
}

it('[WH50] no address, token, key, query string or custom parameter is logged above debug, wherever it hides', () => {
  const { log, lines } = guardedLog();
  log.info({ ip: '192.0.2.1', remoteAddress: '::1', token, authToken }, 'fields');
  log.info(
    { customParameters: { 'X-Account': '42' }, params: [['X-Tier', 'gold']], password: 'hunter2' },
    'fields',
  );
  log.warn(`connect ECONNREFUSED 192.0.2.1:8080 and [2001:db8::1]:80 and ::1 and fe80::1:2:3`);
  log.warn({ what: 'fetched', url: 'https://user:hunter2@app.example.com/voice?X-Account=42#frag' }, 'url');
  log.error({ err: new Error(`${token} refused by wss://x.example.com/?token=${token}`) }, 'an error');
  log.error(
    { err: new Error(`the key ${authToken} and whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`) },
    'an error',
  );
  log.child({ peer: '10.0.0.1' }).info({ nested: { address: '2001:db8:0:0:0:0:0:1' } }, 'a child');
  log.error(Object.assign(new Error('connect ECONNREFUSED'), { address: '10.0.0.1', port: 80 }));
  log.warn('peer:2001:db8::1: gone, and 2001:db8::2. And ::ffff:10.0.0.1 too');
  log.info('Authorization: Basic aHVudGVyMg==');
  expect(lines).toHaveLength(10);
  expect(lines[7]).toContain('ECONNREFUSED');
  expect(lines[3]).toContain('https://app.example.com/voice');
});

it('[WH50] names, sids, codes and times stay', () => {
  const { log, lines } = guardedLog();
  const callSid = `CA${randomBytes(16).toString('hex')}`;
  log.info(
    { callSid, accountSid, to: 'client:jenny', code: 11200, at: '2026-11-21T10:59:43.123Z' },
    'ringing at 10:59:43',
  );
  expect(JSON.parse(lines.join(''))).toMatchObject({
    callSid,
    accountSid,
    to: 'client:jenny',
    code: 11200,
    at: '2026-11-21T10:59:43.123Z',
    msg: 'ringing at 10:59:43',
  });
});

it('[WH50] debug shows what debugging needs', () => {
  const { log, lines } = guardedLog('debug');
  log.debug({ params: [['X-Account', '42']], ip: '192.0.2.1' }, 'a request');
  expect(lines[0]).toContain('192.0.2.1');
  expect(lines[0]).toContain('X-Account');
});

it('[WH51] on a terminal a line is for a person', () => {
  const lines: string[] = [];
  const log = createLog({ isPretty: true, destination: { write: (line) => void lines.push(line) } });
  log.info({ callSid: 'CA1', legs: 2 }, 'ringing');
  log.error({ err: new Error('oh') }, 'failed');
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info  ringing callSid=CA1 legs=2\n$/);
  expect(lines[1]).toMatch(/error failed\nError: oh\n/);
});
