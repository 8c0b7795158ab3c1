import {
  mayRetryAfter,
  WIRE_VERSION,
  type ClientMessage,
  type Decoded,
  type ReplyData,
  type RequestId,
  type ServerMessage,
  type ServerMessageOf,
  type ServerNotification,
  type SessionId,
  type WireError,
} from '@parley/protocol';
import { failureOfClose, type Failure } from './failure.ts';
import {
  allSent,
  answered,
  arrivedUpTo,
  EMPTY_OUTBOX,
  OUTBOX_MAX,
  put,
  withoutSent,
  type Outbox,
} from './outbox.ts';

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
  | { readonly name: 'opening'; readonly byMs: number }
  | { readonly name: 'greeting'; readonly byMs: number }
  | { readonly name: 'online'; readonly pingAtMs: number; readonly awaited: AwaitedPong | null }
  | { readonly name: 'waiting'; readonly untilMs: number }
  | { readonly name: 'suspended' };

/** A sign of life that was asked for, and what its arrival proves to have been read. */
interface AwaitedPong {
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
  | { readonly type: 'pageLeft' }
  | { readonly type: 'pageSuspended' }
  | { readonly type: 'pageResumed' }
  /** Something happened after which the socket may be dead, or the network back. */
  | { readonly type: 'woke' }
  | { readonly type: 'clock' };

export type ConnectionOutput =
  | { readonly type: 'askToken'; readonly reason: 'initial' | 'expired' | 'refused' }
  | { readonly type: 'openSocket' }
  | { readonly type: 'closeSocket'; readonly code: number; readonly reason: string }
  | { readonly type: 'transmit'; readonly message: ClientMessage }
  | { readonly type: 'welcomed'; readonly welcome: ServerMessageOf<'welcome'> }
  | { readonly type: 'notified'; readonly message: ServerNotification }
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
  outbox: EMPTY_OUTBOX,
};

/** Pure: the same state, input and world always give the same step. */
export function stepConnection(
  state: Connection,
  input: ConnectionInput,
  world: ConnectionWorld,
): ConnectionStep {
  switch (input.type) {
    case 'want':
      return want(state, input.wanted, world);
    case 'tokenCame':
      return tokenCame(state, input.token, world);
    case 'tokenFailed':
      if (state.link.name !== 'authorizing') return stay(state);
      return retryLater(state, { name: 'token-unavailable', message: input.message }, world);
    case 'opened':
      return opened(state, world);
    case 'frame':
      return read(state, input.decoded, world);
    case 'closed':
      return closed(state, input.code, input.reason, world);
    case 'say':
      return say(state, input.message, world);
    case 'pageLeft':
      return leave(state);
    case 'pageSuspended':
      return suspend(state, world);
    case 'pageResumed':
      return state.link.name === 'suspended' ? begin({ ...state, attempt: 0 }, world) : stay(state);
    case 'woke':
      return woke(state, world);
    case 'clock':
      return clock(state, world);
  }
}

/** When the machine next wants to hear the clock; null for never. */
export function connectionDeadlineMs(state: Connection): number | null {
  const sessionByMs = sessionDeadlineMs(state.session);
  const linkByMs = linkDeadlineMs(state.link);
  if (sessionByMs === null) return linkByMs;
  return linkByMs === null ? sessionByMs : Math.min(linkByMs, sessionByMs);
}

function linkDeadlineMs(link: Link): number | null {
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

function sessionDeadlineMs(session: Session | null): number | null {
  if (session === null || session.lostAtMs === null) return null;
  return session.lostAtMs + session.graceMs + CONNECTION_LIMITS.graceMarginMs;
}

function stay(state: Connection): ConnectionStep {
  return { state, outputs: [] };
}

/** The outputs of the first, then what `next` makes of its state. */
function andThen(first: ConnectionStep, next: (state: Connection) => ConnectionStep): ConnectionStep {
  const second = next(first.state);
  return { state: second.state, outputs: [...first.outputs, ...second.outputs] };
}

function want(state: Connection, wanted: Connection['wanted'], world: ConnectionWorld): ConnectionStep {
  if (wanted === 'nothing') return leave(state);
  const next = { ...state, wanted };
  switch (state.link.name) {
    case 'offline':
      return begin({ ...next, attempt: 0, tokenRefusals: 0, complaint: null }, world);
    case 'waiting':
      return begin(next, world);
    case 'authorizing':
    case 'opening':
    case 'greeting':
    case 'online':
    case 'suspended':
      return stay(next);
  }
}

function begin(state: Connection, world: ConnectionWorld): ConnectionStep {
  if (state.token === null) {
    return {
      state: { ...state, link: { name: 'authorizing', byMs: world.nowMs + CONNECTION_LIMITS.tokenMs } },
      outputs: [{ type: 'askToken', reason: state.tokenReason }],
    };
  }
  return {
    state: { ...state, link: { name: 'opening', byMs: world.nowMs + CONNECTION_LIMITS.openMs } },
    outputs: [{ type: 'openSocket' }],
  };
}

function tokenCame(state: Connection, token: string, world: ConnectionWorld): ConnectionStep {
  const next: Connection = { ...state, token };
  return state.link.name === 'authorizing' ? begin(next, world) : stay(next);
}

function opened(state: Connection, world: ConnectionWorld): ConnectionStep {
  if (state.link.name !== 'opening' || state.token === null) return stay(state);
  const { session } = state;
  const hello: ClientMessage = {
    type: 'hello',
    version: WIRE_VERSION,
    token: state.token,
    register: state.wanted === 'registered',
    device: {
      ...(world.deviceLabel === undefined ? {} : { label: world.deviceLabel }),
      ...(world.agent === undefined ? {} : { agent: world.agent }),
    },
    ...(session === null
      ? {}
      : {
          resume: {
            sessionId: session.sessionId,
            resumeToken: session.resumeToken,
            lastSeq: session.lastSeq,
          },
        }),
  };
  return {
    state: { ...state, link: { name: 'greeting', byMs: world.nowMs + CONNECTION_LIMITS.welcomeMs } },
    outputs: [{ type: 'transmit', message: hello }],
  };
}

function read(state: Connection, decoded: Decoded<ServerMessage>, world: ConnectionWorld): ConnectionStep {
  const { link } = state;
  if (link.name !== 'greeting' && link.name !== 'online') return stay(state);
  if (!decoded.ok) return misread(state, decoded, world);
  const { message } = decoded;
  switch (message.type) {
    case 'welcome':
      return link.name === 'greeting' ? welcomed(state, message, world) : stay(state);
    case 'pong': {
      if (link.name !== 'online' || link.awaited === null) return stay(state);
      const outbox = arrivedUpTo(state.outbox, link.awaited.provesUpTo);
      return stay({ ...state, outbox, link: { ...link, awaited: null } });
    }
    case 'reply':
      return {
        state: { ...state, outbox: answered(state.outbox, message.re) },
        outputs: [{ type: 'replied', re: message.re, data: message.data }],
      };
    case 'refusal':
      if (message.re === undefined) return stay({ ...state, complaint: message.error });
      return {
        state: { ...state, outbox: answered(state.outbox, message.re) },
        outputs: [{ type: 'refused', re: message.re, error: message.error }],
      };
    default:
      return counted(state, message.seq, [{ type: 'notified', message }], world);
  }
}

/** A newer gateway may say what we do not know: it is counted and left, so that the rest can be read. */
function misread(
  state: Connection,
  decoded: Extract<Decoded<ServerMessage>, { ok: false }>,
  world: ConnectionWorld,
): ConnectionStep {
  const complaint: ConnectionOutput = { type: 'misread', error: decoded.error };
  if (decoded.seq !== undefined) return counted(state, decoded.seq, [complaint], world);
  return { state, outputs: [complaint] };
}

/** Notifications are numbered: what was heard before is dropped; a gap means that the socket must not be trusted. */
function counted(
  state: Connection,
  seq: number,
  outputs: readonly ConnectionOutput[],
  world: ConnectionWorld,
): ConnectionStep {
  const { session } = state;
  if (session === null || seq <= session.lastSeq) return stay(state);
  if (seq > session.lastSeq + 1) return dropSocket(state, 4000, 'a notification is missing', world);
  return { state: { ...state, session: { ...session, lastSeq: seq } }, outputs };
}

function welcomed(
  state: Connection,
  welcome: ServerMessageOf<'welcome'>,
  world: ConnectionWorld,
): ConnectionStep {
  const { session } = state;
  const isResumed = welcome.resumed && session !== null;
  // What was said to a session that is gone means nothing to this one; what was never sent may still be said.
  const left = isResumed ? { kept: state.outbox, dropped: [] } : withoutSent(state.outbox);
  const lost: ConnectionOutput[] =
    session !== null && !isResumed ? [{ type: 'sessionLost', unanswered: left.dropped, failure: null }] : [];
  const next: Connection = {
    ...state,
    link: { name: 'online', pingAtMs: world.nowMs + welcome.heartbeatMs, awaited: null },
    attempt: 0,
    tokenRefusals: 0,
    complaint: null,
    session: {
      sessionId: welcome.sessionId,
      resumeToken: welcome.resumeToken,
      lastSeq: isResumed ? session.lastSeq : welcome.lastSeq,
      heartbeatMs: welcome.heartbeatMs,
      graceMs: welcome.graceMs,
      lostAtMs: null,
    },
    outbox: allSent(left.kept),
  };
  return {
    state: next,
    outputs: [
      ...lost,
      { type: 'welcomed', welcome },
      ...left.kept.entries.map(({ message }): ConnectionOutput => ({ type: 'transmit', message })),
    ],
  };
}

function say(state: Connection, message: ClientMessage, world: ConnectionWorld): ConnectionStep {
  if (state.outbox.entries.length >= OUTBOX_MAX) {
    return {
      state,
      outputs: [
        { type: 'failed', failure: { name: 'too-many', message: 'too much unsaid' }, isFatal: false },
      ],
    };
  }
  const { link } = state;
  if (link.name !== 'online') return stay({ ...state, outbox: put(state.outbox, message, false) });
  const next = { ...state, outbox: put(state.outbox, message, true) };
  const said: ConnectionStep = { state: next, outputs: [{ type: 'transmit', message }] };
  const wantsProof = link.awaited === null && next.outbox.entries.length > CONNECTION_LIMITS.unprovenMax;
  return wantsProof ? andThen(said, (after) => ping(after, CONNECTION_LIMITS.pongMs, world)) : said;
}

function ping(state: Connection, patienceMs: number, world: ConnectionWorld): ConnectionStep {
  const { link, session } = state;
  if (link.name !== 'online' || session === null) return stay(state);
  const { nowMs } = world;
  // The pong that is on its way may answer an older ping: what it proves is then the older one's.
  const awaited: AwaitedPong = {
    byMs: Math.min(link.awaited?.byMs ?? Infinity, nowMs + patienceMs),
    provesUpTo: link.awaited?.provesUpTo ?? state.outbox.count,
  };
  return {
    state: { ...state, link: { name: 'online', pingAtMs: nowMs + session.heartbeatMs, awaited } },
    outputs: [{ type: 'transmit', message: { type: 'ping', lastSeq: session.lastSeq } }],
  };
}

function closed(state: Connection, code: number, reason: string, world: ConnectionWorld): ConnectionStep {
  const { link } = state;
  if (link.name !== 'opening' && link.name !== 'greeting' && link.name !== 'online') return stay(state);
  const failure = failureOfClose({
    code,
    reason,
    complaint: state.complaint,
    wasOnline: link.name === 'online',
  });
  const next: Connection = { ...withSessionLost(state, world.nowMs), complaint: null };
  if (failure.name === 'token-invalid' || failure.name === 'token-expired') {
    if (world.canAskToken && state.tokenRefusals === 0) {
      const tokenReason = failure.name === 'token-expired' ? 'expired' : 'refused';
      return begin({ ...next, token: null, tokenReason, tokenRefusals: 1 }, world);
    }
    return giveUp({ ...next, token: null, tokenReason: 'refused' }, failure);
  }
  if (!mayRetryAfter(code)) return giveUp(next, failure);
  return retryLater(next, failure, world);
}

/** The socket is thrown away by us; the session stays. */
function dropSocket(state: Connection, code: number, reason: string, world: ConnectionWorld): ConnectionStep {
  const closing: ConnectionStep = {
    state: withSessionLost(state, world.nowMs),
    outputs: [{ type: 'closeSocket', code, reason }],
  };
  return andThen(closing, (after) => retryLater(after, { name: 'connection-lost', message: reason }, world));
}

function withSessionLost(state: Connection, nowMs: number): Connection {
  if (state.session === null || state.session.lostAtMs !== null) return state;
  return { ...state, session: { ...state.session, lostAtMs: nowMs } };
}

function retryLater(state: Connection, failure: Failure, world: ConnectionWorld): ConnectionStep {
  const next: Connection = {
    ...state,
    attempt: state.attempt + 1,
    link: { name: 'waiting', untilMs: world.nowMs + backOffMs(state, world.random) },
  };
  // Said once per outage: the store shows every attempt.
  const isFirst = state.attempt === 0;
  return { state: next, outputs: isFirst ? [{ type: 'failed', failure, isFatal: false }] : [] };
}

/** The first attempt after a loss follows almost at once: most losses are of one socket, not of the network. */
function backOffMs(state: Connection, random: number): number {
  if (state.attempt === 0 && state.session !== null) return Math.round(random * 200);
  const { backOffFirstMs, backOffMaxMs } = CONNECTION_LIMITS;
  const ceiling = Math.min(backOffMaxMs, backOffFirstMs * 2 ** Math.min(state.attempt, 10));
  return Math.round(ceiling * (0.5 + random / 2));
}

function giveUp(state: Connection, failure: Failure): ConnectionStep {
  const next = leave({ ...state, link: { name: 'offline' } }, failure);
  return { state: next.state, outputs: [...next.outputs, { type: 'failed', failure, isFatal: true }] };
}

/** Nothing is wanted any more: says so, where somebody listens, and forgets the session. */
function leave(state: Connection, failure: Failure | null = null): ConnectionStep {
  const outputs: ConnectionOutput[] = [];
  if (state.link.name === 'online') {
    outputs.push({ type: 'transmit', message: { type: 'bye' } });
  }
  if (state.link.name === 'online' || state.link.name === 'greeting' || state.link.name === 'opening') {
    outputs.push({ type: 'closeSocket', code: 1000, reason: 'bye' });
  }
  const unanswered = state.outbox.entries.map(({ message }) => message);
  if (state.session !== null || unanswered.length > 0)
    outputs.push({ type: 'sessionLost', unanswered, failure });
  const { token, tokenReason } = state;
  return { state: { ...OFFLINE, token, tokenReason }, outputs };
}

/** The page goes into the back/forward cache, where sockets look alive and are not: ours is closed, the session kept. */
function suspend(state: Connection, world: ConnectionWorld): ConnectionStep {
  switch (state.link.name) {
    case 'offline':
    case 'suspended':
      return stay(state);
    case 'authorizing':
    case 'waiting':
      return stay({ ...state, link: { name: 'suspended' } });
    case 'opening':
    case 'greeting':
    case 'online':
      return {
        state: { ...withSessionLost(state, world.nowMs), link: { name: 'suspended' } },
        outputs: [{ type: 'closeSocket', code: 4001, reason: 'the page is suspended' }],
      };
  }
}

function woke(state: Connection, world: ConnectionWorld): ConnectionStep {
  switch (state.link.name) {
    case 'waiting':
      return begin(state, world);
    case 'online':
      return ping(state, CONNECTION_LIMITS.probeMs, world);
    case 'offline':
    case 'authorizing':
    case 'opening':
    case 'greeting':
    case 'suspended':
      return stay(state);
  }
}

function clock(state: Connection, world: ConnectionWorld): ConnectionStep {
  const sessionByMs = sessionDeadlineMs(state.session);
  if (sessionByMs !== null && world.nowMs >= sessionByMs) {
    const { kept, dropped } = withoutSent(state.outbox);
    const expired: ConnectionStep = {
      state: { ...state, session: null, outbox: kept },
      outputs: [{ type: 'sessionLost', unanswered: dropped, failure: null }],
    };
    return andThen(expired, (after) => linkClock(after, world));
  }
  return linkClock(state, world);
}

function linkClock(state: Connection, world: ConnectionWorld): ConnectionStep {
  const { link } = state;
  const dueMs = linkDeadlineMs(link);
  if (dueMs === null || world.nowMs < dueMs) return stay(state);
  switch (link.name) {
    case 'authorizing':
      return retryLater(
        state,
        { name: 'token-unavailable', message: 'the token provider took too long' },
        world,
      );
    case 'opening':
    case 'greeting':
      return dropSocket(state, 4000, 'the gateway did not answer in time', world);
    case 'waiting':
      return begin(state, world);
    case 'online':
      if (link.awaited !== null && world.nowMs >= link.awaited.byMs) {
        return dropSocket(state, 4000, 'no sign of life from the gateway', world);
      }
      return ping(state, CONNECTION_LIMITS.pongMs, world);
    case 'offline':
    case 'suspended':
      return stay(state);
  }
}
