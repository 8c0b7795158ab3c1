import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resolveUrl } from '../src/out/resolve-url.ts';
import { CallJson } from '../src/rest/call-json.ts';
import { ACCOUNT, RestGateway } from './rest-gateway.ts';

interface CallsPage {
  readonly calls: readonly CallJson[];
  readonly total: number;
  readonly next_page_uri: string | null;
  readonly previous_page_uri: string | null;
}

let rest: RestGateway;
beforeAll(async () => {
  rest = await RestGateway.start();
});
afterAll(() => rest[Symbol.asyncDispose]());
beforeEach(() => {
  rest.control.orders.length = 0;
  rest.control.changes.length = 0;
  rest.control.refusal = undefined;
  rest.control.meanwhile = undefined;
});

const DAY = 86_400_000;
const ORDER = { To: 'client:jenny', From: 'client:alice', Url: 'https://app.example/voice' } as const;
const URL_APPLICATION = { type: 'url', url: ORDER.Url, method: 'POST' } as const;

describe('pages', () => {
  it('[RS11] has the properties of a page, and addresses that keep the filters', async () => {
    await using own = await RestGateway.start();
    for (let made = 0; made < 5; made += 1) own.addCall({ from: 'client:amy' });
    own.addCall({ from: 'client:bea' });
    const { body } = await own.ask<CallsPage>('/Calls.json?From=client%3Aamy&Page=1&PageSize=2');
    expect(body).toMatchObject({
      page: 1,
      page_size: 2,
      num_pages: 3,
      total: 5,
      start: 2,
      end: 3,
      calls: [{ from: 'client:amy' }, { from: 'client:amy' }],
    });
    expect(Object.keys(body).toSorted()).toEqual(
      [
        ...['calls', 'end', 'first_page_uri', 'last_page_uri', 'next_page_uri', 'num_pages'],
        ...['page', 'page_size', 'previous_page_uri', 'start', 'total', 'uri'],
      ].toSorted(),
    );
    const last = await own.askAt<CallsPage>(body.next_page_uri ?? '');
    expect(last.body).toMatchObject({ page: 2, next_page_uri: null, calls: [{ from: 'client:amy' }] });
    expect((await own.askAt<CallsPage>(body.previous_page_uri ?? '')).body.previous_page_uri).toBeNull();
  });

  it('[RS11] reads a page size above 1000 as 1000, and answers a page beyond the last as an empty one', async () => {
    expect((await rest.ask('/Calls?PageSize=5000')).body['page_size']).toBe(1000);
    expect((await rest.ask('/Calls')).body['page_size']).toBe(50);
    expect((await rest.ask('/Calls?Page=999')).body).toMatchObject({ calls: [], next_page_uri: null });
    expect((await rest.ask('/Calls?PageSize=0')).status).toBe(400);
  });

  it('[RS12] shows each call once to who follows the pages while calls are made', async () => {
    await using own = await RestGateway.start();
    const before = Date.now() - 60_000;
    const old = Array.from({ length: 5 }, (_, index) => own.addCall({ createdAtMs: before + index }));
    const seen: string[] = [];
    let next: string | null = `/2012-04-24/Accounts/${ACCOUNT.sid}/Calls.json?PageSize=2`;
    while (next !== null) {
      const { body }: { body: CallsPage } = await own.askAt<CallsPage>(next);
      seen.push(...body.calls.map(({ sid }) => sid));
      own.addCall();
      next = body.next_page_uri;
    }
    expect(seen).toEqual(old.toReversed());
  });
});

describe('reading calls', () => {
  it('[RS13] shows a call with its times in RFC 2822, its seconds and its links', async () => {
    const createdAtMs = Date.UTC(2026, 4, 1, 12);
    const sid = rest.addCall({ createdAtMs, direction: 'outbound-dial', parentSid: `CA${'0'.repeat(32)}` });
    rest.store.calls.answered(sid, createdAtMs + 4000);
    rest.store.calls.end(sid, {
      status: 'completed',
      endedAtMs: createdAtMs + 64_000,
      durationSeconds: 60,
      endReason: 'hangup',
    });
    const { body } = await rest.ask(`/Calls/${sid}.json`);
    expect(v.is(v.strictObject(CallJson.entries), body)).toBe(true);
    expect(body).toMatchObject({
      sid,
      account_sid: ACCOUNT.sid,
      parent_call_sid: `CA${'0'.repeat(32)}`,
      from: 'client:alice',
      to: 'client:jenny',
      direction: 'outbound-dial',
      status: 'completed',
      date_created: 'Fri, 01 May 2026 12:00:00 +0000',
      start_time: 'Fri, 01 May 2026 12:00:00 +0000',
      answer_time: 'Fri, 01 May 2026 12:00:04 +0000',
      end_time: 'Fri, 01 May 2026 12:01:04 +0000',
      duration: '60',
      ring_duration: '4',
      end_reason: 'hangup',
      subresource_uris: {
        notifications: `/2012-04-24/Accounts/${ACCOUNT.sid}/Calls/${sid}/Notifications.json`,
      },
    });
  });

  it('[RS13] shows what lives without an end, and a leg that was only initiated as ringing (D24)', async () => {
    const sid = rest.addCall({ status: 'initiated' });
    expect((await rest.ask(`/Calls/${sid}`)).body).toMatchObject({
      status: 'ringing',
      end_time: null,
      duration: null,
      end_reason: null,
    });
  });

  it('[RS14] lists by party, status and parent, newest first', async () => {
    await using own = await RestGateway.start();
    const parent = own.addCall({ from: 'client:zoe', status: 'in-progress' });
    const child = own.addCall({ parentSid: parent, to: 'client:yan' });
    const found = async (query: string) =>
      (await own.ask<CallsPage>(`/Calls?${query}`)).body.calls.map(({ sid }) => sid);
    expect(await found('')).toEqual([child, parent]);
    expect(await found('From=client:zoe')).toEqual([parent]);
    expect(await found('To=client:yan')).toEqual([child]);
    expect(await found('Status=In-Progress')).toEqual([parent]);
    expect(await found(`ParentCallSid=${parent}`)).toEqual([child]);
    expect(await found('From=client:nobody')).toEqual([]);
    expect((await own.ask('/Calls?Status=dancing')).status).toBe(400);
  });

  it('[RS14] lists by day and by time, of the beginning and of the end', async () => {
    await using own = await RestGateway.start();
    const noon = Date.UTC(2026, 4, 1, 12);
    const [first, second, third] = [0, 1, 2].map((day) => own.addCall({ createdAtMs: noon + day * DAY }));
    own.store.calls.end(first ?? '', {
      status: 'completed',
      endedAtMs: noon + DAY,
      durationSeconds: 1,
      endReason: 'hangup',
    });
    const found = async (query: Record<string, string>) =>
      (await own.ask<CallsPage>(`/Calls?${new URLSearchParams(query).toString()}`)).body.calls.map(
        ({ sid }) => sid,
      );
    expect(await found({ StartTime: '2026-05-02' })).toEqual([second]);
    expect(await found({ 'StartTime>': '2026-05-02' })).toEqual([third, second]);
    expect(await found({ 'StartTime<': '2026-05-02' })).toEqual([first]);
    expect(await found({ 'StartTime>': '2026-05-01T12:00:01Z', 'StartTime<': '2026-05-03' })).toEqual([
      second,
    ]);
    expect(await found({ StartTime: '2026-05-03T12:00:00Z' })).toEqual([third]);
    expect(await found({ EndTime: '2026-05-02' })).toEqual([first]);
    expect(await found({ 'EndTime<': '2026-05-02' })).toEqual([]);
    expect(await rest.refused('/Calls?StartTime=yesterday')).toMatchObject({ status: 400 });
    expect(await rest.refused('/Calls?StartTime=2026-02-31T25:00:00Z')).toMatchObject({ status: 400 });
  });
});

describe('making calls', () => {
  it('[RS15] gives the order to the host of calls, and answers 201 with a queued call', async () => {
    const { status, body } = await rest.ask('/Calls.json', {
      form: {
        ...ORDER,
        To: 'client:jenny?X-Account=42&X-Tier=pure%20gold',
        Method: 'get',
        FallbackUrl: 'https://app.example/fallback',
        StatusCallback: 'https://app.example/status',
        StatusCallbackEvent: ['answered', 'initiated'],
        StatusCallbackMethod: 'GET',
        Timeout: '20',
        TimeLimit: '600',
        Video: 'true',
      },
    });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { status: 'queued', direction: 'outbound-api', to: 'client:jenny', end_time: null },
    });
    expect(rest.control.orders).toEqual([
      {
        accountSid: ACCOUNT.sid,
        from: 'client:alice',
        to: { identity: 'jenny', params: { 'X-Account': '42', 'X-Tier': 'pure gold' }, video: true },
        application: {
          ...URL_APPLICATION,
          method: 'GET',
          fallback: { url: 'https://app.example/fallback', method: 'POST' },
        },
        statusCallback: {
          url: 'https://app.example/status',
          method: 'GET',
          events: ['initiated', 'answered'],
        },
        timeoutMs: 20_000,
        timeLimitMs: 600_000,
      },
    ]);
    expect((await rest.ask(`/Calls/${String(body['sid'])}`)).body['status']).toBe('ringing');
  });

  it('[RS15] rings for a minute, without video and without callbacks, where nothing else is said', async () => {
    await rest.ask('/Calls', { form: { ...ORDER, To: 'jenny' } });
    expect(rest.control.orders).toEqual([
      {
        accountSid: ACCOUNT.sid,
        from: 'client:alice',
        to: { identity: 'jenny', params: {}, video: false },
        application: URL_APPLICATION,
        timeoutMs: 60_000,
      },
    ]);
  });

  it.each([
    [{ To: '' }, 21201, /^To is required/],
    [{ From: '' }, 21213, /^From is required/],
    [{ Url: '' }, 21205, /Url, Rcml, Twiml or ApplicationSid is required/],
    [{ Url: '/voice' }, 21205, /^Url is not an absolute http or https URL/],
    [{ Url: 'ftp://app.example/voice' }, 21205, /^Url /],
    [{ StatusCallback: 'nowhere' }, 21609, /^StatusCallback /],
    [{ To: '+15551234567' }, 21211, /SIP trunk/],
    [{ To: 'sip:jenny@example.com' }, 21211, /SIP trunk/],
    [{ To: 'client:' }, 21211, /^To/],
    [{ To: `client:jenny?k=${'x'.repeat(5000)}` }, 21211, /^To/],
    [{ To: `client:jenny?k=${'x'.repeat(4000)}&l=${'y'.repeat(90)}` }, 21211, /^To/],
    [{ Timeout: '0' }, 20001, /^Timeout is a whole number from 1 to 600/],
    [{ Method: 'PUT' }, 20001, /^Method is GET or POST/],
    [{ Video: 'perhaps' }, 20001, /^Video is true or false/],
    [{ Twiml: '<Response/>' }, 20001, /^Url and Twiml say two things/],
    [{ SendDigits: '1' }, 20001, /^SendDigits is not supported here/],
    [{ Record: 'yes' }, 20001, /^Record is true or false/],
    [{ MachineDetection: 'Enable' }, 20001, /^MachineDetection is not supported here/],
  ])('[RS16] refuses %o with %i', async (change, code, message) => {
    const { status, body } = await rest.refused('/Calls', { form: { ...ORDER, ...change } });
    expect({ status, code: body.code, message: body.message }).toEqual({
      status: 400,
      code,
      message: expect.stringMatching(message),
    });
    expect(rest.control.orders).toEqual([]);
  });

  it('[RS17] takes the document itself, and says what it has read around as notifications of the call', async () => {
    const { Url: _, ...form } = ORDER;
    const { body } = await rest.ask('/Calls', {
      form: { ...form, Rcml: '<Response>\n<Dail>jenny</Dail><Hangup/></Response>' },
    });
    expect(rest.control.orders[0]?.application).toMatchObject({
      type: 'document',
      document: { verbs: [{ verb: 'Hangup' }] },
    });
    const found = await rest.ask(`/Calls/${String(body['sid'])}/Notifications.json`);
    expect(found.body['notifications']).toMatchObject([
      { line: 2, column: 1, message_text: expect.stringContaining('Dail') },
    ]);
  });

  it('[RS17] refuses a document that cannot be read, with line, column and what would be right', async () => {
    const { Url: _, ...form } = ORDER;
    const { status, body } = await rest.refused('/Calls', {
      form: { ...form, Twiml: '<Response>\n  <Dial></Response>' },
    });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 12100 });
    expect(body.message).toMatch(/^Twiml line 2, column \d+: /);
  });

  it('[RS17] lets a document that came with the request name absolute URLs, and no others', () => {
    expect(resolveUrl('', 'https://app.example/next#rc=2')).toBe('https://app.example/next#rc=2');
    expect(resolveUrl('', '/next')).toBeUndefined();
  });

  it('[RS18] takes an application of the account by its sid', async () => {
    const { Url: _, ...form } = ORDER;
    const { sid } = rest.store.applications.create(ACCOUNT.sid, {
      friendlyName: 'ivr',
      voiceUrl: 'https://app.example/ivr',
      voiceMethod: 'GET',
      voiceFallbackUrl: 'https://app.example/oops',
    });
    const made = await rest.ask('/Calls', { form: { ...form, ApplicationSid: sid } });
    expect(made.body).toMatchObject({ application_sid: sid });
    expect(rest.control.orders[0]).toMatchObject({
      applicationSid: sid,
      application: {
        type: 'url',
        url: 'https://app.example/ivr',
        method: 'GET',
        fallback: { url: 'https://app.example/oops', method: 'POST' },
      },
    });
  });

  it('[RS18] refuses an application that is not there, or has no VoiceUrl', async () => {
    const { Url: _, ...form } = ORDER;
    const empty = rest.store.applications.create(ACCOUNT.sid, { friendlyName: 'empty' });
    for (const sid of [empty.sid, `AP${'0'.repeat(32)}`]) {
      const refused = await rest.refused('/Calls', { form: { ...form, ApplicationSid: sid } });
      expect(refused).toMatchObject({ status: 400, body: { code: 21218 } });
    }
  });

  it.each([
    ['initiated ringing,answered', ['initiated', 'ringing', 'answered']],
    [
      ['completed', 'Answered'],
      ['answered', 'completed'],
    ],
    [[], ['completed']],
  ])('[RS19] reads StatusCallbackEvent %o', async (written, events) => {
    const form = { ...ORDER, StatusCallback: 'https://app.example/s', StatusCallbackEvent: written };
    await rest.ask('/Calls', { form });
    expect(rest.control.orders[0]?.statusCallback?.events).toEqual(events);
  });

  it('[RS19] refuses an event it does not know, and names those it knows', async () => {
    const form = { ...ORDER, StatusCallback: 'https://app.example/s', StatusCallbackEvent: 'rung' };
    const { status, body } = await rest.refused('/Calls', { form });
    expect({ status, message: body.message }).toEqual({
      status: 400,
      message: 'StatusCallbackEvent holds only initiated, ringing, answered, completed',
    });
  });

  it.each([
    ['draining', 503, 20503],
    ['full', 429, 20429],
    ['unsupported', 501, 20501],
  ] as const)('[RS20] answers a host that is %s with %i', async (refused, status, code) => {
    rest.control.refusal = { refused, message: 'not now' };
    const answer = await rest.refused('/Calls', { form: ORDER });
    expect(answer).toMatchObject({ status, body: { code, message: 'not now' } });
    expect(answer.headers.get('retry-after')).toBe(refused === 'unsupported' ? null : '5');
  });
});

describe('changing calls', () => {
  it('[RS21] ends a live call, and answers it as it is then', async () => {
    const sid = rest.addCall({ status: 'in-progress' });
    expect(await rest.ask(`/Calls/${sid}`, { form: { Status: 'completed' } })).toMatchObject({
      status: 200,
      body: { sid, status: 'completed' },
    });
    expect(rest.control.changes).toEqual([{ sid, change: { type: 'end', status: 'completed' } }]);
  });

  it('[RS21] gives a live call another document, with its own callback', async () => {
    const sid = rest.addCall({ status: 'in-progress' });
    const form = { Url: 'https://app.example/next', Method: 'GET', StatusCallback: 'https://app.example/s' };
    expect(await rest.ask(`/Calls/${sid}`, { form })).toMatchObject({ status: 200, body: { sid } });
    expect(rest.control.changes).toEqual([
      {
        sid,
        change: {
          type: 'document',
          application: { type: 'url', url: 'https://app.example/next', method: 'GET' },
          statusCallback: { url: 'https://app.example/s', method: 'POST', events: ['completed'] },
        },
      },
    ]);
  });

  it('[RS21] gives a live call a document that comes with the request', async () => {
    const sid = rest.addCall({ status: 'in-progress' });
    await rest.ask(`/Calls/${sid}`, { form: { Twiml: '<Response><Hangup/></Response>' } });
    expect(rest.control.changes[0]?.change).toMatchObject({
      type: 'document',
      application: { type: 'document', document: { verbs: [{ verb: 'Hangup' }] } },
    });
  });

  it('[RS22] answers a call that has ended unchanged where it is to be completed, and refuses anything else', async () => {
    const sid = rest.addCall();
    rest.control.end(sid, 'canceled');
    expect(await rest.ask(`/Calls/${sid}`, { form: { Status: 'completed' } })).toMatchObject({
      status: 200,
      body: { status: 'canceled' },
    });
    for (const form of [{ Status: 'canceled' }, { Url: 'https://app.example/next' }]) {
      expect(await rest.ask(`/Calls/${sid}`, { form })).toMatchObject({
        status: 400,
        body: { code: 21220 },
      });
    }
    expect(rest.control.changes).toEqual([]);
  });

  it('[RS22] does the same for a call that ends in that very moment', async () => {
    rest.control.refusal = { refused: 'ended', message: 'it has ended' };
    rest.control.meanwhile = (sid) => rest.control.end(sid, 'completed');
    const ending = rest.addCall();
    expect(await rest.ask(`/Calls/${ending}`, { form: { Status: 'completed' } })).toMatchObject({
      status: 200,
      body: { status: 'completed' },
    });
    const other = rest.addCall();
    expect(await rest.ask(`/Calls/${other}`, { form: { Status: 'canceled' } })).toMatchObject({
      status: 400,
      body: { code: 21220 },
    });
  });

  it('[RS23] refuses to cancel a call that is answered, and what the host of calls refuses', async () => {
    const sid = rest.addCall({ status: 'in-progress' });
    expect(await rest.refused(`/Calls/${sid}`, { form: { Status: 'canceled' } })).toMatchObject({
      status: 400,
      body: { code: 21220 },
    });
    expect(rest.control.changes).toEqual([]);
    rest.control.refusal = { refused: 'wrong-state', message: 'it rings: only Status can be changed' };
    expect(await rest.refused(`/Calls/${sid}`, { form: { Url: 'https://app.example/next' } })).toMatchObject({
      status: 400,
      body: { code: 21220, message: 'it rings: only Status can be changed' },
    });
  });

  it.each([
    [{}, /Status, Url, Rcml, Twiml or ApplicationSid is required/],
    [{ Status: 'completed', Url: 'https://app.example/next' }, /give one of them/],
    [{ Status: 'ringing' }, /^Status is one of canceled, completed/],
    [{ Url: 'https://app.example/next', Mute: 'true' }, /^Mute is not supported here/],
  ])('[RS23] refuses %o', async (form, message) => {
    const sid = rest.addCall();
    const { status, body } = await rest.refused(`/Calls/${sid}`, { form });
    expect({ status, message: body.message }).toEqual({
      status: 400,
      message: expect.stringMatching(message),
    });
  });
});
