import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Device } from '../device.ts';
import type { World } from './world.test.kit.ts';

/** A page in which nothing of a call has been loaded yet: what has been loaded once stays so, in the modules of one test. */
async function freshPage(): Promise<{ readonly world: World; readonly load: () => void }> {
  vi.resetModules();
  const { World: Fresh } = await import('./world.test.kit.ts');
  const world = new Fresh();
  let load = (): void => undefined;
  const loaded = new Promise<void>((resolve) => (load = resolve));
  Object.assign(world.platform, { prepareMedia: () => loaded });
  return { world, load };
}

/** A call that is being asked for, and how it went. */
function ask(device: Device, signal?: AbortSignal): { outcome: string } {
  const asked = { outcome: 'waits' };
  device.connect({ to: 'bob', ...(signal === undefined ? {} : { signal }) }).then(
    (call) => (asked.outcome = call.status()),
    (error: Error) => (asked.outcome = error.name),
  );
  return asked;
}

describe('a call that is asked for while what it needs is loaded', () => {
  let world: World;
  let load: () => void;
  let device: Device;

  beforeEach(async () => {
    ({ world, load } = await freshPage());
    device = await world.registered();
  });

  afterEach(async () => {
    await device.destroy();
    vi.resetModules();
  });

  it('[CS71] disconnectAll gives up all of them at once; nobody is called when it has been loaded', async () => {
    const asked = [ask(device), ask(device)];
    await world.settle();
    expect(asked.map(({ outcome }) => outcome)).toEqual(['waits', 'waits']);
    device.disconnectAll();
    await world.settle();
    expect(asked.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted']);
    load();
    await world.settle();
    expect(world.gateway.words).not.toContain('connect');
    expect(device.calls).toEqual([]);
    expect(world.open).toEqual([]);
    // The device is as good as before.
    expect(device.state).toBe('registered');
    const next = ask(device);
    await world.settle();
    expect(next.outcome).toBe('connecting');
    expect(world.gateway.all('connect')).toHaveLength(1);
  });

  it('[CS71] only what was asked for before disconnectAll is given up', async () => {
    const given = ask(device);
    device.disconnectAll();
    const next = ask(device);
    await world.settle();
    load();
    await world.settle();
    expect(given.outcome).toBe('aborted');
    expect(next.outcome).toBe('connecting');
    expect(world.gateway.all('connect')).toHaveLength(1);
  });

  it('[CS71] its own signal gives up that one, at once', async () => {
    const stop = new AbortController();
    const given = ask(device, stop.signal);
    const other = ask(device);
    stop.abort();
    await world.settle();
    expect([given.outcome, other.outcome]).toEqual(['aborted', 'waits']);
    load();
    await world.settle();
    expect(other.outcome).toBe('connecting');
    expect(world.gateway.all('connect')).toHaveLength(1);
  });

  it('[CS71] destroy rejects it with `destroyed`, and says bye', async () => {
    const asked = ask(device);
    await device.destroy();
    await world.settle();
    expect(asked.outcome).toBe('destroyed');
    load();
    await world.settle();
    expect(world.gateway.words).not.toContain('connect');
    expect(world.gateway.words.at(-1)).toBe('bye');
    expect(world.gateway.sockets).toBe(1);
  });

  it('[CS71] unregister stops ringing, and leaves it alone', async () => {
    const asked = ask(device);
    await world.settle();
    void device.unregister();
    await world.settle();
    expect(world.gateway.last('register').on).toBe(false);
    expect(asked.outcome).toBe('waits');
    load();
    await world.settle();
    expect(asked.outcome).toBe('connecting');
    expect(world.gateway.words).not.toContain('bye');
    expect(world.gateway.all('connect')).toHaveLength(1);
  });

  it('[CS71] unregister leaves with bye where everything has been given up before', async () => {
    const asked = ask(device);
    device.disconnectAll();
    void device.unregister();
    await world.settle();
    expect(asked.outcome).toBe('aborted');
    expect(world.gateway.words.at(-1)).toBe('bye');
  });

  it('[CS71] a page that is left calls nobody any more', async () => {
    const asked = ask(device);
    await world.settle();
    world.lifecycle('leave');
    load();
    await world.settle();
    expect(asked.outcome).toBe('aborted');
    expect(world.gateway.words.at(-1)).toBe('bye');
    expect(world.gateway.sockets).toBe(1);
  });

  it('[CS71] refused for good meanwhile, the call is placed and ends with the reason', async () => {
    const asked = device.connect({ to: 'bob' });
    await world.settle();
    world.gateway.greeting = { close: 4403 };
    world.gateway.drop(4403);
    await world.settle();
    expect(device.state).toBe('unregistered');
    load();
    await world.settle();
    const call = await asked;
    await expect(call.ended).resolves.toMatchObject({ reason: 'forbidden' });
    expect(world.gateway.words).not.toContain('connect');
  });
});
