import type { CallSnapshot } from '@parley/protocol';
import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import type { Device } from '../device.ts';
import { TabStorage } from './page.test.kit.ts';
import { CALL_SID, incoming, OFFER, World } from './world.test.kit.ts';

const snapshot = (changes: Partial<CallSnapshot> = {}): CallSnapshot => ({
  callId: 'incoming-1' as never,
  callSid: CALL_SID,
  direction: 'incoming',
  phase: 'joined',
  other: { identity: 'alice' },
  params: { 'X-Tier': 'gold' },
  video: true,
  ...changes,
});

interface Page {
  readonly world: World;
  readonly device: Device;
  readonly call: Call;
}

/** A page in which a call with picture is on, and which takes calls back. */
async function talkingPage(tab: TabStorage, { asks = true }: { asks?: boolean } = {}): Promise<Page> {
  const world = new World();
  tab.giveTo(world);
  const device = world.device();
  if (asks) void device.resumable();
  await Promise.all([device.register(), world.settle()]);
  const heard = device.once('incoming');
  world.gateway.notify(incoming({ audio: true, video: true }));
  const [call] = await heard;
  await world.settle();
  const accepted = call.accept({ video: true });
  await world.settle();
  world.gateway.reply('accept');
  world.gateway.notify({
    type: 'joined',
    callId: call.callId as never,
    other: { identity: 'alice' },
    video: true,
  });
  await world.settle();
  await accepted;
  return { world, device, call };
}

/** The page that comes after it in the same tab, a second later. */
function nextPage(tab: TabStorage, before: World, calls: readonly CallSnapshot[], afterMs = 1000): World {
  const world = new World();
  tab.giveTo(world);
  world.nowMs = before.nowMs + afterMs;
  world.gateway.greeting = { calls: [...calls] };
  return world;
}

describe('a page that is left in a call', () => {
  it('[RY13] says bye at once where nothing will take the call back', async () => {
    const tab = new TabStorage();
    const { world } = await talkingPage(tab, { asks: false });
    world.lifecycle('leave');
    expect(world.gateway.words.at(-1)).toBe('bye');
    expect(tab.kept.size).toBe(0);
  });

  it('[RY13] says nothing where the next page may take it back, and leaves what that needs in the tab alone', async () => {
    const tab = new TabStorage();
    const { world } = await talkingPage(tab);
    expect(world.gateway.words).toContain('mayReturn');
    world.lifecycle('leave');
    expect(world.gateway.words).not.toContain('bye');
    expect([...tab.kept.keys()]).toEqual(['parley calls ws://gateway.test/parley']);
  });

  it('[RY13] says bye all the same when there is no call to take back', async () => {
    const tab = new TabStorage();
    const world = new World();
    tab.giveTo(world);
    const device = world.device();
    void device.resumable();
    await Promise.all([device.register(), world.settle()]);
    world.gateway.notify(incoming());
    await world.settle();
    world.lifecycle('leave');
    expect(world.gateway.words.at(-1)).toBe('bye');
    expect(world.gateway.words).not.toContain('reject');
  });
});

describe('the page that comes next', () => {
  it('[RY12] goes on with the session before anything else is said, and is offered the call', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.world.lifecycle('leave');
    const world = nextPage(tab, first.world, [snapshot()]);
    const device = world.device();
    const registered = device.register();
    const offered = device.resumable();
    await world.settle();
    await registered;
    expect(world.gateway.sockets).toBe(1);
    expect(world.gateway.last('hello')).toMatchObject({
      register: true,
      resume: { sessionId: 'session-1', resumeToken: 'resume-1', lastSeq: 2 },
    });
    const [call] = await offered;
    expect(call).toMatchObject({
      direction: 'incoming',
      parameters: { From: 'alice', To: 'jenny', CallSid: CALL_SID },
      other: { identity: 'alice' },
    });
    expect(call?.customParameters.get('X-Tier')).toBe('gold');
    expect(device.calls).toEqual([]);
    // A token that lies about is a token that can be stolen.
    expect(tab.kept.size).toBe(0);
  });

  it('[RY15] takes it back: the same call, muted as it was, its media anew, and says how long it was away', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.call.mute();
    first.world.lifecycle('leave');
    const world = nextPage(tab, first.world, [snapshot()]);
    const device = world.device();
    const offered = device.resumable();
    await world.settle();
    const [offer] = await offered;
    const resuming = offer?.resume();
    expect(offer?.resume()).toBe(resuming);
    await world.settle();
    world.gateway.reply('renewMedia', { media: OFFER });
    await world.settle();
    const call = (await resuming) as Call;
    const gaps: number[] = [];
    call.on('reconnected', ({ gapMs }) => gaps.push(gapMs));
    expect(device.calls).toEqual([call]);
    expect(call.status()).toBe('reconnecting');
    expect(call.isMuted()).toBe(true);
    expect(call.store.getSnapshot().answeredAtMs).toBe(first.call.store.getSnapshot().answeredAtMs);
    expect(world.gateway.all('produce').map(({ kind, muted }) => [kind, muted])).toEqual([
      ['audio', true],
      ['video', false],
    ]);
    expect(world.open).toEqual(['audio', 'video']);
    for (const transport of world.transports) transport.options.onState('connected');
    await world.settle();
    expect(call.status()).toBe('open');
    expect(gaps).toEqual([1000]);
    expect(world.gateway.all('renewMedia')).toHaveLength(1);
  });

  it('[RY18] never asks with an id that the page before has used', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    const used = first.world.gateway.heard.flatMap((message) => ('id' in message ? [message.id] : []));
    first.world.lifecycle('leave');
    const world = nextPage(tab, first.world, [snapshot()]);
    const device = world.device();
    const offered = device.resumable();
    await world.settle();
    void (await offered)[0]?.resume().catch(() => undefined);
    await world.settle();
    expect(used).not.toContain(world.gateway.last('renewMedia').id);
  });

  it('[RY16] may hang it up instead; and what nobody takes back is hung up after the grace', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.world.lifecycle('leave');
    const world = nextPage(tab, first.world, [snapshot()]);
    const device = world.device();
    const offered = device.resumable();
    await world.settle();
    const [offer] = await offered;
    await world.pass(29_000);
    expect(world.gateway.words).not.toContain('hangup');
    await world.pass(1_500);
    expect(world.gateway.words).toContain('hangup');
    expect(await offer?.ended).toMatchObject({ reason: 'hangup', by: 'local' });
    await expect(offer?.resume()).rejects.toMatchObject({ name: 'call-ended' });
  });

  it('[RY16] learns that it ended before it was taken back', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.world.lifecycle('leave');
    const world = nextPage(tab, first.world, [snapshot()]);
    world.gateway.greeting = { calls: [snapshot()], lastSeq: 2 };
    const device = world.device();
    const offered = device.resumable();
    await world.settle();
    const [offer] = await offered;
    world.gateway.number({ type: 'tokenExpiring', inMs: 1 });
    world.gateway.number({ type: 'tokenExpiring', inMs: 1 });
    world.gateway.notify({
      type: 'ended',
      callId: 'incoming-1' as never,
      reason: 'remote-hangup',
      by: 'remote',
      durationMs: 5,
    });
    await world.settle();
    expect(await offer?.ended).toMatchObject({ reason: 'remote-hangup' });
  });

  it('[RY17] rings again for a call that rang at the page before, beside the one it is offered', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.world.lifecycle('leave');
    const waiting = snapshot({ callId: 'incoming-2' as never, phase: 'ringing', other: { identity: 'bob' } });
    const world = nextPage(tab, first.world, [snapshot(), waiting]);
    world.gateway.greeting = { calls: [snapshot(), waiting], lastSeq: 2 };
    const device = world.device();
    const heard = device.once('incoming');
    const offered = device.resumable();
    await world.settle();
    const [call] = await heard;
    expect(call.parameters).toMatchObject({ From: 'bob', To: 'jenny' });
    expect(call.status()).toBe('pending');
    expect(await offered).toHaveLength(1);
    world.gateway.reply('renewMedia', { media: OFFER });
    await world.settle();
    expect(world.gateway.all('produce')).toHaveLength(2);
    expect(world.open).toEqual([]);
  });

  it('[RY12] is offered nothing by a gateway that has forgotten, and begins afresh', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.world.lifecycle('leave');
    const world = nextPage(tab, first.world, []);
    world.gateway.greeting = { resumed: false, sessionId: 'session-2' as never };
    const device = world.device();
    const offered = device.resumable();
    await world.settle();
    expect(await offered).toEqual([]);
    const registered = device.register();
    await world.settle();
    world.gateway.reply('register');
    await registered;
    expect(device.state).toBe('registered');
  });

  it('[RY12] does not even ask when the grace is over, or when what lies there is no marker', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.world.lifecycle('leave');
    const late = nextPage(tab, first.world, [], 30_001);
    const lateOffer = late.device().resumable();
    await late.settle();
    expect(await lateOffer).toEqual([]);
    expect(late.gateway.sockets).toBe(0);
    for (const junk of ['{', '[]', '{"version":2}', '{"version":1,"sessionId":7}']) {
      tab.kept.set('parley calls ws://gateway.test/parley', junk);
      const world = nextPage(tab, first.world, []);
      const offered = world.device().resumable();
      await world.settle();
      expect(await offered).toEqual([]);
    }
  });

  it('[RY12] is asked too late once it has a session of its own, and loses nothing by it', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.world.lifecycle('leave');
    const world = nextPage(tab, first.world, []);
    world.gateway.greeting = { sessionId: 'session-2' as never };
    const device = await world.registered();
    const offered = device.resumable();
    await world.settle();
    expect(await offered).toEqual([]);
    expect(device.state).toBe('registered');
    expect(world.gateway.words).toContain('mayReturn');
  });

  it('[RY13] that is reloaded before it has taken the call back leaves it to the next', async () => {
    const tab = new TabStorage();
    const first = await talkingPage(tab);
    first.world.lifecycle('leave');
    const second = nextPage(tab, first.world, [snapshot()]);
    void second.device().resumable();
    await second.settle();
    second.lifecycle('leave');
    expect(second.gateway.words).not.toContain('bye');
    const third = nextPage(tab, second, [snapshot()]);
    const offered = third.device().resumable();
    await third.settle();
    expect(await offered).toHaveLength(1);
  });
});
