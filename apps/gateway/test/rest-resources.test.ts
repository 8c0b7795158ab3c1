import { readFile } from 'node:fs/promises';
import type { CallSid } from '@parley/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyToken, mintToken } from '../src/edge/token.ts';
import { verifyPassword } from '../src/store/password.ts';
import type { ConferenceRecord } from '../src/store/conferences.ts';
import { newSid } from '../src/store/sid.ts';
import { ACCOUNT, RestGateway } from './rest-gateway.ts';
import { startApplication } from './out-application.ts';

let rest: RestGateway;
beforeAll(async () => {
  rest = await RestGateway.start();
});
afterAll(() => rest[Symbol.asyncDispose]());

describe('clients', () => {
  it('[RS24] makes a client, and answers her again as she is when she exists', async () => {
    const form = { Login: 'jenny', VoiceUrl: 'https://app.example/voice', FriendlyName: 'Jenny' };
    const made = await rest.ask('/Clients.json', { form });
    expect(made).toMatchObject({
      status: 201,
      body: {
        sid: expect.stringMatching(/^CL[0-9a-f]{32}$/),
        login: 'jenny',
        friendly_name: 'Jenny',
        status: '1',
        voice_url: 'https://app.example/voice',
        voice_method: 'POST',
        voice_application_sid: null,
      },
    });
    const again = await rest.ask('/Clients.json', { form: { ...form, FriendlyName: 'Somebody else' } });
    expect(again).toMatchObject({ status: 200, body: made.body });
    expect((await rest.ask('/Clients?Login=jenny')).body).toMatchObject({ total: 1, clients: [made.body] });
    expect((await rest.ask('/Clients?Login=nobody')).body).toMatchObject({ total: 0, clients: [] });
  });

  it.each(['jen?ny', 'jen=ny', 'jen@ny', 'client:jenny', ' jenny', '', 'x'.repeat(129)])(
    '[RS25] refuses the login "%s"',
    async (login) => {
      expect(await rest.refused('/Clients', { form: { Login: login } })).toMatchObject({
        status: 400,
        body: { code: 20001, message: expect.stringMatching(/^Login /) },
      });
    },
  );

  it('[RS25] refuses a weak password, and an application that is not there', async () => {
    expect(await rest.refused('/Clients', { form: { Login: 'weak', Password: '1234' } })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('too weak') },
    });
    const form = { Login: 'weak', VoiceApplicationSid: `AP${'0'.repeat(32)}` };
    expect(await rest.refused('/Clients', { form })).toMatchObject({ status: 400, body: { code: 21218 } });
    expect(rest.store.clients.findByLogin(ACCOUNT.sid, 'weak')).toBeUndefined();
  });

  it('[RS26] keeps a password hashed and never shows it', async () => {
    const password = 'correct horse';
    const made = await rest.ask('/Clients', { form: { Login: 'locked', Password: password } });
    const sid = String(made.body['sid']);
    const shown = [made, await rest.ask(`/Clients/${sid}`), await rest.ask('/Clients')];
    const kept = rest.store.clients.find(ACCOUNT.sid, sid)?.passwordHash ?? '';
    expect(await verifyPassword(password, kept)).toBe(true);
    for (const { body } of shown) {
      expect(JSON.stringify(body)).not.toContain(password);
      expect(JSON.stringify(body)).not.toContain('scrypt');
    }
    expect(made.body['has_password']).toBe(true);
  });

  it('[RS27] changes what is given, leaves the rest, and takes away what is sent empty', async () => {
    const application = rest.store.applications.create(ACCOUNT.sid, { friendlyName: 'a' });
    const form = {
      Login: 'carol',
      VoiceUrl: 'https://app.example/voice',
      VoiceApplicationSid: application.sid,
    };
    const { body } = await rest.ask('/Clients', { form });
    const path = `/Clients/${String(body['sid'])}.json`;
    expect((await rest.ask(path, { form: { Status: '0', VoiceMethod: 'get' } })).body).toMatchObject({
      status: '0',
      voice_method: 'GET',
      voice_url: 'https://app.example/voice',
      voice_application_sid: application.sid,
    });
    expect((await rest.ask(path, { form: { VoiceUrl: '', VoiceApplicationSid: '' } })).body).toMatchObject({
      voice_url: null,
      voice_application_sid: null,
      status: '0',
    });
    expect(await rest.ask(path, { method: 'DELETE' })).toMatchObject({ status: 204, body: {} });
    expect((await rest.ask(path)).status).toBe(404);
    expect((await rest.ask(path, { method: 'DELETE' })).status).toBe(404);
    expect((await rest.ask(path, { form: { Status: '1' } })).status).toBe(404);
  });
});

describe('applications', () => {
  it('[RS28] are made, listed by name, changed and forgotten', async () => {
    const form = {
      FriendlyName: 'support',
      VoiceUrl: 'https://app.example/v',
      VoiceFallbackUrl: 'https://b.example',
    };
    const { status, body } = await rest.ask('/Applications.json', { form });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: {
        sid: expect.stringMatching(/^AP/),
        friendly_name: 'support',
        voice_url: 'https://app.example/v',
        voice_fallback_url: 'https://b.example',
        voice_method: 'POST',
      },
    });
    const path = `/Applications/${String(body['sid'])}`;
    expect((await rest.ask(path)).body).toEqual(body);
    expect((await rest.ask('/Applications?FriendlyName=support')).body).toMatchObject({
      total: 1,
      applications: [{ sid: body['sid'] }],
    });
    expect((await rest.ask('/Applications')).body['applications']).toContainEqual(body);
    expect((await rest.ask(path, { form: { VoiceFallbackUrl: '' } })).body).toMatchObject({
      voice_url: 'https://app.example/v',
      voice_fallback_url: null,
    });
    expect((await rest.ask(path, { method: 'DELETE' })).status).toBe(204);
    expect((await rest.ask(path)).status).toBe(404);
  });

  it('[RS28] take RestComm’s RcmlUrl for VoiceUrl', async () => {
    const form = { FriendlyName: 'old', RcmlUrl: 'https://app.example/r' };
    expect((await rest.ask('/Applications', { form })).body).toMatchObject({
      voice_url: 'https://app.example/r',
      rcml_url: 'https://app.example/r',
    });
  });
});

describe('keys', () => {
  it('[RS29] shows the secret of a new key once, and reads tokens that it signs', async () => {
    const { status, body } = await rest.ask('/Keys.json', { form: { FriendlyName: 'token server' } });
    expect({ status, body }).toMatchObject({ status: 201, body: { friendly_name: 'token server' } });
    const [sid, secret] = [String(body['sid']), String(body['secret'])];
    const token = await mintToken({
      identity: 'jenny',
      issuer: sid,
      secret,
      ttlSeconds: 60,
      incoming: true,
      outgoing: true,
    });
    const keys = { secretFor: () => ({ accountSid: ACCOUNT.sid, secret }) };
    expect(await verifyToken(token, keys, { wallMs: Date.now(), skewMs: 0 })).toMatchObject({ ok: true });
    for (const path of [`/Keys/${sid}`, '/Keys']) {
      expect(JSON.stringify((await rest.ask(path)).body)).toContain(sid);
      expect(JSON.stringify((await rest.ask(path)).body)).not.toContain(secret);
    }
    expect((await rest.ask(`/Keys/${sid}`, { method: 'DELETE' })).status).toBe(204);
    expect((await rest.ask(`/Keys/${sid}`)).status).toBe(404);
  });
});

describe('notifications', () => {
  const sids: string[] = [];
  let callSid: string;
  beforeAll(() => {
    callSid = rest.addCall();
    const add = (notification: Partial<Parameters<typeof rest.store.notifications.add>[0]>) => {
      const sid = newSid('NO');
      sids.push(sid);
      rest.store.notifications.add({
        sid,
        accountSid: ACCOUNT.sid,
        callSid: null,
        severity: 'error',
        code: 11200,
        message: 'The server answered 500.',
        line: null,
        column: null,
        requestUrl: null,
        requestMethod: null,
        requestParams: [],
        responseStatus: null,
        responseHeaders: [],
        responseBody: null,
        atMs: Date.UTC(2026, 4, 1),
        ...notification,
      });
    };
    add({
      callSid,
      requestUrl: 'https://app.example/voice',
      requestMethod: 'POST',
      requestParams: [
        ['From', 'client:alice'],
        ['X', 'a b'],
      ],
      responseStatus: 500,
      responseHeaders: [['content-type', 'text/html']],
      responseBody: '<h1>Oops</h1>',
    });
    add({ severity: 'warning', code: 12200, message: 'An odd attribute.', line: 3, column: 7 });
  });

  it('[RS30] shows an error with the request that led to it and what was answered', async () => {
    expect((await rest.ask(`/Calls/${callSid}/Notifications.json`)).body).toMatchObject({
      total: 1,
      notifications: [
        {
          sid: sids[0],
          call_sid: callSid,
          log: '0',
          error_code: '11200',
          message_text: 'The server answered 500.',
          message_date: 'Fri, 01 May 2026 00:00:00 +0000',
          more_info: '/docs#notification-11200',
          request_url: 'https://app.example/voice',
          request_method: 'POST',
          request_variables: 'From=client%3Aalice&X=a+b',
          response_status: 500,
          response_headers: 'content-type=text%2Fhtml',
          response_body: '<h1>Oops</h1>',
        },
      ],
    });
  });

  it.each([
    ['Log=1', 1],
    ['ErrorCode=12200', 1],
    ['RequestUrl=https://app.example/voice', 0],
    ['MessageText=odd', 1],
    ['MessageDate=2026-05-01&ErrorCode=11200', 0],
  ])('[RS30] finds by %s', async (query, index) => {
    const { body } = await rest.ask<{ notifications: { sid: string }[] }>(`/Notifications?${query}`);
    expect(body.notifications.map(({ sid }) => sid)).toEqual([sids[index]]);
  });

  it('[RS30] finds those of a call by its sid, and none of a call that is not there', async () => {
    expect((await rest.ask(`/Notifications?CallSid=${callSid}`)).body['total']).toBe(1);
    expect((await rest.ask(`/Calls/CA${'0'.repeat(32)}/Notifications`)).status).toBe(404);
  });

  it('[RS30] forgets one', async () => {
    const path = `/Notifications/${sids[1]}`;
    expect((await rest.ask(path)).body).toMatchObject({ line: 3, column: 7, log: '1' });
    expect((await rest.ask(path, { method: 'DELETE' })).status).toBe(204);
    expect((await rest.ask(path)).status).toBe(404);
  });
});

describe('recordings', () => {
  it('[RS31] are listed of the account and of a call, and none where none were made', async () => {
    const callSid = rest.addCall();
    for (const path of ['/Recordings', `/Calls/${callSid}/Recordings`]) {
      expect(await rest.ask(path)).toMatchObject({ status: 200, body: { recordings: [], total: 0 } });
    }
    expect((await rest.ask(`/Recordings/RE${'0'.repeat(32)}`)).status).toBe(404);
    expect((await rest.ask(`/Calls/CA${'0'.repeat(32)}/Recordings`)).status).toBe(404);
  });
});

describe('conferences', () => {
  const sid = `CF${'c0'.repeat(16)}`;
  const callSid = `CA${'ca'.repeat(16)}` as CallSid;
  const atMs = Date.UTC(2026, 4, 1);
  const standup: ConferenceRecord = {
    sid,
    accountSid: ACCOUNT.sid,
    friendlyName: 'standup',
    status: 'in-progress',
    endReason: null,
    endedBy: null,
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
  beforeEach(() => {
    rest.control.refusal = undefined;
    rest.control.participantChanges.length = 0;
    rest.store.conferences.save(standup);
    rest.control.participantFacts = [
      {
        callSid,
        label: undefined,
        isMuted: false,
        isOnHold: true,
        startsConference: true,
        endsConference: false,
        joinedAtMs: atMs,
        updatedAtMs: atMs,
      },
    ];
  });

  it('[RS32] are listed by name and status, read and ended', async () => {
    const path = `/Conferences/${sid}`;
    expect((await rest.ask('/Conferences?FriendlyName=standup&Status=in-progress')).body).toMatchObject({
      total: 1,
      conferences: [{ sid, friendly_name: 'standup', status: 'in-progress' }],
    });
    expect((await rest.ask('/Conferences?Status=completed')).body).toMatchObject({ conferences: [] });
    expect((await rest.ask(`/Conferences/CF${'0'.repeat(32)}`)).status).toBe(404);
    expect((await rest.ask('/Conferences?FriendlyName=other')).body).toMatchObject({ conferences: [] });
    expect((await rest.ask(path)).body).toMatchObject({ sid });
    rest.control.refusal = { refused: 'ended', message: 'it is over' };
    expect(await rest.ask(path, { form: { Status: 'completed' } })).toMatchObject({
      status: 400,
      body: { code: 21220 },
    });
  });

  it('[TN20] that are over are kept, with why; ending one again changes nothing', async () => {
    const path = `/Conferences/${sid}`;
    const endReason = 'participant-with-end-conference-on-exit-left';
    rest.store.conferences.save({
      ...standup,
      status: 'completed',
      endReason,
      endedBy: callSid,
      updatedAtMs: atMs + 5000,
    });
    const over = {
      sid,
      status: 'completed',
      reason_conference_ended: endReason,
      call_sid_ending_conference: callSid,
      date_updated: 'Fri, 01 May 2026 00:00:05 +0000',
    };
    expect((await rest.ask(path)).body).toMatchObject(over);
    expect((await rest.ask('/Conferences?Status=completed')).body).toMatchObject({ conferences: [over] });
    expect((await rest.ask('/Conferences?Status=in-progress')).body).toMatchObject({ conferences: [] });
    rest.control.refusal = { refused: 'ended', message: 'it is over' };
    expect(await rest.ask(path, { form: { Status: 'completed' } })).toMatchObject({
      status: 200,
      body: over,
    });
  });

  it('[RS32] tell who is in them, and mute, hold and take out a participant', async () => {
    const path = `/Conferences/${sid}/Participants`;
    expect((await rest.ask(`${path}?Hold=true`)).body).toMatchObject({
      participants: [{ call_sid: callSid, conference_sid: sid, muted: false, hold: true, label: null }],
    });
    expect((await rest.ask(`${path}?Muted=true`)).body).toMatchObject({ participants: [] });
    expect((await rest.ask(`${path}/${callSid}`)).body).toMatchObject({ end_conference_on_exit: false });
    const form = { Muted: 'true', Hold: 'false', HoldUrl: 'https://app.example/hold' };
    expect((await rest.ask(`${path}/${callSid}`, { form })).status).toBe(200);
    expect((await rest.ask(`${path}/${callSid}`, { method: 'DELETE' })).status).toBe(204);
    expect(rest.control.participantChanges).toEqual([
      { sid, callSid, change: { isMuted: true, isOnHold: false, holdUrl: 'https://app.example/hold' } },
      { sid, callSid, change: 'removed' },
    ]);
    expect((await rest.ask(`${path}/CA${'0'.repeat(32)}`)).status).toBe(404);
  });
});

describe('callbacks', () => {
  const dead = (accountSid: string, stream: string, url: string): void => {
    const event = rest.store.outbox.add({
      key: `key-${stream}`,
      accountSid,
      stream,
      sequence: 0,
      origin: new URL(url).origin,
      url,
      method: 'POST',
      params: [['CallSid', stream]],
      createdAtMs: Date.now(),
    });
    rest.store.outbox.dead(event?.id ?? 0, Date.now(), 'connection refused');
    rest.store.turn.flush();
  };

  it('[RS33] lists what was given up, and why', async () => {
    const stream = newSid('CA');
    dead(ACCOUNT.sid, stream, 'https://app.example/status');
    expect((await rest.ask(`/Callbacks?State=dead&CallSid=${stream}`)).body).toMatchObject({
      total: 1,
      callbacks: [
        {
          key: `key-${stream}`,
          call_sid: stream,
          state: 'dead',
          url: 'https://app.example/status',
          parameters: `CallSid=${stream}`,
          last_error: 'connection refused',
        },
      ],
    });
    expect((await rest.ask(`/Callbacks?State=pending&CallSid=${stream}`)).body['total']).toBe(0);
  });

  it('[RS33] takes up again those of one call, those of the account, and never those of another', async () => {
    await using application = await startApplication((_, response) => void response.writeHead(204).end());
    await using own = await RestGateway.start({ PARLEY_ALLOW: '127.0.0.1' });
    const other = own.store.accounts.save({ friendlyName: 'Other' });
    const [one, two, foreign] = [newSid('CA'), newSid('CA'), newSid('CA')];
    const before = rest;
    rest = own;
    dead(ACCOUNT.sid, one, `${application.origin}/status`);
    dead(ACCOUNT.sid, two, `${application.origin}/status`);
    dead(other.sid, foreign, `${application.origin}/status`);
    rest = before;
    const replay = (form: Record<string, string>) => own.ask('/Callbacks/Replay', { method: 'POST', form });
    expect((await replay({ CallSid: foreign })).body).toEqual({ replayed: 0 });
    expect((await replay({ CallSid: one })).body).toEqual({ replayed: 1 });
    expect((await replay({})).body).toEqual({ replayed: 1 });
    await expect.poll(() => application.seen.length).toBe(2);
    expect(application.seen.map(({ form }) => form.get('CallSid'))).toEqual([one, two]);
    expect(own.store.outbox.counts().dead).toBe(1);
  });
});

describe('the account', () => {
  it('[RS34] is shown without its token', async () => {
    const { body } = await rest.ask('.json');
    expect(body).toMatchObject({ sid: ACCOUNT.sid, status: 'active' });
    expect(JSON.stringify(body)).not.toContain(ACCOUNT.authToken);
  });
});

it('[RS35] every number of a refusal is in the specification', async () => {
  const { REFUSALS } = await import('../src/rest/rest-refusal.ts');
  const spec = await readFile(new URL('../../../docs/spec/rest.md', import.meta.url), 'utf8');
  for (const [status, code] of Object.values(REFUSALS)) expect(spec).toContain(`| ${code} | ${status} |`);
});
