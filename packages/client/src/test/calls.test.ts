import type { Unnumbered } from '@parley/protocol';
import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import { CALL_SID, incoming, OFFER, World } from './world.test.kit.ts';

const joined = (callId: string, video = false): Unnumbered => ({
  type: 'joined',
  callId: callId as never,
  other: { identity: 'alice' },
  video,
});
const ended = (callId: string, reason = 'remote-hangup', by = 'remote'): Unnumbered =>
  ({ type: 'ended', callId, reason, by, durationMs: 1234 }) as never;

async function ringing(world: World, media = { audio: true, video: false }): Promise<Call> {
  const device = await world.registered();
  const heard = device.once('incoming');
  world.gateway.notify(incoming(media));
  const [call] = await heard;
  await world.settle();
  return call;
}

describe('a call that comes in', () => {
  it('[CS20] is told at once, says so to the gateway, and is made ready with nothing of the person open', async () => {
    const world = new World();
    const call = await ringing(world, { audio: true, video: true });
    expect(call.status()).toBe('pending');
    expect(call.parameters).toEqual({ From: 'alice', To: 'jenny', CallSid: CALL_SID });
    expect(call.customParameters.get('X-Tier')).toBe('gold');
    expect(world.gateway.words).toEqual([
      'hello',
      'capabilities',
      'alerting',
      'transportConnect',
      'produce',
      'produce',
    ]);
    expect(world.open).toEqual([]);
    // Silence is taken out once it has been described; black stays, to keep the encoder warm.
    expect(world.transports[0]?.sent.map(({ now }) => now)).toEqual([null, 'placeholder']);
    expect(world.sounds).toEqual(['start incoming']);
  });

  it('[CS21] says accept before it opens anything, then swaps each source in as it comes', async () => {
    const world = new World();
    const call = await ringing(world, { audio: true, video: true });
    const heardAtOpen: string[][] = [];
    const openSource = world.platform.openSource.bind(world.platform);
    Object.assign(world.platform, {
      openSource: (kind: 'audio' | 'video', constraints: true) => {
        heardAtOpen.push(world.gateway.words);
        return openSource(kind, constraints);
      },
    });
    const accepted = call.accept({ video: true });
    expect(heardAtOpen[0]).toContain('accept');
    expect(world.gateway.last('accept').media).toEqual({ audio: true, video: true });
    await world.settle();
    world.gateway.reply('accept');
    world.gateway.notify(joined(call.callId, true));
    await accepted;
    await world.settle();
    expect(call.status()).toBe('open');
    expect(world.transports[0]?.sent.map(({ now }) => now)).toEqual(['real', 'real']);
    expect(world.transports[0]?.sent[1]?.keyFrames).toBe(1);
    expect(world.sounds).toEqual(['start incoming', 'stop incoming']);
  });

  it('[CS22] answered without a picture, closes the one that was prepared', async () => {
    const world = new World();
    const call = await ringing(world, { audio: true, video: true });
    void call.accept();
    await world.settle();
    const video = world.gateway.all('produce').find(({ kind }) => kind === 'video');
    expect(world.gateway.last('producerClosed').producerId).toBe(video?.producerId);
    expect(world.open).toEqual(['audio']);
  });

  it('[CS23] accept twice is one accept, and one promise', async () => {
    const world = new World();
    const call = await ringing(world);
    expect(call.accept()).toBe(call.accept());
    await world.settle();
    expect(world.gateway.all('accept')).toHaveLength(1);
  });

  it('[CS24] rings on when the microphone was refused before, and may be answered listening', async () => {
    const world = new World();
    world.permission = 'denied';
    const call = await ringing(world);
    await expect(call.accept()).rejects.toMatchObject({ name: 'microphone-denied', code: 31401 });
    expect(call.status()).toBe('pending');
    expect(world.gateway.all('accept')).toEqual([]);
    void call.accept({ microphone: false });
    await world.settle();
    expect(world.gateway.last('accept').media.audio).toBe(false);
    expect(world.open).toEqual([]);
  });

  it('[CS24] asks first where the browser would ask, so that nobody is joined to a question', async () => {
    const world = new World();
    world.permission = 'prompt';
    world.refuse = { audio: 'NotAllowedError' };
    const call = await ringing(world);
    await expect(call.accept()).rejects.toMatchObject({ name: 'microphone-denied' });
    expect(world.gateway.all('accept')).toEqual([]);
    expect(call.status()).toBe('pending');
    world.refuse = {};
    void call.accept();
    await world.settle();
    expect(world.gateway.all('accept')).toHaveLength(1);
    expect(world.open).toEqual(['audio']);
  });

  it('[RY41] finds out before the answer that no microphone is there, and rings on', async () => {
    const world = new World();
    world.devices.plugged = world.devices.plugged.filter(({ kind }) => kind !== 'audioinput');
    world.refuse = { audio: 'NotFoundError' };
    const call = await ringing(world);
    await expect(call.accept()).rejects.toMatchObject({ name: 'microphone-not-found' });
    expect(world.gateway.all('accept')).toEqual([]);
    expect(call.status()).toBe('pending');
    void call.accept({ microphone: false });
    await world.settle();
    expect(world.gateway.last('accept').media.audio).toBe(false);
  });

  it('[CS25] goes on listening when the microphone fails after the answer', async () => {
    const world = new World();
    const call = await ringing(world);
    world.refuse = { audio: 'NotReadableError' };
    const complaint = call.once('error');
    const accepted = call.accept();
    await world.settle();
    world.gateway.reply('accept');
    await accepted;
    expect((await complaint)[0].name).toBe('microphone-in-use');
    expect(call.media.microphone.state).toBe('failed');
    expect(world.gateway.last('producerMuted').muted).toBe(true);
    world.refuse = {};
    call.mute(false);
    await world.settle();
    expect(call.media.microphone.state).toBe('on');
    expect(world.gateway.last('producerMuted').muted).toBe(false);
  });

  it('[CS26] tells the loser of a race who was faster', async () => {
    const world = new World();
    const call = await ringing(world);
    const told: string[] = [];
    call.on('cancel', () => told.push('cancel'));
    call.on('disconnect', () => told.push('disconnect'));
    const accepted = call.accept();
    await world.settle();
    world.gateway.refuse('accept', 'wrong-state');
    world.gateway.notify({
      ...ended(call.callId, 'answered-elsewhere', 'server'),
      elsewhere: { identity: 'jenny', deviceLabel: 'kitchen' },
    } as never);
    await expect(accepted).rejects.toThrow();
    expect(await call.ended).toMatchObject({
      reason: 'answered-elsewhere',
      elsewhere: { deviceLabel: 'kitchen' },
    });
    expect(told).toEqual(['cancel', 'disconnect']);
    expect(world.open).toEqual([]);
  });

  it('[CS27] is refused here alone, unless asked for everywhere', async () => {
    const world = new World();
    const call = await ringing(world);
    call.reject();
    expect(world.gateway.last('reject').everywhere).toBe(false);
    expect(await call.ended).toMatchObject({ reason: 'rejected', by: 'local' });
    expect(world.sounds.at(-1)).toBe('stop incoming');
    expect(world.transports.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('[CS28] ignored, is silent and may still be answered', async () => {
    const world = new World();
    const call = await ringing(world);
    const before = world.gateway.heard.length;
    call.ignore();
    await world.settle();
    expect(world.sounds).toEqual(['start incoming', 'stop incoming']);
    expect(world.gateway.heard).toHaveLength(before);
    expect(call.status()).toBe('pending');
  });

  it('[CS29] is turned away without a word while busy, where the application says so', async () => {
    const world = new World();
    const device = await world.registered({ allowIncomingWhileBusy: false });
    await device.connect({ to: 'bob' });
    let rang = 0;
    device.on('incoming', () => (rang += 1));
    world.gateway.notify(incoming());
    await world.settle();
    expect(rang).toBe(0);
    expect(world.gateway.last('reject')).toMatchObject({ everywhere: false, why: 'busy' });
  });
});

describe('a second call', () => {
  it('[CS29] rings softly while the first one talks, waits, and can be answered', async () => {
    const world = new World();
    const device = await world.registered();
    const first = await device.connect({ to: 'bob' });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    world.gateway.notify(joined(first.callId));
    await world.settle();
    const heard = device.once('incoming');
    world.gateway.notify(incoming());
    const [second] = await heard;
    await world.settle();
    expect(world.sounds).toEqual(['start waiting']);
    expect(second.store.getSnapshot().isWaiting).toBe(true);
    expect(world.gateway.words).toContain('alerting');
    expect(device.activeCall).toBe(first);
    void first.disconnect();
    await world.settle();
    expect(world.sounds.slice(1)).toEqual(expect.arrayContaining(['stop waiting', 'start incoming']));
    expect(second.store.getSnapshot().isWaiting).toBe(false);
    expect(second.status()).toBe('pending');
  });

  it('[CS29] rings beside one that rings: nobody is busy yet', async () => {
    const world = new World();
    const device = await world.registered({ allowIncomingWhileBusy: false });
    world.gateway.notify(incoming());
    world.gateway.notify(incoming(undefined, 'incoming-2'));
    await world.settle();
    expect(device.calls).toHaveLength(2);
    expect(world.gateway.all('reject')).toEqual([]);
  });
});

describe('a call that is placed', () => {
  it('[CS30] is sent at once, while its sources open, and produces before anything is answered', async () => {
    const world = new World();
    const device = await world.registered();
    let openNow = (): void => undefined;
    world.openGate = new Promise((resolve) => (openNow = resolve));
    const call = await device.connect({ to: 'jenny', params: { a: 'b' }, video: true });
    expect(call.status()).toBe('connecting');
    expect(world.gateway.last('connect')).toMatchObject({
      params: { a: 'b', To: 'jenny' },
      media: { audio: true, video: true },
    });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    await world.settle();
    expect(world.gateway.words.slice(-3)).toEqual(['transportConnect', 'produce', 'produce']);
    expect(call.parameters.CallSid).toBe(CALL_SID);
    openNow();
    await world.settle();
    expect(world.transports[0]?.sent.map(({ now }) => now)).toEqual(['real', 'real']);
  });

  it('[CS31] is heard ringing, joined and ended, and tells it in that order', async () => {
    const world = new World();
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny' });
    const told: string[] = [];
    for (const name of ['ringing', 'accept', 'parted', 'disconnect'] as const)
      call.on(name, () => told.push(name));
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    const { callId } = call;
    world.gateway.notify({ type: 'ringing', callId: callId as never });
    await world.settle();
    expect(call.status()).toBe('ringing');
    world.gateway.notify(joined(callId));
    await world.settle();
    expect(call.status()).toBe('open');
    expect(call.store.getSnapshot().other).toEqual({ identity: 'alice' });
    world.gateway.notify({ type: 'parted', callId: callId as never });
    world.gateway.notify(ended(callId));
    expect(await call.ended).toEqual({ reason: 'remote-hangup', by: 'remote', durationMs: 1234 });
    expect(told).toEqual(['ringing', 'accept', 'parted', 'disconnect']);
    expect(world.sounds).toEqual(['start ringback', 'stop ringback', 'hangup']);
    expect(device.calls).toEqual([]);
    expect(world.open).toEqual([]);
  });

  it('[CS31][CS55] stops ringing back when nobody came to a caller who had been answered', async () => {
    const world = new World();
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny' });
    const told: string[] = [];
    call.on('answered', () => told.push('answered'));
    call.on('ringing', () => told.push('ringing'));
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    const callId = call.callId as never;
    world.gateway.notify({ type: 'answered', callId });
    world.gateway.notify({ type: 'ringing', callId });
    await world.settle();
    expect(world.sounds).toEqual(['start ringback']);
    expect(call.status()).toBe('open');
    world.gateway.notify({ type: 'answered', callId });
    world.gateway.notify({ type: 'answered', callId });
    await world.settle();
    expect(world.sounds).toEqual(['start ringback', 'stop ringback']);
    expect(call.store.getSnapshot().phase).toBe('answered');
    expect(told).toEqual(['answered', 'ringing', 'answered']);
  });

  it('[CS7][CS55] hears what it missed while away once, and stops ringing back with it', async () => {
    const world = new World();
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny' });
    const told: string[] = [];
    for (const name of ['answered', 'ringing'] as const) call.on(name, () => told.push(name));
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    const callId = call.callId as never;
    const heard = [
      world.gateway.number({ type: 'answered', callId }),
      world.gateway.number({ type: 'ringing', callId }),
    ];
    const missed = world.gateway.number({ type: 'answered', callId });
    for (const message of heard) world.gateway.say(message);
    await world.settle();
    world.gateway.greeting = {
      calls: [
        { callId, callSid: CALL_SID, direction: 'outgoing', phase: 'answered', params: {}, video: false },
      ],
    };
    world.gateway.drop();
    await world.pass(1000);
    // The gateway replays more than was missed: it cannot know what arrived.
    for (const message of [...heard, missed]) world.gateway.say(message);
    await world.settle();
    expect(told).toEqual(['answered', 'ringing', 'answered']);
    expect(world.sounds).toEqual(['start ringback', 'stop ringback']);
    expect(call.status()).toBe('open');
  });

  it('[CS32] attaches what comes from the other side while it rings, and says that it has it', async () => {
    const world = new World();
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny' });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    const callId = call.callId as never;
    const consumerId = 'consumer-1' as never;
    world.gateway.notify({
      type: 'consume',
      callId,
      consumerId,
      producerId: 'p' as never,
      kind: 'audio',
      source: 'microphone',
      rtpParameters: {},
      muted: false,
    });
    await world.settle();
    expect(world.gateway.last('consuming').consumerId).toBe('consumer-1');
    expect(call.media.remote?.getTracks()).toHaveLength(1);
    expect(call.media.remoteAudio).toBe('held');
    world.gateway.notify({ type: 'consumerResumed', callId, consumerId });
    world.gateway.notify({ type: 'consumerMuted', callId, consumerId, muted: true });
    await world.settle();
    expect(call.media.remoteAudio).toBe('muted');
    world.gateway.notify({ type: 'consumerClosed', callId, consumerId });
    await world.settle();
    expect(call.media.remoteAudio).toBe('none');
  });

  it('[CS39] sends a drawing of its camera until it is joined, and then the camera', async () => {
    const world = new World();
    world.canDraw = true;
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny', video: true });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    await world.settle();
    const sentNow = () => world.transports[0]?.sent.map(({ now }) => now);
    expect(sentNow()).toEqual(['real', 'placeholder']);
    expect(call.media.camera.state).toBe('on');
    const before = world.drawn;
    await world.pass(1000);
    expect(world.drawn - before).toBe(10);
    world.gateway.notify(joined(call.callId, true));
    await world.settle();
    await world.pass(59);
    expect(world.drawn - before).toBe(14);
    expect(sentNow()).toEqual(['real', 'placeholder']);
    await world.pass(1);
    expect(sentNow()).toEqual(['real', 'real']);
    expect(world.transports[0]?.sent[1]?.keyFrames).toBe(1);
    await world.pass(1000);
    expect(world.drawn - before).toBe(14);
    expect(
      world.tracks.filter(({ label, readyState }) => label === 'placeholder' && readyState === 'live'),
    ).toEqual([]);
  });

  it('[CS39] in a page nobody looks at sends the camera at once, and nothing of one that is switched off', async () => {
    const world = new World();
    world.canDraw = true;
    world.isHidden = true;
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny', video: true });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    await world.settle();
    const sentNow = () => world.transports[0]?.sent[1]?.now;
    await call.muteVideo();
    await world.settle();
    expect(sentNow()).toBe(null);
    expect(world.open).toEqual(['audio']);
    await call.muteVideo(false);
    await world.settle();
    expect(sentNow()).toBe('placeholder');
    world.gateway.notify(joined(call.callId, true));
    await world.settle();
    expect(sentNow()).toBe('real');
    expect(world.open).toEqual(['audio', 'video']);
  });

  it('[CS33] joined without video, closes the camera', async () => {
    const world = new World();
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny', video: true });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    await world.settle();
    expect(world.open).toEqual(['audio', 'video']);
    world.gateway.notify(joined(call.callId, false));
    await world.settle();
    expect(world.open).toEqual(['audio']);
    expect(call.media.camera.state).toBe('off');
  });

  it('[CS34] without a microphone is given up before anybody is joined to silence', async () => {
    const world = new World();
    const device = await world.registered();
    world.refuse = { audio: 'NotFoundError' };
    const call = await device.connect({ to: 'jenny' });
    expect(await call.ended).toMatchObject({ reason: 'microphone', error: { name: 'microphone-not-found' } });
    expect(world.gateway.words.at(-1)).toBe('hangup');
  });

  it('[CS35] goes on without a camera', async () => {
    const world = new World();
    const device = await world.registered();
    world.refuse = { video: 'NotReadableError' };
    const call = await device.connect({ to: 'jenny', video: true });
    const [error] = await call.once('error');
    expect(error.name).toBe('camera-in-use');
    expect(call.status()).toBe('connecting');
    expect(call.media.camera.state).toBe('failed');
  });

  it('[CS36] hung up, is over here at once', async () => {
    const world = new World();
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny' });
    await world.settle();
    const end = call.disconnect();
    expect(call.status()).toBe('closed');
    expect(world.open).toEqual([]);
    expect(await end).toMatchObject({ reason: 'cancelled', by: 'local' });
    expect(world.gateway.last('hangup').callId).toBe(call.callId);
  });

  it('[CS37] is given up when its signal aborts', async () => {
    const world = new World();
    const device = await world.registered();
    const stop = new AbortController();
    const call = await device.connect({ to: 'jenny', signal: stop.signal });
    stop.abort();
    expect(await call.ended).toMatchObject({ reason: 'cancelled' });
    await expect(device.connect({ signal: stop.signal })).rejects.toMatchObject({ name: 'aborted' });
  });

  it('[CS38] needs no registration', async () => {
    const world = new World();
    const device = world.device();
    const call = await device.connect({ to: 'jenny' });
    await world.settle();
    expect(world.gateway.words.slice(0, 2)).toEqual(['hello', 'connect']);
    expect(world.gateway.last('hello').register).toBe(false);
    expect(call.status()).toBe('connecting');
    expect(device.state).toBe('unregistered');
  });
});

describe('during a call', () => {
  async function talking(world: World, video = false): Promise<Call> {
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny', video });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    world.gateway.notify(joined(call.callId, video));
    await world.settle();
    return call;
  }

  it('[CS40] mute silences at once, keeps the microphone, and is told to the other side', async () => {
    const world = new World();
    const call = await talking(world);
    call.mute();
    expect(call.isMuted()).toBe(true);
    expect(world.tracks.find(({ label }) => label === 'real')?.enabled).toBe(false);
    expect(world.gateway.last('producerMuted').muted).toBe(true);
    call.mute(false);
    await world.settle();
    expect(call.media.microphone.state).toBe('on');
    expect(world.gateway.last('producerMuted').muted).toBe(false);
  });

  it('[CS41] muteVideo closes the camera, and opens it again', async () => {
    const world = new World();
    const call = await talking(world, true);
    await call.muteVideo();
    expect(world.open).toEqual(['audio']);
    expect(call.media.camera.state).toBe('muted');
    await call.muteVideo(false);
    await world.settle();
    expect(world.open).toEqual(['audio', 'video']);
    expect(call.media.camera.state).toBe('on');
  });

  it('[CS42] digits are sent as they are, and others are refused here', async () => {
    const world = new World();
    const call = await talking(world);
    const sent = call.sendDigits('1w2#');
    expect(world.gateway.last('digits').digits).toBe('1w2#');
    world.gateway.reply('digits');
    await sent;
    await expect(call.sendDigits('x')).rejects.toMatchObject({ name: 'invalid-argument' });
    expect(world.sounds).toContain('digit #');
  });

  it('[CS43] a lost socket is taken up again, and the call goes on', async () => {
    const world = new World();
    const call = await talking(world);
    const told: string[] = [];
    call.on('reconnecting', () => told.push('reconnecting'));
    call.on('reconnected', () => told.push('reconnected'));
    world.gateway.drop();
    await world.settle();
    expect(call.status()).toBe('reconnecting');
    world.gateway.greeting = {
      calls: [
        {
          callId: call.callId as never,
          callSid: CALL_SID,
          direction: 'outgoing',
          phase: 'joined',
          params: {},
          video: false,
        },
      ],
    };
    await world.pass(1000);
    expect(world.gateway.last('hello').resume?.sessionId).toBe('session-1');
    expect(call.status()).toBe('open');
    expect(told).toEqual(['reconnecting', 'reconnected']);
    expect(world.transports.some(({ isClosed }) => isClosed)).toBe(false);
  });

  it('[CS44] a call the gateway has forgotten ends', async () => {
    const world = new World();
    const call = await talking(world);
    world.gateway.greeting = { resumed: false, sessionId: 'session-2' as never };
    world.gateway.drop();
    await world.pass(1000);
    expect(await call.ended).toMatchObject({ reason: 'network', by: 'server' });
  });

  it('[CS45] a broken media path is mended by an ICE restart, then by new transports', async () => {
    const world = new World();
    const call = await talking(world);
    const [up] = world.transports;
    up?.options.onState('connected');
    up?.options.onState('disconnected');
    await world.settle();
    expect(call.status()).toBe('reconnecting');
    const ice = { usernameFragment: 'new', password: 'new' };
    world.gateway.reply('restartIce', { ice: { send: ice, recv: ice } });
    await world.settle();
    expect(up?.restarts).toEqual([ice]);
    await world.pass(7000);
    world.gateway.reply('renewMedia', { media: OFFER });
    await world.settle();
    expect(up?.isClosed).toBe(true);
    expect(world.transports[2]?.sent.map(({ now }) => now)).toEqual(['real']);
    world.transports[2]?.options.onState('connected');
    expect(call.status()).toBe('open');
  });

  it('[CS46] new transports keep the tracks and what is muted', async () => {
    const world = new World();
    const call = await talking(world, true);
    call.mute();
    world.gateway.notify({ type: 'mediaReset', callId: call.callId as never, offer: OFFER });
    await world.settle();
    const produced = world.gateway.all('produce').slice(-2);
    expect(produced.map(({ kind, muted }) => [kind, muted])).toEqual([
      ['audio', true],
      ['video', false],
    ]);
    expect(world.open).toEqual(['audio', 'video']);
  });
});
