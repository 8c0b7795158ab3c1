// Recordings by REST, driven by the unmodified `twilio` package, and their media over HTTP.
import { mkdtempSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import twilio from 'twilio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signRecordingLink } from '../src/recordings/recording-link.ts';
import { RecordingShelf } from '../src/recordings/recording-shelf.ts';
import { createLog } from '../src/log.ts';
import { newSid } from '../src/store/sid.ts';
import { ACCOUNT, Stage } from './conformance/stage.ts';
import { become } from './conformance/soon.ts';
import { reached } from './conformance/test-phone.ts';

const MEDIA = Buffer.from('OggS and whatever else is in it');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'recordings-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (voice: string): Promise<Stage> =>
  Stage.open(voice, { environment: { PARLEY_RECORDINGS: directory } });

/** The library as its users have it; only the host it asks is ours. */
function clientOf({ gateway }: Stage) {
  const { sid, authToken } = ACCOUNT;
  const client = twilio(sid, authToken);
  const request = client.httpClient.request.bind(client.httpClient);
  client.httpClient.request = (options) =>
    request({ ...options, uri: options.uri.replace('https://api.twilio.com', gateway.url) });
  return client;
}

/** A recording that is over, with its file. */
function addRecording(stage: Stage, more: { readonly createdAtMs?: number; readonly callSid?: string } = {}) {
  const sid = newSid('RE');
  stage.gateway.store.recordings.open({
    sid,
    accountSid: ACCOUNT.sid,
    callSid: newSid('CA'),
    conferenceSid: null,
    source: 'RecordVerb',
    track: 'inbound',
    media: 'audio',
    channels: 1,
    subscription: null,
    createdAtMs: Date.now(),
    ...more,
  });
  writeFileSync(join(directory, `${sid}.ogg`), MEDIA);
  const bytes = MEDIA.length;
  const outcome = { fileName: `${sid}.ogg`, bytes, durationSeconds: 3, errorCode: null } as const;
  stage.gateway.store.recordings.end(sid, { status: 'completed', ...outcome }, Date.now());
  return sid;
}

const pathOf = (sid: string): string => `/2012-04-24/Accounts/${ACCOUNT.sid}/Recordings/${sid}`;
const basic = `Basic ${btoa(`${ACCOUNT.sid}:${ACCOUNT.authToken}`)}`;

function linkTo(stage: Stage, sid: string, secondsFromNow = 60): string {
  const expires = Math.floor(Date.now() / 1000) + secondsFromNow;
  const claim = { accountSid: ACCOUNT.sid, recordingSid: sid, expires };
  const { signature } = signRecordingLink(ACCOUNT.authToken, claim);
  return `${stage.gateway.url}${pathOf(sid)}?Expires=${expires}&Signature=${signature}`;
}

describe('by the twilio package', () => {
  it('[RV26] [RV27] [RV28] a call is recorded, paused, resumed, stopped, listed and deleted', async () => {
    await using stage = await open('<Dial><Client>jenny</Client></Dial>');
    const client = clientOf(stage);
    const jenny = await stage.phone('jenny');
    const call = await stage.alice();
    const hers = await jenny.rings();
    const callSid = stage.callers()[0]?.sid ?? '';
    await expect(client.calls(callSid).recordings.create({})).rejects.toMatchObject({
      status: 400,
      code: 21220,
    });
    await hers.accept();
    await reached(call, 'joined');
    const recording = await client.calls(callSid).recordings.create({
      recordingChannels: 'dual',
      recordingStatusCallback: stage.application.url('/events/recording'),
      recordingStatusCallbackEvent: ['in-progress', 'completed'],
    });
    expect(recording).toMatchObject({
      callSid,
      status: 'in-progress',
      source: 'StartCallRecordingAPI',
      channels: 2,
    });
    const { sid } = recording;
    expect(stage.recorder.parties(sid).map(({ channel }) => channel)).toEqual([0, 1]);
    const current = client.calls(callSid).recordings('Twilio.CURRENT');
    await current.update({ status: 'paused', pauseBehavior: 'skip' });
    expect(stage.recorder.pausedHow(sid)).toBe('skip');
    expect(await client.recordings(sid).fetch()).toMatchObject({ status: 'paused' });
    await current.update({ status: 'paused' });
    expect(stage.recorder.pausedHow(sid)).toBe('silence');
    await current.update({ status: 'in-progress' });
    expect(stage.recorder.pausedHow(sid)).toBeUndefined();
    await expect(client.recordings(sid).remove()).rejects.toMatchObject({ status: 400, code: 21220 });
    stage.recorder.speak(4000);
    expect(await client.calls(callSid).recordings(sid).update({ status: 'stopped' })).toMatchObject({
      status: 'stopped',
    });
    await become(
      () => stage.recordings()[0]?.status === 'completed',
      () => 'the end of the recording',
    );
    await expect(client.calls(callSid).recordings(sid).update({ status: 'paused' })).rejects.toMatchObject({
      code: 21220,
    });
    expect(await client.recordings.list({ callSid })).toMatchObject([
      { sid, duration: '4', status: 'completed' },
    ]);
    expect(await client.calls(callSid).recordings.list()).toHaveLength(1);
    await reached(call, 'joined');
    expect(await client.recordings(sid).remove()).toBe(true);
    expect(stage.recorder.forgotten).toEqual([sid]);
    expect(await client.recordings.list()).toEqual([]);
    await call.disconnect();
    await stage.quiet();
    expect(stage.recordingCallbacks.map(({ params }) => params['RecordingStatus'])).toEqual([
      'in-progress',
      'completed',
    ]);
    await expect(client.calls(callSid).recordings.create({})).rejects.toMatchObject({ code: 21220 });
  });

  it('[RV26] where there is no room, nothing is recorded and the call goes on', async () => {
    await using stage = await open('<Say>Hello</Say><Pause length="60"/>');
    const call = await stage.alice();
    await reached(call, 'answered');
    stage.recorder.refuseStart('disk-full', 'the disk is full');
    const callSid = stage.callers()[0]?.sid ?? '';
    await expect(clientOf(stage).calls(callSid).recordings.create({})).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining('the disk is full'),
    });
    await reached(call, 'answered');
    await call.disconnect();
  });

  it('[RV16] [RV17] a call made with Record is recorded from pick-up', async () => {
    await using stage = await open('');
    const jenny = await stage.phone('jenny');
    await clientOf(stage).calls.create({
      to: 'client:jenny',
      from: 'client:desk',
      twiml: '<Response><Pause length="60"/></Response>',
      record: true,
      recordingChannels: 'dual',
      recordingTrack: 'inbound',
      recordingStatusCallback: stage.application.url('/events/recording'),
    });
    const hers = await jenny.answers();
    const [sid = ''] = await stage.recording();
    expect(stage.recorder.parties(sid)).toMatchObject([{ channel: 0 }]);
    stage.recorder.speak(2000);
    await hers.disconnect();
    await stage.quiet();
    expect(stage.recordings()).toMatchObject([
      { source: 'OutboundAPI', track: 'inbound', durationSeconds: 2 },
    ]);
    expect(stage.recordingCallbacks).toMatchObject([{ params: { RecordingStatus: 'completed' } }]);
  });

  it('[RV25] a conference is recorded, everybody whom the others can hear', async () => {
    await using stage = await open(
      `<Dial><Conference record="record-from-start" recordingStatusCallback="/events">blue</Conference></Dial>`,
    );
    const bob = await stage.phone('bob');
    await stage.alice('blue');
    const [sid = ''] = await stage.recording();
    const his = await bob.device.connect({ to: 'blue' });
    const parties = (): number => stage.recorder.parties(sid).length;
    await become(
      () => parties() === 2,
      () => 'bob in the recording',
    );
    const client = clientOf(stage);
    const [conference] = await client.conferences.list();
    const conferenceSid = conference?.sid ?? '';
    const bobs = stage.callers().find(({ from }) => from === 'client:bob')?.sid ?? '';
    const participant = client.conferences(conferenceSid).participants(bobs);
    await participant.update({ muted: true });
    expect(parties()).toBe(1);
    await participant.update({ hold: true });
    await participant.update({ muted: false });
    expect(parties()).toBe(1);
    await participant.update({ hold: false });
    expect(parties()).toBe(2);
    await client.conferences(conferenceSid).recordings('Twilio.CURRENT').update({ status: 'paused' });
    stage.recorder.speak(3000);
    await his.disconnect();
    await become(
      () => parties() === 1,
      () => 'bob out of the recording',
    );
    await client.conferences(conferenceSid).update({ status: 'completed' });
    await stage.quiet();
    expect(await client.conferences(conferenceSid).recordings.list()).toMatchObject([
      { sid, conferenceSid, source: 'Conference', channels: 1, status: 'absent' },
    ]);
  });
});

describe('media', () => {
  it('[RV29] [RV30] are answered to credentials: whole, in part, not at all', async () => {
    await using stage = await open('');
    const sid = addRecording(stage);
    const ask = (path: string, headers: Record<string, string> = { authorization: basic }, method = 'GET') =>
      fetch(`${stage.gateway.url}${path}`, { headers, method });
    for (const ending of ['', '.ogg']) {
      const whole = await ask(`${pathOf(sid)}${ending}`);
      expect(whole.status).toBe(200);
      expect(whole.headers.get('content-type')).toBe('audio/ogg; codecs=opus');
      expect(whole.headers.get('accept-ranges')).toBe('bytes');
      expect(Buffer.from(await whole.arrayBuffer())).toEqual(MEDIA);
    }
    const part = await ask(pathOf(sid), { authorization: basic, range: 'bytes=5-7' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 5-7/${MEDIA.length}`);
    expect(await part.text()).toBe('and');
    const beyond = await ask(pathOf(sid), { authorization: basic, range: 'bytes=500-' });
    expect(beyond.status).toBe(416);
    const head = await ask(pathOf(sid), { authorization: basic }, 'HEAD');
    expect(head.headers.get('content-length')).toBe(String(MEDIA.length));
    const etag = head.headers.get('etag') ?? '';
    // Without a word of its own about caches, fetch asks for a fresh one.
    const known = { authorization: basic, 'if-none-match': etag, 'cache-control': 'max-age=0' };
    expect((await ask(pathOf(sid), known)).status).toBe(304);
    const wav = await ask(`${pathOf(sid)}.mp3`);
    expect(wav.status).toBe(404);
    expect(await wav.json()).toMatchObject({ message: expect.stringContaining('.ogg') });
    for (const json of [
      await ask(`${pathOf(sid)}.json`),
      await ask(pathOf(sid), { authorization: basic, accept: 'application/json' }),
    ]) {
      expect(await json.json()).toMatchObject({ sid, media_url: expect.stringContaining('Signature=') });
    }
    expect((await ask(pathOf(sid), {})).status).toBe(401);
    const others = { authorization: `Basic ${btoa(`${ACCOUNT.sid}:wrong`)}` };
    expect((await ask(pathOf(sid), others)).status).toBe(401);
    const elsewhere = { authorization: basic, 'sec-fetch-site': 'cross-site' };
    expect((await ask(pathOf(sid), elsewhere)).status).toBe(403);
    expect((await ask(pathOf(newSid('RE')))).status).toBe(404);
  });

  it('[RV30] are answered to a link, from any site, until it expires', async () => {
    await using stage = await open('');
    const sid = addRecording(stage);
    const link = linkTo(stage, sid);
    for (const url of [link, `${link}.ogg`, link.replace(`${sid}?`, `${sid}.ogg?`)]) {
      const answer = await fetch(url, {
        headers: { 'sec-fetch-site': 'cross-site', origin: 'https://crm.example' },
      });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      expect((await answer.arrayBuffer()).byteLength).toBe(MEDIA.length);
    }
    expect((await fetch(`${link}.wav`)).status).toBe(404);
    const another = addRecording(stage);
    const refused = [
      linkTo(stage, sid, -1),
      link.replace(sid, another),
      link.replace(/Expires=\d+/, 'Expires=9999999999'),
      `${link}x`,
      link.replace(/Signature=.*/, 'Signature='),
    ];
    for (const url of refused) expect((await fetch(url)).status).toBe(403);
    const many = await Promise.all(Array.from({ length: 70 }, () => fetch(linkTo(stage, sid, -1))));
    expect(many.some(({ status }) => status === 429)).toBe(true);
    // Whoever has a good one is not refused for it.
    expect((await fetch(link)).status).toBe(200);
  });

  it('[RV29] there are none of what is in progress, or was deleted', async () => {
    await using stage = await open('<Record/>');
    const call = await stage.alice();
    const [sid = ''] = await stage.recording();
    const answer = await fetch(linkTo(stage, sid));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining('in-progress') });
    await call.disconnect();
    const over = addRecording(stage);
    const file = join(directory, `${over}.ogg`);
    expect(existsSync(file)).toBe(true);
    await clientOf(stage).recordings(over).remove();
    expect(existsSync(file)).toBe(false);
    expect((await fetch(linkTo(stage, over))).status).toBe(404);
  });

  it('[RV31] are deleted when they have had their time', async () => {
    await using stage = await open('');
    const old = addRecording(stage, { createdAtMs: Date.now() - 8 * 86_400_000 });
    const young = addRecording(stage);
    const { recordings: table } = stage.gateway.store;
    const common = { directory, table, recorder: stage.recorder, nowMs: Date.now };
    const log = createLog({ level: 'silent' });
    await new RecordingShelf({ ...common, keepMs: undefined, log }).sweep();
    expect(stage.recordings()).toHaveLength(2);
    await new RecordingShelf({ ...common, keepMs: 7 * 86_400_000, log }).sweep();
    expect(stage.recordings().map(({ sid }) => sid)).toEqual([young]);
    expect(existsSync(join(directory, `${old}.ogg`))).toBe(false);
    expect(existsSync(join(directory, `${young}.ogg`))).toBe(true);
    expect(stage.recorder.forgotten).toEqual([old]);
  });
});
