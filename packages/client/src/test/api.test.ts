import { describe, expect, expectTypeOf, it } from 'vitest';
import { Device, type Call, type CallEnd, type ClientError } from '../index.ts';
import { FakeGateway } from '../testing-entry.ts';

async function registered(gateway: FakeGateway, options = {}) {
  const page = gateway.page();
  const device = new Device('jenny', { platform: page.platform, logLevel: 'silent', ...options });
  await device.register();
  return { page, device };
}

describe('events', () => {
  it('[PK5] unknown names, and listeners for something else, do not compile', () => {
    const device = new Device('jenny');
    // @ts-expect-error: misspelt
    device.on('incomming', () => undefined);
    // @ts-expect-error: `incoming` carries a call
    device.on('incoming', (name: string) => name);
    // @ts-expect-error: misspelt
    device.once('registred').catch(() => undefined);
    // @ts-expect-error: misspelt
    device.listen('eror', () => undefined);
    // @ts-expect-error: misspelt
    void device.events('call').return();
    expectTypeOf(device.once('incoming')).resolves.toEqualTypeOf<[call: Call]>();
    expectTypeOf(device.events('error')).toExtend<AsyncIterable<[error: ClientError, call?: Call]>>();
    expectTypeOf<Awaited<Call['ended']>>().toEqualTypeOf<CallEnd>();
  });

  it('[PK5] are heard in four ways, each of which can be stopped', async () => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway);
    const heard: string[] = [];
    const stop = new AbortController();
    device.on('incoming', () => heard.push('on'), { signal: stop.signal });
    device.once('incoming', () => heard.push('once'));
    const promised = device.once('incoming');
    const loop = (async () => {
      for await (const [call] of device.events('incoming', { signal: stop.signal }))
        heard.push(`loop ${call.parameters.From}`);
    })();
    {
      using listening = device.listen('incoming', () => heard.push('using'));
      expectTypeOf(listening).toExtend<Disposable>();
      gateway.call({ from: 'alice', to: 'jenny' });
      await gateway.settle();
    }
    const [call] = await promised;
    expect(call.parameters.From).toBe('alice');
    expect(heard.toSorted()).toEqual(['loop alice', 'on', 'once', 'using']);
    gateway.call({ from: 'bob', to: 'jenny' });
    await gateway.settle();
    expect(heard.slice(4).toSorted()).toEqual(['loop bob', 'on']);
    stop.abort();
    await loop;
    gateway.call({ from: 'carol', to: 'jenny' });
    await gateway.settle();
    expect(heard).toHaveLength(6);
    const reason = new Error('enough');
    const refused = device.once('incoming', { signal: AbortSignal.abort(reason) });
    await expect(refused).rejects.toBe(reason);
  });

  it('[PK5] a listener that is stopped by one before it hears nothing more; one that is new hears the next', () => {
    const device = new Device('jenny', { logLevel: 'silent' });
    const heard: string[] = [];
    const stop = new AbortController();
    const second = (): void => void heard.push('second');
    const late = (): void => void heard.push('late');
    device.on('destroyed', () => {
      heard.push('first');
      device.off('destroyed', second).on('destroyed', late);
      stop.abort();
    });
    device.on('destroyed', second);
    device.on('destroyed', () => heard.push('aborted'), { signal: stop.signal });
    device.on('destroyed', () => heard.push('last'));
    void device.destroy();
    expect(heard).toEqual(['first', 'last']);
  });
});

describe('verbs', () => {
  it('[PK6] asked twice do nothing twice, and nothing throws for being late', async () => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway);
    await device.register();
    gateway.call({ from: 'alice', to: 'jenny' });
    await gateway.settle();
    const [call] = device.calls;
    expect(call?.accept()).toBe(call?.accept());
    await gateway.settle();
    const [first, second] = await Promise.all([call?.disconnect(), call?.disconnect()]);
    expect(first).toBe(second);
    call?.reject();
    call?.ignore();
    call?.mute();
    await device.unregister();
    await device.unregister();
    await device.destroy();
    await device.destroy();
    expect(gateway.heard.filter(({ type }) => type === 'accept')).toHaveLength(1);
    expect(gateway.heard.filter(({ type }) => type === 'hangup')).toHaveLength(1);
  });

  it('[PK6] end with their signal, and things with their block', async () => {
    const gateway = new FakeGateway();
    gateway.isReachable = false;
    const page = gateway.page();
    const device = new Device('jenny', { platform: page.platform, logLevel: 'silent' });
    const stop = new AbortController();
    const registering = device.register({ signal: stop.signal });
    stop.abort();
    await expect(registering).rejects.toMatchObject({ name: 'aborted' });
    gateway.isReachable = true;
    await gateway.advance(20_000);
    const cancel = new AbortController();
    const call = await device.connect({ to: 'bob', signal: cancel.signal });
    const bob = await gateway.nextCall();
    cancel.abort();
    expect((await call.ended).reason).toBe('cancelled');
    await gateway.settle();
    expect(bob.end).toBe('cancelled');
    let kept: Device;
    {
      await using passing = new Device('otto', { platform: gateway.page().platform, logLevel: 'silent' });
      await passing.register();
      kept = passing;
      await using placed = await passing.connect({ to: 'bob' });
      expect(placed.status()).toBe('connecting');
    }
    expect(kept.state).toBe('destroyed');
  });

  it('[PK7] options change while it runs', async () => {
    const gateway = new FakeGateway();
    const { page, device } = await registered(gateway);
    gateway.call({ from: 'alice', to: 'jenny' });
    await gateway.settle();
    expect(page.sounding).toEqual(new Set(['incoming']));
    device.updateOptions({ sounds: { incoming: false } });
    await gateway.settle();
    expect(page.sounding.size).toBe(0);
    const lines: string[] = [];
    const [info, nothing] = [(line: string) => void lines.push(line), () => undefined];
    const logger = { debug: nothing, info, warn: nothing, error: nothing };
    device.updateOptions({ logLevel: 'info', logger });
    gateway.call({ from: 'bob', to: 'jenny' });
    await gateway.settle();
    expect(lines).toEqual(['[parley] incoming call']);
    // @ts-expect-error: what a device stands on is settled when it is made
    device.updateOptions({ platform: page.platform });
  });

  it('[PK8] importing it and making a device touches nothing that only a browser has', () => {
    expect(typeof window).toBe('undefined');
    const device = new Device(() => 'never asked');
    expect(device.store.getSnapshot()).toMatchObject({ state: 'unregistered', calls: [] });
    expect(Device.isSupported).toBe(false);
    expect(Device.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(device.activeCall).toBeNull();
    device.disconnectAll();
  });
});
