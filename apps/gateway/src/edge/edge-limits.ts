import { WIRE_LIMITS } from '@parley/protocol';
import type { SessionLimits } from '@parley/switchboard';

/** Every wait and every ceiling of the edge. What a gateway does not set has the value below. */
export interface EdgeLimits {
  /** A socket that has not said a valid hello by then is closed (D30). */
  readonly helloTimeoutMs: number;
  /** How often the page is to send a `ping`. */
  readonly heartbeatMs: number;
  /** A page that is silent for this many heartbeats is taken for lost. */
  readonly silentHeartbeats: number;
  /** How long a device may be away before it is gone. */
  readonly graceMs: number;
  /** The same where the browser closed the socket: the page is gone, or is back in a moment. */
  readonly leavingGraceMs: number;
  /** The same for a page that has said that the next one takes its calls up: as long as a page takes to load. */
  readonly returnGraceMs: number;
  /** How often the shared sweep looks for what is overdue; deadlines are late by at most this much. */
  readonly sweepMs: number;
  /** How long a socket that was told to close may take before it is destroyed. */
  readonly closeTimeoutMs: number;
  readonly tokenWarningMs: number;
  readonly clockSkewMs: number;

  readonly frameBytesMax: number;
  readonly framesPerSecond: number;
  /** Frames a socket may send at once. An SDK that comes back says again what it does not know to have arrived: up to 512. */
  readonly frameBurst: number;
  /** Frames kept while the token in the hello is being checked. */
  readonly framesBeforeWelcomeMax: number;
  /** Requests that are not valid, on one socket; the next one closes it. */
  readonly malformedMax: number;
  /** A device that leaves this much unread in our memory is closed. */
  readonly unreadBytesMax: number;

  readonly socketsMax: number;
  /** Sockets that have not said hello yet, in all. */
  readonly strangersMax: number;
  readonly socketsPerAddressMax: number;
  readonly devicesPerIdentityMax: number;

  readonly replayFramesMax: number;
  readonly requestsAtOnceMax: number;
  readonly requestTimeoutMs: number;
  readonly answersMax: number;
  readonly answerKeptMs: number;
  /** Shortest time between two `presence` notifications to one device. */
  readonly presencePeriodMs: number;
}

export const EDGE_LIMITS: EdgeLimits = {
  helloTimeoutMs: WIRE_LIMITS.helloTimeoutMs,
  heartbeatMs: 15_000,
  silentHeartbeats: 2.5,
  graceMs: 30_000,
  leavingGraceMs: 3_000,
  returnGraceMs: 6_000,
  sweepMs: 1_000,
  closeTimeoutMs: 2_000,
  tokenWarningMs: 60_000,
  clockSkewMs: 30_000,
  frameBytesMax: WIRE_LIMITS.frameBytesMax,
  framesPerSecond: 50,
  frameBurst: 640,
  framesBeforeWelcomeMax: 32,
  malformedMax: 8,
  unreadBytesMax: 1024 * 1024,
  socketsMax: 100_000,
  strangersMax: 4_096,
  socketsPerAddressMax: 1_024,
  devicesPerIdentityMax: 20,
  replayFramesMax: WIRE_LIMITS.replayFramesMax,
  requestsAtOnceMax: 32,
  requestTimeoutMs: 30_000,
  answersMax: 32,
  answerKeptMs: 120_000,
  presencePeriodMs: 250,
};

/** The part of the limits that the session machine keeps. */
export function sessionLimits(limits: EdgeLimits): SessionLimits {
  return { ...limits, silenceMs: limits.heartbeatMs * limits.silentHeartbeats };
}
