import { WIRE_LIMITS, type Identity, type PresenceEntry } from '@parley/protocol';
import type { DeviceRegistry } from './device-registry.ts';
import type { DeviceSession } from './device-session.ts';
import type { RegistryListener } from './registry.ts';

/** One device that wants to know who is there, and the names whose news it has not been told. */
interface Watch {
  readonly device: DeviceSession;
  readonly stale: Set<Identity>;
}

/**
 * Tells devices who can be rung in their account. News is gathered by name and told as it stands at that moment, at most
 * four times a second: a name that came and went in between is told once. A device that is away is told when it is back.
 */
export class Presence implements RegistryListener {
  readonly #registry: DeviceRegistry;
  readonly #periodMs: number;
  readonly #nowMs: () => number;
  readonly #watches = new Map<string, Map<DeviceSession, Watch>>();
  readonly #due = new Set<Watch>();
  #timer: NodeJS.Timeout | undefined;
  #nextMs = 0;

  constructor(registry: DeviceRegistry, periodMs: number, nowMs: () => number) {
    this.#registry = registry;
    this.#periodMs = periodMs;
    this.#nowMs = nowMs;
  }

  /** Tells everybody who is there, then every change. Asking again tells everybody again. */
  watch(device: DeviceSession): void {
    const watch: Watch = { device, stale: new Set(this.#registry.people(device.accountSid)) };
    const ofAccount = this.#watches.get(device.accountSid) ?? new Map<DeviceSession, Watch>();
    const before = ofAccount.get(device);
    if (before !== undefined) this.#due.delete(before);
    this.#watches.set(device.accountSid, ofAccount.set(device, watch));
    this.#due.add(watch);
    this.#arm();
  }

  unwatch(device: DeviceSession): void {
    const ofAccount = this.#watches.get(device.accountSid);
    const watch = ofAccount?.get(device);
    if (ofAccount === undefined || watch === undefined) return;
    this.#due.delete(watch);
    ofAccount.delete(device);
    if (ofAccount.size === 0) this.#watches.delete(device.accountSid);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#watches.clear();
    this.#due.clear();
  }

  registered(device: DeviceSession): void {
    this.#changed(device.accountSid, device.identity);
  }

  unregistered(device: DeviceSession): void {
    this.#changed(device.accountSid, device.identity);
  }

  gone(device: DeviceSession): void {
    this.unwatch(device);
    this.#changed(device.accountSid, device.identity);
  }

  busyChanged(accountSid: string, identity: Identity): void {
    this.#changed(accountSid, identity);
  }

  back(device: DeviceSession): void {
    if (this.#watches.get(device.accountSid)?.has(device) === true) this.#arm();
  }

  #changed(accountSid: string, identity: Identity): void {
    const ofAccount = this.#watches.get(accountSid);
    if (ofAccount === undefined) return;
    for (const watch of ofAccount.values()) {
      watch.stale.add(identity);
      this.#due.add(watch);
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== undefined || !this.#hasSomebodyToTell()) return;
    this.#timer = setTimeout(() => this.#tellDue(), Math.max(0, this.#nextMs - this.#nowMs()));
    this.#timer.unref();
  }

  #hasSomebodyToTell(): boolean {
    for (const watch of this.#due) if (watch.device.online) return true;
    return false;
  }

  #tellDue(): void {
    this.#timer = undefined;
    this.#nextMs = this.#nowMs() + this.#periodMs;
    for (const watch of Array.from(this.#due)) {
      if (!watch.device.online) continue;
      // What does not fit into one list follows with the next.
      const names = Array.from(watch.stale).slice(0, WIRE_LIMITS.presenceMax);
      for (const name of names) watch.stale.delete(name);
      if (watch.stale.size === 0) this.#due.delete(watch);
      watch.device.tell({
        type: 'presence',
        people: names.map((name) => this.#entry(watch.device.accountSid, name)),
      });
    }
    this.#arm();
  }

  #entry(accountSid: string, identity: Identity): PresenceEntry {
    const devices = this.#registry.devicesOf(accountSid, identity).length;
    return { identity, devices, busy: this.#registry.isBusy(accountSid, identity) };
  }
}
