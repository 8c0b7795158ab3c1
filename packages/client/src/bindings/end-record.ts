import type { Call } from '../call.ts';
import type { CallEnd } from '../core/call-end.ts';
import type { Device } from '../device.ts';
import type { ReadableStore } from '../api.ts';

/** A call that is over, and how it ended. */
export interface LastEnd {
  readonly call: Call;
  readonly end: CallEnd;
}

/**
 * How the last call of a device ended. Kept for the device and not for a component, because what tells of the end is
 * often put on the page by it. Listens for as long as the device is there, to nothing but the device's own events.
 */
export class EndRecord implements ReadableStore<LastEnd | null> {
  readonly #device: Device;
  readonly #known = new WeakSet<Call>();
  readonly #listeners = new Set<() => void>();
  #last: LastEnd | null = null;
  #endedAtMs = -Infinity;
  #isListening = false;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Begins to listen; asking twice is fine. */
  listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.#device.store.subscribe(() => this.#look());
    this.#look();
  }

  readonly getSnapshot = (): LastEnd | null => this.#last;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listen();
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  };

  /** The same where it has only just ended: within so many milliseconds. */
  lastWithin(ms: number): LastEnd | null {
    return Date.now() - this.#endedAtMs <= ms ? this.#last : null;
  }

  #look(): void {
    for (const call of this.#device.calls) {
      if (this.#known.has(call)) continue;
      this.#known.add(call);
      this.#become(null);
      call.once('disconnect', (_call, end) => {
        this.#endedAtMs = Date.now();
        this.#become({ call, end });
      });
    }
  }

  #become(last: LastEnd | null): void {
    if (this.#last === last) return;
    this.#last = last;
    for (const listener of [...this.#listeners]) listener();
  }
}

const records = new WeakMap<Device, EndRecord>();

/** The record of this device. It listens from the first time on that a binding gives the device to components. */
export function recordOf(device: Device): EndRecord {
  const record = records.get(device) ?? new EndRecord(device);
  records.set(device, record);
  return record;
}
