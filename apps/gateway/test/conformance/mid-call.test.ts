import type { Call, CallMessage, VideoRequest } from '@parley/client';
import { describe, expect, it } from 'vitest';
import { become } from './soon.ts';
import { EVENTS, Stage } from './stage.ts';
import { ended, reached, type TestPhone } from './test-phone.ts';

const JENNY = `<Dial action="/after"><Client ${EVENTS}>jenny</Client></Dial>`;

interface Two {
  readonly stage: Stage;
  readonly jenny: TestPhone;
  readonly mine: Call;
  readonly hers: Call;
}

/** Alice and jenny, joined. */
async function talking(stage: Stage): Promise<Two> {
  const [jenny] = await stage.phones('jenny');
  const mine = await stage.alice();
  const hers = await jenny.answers();
  await Promise.all([reached(mine, 'joined'), reached(hers, 'joined')]);
  return { stage, jenny, mine, hers };
}

function held(call: Call) {
  return call.store.getSnapshot().held;
}

/** Whether either hears the other now. */
function flows({ media }: Stage, one: Call, other: Call): boolean {
  return media?.flows(one, other, 'audio') === true || media?.flows(other, one, 'audio') === true;
}

async function hears(two: Two, isSo: boolean): Promise<void> {
  await become(
    () => flows(two.stage, two.mine, two.hers) === isSo,
    () => (isSo ? 'sound between the two' : 'silence'),
  );
}

describe('hold', () => {
  it(
    '[MC1] [MC5] parts two at the SFU, is told to both, and is undone by the one who did it',
    { timeout: 40_000 },
    async () => {
      await using stage = await Stage.open(JENNY);
      const two = await talking(stage);
      const { mine, hers } = two;
      await hears(two, true);
      const told: unknown[] = [];
      hers.on('hold', (state) => told.push(state));
      await mine.hold();
      expect(held(mine)).toEqual({ local: true, remote: false });
      await hears(two, false);
      await become(
        () => stage.media?.sounds(hers) === true && !stage.media.sounds(mine),
        () => 'music for her',
        // The first hold of a gateway makes its music: forty seconds of it, on whatever this machine has left.
        18_000,
      );
      await become(
        () => told.length === 1,
        () => 'the event',
      );
      expect(told).toEqual([{ local: false, remote: true }]);
      // Twice is once.
      await mine.hold();
      await hers.hold(false);
      expect(held(hers)).toEqual({ local: false, remote: true });
      await mine.hold(false);
      await hears(two, true);
      await become(
        () => !held(hers).remote && stage.media?.sounds(hers) === false,
        () => 'the end of it',
      );
      await mine.disconnect();
    },
  );

  it('[MC6] is refused where nobody is joined', async () => {
    await using stage = await Stage.open('<Say>Wait</Say><Pause length="30"/>');
    const call = await stage.alice();
    await reached(call, 'answered');
    await expect(call.hold()).rejects.toMatchObject({ name: 'hold-refused', code: 60011 });
    await call.hold(false);
    await call.disconnect();
  });

  it('[MC7] outlives a socket: who comes back is told what happened meanwhile, and nothing flows', async () => {
    await using stage = await Stage.open(JENNY);
    const two = await talking(stage);
    await two.mine.hold();
    two.stage.dropSockets();
    await become(
      () => two.mine.status() === 'reconnecting' || two.mine.status() === 'open',
      () => 'the loss',
    );
    await two.hers.hold();
    await become(
      () => held(two.mine).remote && held(two.hers).local,
      () => 'both to know that both hold',
    );
    expect(held(two.mine)).toEqual({ local: true, remote: true });
    await hears(two, false);
    await two.hers.disconnect();
  });

  it('[MC7] outlives new transports: what is held stays held until it is taken back', async () => {
    await using stage = await Stage.open(JENNY);
    const two = await talking(stage);
    await two.mine.hold();
    stage.media?.killWorker(two.mine.parameters.CallSid);
    await become(
      () => stage.media?.counts.consumers === 2,
      () => 'both to be heard again, were nobody on hold',
    );
    await hears(two, false);
    expect(held(two.mine)).toEqual({ local: true, remote: false });
    await two.mine.hold(false);
    await hears(two, true);
    await two.hers.disconnect();
  });

  it('[MC8] a held call is ended by either, and nobody stays behind', async () => {
    await using stage = await Stage.open(JENNY);
    const { mine, hers } = await talking(stage);
    await hers.hold();
    await mine.disconnect();
    expect(await ended(hers)).toMatchObject({ reason: 'remote-hangup' });
  });
});

describe('a second call', () => {
  it('[MC9] waits beside one that talks, and puts it on hold when it is answered', async () => {
    await using stage = await Stage.open(({ params }) => `<Dial><Client>${params['To']}</Client></Dial>`);
    const [jenny, bob] = await stage.phones('jenny', 'bob');
    const first = await stage.alice();
    const one = await jenny.answers();
    await reached(one, 'joined');
    const his = await bob.device.connect({ to: 'jenny' });
    const two = await jenny.rings();
    await become(
      () => two.store.getSnapshot().isWaiting,
      () => 'the call to wait',
    );
    await two.accept();
    await reached(two, 'joined');
    await become(
      () => held(one).local && held(first).remote,
      () => 'the first on hold',
    );
    expect(two.store.getSnapshot().isWaiting).toBe(false);
    expect(jenny.device.activeCall).toBe(two);
    // Taken back, the other is put away.
    await one.hold(false);
    expect(held(two)).toEqual({ local: true, remote: false });
    await become(
      () => held(his).remote && !held(first).remote,
      () => 'the swap',
    );
    expect(jenny.device.activeCall).toBe(one);
    await Promise.all([one.disconnect(), two.disconnect()]);
  });

  it('[MC9] talks beside the first where the application wants it so', async () => {
    await using stage = await Stage.open(({ params }) => `<Dial><Client>${params['To']}</Client></Dial>`);
    const [bob] = await stage.phones('bob');
    const jenny = await stage.phone('jenny', { autoHold: false });
    await stage.alice();
    const one = await jenny.answers();
    await reached(one, 'joined');
    await bob.device.connect({ to: 'jenny' });
    const two = await jenny.answers();
    await reached(two, 'joined');
    expect([held(one).local, held(two).local]).toEqual([false, false]);
    await Promise.all([one.disconnect(), two.disconnect()]);
  });
});

describe('messages', () => {
  it('[MC30] reach the other side once, in order, under the name the sender is told', async () => {
    await using stage = await Stage.open(JENNY);
    const { mine, hers } = await talking(stage);
    const heard: CallMessage[] = [];
    hers.on('messageReceived', (message) => heard.push(message));
    const first = await mine.sendMessage({ content: { page: 7 } });
    const second = await mine.sendMessage({
      content: 'hello',
      contentType: 'text/plain',
      messageType: 'chat',
    });
    await become(
      () => heard.length === 2,
      () => 'both messages',
    );
    expect(heard).toEqual([
      {
        id: first.id,
        content: { page: 7 },
        contentType: 'application/json',
        messageType: 'user-defined-message',
      },
      { id: second.id, content: 'hello', contentType: 'text/plain', messageType: 'chat' },
    ]);
    expect(first.id).toMatch(/^KX[0-9a-f]{32}$/);
    await mine.disconnect();
  });

  it('[MC31] survive a lost socket: nothing is lost and nothing comes twice', async () => {
    await using stage = await Stage.open(JENNY);
    const { mine, hers } = await talking(stage);
    const heard: unknown[] = [];
    hers.on('messageReceived', ({ content }) => heard.push(content));
    const sent: Promise<unknown>[] = [];
    for (let number = 0; number < 15; number += 1) {
      sent.push(mine.sendMessage({ content: number }));
      if (number % 5 === 2) stage.dropSockets();
    }
    await Promise.all(sent);
    await become(
      () => heard.length >= 15,
      () => `15 messages (${heard.length} so far)`,
    );
    expect(heard).toEqual(Array.from({ length: 15 }, (_, number) => number));
    await mine.disconnect();
  });

  it('[MC32] are refused above ten kilobytes, and when they come too fast', async () => {
    await using stage = await Stage.open(JENNY);
    const { mine } = await talking(stage);
    const long = { content: 'é'.repeat(5_121), contentType: 'text/plain' };
    await expect(mine.sendMessage(long)).rejects.toMatchObject({ name: 'message-too-large', code: 31212 });
    const sent = await Promise.allSettled(
      Array.from({ length: 31 }, (_, content) => mine.sendMessage({ content })),
    );
    const refused = sent.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { name: 'rate-limited', retryable: true } });
    await mine.disconnect();
  });
});

describe('video by consent', () => {
  async function asked(hers: Call): Promise<VideoRequest> {
    const [request] = await hers.once('videoRequested');
    return request;
  }

  it('[MC20] [MC26] opens no camera before the yes, and both after it', async () => {
    await using stage = await Stage.open(JENNY);
    const opened: string[] = [];
    const jenny = await stage.phone('jenny', { onOpenSource: (kind) => opened.push(`jenny ${kind}`) });
    await stage.phone('alice', { onOpenSource: (kind) => opened.push(`alice ${kind}`) });
    const mine = await stage.alice();
    const hers = await jenny.answers();
    await reached(mine, 'joined');
    const question = asked(hers);
    const answer = mine.media.requestVideo();
    const request = await question;
    await become(
      () => mine.store.getSnapshot().videoRequest === 'local',
      () => 'the asker to know that she is asking',
    );
    expect(hers.store.getSnapshot().videoRequest).toBe('remote');
    expect(opened.filter((each) => each.endsWith('video'))).toEqual([]);
    await request.accept();
    expect(await answer).toBe('accepted');
    expect(opened.filter((each) => each.endsWith('video')).toSorted()).toEqual([
      'alice video',
      'jenny video',
    ]);
    expect([mine.store.getSnapshot().video, hers.store.getSnapshot().video]).toEqual([true, true]);
    const { media } = stage;
    await become(
      () => media?.flows(mine, hers, 'video') === true && media.flows(hers, mine, 'video'),
      () => 'both pictures',
    );
    await hers.media.removeVideo();
    await become(
      () =>
        [mine, hers].every((call) => {
          const { video, media } = call.store.getSnapshot();
          return !video && media.camera === 'off';
        }),
      () => 'both lights to go out',
    );
    expect(media?.flows(mine, hers, 'audio')).toBe(true);
    await mine.disconnect();
  });

  it('[MC21] [MC22] a no is a no; a question taken back is gone', async () => {
    await using stage = await Stage.open(JENNY);
    const { mine, hers } = await talking(stage);
    const question = asked(hers);
    const answer = mine.media.requestVideo();
    await (await question).decline();
    expect(await answer).toBe('declined');
    const stop = new AbortController();
    const again = asked(hers);
    const withdrawn = hers.once('videoWithdrawn');
    const aborted = mine.media.requestVideo({ signal: stop.signal });
    const late = await again;
    stop.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'aborted' });
    await withdrawn;
    await late.accept();
    expect(hers.store.getSnapshot()).toMatchObject({ video: false, videoRequest: null });
    expect(hers.store.getSnapshot().media.camera).toBe('off');
    await mine.disconnect();
  });
});
