import type {
  ClientMessage,
  Decoded,
  ReplyData,
  RequestId,
  ServerMessage,
  ServerMessageOf,
  ServerNotification,
  SessionId,
  WireError,
} from '@parley/protocol';
import type { Failure } from './failure.ts';
import { EMPTY_OUTBOX, type Outbox } from './outbox.ts';

/**
 * The way to the gateway: one socket after another, and the session that outlives them.
 *
 * ```
 *             want                 token                opened               welcome
 *  offline ──────────► authorizing ──────► opening ───────────► greeting ───────────► online
 *     ▲                     ▲  └───────────────┴──────┬────────────┘                    │
 *     │ bye · refused       │ time            closed · deadline                closed · no pong
 *     │                     └──────────── waiting ◄───┴─────────────────────────────────┘
 *     │                                     any ──pagehide──► suspended ──pageshow──► authorizing
 * ```
 *
 * A token that is known is used again, and `authorizing` is passed through at once. The session survives the socket for
 * as long as the gateway's grace, and its calls with it. Every state that waits for somebody has a deadline.
 */
export type Link =
  | { readonly name: 'offline' }
  | { readonly name: 'authorizing'; readonly byMs: number }
  | { readonly name: 'opening'; readonly byMs: number; readonly sinceMs: number }
  | { readonly name: 'greeting'; readonly byMs: number; readonly sinceMs: number }
  | { readonly name: 'online'; readonly pingAtMs: number; readonly awaited: AwaitedPong | null }
  | { readonly name: 'waiting'; readonly untilMs: number }
  | { readonly name: 'suspended' };

/** A sign of life that was asked for, and what its arrival proves to have been read. */
export interface AwaitedPong {
  readonly byMs: number;
  readonly provesUpTo: number;
}

/** What can be taken up again on the next socket. */
export interface Session {
  readonly sessionId: SessionId;
  readonly resumeToken: string;
  readonly lastSeq: number;
  readonly heartbeatMs: number;
  readonly graceMs: number;
  /** When the socket under it was lost; null while it has one. */
  readonly lostAtMs: number | null;
}

export interface Connection {
  readonly link: Link;
  readonly wanted: 'nothing' | 'connected' | 'registered';
  readonly token: string | null;
  /** Why the next token is asked for. */
  readonly tokenReason: 'initial' | 'expired' | 'refused';
  /** Tokens refused in a row. A second one in a row is the application's mistake. */
  readonly tokenRefusals: number;
  readonly session: Session | null;
  /** Attempts that have failed since the last welcome. */
  readonly attempt: number;
  /** What the gateway said before it closed, which is more than a close code can say. */
  readonly complaint: WireError | null;
  /** A call runs: silence is noticed sooner, and a way back looked for more often. */
  readonly isInCall: boolean;
  readonly outbox: Outbox;
}

export type ConnectionInput =
  | { readonly type: 'want'; readonly wanted: 'nothing' | 'connected' | 'registered' }
  | { readonly type: 'tokenCame'; readonly token: string }
  | { readonly type: 'tokenFailed'; readonly message: string }
  | { readonly type: 'opened' }
  | { readonly type: 'frame'; readonly decoded: Decoded<ServerMessage> }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }
  | { readonly type: 'say'; readonly message: ClientMessage }
  /** What the page does, of `connection-page.ts`. */
  | { readonly type: 'page'; readonly step: PageStep }
  /** `mayReturn`: what comes next in its place may take the session up. */
  | { readonly type: 'pageLeft'; readonly mayReturn: boolean }
  | { readonly type: 'clock' };

export type ConnectionOutput =
  | { readonly type: 'askToken'; readonly reason: 'initial' | 'expired' | 'refused' }
  | { readonly type: 'openSocket' }
  | { readonly type: 'closeSocket'; readonly code: number; readonly reason: string }
  | { readonly type: 'transmit'; readonly message: ClientMessage }
  | { readonly type: 'welcomed'; readonly welcome: ServerMessageOf<'welcome'> }
  | { readonly type: 'notified'; readonly message: ServerNotification }
  /** The sign of life that was asked for is here. */
  | { readonly type: 'proven' }
  | { readonly type: 'replied'; readonly re: RequestId; readonly data: ReplyData }
  | { readonly type: 'refused'; readonly re: string; readonly error: WireError }
  /** The session is gone, its calls with it; these messages will never be answered. `failure` says why, where known. */
  | {
      readonly type: 'sessionLost';
      readonly unanswered: readonly ClientMessage[];
      readonly failure: Failure | null;
    }
  /** `isFatal`: nothing more is tried until the application asks again. */
  | { readonly type: 'failed'; readonly failure: Failure; readonly isFatal: boolean }
  /** A frame that could not be understood; for the log. */
  | { readonly type: 'misread'; readonly error: WireError };

export interface ConnectionStep {
  readonly state: Connection;
  readonly outputs: readonly ConnectionOutput[];
}

/** A step that comes with its input, from what is loaded later. */
export type PageStep = (state: Connection, world: ConnectionWorld) => ConnectionStep;

/** What a step is told besides its input. */
export interface ConnectionWorld {
  readonly nowMs: number;
  /** In [0, 1): spreads the attempts of many devices over time. */
  readonly random: number;
  readonly deviceLabel?: string | undefined;
  readonly agent?: string | undefined;
  /** Whether another token can be had by asking. */
  readonly canAskToken: boolean;
}

export const CONNECTION_LIMITS = {
  tokenMs: 15_000,
  openMs: 10_000,
  welcomeMs: 10_000,
  pongMs: 5_000,
  /** In a call nobody waits for a heartbeat that is slower than this … */
  inCallPingMs: 10_000,
  /** … nor for a socket that will not open, or a pause, longer than this. */
  inCallOpenMs: 4_000,
  inCallBackOffMaxMs: 2_000,
  /** What was asked and is not answered by then makes the socket suspect: it is asked for a sign of life. */
  confirmMs: 2_000,
  /** An attempt that is older than this when the network comes back began on the network that was away. */
  staleAttemptMs: 1_000,
  /** After a sign that the network may have changed one does not wait long. */
  probeMs: 2_500,
  backOffFirstMs: 500,
  backOffMaxMs: 10_000,
  /** The gateway starts its grace later than we notice the loss; never give up before it. */
  graceMarginMs: 5_000,
  /** So much unproven, and proof is asked for without waiting for the heartbeat. */
  unprovenMax: 32,
} as const;

export const OFFLINE: Connection = {
  link: { name: 'offline' },
  wanted: 'nothing',
  token: null,
  tokenReason: 'initial',
  tokenRefusals: 0,
  session: null,
  attempt: 0,
  complaint: null,
  isInCall: false,
  outbox: EMPTY_OUTBOX,
};

/** When the machine next wants to hear the clock; null for never. */
export function connectionDeadlineMs(state: Connection): number | null {
  const sessionByMs = sessionDeadlineMs(state.session);
  const linkByMs = linkDeadlineMs(state.link);
  if (sessionByMs === null) return linkByMs;
  return linkByMs === null ? sessionByMs : Math.min(linkByMs, sessionByMs);
}

export function linkDeadlineMs(link: Link): number | null {
  switch (link.name) {
    case 'authorizing':
    case 'opening':
    case 'greeting':
      return link.byMs;
    case 'waiting':
      return link.untilMs;
    case 'online':
      return link.awaited === null ? link.pingAtMs : Math.min(link.awaited.byMs, link.pingAtMs);
    case 'offline':
    case 'suspended':
      return null;
  }
}

export function sessionDeadlineMs(session: Session | null): number | null {
  if (session === null || session.lostAtMs === null) return null;
  return session.lostAtMs + session.graceMs + CONNECTION_LIMITS.graceMarginMs;
}

export function stay(state: Connection): ConnectionStep {
  return { state, outputs: [] };
}

/** The outputs of the first, then what `next` makes of its state. */
export function andThen(first: ConnectionStep, next: (state: Connection) => ConnectionStep): ConnectionStep {
  const second = next(first.state);
  return { state: second.state, outputs: [...first.outputs, ...second.outputs] };
}
