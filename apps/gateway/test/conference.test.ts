import assert from 'node:assert/strict';
import type { Call, CallSnapshot } from '@parley/client';
import { describe, expect, it } from 'vitest';
import type { Asked, Handler } from './conformance/application.ts';
import { become, soon } from './conformance/soon.ts';
import { ACCOUNT, Stage } from './conformance/stage.ts';
import { ended, reached } from './conformance/test-phone.ts';

/** Everybody goes into the room, each on her own terms; after it, her document ends unless `after` says otherwise. */
function into(terms: Readonly<Record<string, string>> = {}, after = ''): Handler {
  return ({ params }: Asked) => {
    const who = params['From']?.replace('client:', '') ?? '';
    return `<Dial action="/left"><Conference ${terms[who] ?? ''}>blue</Conference></Dial>${after}`;
  };
}

interface Json {
  readonly conferences: readonly { readonly sid: string; readonly status: string; friendly_name: string }[];
  readonly participants: readonly {
    readonly call_sid: string;
    readonly muted: boolean;
    readonly hold: boolean;
    readonly start_conference_on_enter: boolean;
    readonly end_conference_on_exit: boolean;
  }[];
}

class Rest {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async ask(method: string, path: string, form?: Readonly<Record<string, string>>): Promise<Json> {
    return this.#request(method, `Conferences${path}`, form);
  }

  async #request(method: string, path: string, form?: Readonly<Record<string, string>>): Promise<Json> {
    const credentials = Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.authToken}`).toString('base64');
    const url = `${this.#stage.gateway.url}/2010-04-01/Accounts/${ACCOUNT.sid}/${path}`;
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Basic ${credentials}` },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    assert.ok(answer.ok, `${method} ${path} is answered ${answer.status}`);
    return (answer.status === 204 ? {} : await answer.json()) as Json;
  }

  /** Makes a call, or changes one. */
  async calls(path: string, form: Readonly<Record<string, string>>): Promise<void> {
    await this.#request('POST', `Calls${path}.json`, form);
  }

  async conference(): Promise<Json['conferences'][number]> {
    const { conferences } = await this.ask('GET', '.json');
    const [first, ...others] = conferences.filter(({ status }) => status !== 'completed');
    assert.ok(first !== undefined && others.length === 0, `${conferences.length} conferences are up`);
    return first;
  }

  async participants(sid: string): Promise<Json['participants']> {
    return (await this.ask('GET', `/${sid}/Participants.json`)).participants;
  }
}

function snapshot(call: Call): CallSnapshot {
  return call.store.getSnapshot();
}

/** Waits until this phone's list of the others is this one, each with what is said of them. */
async function sees(call: Call, ...others: readonly string[]): Promise<void> {
  const list = (): string[] =>
    snapshot(call).media.remotes.map(
      ({ identity, isMuted, isOnHold }) => identity + (isMuted ? ' muted' : '') + (isOnHold ? ' held' : ''),
    );
  await become(
    () => JSON.stringify(list()) === JSON.stringify(others),
    () => `the others to be ${others.join(', ')}; they are ${list().join(', ')}`,
  );
}

/** Waits until this phone receives the sound of so many others. */
async function hears(call: Call, ...others: readonly string[]): Promise<void> {
  const heard = (): string[] =>
    snapshot(call)
      .media.remotes.filter(({ audio, stream }) => audio === 'on' && stream !== null)
      .map(({ identity }) => identity);
  await become(
    () => JSON.stringify(heard()) === JSON.stringify(others),
    () => `${others.join(', ')} to be heard; heard is ${heard().join(', ')}`,
  );
}

async function threePhones(stage: Stage): Promise<readonly [Call, Call, Call]> {
  const [alice, jenny, bob] = await stage.phones('alice', 'jenny', 'bob');
  const a = await alice.device.connect({ to: 'blue' });
  await soon(
    () => snapshot(a).conference ?? undefined,
    () => 'a conference',
  );
  const j = await jenny.device.connect({ to: 'blue' });
  await sees(j, 'alice');
  const b = await bob.device.connect({ to: 'blue' });
  await sees(b, 'alice', 'jenny');
  return [a, j, b];
}

describe.each(['fake', 'real'] as const)('a conference over a %s media plane', (media) => {
  it('[CF1] [CF6] [CF10] [CF15] [CF17] three people hear one another, and know who is there', async () => {
    await using stage = await Stage.open(into(), { media });
    stage.application.on('/left', '');
    const [alice, jenny, bob] = await threePhones(stage);
    await Promise.all([
      hears(alice, 'jenny', 'bob'),
      hears(jenny, 'alice', 'bob'),
      hears(bob, 'alice', 'jenny'),
    ]);
    expect(snapshot(alice)).toMatchObject({
      phase: 'joined',
      other: { identity: 'jenny' },
      conference: { name: 'blue', isStarted: true, isMuted: false, isOnHold: false },
    });
    // One room for three calls; nobody hears herself.
    expect(stage.gateway.counts()).toMatchObject({
      calls: { calls: 3 },
      conferences: { conferences: 1, participants: 3 },
      media: { rooms: 1, parties: 3, consumers: 6 },
    });
    const streams = new Set(snapshot(alice).media.remotes.map(({ stream }) => stream));
    expect(streams.size).toBe(2);
    await jenny.disconnect();
    await sees(alice, 'bob');
    await become(
      () => snapshot(alice).other?.identity === 'bob',
      () => 'bob to be whom alice talks with',
    );
    expect(snapshot(alice).phase).toBe('joined');
    await bob.disconnect();
    await reached(alice, 'answered');
    await sees(alice);
    await alice.disconnect();
  });

  it('[CF2] [CF17] who has been in a conference can be joined with somebody else after it', async () => {
    await using stage = await Stage.open(into(), { media });
    stage.application.on('/left', ({ params }) =>
      params['From'] === 'client:bob' ? '<Dial><Client>carol</Client></Dial>' : '',
    );
    const carol = await stage.phone('carol');
    const [alice, jenny, bob] = await threePhones(stage);
    const rest = new Rest(stage);
    const { sid } = await rest.conference();
    const bobsSid = snapshot(bob).parameters.CallSid;
    await rest.ask('DELETE', `/${sid}/Participants/${bobsSid}.json`);
    const call = await carol.answers();
    await reached(bob, 'joined');
    await hears(bob, 'carol');
    await hears(call, 'bob');
    expect(snapshot(bob)).toMatchObject({ conference: null, other: { identity: 'carol' } });
    await sees(alice, 'jenny');
    expect(stage.application.at('/left')[0]?.params).toMatchObject({ DialCallStatus: 'answered' });
    await Promise.all([alice, jenny, bob].map((each) => each.disconnect()));
  });
});

describe('a conference', () => {
  it('[CF4] [CF10] starts with who starts it; until then nobody hears anybody', async () => {
    await using stage = await Stage.open(
      into({ alice: 'startConferenceOnEnter="false"', jenny: 'startConferenceOnEnter="false"' }),
    );
    stage.application.on('/left', '');
    const [alice, jenny] = await stage.phones('alice', 'jenny');
    const a = await alice.device.connect({ to: 'blue' });
    await reached(a, 'answered');
    const j = await jenny.device.connect({ to: 'blue' });
    await sees(j, 'alice');
    await sees(a, 'jenny');
    expect(snapshot(a)).toMatchObject({ phase: 'answered', conference: { isStarted: false } });
    expect(stage.gateway.counts().media).toMatchObject({ rooms: 1, consumers: 0 });
    expect((await new Rest(stage).conference()).status).toBe('init');
    const bob = await stage.phone('bob');
    const b = await bob.device.connect({ to: 'blue' });
    await hears(a, 'jenny', 'bob');
    await hears(b, 'alice', 'jenny');
    expect((await new Rest(stage).conference()).status).toBe('in-progress');
    await Promise.all([a, j, b].map((each) => each.disconnect()));
  });

  it('[CF5] [CF2] ends with who ends it, and each goes on with her own document', async () => {
    await using stage = await Stage.open(into({ alice: 'endConferenceOnExit="true"' }));
    stage.application.on('/left', ({ params }) =>
      params['From'] === 'client:jenny' ? '<Pause length="30"/>' : '',
    );
    const [alice, jenny, bob] = await threePhones(stage);
    await alice.disconnect();
    expect(await ended(bob)).toMatchObject({ reason: 'remote-hangup' });
    await reached(jenny, 'answered');
    expect(snapshot(jenny)).toMatchObject({ conference: null, end: null });
    expect(stage.gateway.counts().conferences).toEqual({ conferences: 0, participants: 0 });
    await jenny.disconnect();
  });

  it('[CF7] [CF13] [TN20] mutes, unmutes, holds and removes by REST, and everybody sees it', async () => {
    await using stage = await Stage.open(into({ bob: 'muted="true"' }));
    stage.application.on('/left', '');
    const [alice, jenny, bob] = await threePhones(stage);
    await sees(alice, 'jenny', 'bob muted');
    await hears(alice, 'jenny');
    expect(snapshot(bob).conference?.isMuted).toBe(true);
    const rest = new Rest(stage);
    const { sid, friendly_name } = await rest.conference();
    expect(sid).toMatch(/^CF[0-9a-f]{32}$/);
    expect(friendly_name).toBe('blue');
    const sidOf = (call: Call): string => snapshot(call).parameters.CallSid;
    expect(await rest.participants(sid)).toMatchObject([
      { call_sid: sidOf(alice), muted: false, hold: false, start_conference_on_enter: true },
      { call_sid: sidOf(jenny), muted: false, end_conference_on_exit: false },
      { call_sid: sidOf(bob), muted: true },
    ]);
    await rest.ask('POST', `/${sid}/Participants/${sidOf(bob)}.json`, { Muted: 'false' });
    await hears(alice, 'jenny', 'bob');
    await rest.ask('POST', `/${sid}/Participants/${sidOf(jenny)}.json`, { Hold: 'true' });
    await hears(alice, 'bob');
    await sees(alice, 'jenny held', 'bob');
    await reached(jenny, 'answered');
    await rest.ask('POST', `/${sid}/Participants/${sidOf(jenny)}.json`, { Hold: 'false' });
    await hears(jenny, 'alice', 'bob');
    await rest.ask('DELETE', `/${sid}/Participants/${sidOf(bob)}.json`);
    expect(await ended(bob)).toMatchObject({ reason: 'remote-hangup' });
    await rest.ask('POST', `/${sid}.json`, { Status: 'completed' });
    await Promise.all([ended(alice), ended(jenny)]);
    expect((await rest.ask('GET', '.json')).conferences).toMatchObject([
      { sid, status: 'completed', reason_conference_ended: 'conference-ended-via-api' },
    ]);
    expect((await rest.ask('GET', '.json?Status=in-progress')).conferences).toEqual([]);
    expect(await rest.participants(sid)).toEqual([]);
  });

  it('[CF3] [CF8] a caller for whom there is no place goes on, with a notification', async () => {
    await using stage = await Stage.open(
      ({ params }) =>
        `<Dial><Conference maxParticipants="1">blue</Conference></Dial>${params['From'] === 'client:jenny' ? '<Pause length="30"/>' : ''}`,
    );
    const [alice, jenny] = await stage.phones('alice', 'jenny');
    const a = await alice.device.connect({ to: 'blue' });
    await soon(
      () => snapshot(a).conference ?? undefined,
      () => 'a conference',
    );
    const j = await jenny.device.connect({ to: 'blue' });
    await reached(j, 'answered');
    expect(snapshot(j).conference).toBeNull();
    expect(stage.notifications(13_240)).toHaveLength(1);
    expect(snapshot(a).media.remotes).toEqual([]);
    await Promise.all([a.disconnect(), j.disconnect()]);
  });

  it('[CF12] tells its life in order, to the callback of whoever opened it', async () => {
    const statusCallback =
      'statusCallback="/room" statusCallbackEvent="start end join leave mute hold modify"';
    await using stage = await Stage.open(into({ alice: statusCallback, jenny: 'statusCallback="/other"' }));
    stage.application.on('/left', '');
    stage.application.on('/room', '');
    const [alice, jenny] = await stage.phones('alice', 'jenny');
    const a = await alice.device.connect({ to: 'blue' });
    await soon(
      () => snapshot(a).conference ?? undefined,
      () => 'a conference',
    );
    const j = await jenny.device.connect({ to: 'blue' });
    await sees(j, 'alice');
    const rest = new Rest(stage);
    const { sid } = await rest.conference();
    const jennysSid = snapshot(j).parameters.CallSid;
    await rest.ask('POST', `/${sid}/Participants/${jennysSid}.json`, { Muted: 'true' });
    await j.disconnect();
    await a.disconnect();
    await stage.quiet();
    const told = stage.application.at('/room').map(({ params }) => params);
    expect(told.map((each) => `${each['SequenceNumber']} ${each['StatusCallbackEvent']}`)).toEqual([
      '0 participant-join',
      '1 conference-start',
      '2 participant-join',
      '3 participant-mute',
      '4 participant-leave',
      '5 participant-leave',
      '6 conference-end',
    ]);
    expect(told[3]).toMatchObject({
      ConferenceSid: sid,
      FriendlyName: 'blue',
      CallSid: jennysSid,
      Muted: 'true',
      AccountSid: ACCOUNT.sid,
    });
    expect(told[6]).toMatchObject({ ReasonConferenceEnded: 'last-participant-left' });
    expect(stage.application.at('/other')).toEqual([]);
  });

  it('[CF19] is another one after it has ended, also where that is the reason for entering', async () => {
    await using stage = await Stage.open(into({ alice: 'endConferenceOnExit="true"' }));
    // Whoever is thrown out comes straight back.
    stage.application.on('/left', ({ params }) =>
      params['From'] === 'client:alice' ? '' : '<Dial><Conference>blue</Conference></Dial>',
    );
    const [alice, jenny, bob] = await threePhones(stage);
    const { sid } = await new Rest(stage).conference();
    await alice.disconnect();
    await sees(jenny, 'bob');
    await hears(bob, 'jenny');
    expect((await new Rest(stage).conference()).sid).not.toBe(sid);
    await Promise.all([jenny.disconnect(), bob.disconnect()]);
  });

  it('[CF1] [CF2] REST brings people in: by calling them, and out of a call they are in', async () => {
    await using stage = await Stage.open('<Dial><Client>jenny</Client></Dial>');
    const [alice, jenny, bob] = await stage.phones('alice', 'jenny', 'bob');
    const rest = new Rest(stage);
    const Twiml = '<Response><Dial><Conference>blue</Conference></Dial></Response>';
    await rest.calls('', { To: 'client:bob', From: 'client:office', Twiml });
    const b = await bob.answers();
    await soon(
      () => snapshot(b).conference ?? undefined,
      () => 'a conference',
    );
    const a = await alice.device.connect({ to: 'jenny' });
    const j = await jenny.answers();
    await hears(a, 'jenny');
    // The child first: a parent who leaves ends it.
    await rest.calls(`/${snapshot(j).parameters.CallSid}`, { Twiml });
    await hears(j, 'bob');
    expect(await ended(a)).toMatchObject({ reason: 'replaced' });
    const again = await alice.device.connect({ to: 'jenny' });
    await reached(again, 'ringing');
    await rest.calls(`/${snapshot(again).parameters.CallSid}`, { Twiml });
    await hears(again, 'bob', 'jenny');
    await hears(b, 'jenny', 'alice');
    expect(stage.gateway.counts().media).toMatchObject({ consumers: 6 });
    await Promise.all([again, j, b].map((each) => each.disconnect()));
  });

  it('[CF18] names nobody’s session or call to the others', async () => {
    await using stage = await Stage.open(into());
    stage.application.on('/left', '');
    const [alice, jenny, bob] = await threePhones(stage);
    const remotes = JSON.stringify(
      snapshot(alice).media.remotes.map(({ id, identity, deviceLabel }) => ({ id, identity, deviceLabel })),
    );
    for (const secret of [snapshot(bob).parameters.CallSid, bob.callId, 'session']) {
      expect(remotes).not.toContain(secret);
    }
    await Promise.all([alice, jenny, bob].map((each) => each.disconnect()));
  });
});
