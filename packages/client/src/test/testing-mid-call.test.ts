import { describe, expect, it } from 'vitest';
import { Device, type Call, type DeviceOptions } from '../index.ts';
import { FakeGateway, type FakeCall } from '../testing-entry.ts';

async function registered(gateway: FakeGateway, token: string, options: DeviceOptions = {}) {
  const page = gateway.page();
  const device = new Device(token, { logLevel: 'silent', ...options, platform: page.platform });
  await device.register();
  return { page, device };
}

/** Jenny talks with Alice, who is played by the test. */
async function talking(gateway = new FakeGateway(), options: { readonly video?: boolean } = {}) {
  const { page, device } = await registered(gateway, 'jenny');
  const alice = gateway.call({ from: 'alice', to: 'jenny', ...options });
  await gateway.settle();
  const [call] = device.calls;
  if (call === undefined) throw new Error('nothing rings');
  await call.accept(options);
  await gateway.settle();
  return { gateway, page, device, alice, call };
}

const told = (call: Call): string[] => {
  const heard: string[] = [];
  call.on('parted', () => heard.push('parted'));
  call.on('ringing', () => heard.push('ringing'));
  call.on('accept', () => heard.push(`joined ${call.store.getSnapshot().other?.identity}`));
  call.on('disconnect', (_call, { reason }) => heard.push(reason));
  return heard;
};

describe('handing a call over', () => {
  async function handedOver(to = 'bob') {
    const world = await talking();
    const heard = told(world.call);
    let outcome = 'open';
    world.call.transfer({ to, params: { topic: 'lunch' } }).then(
      () => (outcome = 'done'),
      (error: Error) => (outcome = error.name),
    );
    await world.gateway.settle();
    expect(world.alice.state).toBe('transferring');
    return { ...world, heard, outcome: () => outcome };
  }

  it('[PK13] rings whoever is called; when they answer, the device is out and the two talk', async () => {
    const { gateway, alice, call, heard, outcome } = await handedOver();
    expect(call.store.getSnapshot().isTransferring).toBe(true);
    const bob = await gateway.nextCall();
    expect(bob).toBe(alice.handedOver);
    expect(bob).toMatchObject({ from: 'alice', to: 'bob', params: { topic: 'lunch' }, state: 'ringing' });
    bob.answer();
    await gateway.settle();
    expect([outcome(), heard, alice.end, bob.state]).toEqual([
      'done',
      ['parted', 'transferred'],
      'transferred',
      'joined',
    ]);
    bob.hangUp();
    expect(gateway.calls).toEqual([]);
  });

  it.each(['busy', 'rejected', 'no-answer'] as const)(
    '[PK13] nobody takes it (%s): the two are joined again, and the device is told why',
    async (reason) => {
      const { gateway, alice, call, outcome } = await handedOver();
      if (reason === 'no-answer') await gateway.advance(30_000);
      else (await gateway.nextCall()).reject(reason);
      await gateway.settle();
      expect([outcome(), alice.state, call.status()]).toEqual(['transfer-failed', 'joined', 'open']);
      expect(call.store.getSnapshot()).toMatchObject({ isTransferring: false, other: { identity: 'alice' } });
      expect(call.media.remoteAudio).toBe('on');
    },
  );

  it('[PK13] whoever hands over may leave meanwhile, and whoever is handed over may hang up', async () => {
    const first = await handedOver();
    await first.call.disconnect();
    (await first.gateway.nextCall()).answer();
    await first.gateway.settle();
    expect([first.outcome(), first.alice.end]).toEqual(['done', 'transferred']);
    const second = await handedOver();
    second.alice.hangUp();
    await second.gateway.settle();
    expect((await second.call.ended).reason).toBe('remote-hangup');
    expect([second.outcome(), second.gateway.calls]).toEqual(['call-ended', []]);
  });

  it('[PK13] between devices: each is told what a real gateway would tell it', async () => {
    const gateway = new FakeGateway();
    const [anna, jenny, bob] = [
      await registered(gateway, 'anna'),
      await registered(gateway, 'jenny'),
      await registered(gateway, 'bob'),
    ];
    const hers = await anna.device.connect({ to: 'jenny' });
    await gateway.settle();
    const heard = told(hers);
    const [mine] = jenny.device.calls;
    await mine?.accept();
    await gateway.settle();
    const transfer = mine?.transfer({ to: 'bob' });
    await gateway.settle();
    const [his] = bob.device.calls;
    expect(his?.parameters.From).toBe('anna');
    await his?.accept();
    await transfer;
    await gateway.settle();
    expect(heard).toEqual(['joined jenny', 'parted', 'ringing', 'joined bob']);
    expect((await mine?.ended)?.reason).toBe('transferred');
    expect(his?.store.getSnapshot().other?.identity).toBe('anna');
    await hers.sendMessage({ content: 'hello', contentType: 'text/plain' });
    await his?.disconnect();
    expect((await hers.ended).reason).toBe('remote-hangup');
  });

  it('[PK13] is refused where nobody is joined, and where the test says so', async () => {
    const { gateway, call } = await talking();
    gateway.refuseTransfers = true;
    await expect(call.transfer({ to: 'bob' })).rejects.toMatchObject({ name: 'transfer-refused' });
    expect(call.status()).toBe('open');
  });

  it('[PK13] two calls are merged: both of the device’s are over, the others talk', async () => {
    const { gateway, device, alice, call } = await talking();
    const second = await device.connect({ to: 'bob' });
    const bob = await gateway.nextCall();
    bob.answer();
    await gateway.settle();
    expect(alice.held).toEqual({ device: false, other: true });
    await second.transfer({ to: call });
    expect([(await call.ended).reason, (await second.ended).reason]).toEqual(['transferred', 'transferred']);
    const merged = alice.handedOver as FakeCall;
    expect(bob.handedOver).toBe(merged);
    expect([merged.state, gateway.calls]).toEqual(['joined', [merged]]);
  });
});

describe('video by consent', () => {
  it('[PK13] the device asks, the other end says yes, no, or nothing', async () => {
    const { gateway, page, alice, call } = await talking();
    const ask = async () => {
      const answer = call.media.requestVideo();
      await gateway.settle();
      expect(alice.videoRequest).toBe('device');
      return { answer };
    };
    const declined = await ask();
    alice.answerVideo(false);
    expect(await declined.answer).toBe('declined');
    const expired = await ask();
    await gateway.advance(30_000);
    expect(await expired.answer).toBe('declined');
    expect([alice.video, [...page.open].map(({ kind }) => kind)]).toEqual([false, ['audio']]);
    const accepted = await ask();
    alice.answerVideo();
    expect(await accepted.answer).toBe('accepted');
    await gateway.settle();
    expect(alice.video).toBe(true);
    expect(call.media.remoteVideo).toBe('on');
    expect([...page.open].map(({ kind }) => kind).toSorted()).toEqual(['audio', 'video']);
    alice.removeVideo();
    await gateway.settle();
    expect([call.media.remoteVideo, [...page.open].map(({ kind }) => kind)]).toEqual(['none', ['audio']]);
  });

  it('[PK13] the other end asks, and takes it back', async () => {
    const { gateway, alice, call } = await talking();
    const heard: string[] = [];
    call.on('videoRequested', (request) => {
      heard.push('asked');
      if (heard.length > 2) void request.accept();
    });
    call.on('videoWithdrawn', () => heard.push('withdrawn'));
    alice.requestVideo();
    await gateway.settle();
    expect(heard).toEqual(['asked']);
    alice.removeVideo();
    await gateway.settle();
    alice.requestVideo();
    await gateway.settle();
    expect(alice.video).toBe(true);
    expect(heard).toEqual(['asked', 'withdrawn', 'asked']);
    expect(call.store.getSnapshot().video).toBe(true);
  });
});

describe('what passes between two ends', () => {
  it('[PK13] mute is seen on both sides, hold on the right one', async () => {
    const { gateway, alice, call } = await talking();
    call.mute();
    await gateway.settle();
    expect(alice.muted).toEqual({ device: true, other: false });
    alice.mute();
    await gateway.settle();
    expect(call.media.remoteAudio).toBe('muted');
    await call.hold();
    expect(alice.held).toEqual({ device: false, other: true });
    alice.hold();
    await gateway.settle();
    expect(call.held).toEqual({ local: true, remote: true });
  });

  it('[PK13] messages and keys reach the other device', async () => {
    const gateway = new FakeGateway();
    const [anna, jenny] = [await registered(gateway, 'anna'), await registered(gateway, 'jenny')];
    const hers = await anna.device.connect({ to: 'jenny' });
    await gateway.settle();
    const [mine] = jenny.device.calls;
    await mine?.accept();
    await gateway.settle();
    const heard: unknown[] = [];
    mine?.on('messageReceived', ({ content }) => heard.push(content));
    mine?.on('digits', (digits) => heard.push(digits));
    hers.on('hold', (held) => heard.push(held));
    await hers.sendMessage({ content: { mood: 'good' } });
    await hers.sendDigits('12');
    await mine?.hold();
    await gateway.settle();
    expect(heard).toEqual([{ mood: 'good' }, '12', { local: false, remote: true }]);
  });

  it('[PK13] what a person says of a call is kept, also after it', async () => {
    const { gateway, alice, call } = await talking();
    alice.hangUp();
    await call.ended;
    await call.postFeedback(2, 'echo');
    expect(alice.feedback).toEqual({ score: 2, issue: 'echo' });
    await gateway.settle();
    await expect(
      (await registered(gateway, 'anna')).device.connect({ to: 'x' }).then((other) => other.hold()),
    ).rejects.toMatchObject({ name: 'hold-refused' });
  });
});
