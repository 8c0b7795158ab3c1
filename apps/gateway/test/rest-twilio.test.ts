import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyToken } from '../src/edge/token.ts';
import { ACCOUNT, RestGateway } from './rest-gateway.ts';

let rest: RestGateway;
let client: ReturnType<typeof twilio>;
beforeAll(async () => {
  rest = await RestGateway.start();
  client = twilio(ACCOUNT.sid, ACCOUNT.authToken);
  client.api.baseUrl = rest.url;
});
afterAll(() => rest[Symbol.asyncDispose]());

describe('the npm package twilio, as it is', () => {
  it('[RS40] makes, reads, changes and ends calls', async () => {
    const call = await client.calls.create({
      to: 'client:jenny',
      from: 'client:alice',
      url: 'https://app.example/voice',
      statusCallback: 'https://app.example/status',
      statusCallbackEvent: ['initiated', 'answered'],
    });
    expect(call).toMatchObject({ status: 'queued', direction: 'outbound-api', to: 'client:jenny' });
    expect(call.dateCreated).toBeInstanceOf(Date);
    expect(rest.control.orders.at(-1)?.statusCallback?.events).toEqual(['initiated', 'answered']);
    expect(await client.calls(call.sid).fetch()).toMatchObject({ sid: call.sid, status: 'ringing' });
    await client.calls(call.sid).update({ twiml: '<Response><Hangup/></Response>' });
    expect(rest.control.changes.at(-1)?.change.type).toBe('document');
    const twiml = new twilio.twiml.VoiceResponse();
    twiml.dial().client('bob');
    const other = await client.calls.create({ to: 'client:jenny', from: 'client:alice', twiml });
    expect(await client.calls(other.sid).update({ status: 'completed' })).toMatchObject({
      status: 'completed',
    });
    expect((await client.calls(other.sid).fetch()).endTime).toBeInstanceOf(Date);
  });

  it('[RS40] lists calls over several pages, by filter', async () => {
    for (let made = 0; made < 7; made += 1) rest.addCall({ to: 'client:lister' });
    const all = await client.calls.list({ to: 'client:lister', pageSize: 3 });
    expect(new Set(all.map(({ sid }) => sid)).size).toBe(7);
    expect(await client.calls.list({ to: 'client:lister', limit: 2 })).toHaveLength(2);
    const today = await client.calls.list({
      startTimeAfter: new Date(Date.now() - 60_000),
      to: 'client:lister',
    });
    expect(today).toHaveLength(7);
    expect(await client.calls.list({ status: 'busy', to: 'client:lister' })).toEqual([]);
  });

  it('[RS40] lists recordings, conferences, participants and notifications, and keeps applications and keys', async () => {
    const callSid = rest.addCall();
    expect(await client.recordings.list()).toEqual([]);
    expect(await client.calls(callSid).recordings.list()).toEqual([]);
    expect(await client.calls(callSid).notifications.list()).toEqual([]);
    expect(await client.conferences.list({ status: 'in-progress' })).toEqual([]);
    const application = await client.applications.create({
      friendlyName: 'ivr',
      voiceUrl: 'https://app.example',
    });
    expect(await client.applications.list({ friendlyName: 'ivr' })).toMatchObject([{ sid: application.sid }]);
    const kept = client.applications(application.sid);
    expect(await kept.update({ voiceMethod: 'GET' })).toMatchObject({ voiceMethod: 'GET' });
    expect(await kept.remove()).toBe(true);
    expect(await client.api.accounts(ACCOUNT.sid).fetch()).toMatchObject({ sid: ACCOUNT.sid });
  });

  it('[RS40] reads our refusals as its own errors', async () => {
    await expect(client.calls(`CA${'0'.repeat(32)}`).fetch()).rejects.toMatchObject({
      status: 404,
      code: 20404,
    });
    await expect(
      client.calls.create({ to: '+15551234567', from: 'x', url: 'https://a.example' }),
    ).rejects.toMatchObject({
      status: 400,
      code: 21211,
    });
    const stranger = twilio(ACCOUNT.sid, 'wrong');
    stranger.api.baseUrl = rest.url;
    await expect(stranger.calls.list()).rejects.toMatchObject({ status: 401, code: 20003 });
  });

  it('[RS40] asks with an API key, and mints tokens with it that open our socket', async () => {
    const key = await client.newKeys.create({ friendlyName: 'server' });
    const byKey = twilio(key.sid, key.secret, { accountSid: ACCOUNT.sid });
    byKey.api.baseUrl = rest.url;
    expect((await byKey.calls.list({ limit: 1 })).length).toBeLessThanOrEqual(1);
    const { AccessToken } = twilio.jwt;
    const token = new AccessToken(ACCOUNT.sid, key.sid, key.secret, { identity: 'jenny', ttl: 600 });
    token.addGrant(new AccessToken.VoiceGrant({ incomingAllow: true }));
    const keys = {
      secretFor: (issuer: string) => {
        const kept = rest.store.apiKeys.find(issuer);
        return kept === undefined ? undefined : { accountSid: kept.accountSid, secret: kept.secret };
      },
    };
    expect(await verifyToken(token.toJwt(), keys, { wallMs: Date.now(), skewMs: 0 })).toMatchObject({
      ok: true,
      token: { identity: 'jenny', accountSid: ACCOUNT.sid },
    });
  });
});
