import type {
  CallSnapshot,
  ClientMessage,
  ClientMessageOf,
  ClientRequest,
  ReplyData,
} from '@parley/protocol';
import type { DeviceGoneHow, DeviceSession } from './device-session.ts';

/** Requests about calls. The edge answers the others itself. */
export type CallRequest = Exclude<ClientRequest, { type: 'register' | 'renewToken' | 'watchPresence' }>;

/** Messages about calls that nobody waits for an answer to. */
export type CallMessage = Exclude<
  ClientMessage,
  ClientRequest | ClientMessageOf<'hello' | 'ping' | 'bye' | 'mayReturn' | 'capabilities'>
>;

/**
 * What the edge needs from whoever hosts the calls, in the edge's words. `request` and `message` are called in the
 * order of the socket, within the same tick in which the frame was read; a request that takes time does not hold up
 * the frames behind it.
 */
export interface CallDoor {
  /**
   * Carries a request out and answers it. Called once for every id, however often the device sends it. Rejects with
   * `WireRefusal` to say no; any other rejection is told to the device as `internal` and logged. `connect` is only
   * passed on while the token is valid; whether the token grants it is for the host to say.
   */
  request(device: DeviceSession, message: CallRequest): Promise<ReplyData>;
  /** Takes a message that has no answer. Must not throw. */
  message(device: DeviceSession, message: CallMessage): void;
  /** How the calls of this device stand now; told to it when it comes back. */
  snapshots(device: DeviceSession): readonly CallSnapshot[];
  /** Its socket is lost, or its page was put aside (`device.away`): what it is told waits for it, within its grace. */
  deviceAway(device: DeviceSession): void;
  /** It is back, with a newer socket. */
  deviceBack(device: DeviceSession): void;
  /** The device may be rung from now on; what rings for its name rings here too (D3). */
  deviceRegistered(device: DeviceSession): void;
  /** Called exactly once for every device, also for one that never registered. Nothing told to it after arrives. */
  deviceGone(device: DeviceSession, how: DeviceGoneHow): void;
  /** `device.rtpCapabilities` is known from now on. */
  capabilitiesKnown(device: DeviceSession): void;
}
