import type { Call } from '@parley/client';
import { describe, expect, it } from 'vitest';
import { become } from './soon.ts';
import { EVENTS, Stage } from './stage.ts';
import { ended, reached, type TestPhone } from './test-phone.ts';

/** Whoever is asked for is dialled; afterwards the caller's document goes on. */
const DIAL = ({ params }: { params: Readonly<Record<string, string>> }) =>
  `<Dial action="/after"><Client ${EVENTS}>${params['To']}</Client></Dial>`;

async function opened(options: Parameters<typeof Stage.open>[1] = {}): Promise<Stage> {
  const stage = await Stage.open(DIAL, options);
  stage.application.on('/after', '<Hangup/>');
  return stage;
}

function other(call: Call): string | undefined {
  return call.store.getSnapshot().other?.identity;
}

async function hear({ media }: Stage, one: Call, two: Call): Promise<void> {
  await become(
    () => media?.flows(one, two, 'audio') === true && media.flows(two, one, 'audio'),
    () => 'the two to hear one another',
  );
}

/** Alice and jenny, joined: alice has placed the call. */
async function talking(stage: Stage, jenny: TestPhone): Promise<{ alices: Call; jennys: Call }> {
  const alices = await stage.alice();
  const jennys = await jenny.answers();
  await Promise.all([reached(alices, 'joined'), reached(jennys, 'joined')]);
  return { alices, jennys };
}

describe('a blind transfer', () => {
  it('[MC40] [MC41] by the one who was called: the caller hears ringing, then the third, in her own dial', async () => {
    await using stage = await opened();
    const [jenny, bob] = await stage.phones('jenny', 'bob');
    const { alices, jennys } = await talking(stage, jenny);
    const done = jennys.transfer({ to: 'bob', params: { 'X-Why': 'lunch' } });
    const bobs = await bob.rings();
    expect(bobs.parameters.From).toBe('alice');
    expect(bobs.customParameters.get('X-Why')).toBe('lunch');
    await reached(alices, 'ringing');
    await become(
      () => jennys.store.getSnapshot().isTransferring,
      () => 'jenny to know that it rings for bob',
    );
    await bobs.accept();
    await done;
    expect(await ended(jennys)).toMatchObject({ reason: 'transferred', by: 'local' });
    await reached(alices, 'joined');
    expect([other(alices), other(bobs)]).toEqual(['bob', 'alice']);
    await hear(stage, alices, bobs);
    await bobs.disconnect();
    await ended(alices);
    await stage.quiet();
    const after = stage.application.asked.findLast(({ path }) => path === '/after');
    expect(after?.params).toMatchObject({
      DialCallStatus: 'completed',
      DialBridged: 'true',
      DialAnsweredBy: 'bob',
    });
    const [first, second] = stage.legs();
    expect([first?.to, first?.status, first?.endReason]).toEqual([
      'client:jenny',
      'completed',
      'transferred',
    ]);
    expect([second?.to, second?.status]).toEqual(['client:bob', 'completed']);
    expect(stage.storyOf(first?.sid ?? '')).toEqual([
      '0 initiated initiated',
      '1 ringing ringing',
      '2 answered in-progress',
      '3 completed completed',
    ]);
  });

  it('[MC40] [MC42] by the caller: who was called goes on with a call of her own, and the caller is let go', async () => {
    await using stage = await opened();
    const [jenny, bob] = await stage.phones('jenny', 'bob');
    const { alices, jennys } = await talking(stage, jenny);
    const done = alices.transfer({ to: 'bob' });
    const bobs = await bob.rings();
    expect(bobs.parameters.From).toBe('jenny');
    await reached(jennys, 'ringing');
    await bobs.accept();
    await done;
    expect(await ended(alices)).toMatchObject({ reason: 'transferred' });
    await reached(jennys, 'joined');
    expect([other(jennys), other(bobs)]).toEqual(['bob', 'jenny']);
    await hear(stage, jennys, bobs);
    await jennys.disconnect();
    expect(await ended(bobs)).toMatchObject({ reason: 'remote-hangup' });
    await stage.quiet();
    // Her row is as long as she talked, and told once.
    expect(stage.storyOf(jennys.parameters.CallSid).at(-1)).toBe('3 completed completed');
    expect(stage.application.asked.filter(({ path }) => path === '/after')).toHaveLength(1);
  });

  it.each(['jenny', 'alice'] as const)(
    '[MC43] nobody takes it: %s, who handed over, is given the other back, and told why',
    async (who) => {
      await using stage = await opened();
      const [jenny, bob] = await stage.phones('jenny', 'bob');
      const { alices, jennys } = await talking(stage, jenny);
      const [mine, theirs] = who === 'alice' ? [alices, jennys] : [jennys, alices];
      const done = mine.transfer({ to: 'bob' });
      const bobs = await bob.rings();
      await reached(theirs, 'ringing');
      bobs.reject();
      await expect(done).rejects.toMatchObject({ name: 'transfer-failed', message: 'rejected' });
      await Promise.all([reached(mine, 'joined'), reached(theirs, 'joined')]);
      await hear(stage, mine, theirs);
      expect(mine.store.getSnapshot().isTransferring).toBe(false);
      // As any call: hold, and another try.
      await mine.hold();
      await become(
        () => theirs.held.remote,
        () => 'the hold',
      );
      await mine.hold(false);
      const again = mine.transfer({ to: 'bob' });
      await (await bob.rings()).accept();
      await again;
      await reached(theirs, 'joined');
      expect(other(theirs)).toBe('bob');
      await theirs.disconnect();
    },
  );

  it('[MC43] somebody who is not registered: the two are joined again at once', async () => {
    await using stage = await opened();
    const [jenny] = await stage.phones('jenny');
    const { alices, jennys } = await talking(stage, jenny);
    await expect(alices.transfer({ to: 'nobody' })).rejects.toMatchObject({
      name: 'transfer-failed',
      message: 'not-registered',
    });
    await hear(stage, alices, jennys);
    await jennys.disconnect();
    expect(await ended(alices)).toMatchObject({ reason: 'remote-hangup' });
  });

  it('[MC44] who hands over may hang up meanwhile: it rings on, and is answered', async () => {
    await using stage = await opened();
    const [jenny, bob] = await stage.phones('jenny', 'bob');
    const { alices, jennys } = await talking(stage, jenny);
    const done = alices.transfer({ to: 'bob' });
    const bobs = await bob.rings();
    await alices.disconnect();
    await done;
    await bobs.accept();
    await reached(jennys, 'joined');
    await hear(stage, jennys, bobs);
    await bobs.disconnect();
    await ended(jennys);
  });

  it('[MC44] and nobody takes it: the call of who was handed over goes on with her document, truthfully', async () => {
    await using stage = await opened();
    const [jenny, bob] = await stage.phones('jenny', 'bob');
    const { alices, jennys } = await talking(stage, jenny);
    const done = jennys.transfer({ to: 'bob' });
    const bobs = await bob.rings();
    await jennys.disconnect();
    await done;
    bobs.reject();
    await ended(alices);
    await stage.quiet();
    expect(stage.application.asked.findLast(({ path }) => path === '/after')?.params).toMatchObject({
      DialCallStatus: 'busy',
      DialBridged: 'true',
    });
  });

  it('[MC45] who is handed over may hang up while it rings: everybody is let go', async () => {
    await using stage = await opened();
    const [jenny, bob] = await stage.phones('jenny', 'bob');
    const { alices, jennys } = await talking(stage, jenny);
    const done = jennys.transfer({ to: 'bob' });
    const bobs = await bob.rings();
    await alices.disconnect();
    await expect(done).rejects.toMatchObject({ name: 'call-ended' });
    expect(await ended(bobs)).toMatchObject({ reason: 'cancelled' });
    expect(await ended(jennys)).toMatchObject({ reason: 'remote-hangup' });
  });

  it('[MC46] is refused where nobody is joined, and where token or gateway do not allow it', async () => {
    await using stage = await opened();
    const jenny = await stage.phone('jenny', { grants: { transfer: false } });
    const { alices, jennys } = await talking(stage, jenny);
    await expect(jennys.transfer({ to: 'bob' })).rejects.toMatchObject({
      name: 'transfer-refused',
      code: 60012,
    });
    await expect(alices.transfer({ to: alices })).rejects.toMatchObject({ name: 'transfer-refused' });
    await hear(stage, alices, jennys);
    await alices.disconnect();
    await using strict = await opened({ environment: { PARLEY_TRANSFERS: 'off' } });
    const [hers] = await strict.phones('jenny');
    const two = await talking(strict, hers);
    await expect(two.alices.transfer({ to: 'bob' })).rejects.toMatchObject({ name: 'transfer-refused' });
    await two.alices.disconnect();
  });
});

describe('an attended transfer', () => {
  /** Jenny talks with alice, then with bob: who called whom, each time, is the test's. */
  async function consulted(stage: Stage, first: 'alice' | 'jenny', second: 'jenny' | 'bob') {
    const [alice, jenny, bob] = await stage.phones('alice', 'jenny', 'bob');
    const call = async (from: TestPhone, to: TestPhone) => {
      const placed = await from.device.connect({ to: to.name });
      const answered = await to.answers();
      await Promise.all([reached(placed, 'joined'), reached(answered, 'joined')]);
      return from === jenny ? { hers: placed, theirs: answered } : { hers: answered, theirs: placed };
    };
    const one = first === 'alice' ? await call(alice, jenny) : await call(jenny, alice);
    const two = second === 'bob' ? await call(bob, jenny) : await call(jenny, bob);
    return { withAlice: one.hers, withBob: two.hers, alices: one.theirs, bobs: two.theirs };
  }

  it.each([
    ['alice', 'bob'],
    ['alice', 'jenny'],
    ['jenny', 'bob'],
    ['jenny', 'jenny'],
  ] as const)(
    '[MC50] [MC51] [MC53] brings the two others together, whoever called: %s, then %s',
    async (first, second) => {
      await using stage = await opened();
      const { withAlice, withBob, alices, bobs } = await consulted(stage, first, second);
      await become(
        () => alices.held.remote,
        () => 'alice to wait',
      );
      await withBob.transfer({ to: withAlice });
      expect(await ended(withAlice)).toMatchObject({ reason: 'transferred', by: 'local' });
      expect(await ended(withBob)).toMatchObject({ reason: 'transferred', by: 'local' });
      await Promise.all([reached(alices, 'joined'), reached(bobs, 'joined')]);
      expect([other(alices), other(bobs)]).toEqual(['bob', 'alice']);
      await become(
        () => !alices.held.remote && !bobs.held.remote,
        () => 'nobody to wait any more',
      );
      await hear(stage, alices, bobs);
      // They are two as any others: messages, keys.
      const heard = bobs.once('messageReceived');
      await alices.sendMessage({ content: 'hello' });
      expect((await heard)[0].content).toBe('hello');
      const keys = alices.once('digits');
      await bobs.sendDigits('12#');
      expect(await keys).toEqual(['12#']);
      await alices.disconnect();
      expect(await ended(bobs)).toMatchObject({ reason: 'remote-hangup' });
      await stage.quiet();
      for (const { sid } of stage.legs()) {
        expect(stage.storyOf(sid).filter((line) => line.includes('completed'))).toHaveLength(1);
      }
    },
  );

  it('[MC52] is refused while the other call still rings, and nothing has happened then', async () => {
    await using stage = await opened();
    const [jenny, bob] = await stage.phones('jenny', 'bob');
    const { alices, jennys } = await talking(stage, jenny);
    const second = await jenny.device.connect({ to: 'bob' });
    await bob.rings();
    await expect(second.transfer({ to: jennys })).rejects.toMatchObject({ name: 'transfer-refused' });
    await second.disconnect();
    await jennys.hold(false);
    await hear(stage, alices, jennys);
    await alices.disconnect();
  });
});
