import type { Identity, SessionId } from '@parley/protocol';
import type { Device } from './device.ts';
import type { DeviceGoneHow, DeviceSession } from './device-session.ts';
import type { EdgeLog } from './edge-log.ts';
import type { Registry, RegistryCounts, RegistryListener } from './registry.ts';

const NOBODY: readonly Device[] = [];

/** The registry of one node, in memory. */
export class DeviceRegistry implements Registry {
  readonly #bySession = new Map<SessionId, Device>();
  // One map for each account, because a key made of both names would cost more than the entry.
  readonly #byAccount = new Map<string, Map<Identity, readonly Device[]>>();
  readonly #busy = new Map<string, Set<Identity>>();
  readonly #listeners = new Set<RegistryListener>();
  readonly #log: EdgeLog;

  constructor(log: EdgeLog) {
    this.#log = log;
  }

  devicesOf(accountSid: string, identity: Identity): readonly DeviceSession[] {
    return this.all(accountSid, identity).filter((device) => device.registered);
  }

  /** Every device of a name that is not gone, whether it may be rung or not. */
  all(accountSid: string, identity: Identity): readonly Device[] {
    return this.#byAccount.get(accountSid)?.get(identity) ?? NOBODY;
  }

  find(sessionId: SessionId): Device | undefined {
    return this.#bySession.get(sessionId);
  }

  devices(): Iterable<Device> {
    return this.#bySession.values();
  }

  /** The names in an account of which at least one device may be rung. */
  *people(accountSid: string): Iterable<Identity> {
    for (const [identity, devices] of this.#byAccount.get(accountSid) ?? []) {
      if (devices.some((device) => device.registered)) yield identity;
    }
  }

  add(device: Device): void {
    const { accountSid, identity } = device;
    this.#bySession.set(device.id, device);
    const people = this.#byAccount.get(accountSid) ?? new Map<Identity, readonly Device[]>();
    people.set(identity, [...(people.get(identity) ?? NOBODY), device]);
    this.#byAccount.set(accountSid, people);
  }

  remove(device: Device): void {
    const { accountSid, identity } = device;
    this.#bySession.delete(device.id);
    const people = this.#byAccount.get(accountSid);
    if (people === undefined) return;
    const rest = this.all(accountSid, identity).filter((other) => other !== device);
    if (rest.length > 0) people.set(identity, rest);
    else people.delete(identity);
    if (people.size === 0) this.#byAccount.delete(accountSid);
  }

  isBusy(accountSid: string, identity: Identity): boolean {
    return this.#busy.get(accountSid)?.has(identity) ?? false;
  }

  setBusy(accountSid: string, identity: Identity, isBusy: boolean): void {
    if (this.isBusy(accountSid, identity) === isBusy) return;
    const names = this.#busy.get(accountSid) ?? new Set<Identity>();
    if (isBusy) names.add(identity);
    else names.delete(identity);
    if (names.size > 0) this.#busy.set(accountSid, names);
    else this.#busy.delete(accountSid);
    this.#each((listener) => listener.busyChanged?.(accountSid, identity));
  }

  listen(listener: RegistryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the listeners what happened to a device. */
  announce(event: 'registered' | 'unregistered' | 'away' | 'back', device: DeviceSession): void {
    this.#each((listener) => listener[event]?.(device));
  }

  announceGone(device: DeviceSession, how: DeviceGoneHow): void {
    this.#each((listener) => listener.gone?.(device, how));
  }

  /** Counted when asked for, so that no figure can drift away from the truth. */
  get counts(): RegistryCounts {
    let online = 0;
    let registered = 0;
    let people = 0;
    for (const device of this.devices()) {
      if (device.online) online += 1;
      if (device.registered) registered += 1;
    }
    for (const accountSid of this.#byAccount.keys()) for (const _ of this.people(accountSid)) people += 1;
    return { sessions: this.#bySession.size, online, registered, people };
  }

  #each(tell: (listener: RegistryListener) => void): void {
    // A copy, because a listener may stop listening while we iterate.
    for (const listener of Array.from(this.#listeners)) {
      try {
        tell(listener);
      } catch (err) {
        this.#log.error({ err }, 'a listener of the registry failed; the others were told');
      }
    }
  }
}
