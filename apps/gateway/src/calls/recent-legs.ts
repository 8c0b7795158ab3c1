import type { CallId, CallSid } from '@parley/protocol';
import type { DeviceSession } from '../edge/device-session.ts';

const LEGS_MAX = 16;

/** The last legs of every device, by its own names for them: people say what they think of a call after it. */
export class RecentLegs {
  readonly #legs = new WeakMap<DeviceSession, Map<CallId, CallSid>>();

  remember(device: DeviceSession, callId: CallId, callSid: CallSid): void {
    const legs = this.#legs.get(device) ?? new Map<CallId, CallSid>();
    this.#legs.set(device, legs);
    legs.set(callId, callSid);
    for (const oldest of legs.keys()) {
      if (legs.size <= LEGS_MAX) break;
      legs.delete(oldest);
    }
  }

  find(device: DeviceSession, callId: CallId): CallSid | undefined {
    return this.#legs.get(device)?.get(callId);
  }
}
