import type { Call, CallEnd, CallPhase, Device } from '@parley/client';
import { soon } from './soon.ts';

/** A phone of a test: the SDK as it ships, and the calls that have rung on it. */
export class TestPhone {
  readonly name: string;
  readonly device: Device;
  /** Every call that has come in, oldest first. */
  readonly incoming: Call[] = [];
  #met = 0;

  constructor(name: string, device: Device) {
    this.name = name;
    this.device = device;
    device.on('incoming', (call) => this.incoming.push(call));
  }

  /** The next call that rings here. */
  async rings(): Promise<Call> {
    const call = await soon(
      () => this.incoming[this.#met],
      () => `a call for ${this.name}`,
    );
    this.#met += 1;
    return call;
  }

  /** Waits for the next call and takes it; resolves when the gateway has taken the answer. */
  async answers(): Promise<Call> {
    const call = await this.rings();
    await call.accept();
    return call;
  }
}

/** Resolves when the call is in this phase. Rejects at once when it is over instead. */
export async function reached(call: Call, phase: CallPhase): Promise<Call> {
  await soon(
    () => {
      const now = call.store.getSnapshot();
      if (now.phase === phase) return true;
      if (now.end !== null) throw new Error(`expected ${phase}; the call ended: ${JSON.stringify(now.end)}`);
      return undefined;
    },
    () => `phase ${phase} (it is ${call.store.getSnapshot().phase})`,
  );
  return call;
}

/** How the call ended; rejects when it does not. */
export function ended(call: Call): Promise<CallEnd> {
  return soon(
    () => call.store.getSnapshot().end ?? undefined,
    () => `the end of a call (it is ${call.store.getSnapshot().phase})`,
  );
}
