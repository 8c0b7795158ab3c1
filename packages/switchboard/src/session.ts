import type {
  CloseCodeName,
  RequestId,
  ServerMessage,
  ServerMessageOf,
  ServerNotification,
  Unnumbered,
} from '@parley/protocol';
import { wireError } from '@parley/protocol';

/**
 * One device's time with the gateway, from the first welcome until it is gone. Rules: `docs/spec/session.md`.
 *
 *                 socketLost · heartbeat lost
 *      online ────────────────────────────────────► grace
 *      │ │  ▲ │                                      │ │
 *      │ │  │ │ resume (a newer socket)              │ │ bye · resume refused
 *      │ │  └─┘                resume                │ │ · grace over
 *      │ │  ▲───────────────────────────────────────┘ │
 *      │ │                                             │
 *      │ └── bye · resume refused ──► gone ◄───────────┘
 *
 * Nothing here knows a socket: the shell says what was heard and what time it is, and does what it is told.
 * A state holds nothing for a device that is idle: no buffer, no timer, no closure.
 */
export type SessionState = OnlineSession | GraceSession | GoneSession;

/** A socket is open, and the page behind it was heard of lately. */
export type OnlineSession = SessionKept & { readonly name: 'online'; readonly silentUntilMs: number };
/** The socket is lost. What the device is told waits for it until `goneAtMs`. */
export type GraceSession = SessionKept & { readonly name: 'grace'; readonly goneAtMs: number };
/** Over. Every input is ignored from here on. */
export type GoneSession = { readonly name: 'gone'; readonly how: SessionGoneHow };

export type SessionGoneHow = 'bye' | 'lost';

/** What survives the loss of a socket. */
export interface SessionKept {
  /** The number of the newest notification; 0 before the first. */
  readonly lastSeq: number;
  /** The newest notifications, without a gap and ending at `lastSeq`, that the device has not said it got. */
  readonly unread: readonly ServerNotification[];
  /** Requests being carried out, and answers that may have been lost on their way. */
  readonly requests: readonly RequestRecord[];
  /** The device asked to be rung. */
  readonly wantsCalls: boolean;
  /** Its token allows it to be rung. */
  readonly mayBeRung: boolean;
  readonly tokenExpiresAtMs: number;
  readonly token: 'valid' | 'expiring' | 'expired';
  /** The page that comes after this one takes the session up. */
  readonly mayReturn: boolean;
}

export interface RequestRecord {
  readonly id: RequestId;
  /** When it came, or, once answered, when it was answered. */
  readonly atMs: number;
  /** Absent while it is being carried out. */
  readonly answer?: SessionAnswer;
}

/** How a request ended. */
export type SessionAnswer =
  | ServerMessageOf<'reply'>
  | (ServerMessageOf<'refusal'> & { readonly re: RequestId });

/** What happened to a session. */
export type SessionInput =
  /** Somebody behind the edge has something to tell the device. */
  | { readonly type: 'notice'; readonly notice: Unnumbered }
  /** A frame was read: the page is alive. Comes before whatever the frame means. */
  | { readonly type: 'heard' }
  | { readonly type: 'ping'; readonly lastSeq: number }
  | { readonly type: 'request'; readonly id: RequestId }
  | { readonly type: 'answered'; readonly answer: SessionAnswer }
  | { readonly type: 'wantsCalls'; readonly on: boolean }
  | { readonly type: 'tokenRenewed'; readonly expiresAtMs: number; readonly mayBeRung: boolean }
  /** A socket that proved to be this device's, and how far the device had read. */
  | { readonly type: 'resume'; readonly lastSeq: number }
  /** `isLeaving`: the browser closed it, as it does when a page goes away; nothing is wrong with the network. */
  | { readonly type: 'socketLost'; readonly isLeaving?: boolean }
  | { readonly type: 'bye' }
  | { readonly type: 'mayReturn' }
  /** Time has passed. */
  | { readonly type: 'clock' };

/** What the shell is asked to do, in this order. */
export type SessionOutput =
  /** To the open socket. Only ever asked for while the session is online. */
  | { readonly type: 'send'; readonly message: ServerMessage }
  /** Carry out the request just given, and come back with `answered`. */
  | { readonly type: 'carryOut' }
  /** Close the socket the session had before this input. */
  | { readonly type: 'closeSocket'; readonly why: CloseCodeName | 'bye' }
  /** The new socket is the session's now: greet it before anything else is sent on it. */
  | { readonly type: 'welcome' }
  /** Too much was missed. The session is gone; the new socket is not its. */
  | { readonly type: 'resumeRefused' }
  | { readonly type: 'away' }
  | { readonly type: 'back' }
  /** May be rung from now on. */
  | { readonly type: 'registered' }
  /** Is not rung any more, and is still here. */
  | { readonly type: 'unregistered' }
  | { readonly type: 'gone'; readonly how: SessionGoneHow };

export interface SessionLimits {
  /** A page that is silent for this long is taken for lost, however alive its socket looks. */
  readonly silenceMs: number;
  /** How long a device may be away. */
  readonly graceMs: number;
  /** The same where the browser closed the socket: long enough for a page that stays after all. */
  readonly leavingGraceMs: number;
  /** The same for a device whose next page takes the session up: as long as a page takes to load. */
  readonly returnGraceMs: number;
  /** Notifications kept until the device has said it got them; the oldest are dropped above this. */
  readonly replayFramesMax: number;
  /** Requests of one device being carried out at the same time. */
  readonly requestsAtOnceMax: number;
  /** A request that has not been answered by then is refused as our own failure. */
  readonly requestTimeoutMs: number;
  /** Answers kept in case the request comes again. */
  readonly answersMax: number;
  readonly answerKeptMs: number;
  /** How long before its end the device is told that its token runs out. */
  readonly tokenWarningMs: number;
  /** By how much clocks may differ: a token is taken for expired only this long after its end (D29). */
  readonly clockSkewMs: number;
}

export interface SessionStep {
  readonly state: SessionState;
  readonly outputs: readonly SessionOutput[];
}

// Shared by all idle sessions, so that an empty collection costs nothing.
const NONE: readonly never[] = [];

/** A device that has just said a valid hello. */
export function openSession(
  hello: { readonly wantsCalls: boolean; readonly mayBeRung: boolean; readonly tokenExpiresAtMs: number },
  limits: SessionLimits,
  nowMs: number,
): OnlineSession {
  const { wantsCalls, mayBeRung, tokenExpiresAtMs } = hello;
  return {
    name: 'online',
    silentUntilMs: nowMs + limits.silenceMs,
    lastSeq: 0,
    unread: NONE,
    requests: NONE,
    wantsCalls,
    mayBeRung,
    tokenExpiresAtMs,
    token: 'valid',
    mayReturn: false,
  };
}

/** Whether new calls may ring here. */
export function isRegistered(state: SessionState): boolean {
  return state.name !== 'gone' && state.wantsCalls && state.mayBeRung && state.token !== 'expired';
}

/** When the session wants to be given the `clock` next; `Infinity` once it is gone. */
export function sessionDeadlineMs(state: SessionState, limits: SessionLimits): number {
  if (state.name === 'gone') return Infinity;
  const presence = state.name === 'online' ? state.silentUntilMs : state.goneAtMs;
  let deadlineMs = Math.min(presence, tokenDeadlineMs(state, limits));
  for (const request of state.requests) deadlineMs = Math.min(deadlineMs, requestDeadlineMs(request, limits));
  return deadlineMs;
}

/** Pure: the same state, input and time always give the same step. */
export function stepSession(
  state: SessionState,
  input: SessionInput,
  limits: SessionLimits,
  nowMs: number,
): SessionStep {
  if (state.name === 'gone') {
    // A resume may cross the end of the grace period; whoever asked is told.
    return { state, outputs: input.type === 'resume' ? [{ type: 'resumeRefused' }] : NONE };
  }
  switch (input.type) {
    case 'notice':
      return notify(state, input.notice, limits);
    case 'heard':
      return { state: state.name === 'online' ? heard(state, limits, nowMs) : state, outputs: NONE };
    case 'ping':
      return ping(state, input.lastSeq, limits, nowMs);
    case 'request':
      return request(state, input.id, limits, nowMs);
    case 'answered':
      return answered(state, input.answer, limits, nowMs);
    case 'wantsCalls':
      return withRegistration(state, { ...state, wantsCalls: input.on });
    case 'tokenRenewed': {
      const { expiresAtMs, mayBeRung } = input;
      return withRegistration(state, { ...state, mayBeRung, tokenExpiresAtMs: expiresAtMs, token: 'valid' });
    }
    case 'resume':
      return resume(state, input.lastSeq, limits, nowMs);
    case 'socketLost':
      if (state.name === 'grace') return { state, outputs: NONE };
      return leave(state, NONE, graceOf(state, input.isLeaving === true, limits), nowMs);
    case 'mayReturn':
      return { state: { ...state, mayReturn: true }, outputs: NONE };
    case 'bye':
      return end('bye', state.name === 'online' ? [{ type: 'closeSocket', why: 'bye' }] : NONE);
    case 'clock':
      return clock(state, limits, nowMs);
  }
}

type Living = OnlineSession | GraceSession;

/** A step that ends nothing. */
interface LivingStep {
  readonly state: Living;
  readonly outputs: readonly SessionOutput[];
}

function notify(state: Living, notice: Unnumbered, limits: SessionLimits): LivingStep {
  const notification: ServerNotification = { ...notice, seq: state.lastSeq + 1 };
  // Above the ceiling the oldest goes. That alone costs nothing: only a device that never got it is refused later.
  const kept = state.unread.length < limits.replayFramesMax ? state.unread : state.unread.slice(1);
  return {
    state: { ...state, lastSeq: notification.seq, unread: [...kept, notification] },
    outputs: state.name === 'online' ? [{ type: 'send', message: notification }] : NONE,
  };
}

function heard(state: OnlineSession, limits: SessionLimits, nowMs: number): OnlineSession {
  return { ...state, silentUntilMs: nowMs + limits.silenceMs };
}

function ping(state: Living, lastSeq: number, limits: SessionLimits, nowMs: number): SessionStep {
  if (state.name === 'grace') return { state, outputs: NONE };
  return {
    state: { ...heard(state, limits, nowMs), unread: unreadAfter(state, lastSeq) },
    outputs: [{ type: 'send', message: { type: 'pong' } }],
  };
}

/** What the device has not got, if it got everything up to `lastSeq`. A number never given out trims nothing. */
function unreadAfter(state: Living, lastSeq: number): readonly ServerNotification[] {
  if (state.unread.length === 0 || lastSeq > state.lastSeq) return state.unread;
  const rest = state.unread.filter((notification) => notification.seq > lastSeq);
  return rest.length === 0 ? NONE : rest;
}

function request(state: Living, id: RequestId, limits: SessionLimits, nowMs: number): SessionStep {
  const known = state.requests.find((record) => record.id === id);
  if (known !== undefined) {
    // Being carried out: the one answer will go to the socket that is open then.
    const again = known.answer !== undefined && state.name === 'online';
    return { state, outputs: again ? [{ type: 'send', message: known.answer }] : NONE };
  }
  const running = state.requests.filter((record) => record.answer === undefined).length;
  if (running >= limits.requestsAtOnceMax) {
    const error = wireError('too-many', `${running} requests are being carried out already`);
    return { state, outputs: sendIfOnline(state, { type: 'refusal', re: id, error }) };
  }
  return {
    state: { ...state, requests: [...state.requests, { id, atMs: nowMs }] },
    outputs: [{ type: 'carryOut' }],
  };
}

function answered(state: Living, answer: SessionAnswer, limits: SessionLimits, nowMs: number): SessionStep {
  const asked = state.requests.some((record) => record.id === answer.re && record.answer === undefined);
  // Too late: it was refused at its deadline, and a request has one answer.
  if (!asked) return { state, outputs: NONE };
  const others = state.requests.filter((record) => record.id !== answer.re);
  const requests = forgetOldest([...others, { id: answer.re, atMs: nowMs, answer }], limits.answersMax);
  return { state: { ...state, requests }, outputs: sendIfOnline(state, answer) };
}

/** Keeps at most `answersMax` answers, the newest ones, and every request that is being carried out. */
function forgetOldest(records: readonly RequestRecord[], answersMax: number): readonly RequestRecord[] {
  let surplus = records.filter((record) => record.answer !== undefined).length - answersMax;
  if (surplus <= 0) return records;
  return records.filter((record) => record.answer === undefined || surplus-- <= 0);
}

/** Says so when a device has begun or ceased to be one that may be rung. */
function withRegistration(
  before: Living,
  after: Living,
  outputs: readonly SessionOutput[] = NONE,
): SessionStep {
  if (isRegistered(before) === isRegistered(after)) return { state: after, outputs };
  return {
    state: after,
    outputs: [...outputs, { type: isRegistered(after) ? 'registered' : 'unregistered' }],
  };
}

function resume(state: Living, lastSeq: number, limits: SessionLimits, nowMs: number): SessionStep {
  const replaced: readonly SessionOutput[] =
    state.name === 'online' ? [{ type: 'closeSocket', why: 'replaced' }] : NONE;
  const oldestSeq = state.lastSeq - state.unread.length;
  if (!Number.isInteger(lastSeq) || lastSeq < oldestSeq || lastSeq > state.lastSeq) {
    return end('lost', [...replaced, { type: 'resumeRefused' }]);
  }
  const unread = unreadAfter(state, lastSeq);
  return {
    state: { ...keptOf(state), unread, name: 'online', silentUntilMs: nowMs + limits.silenceMs },
    outputs: [
      ...replaced,
      { type: 'welcome' },
      ...unread.map((message) => ({ type: 'send', message }) as const),
      ...(state.name === 'grace' ? [{ type: 'back' } as const] : NONE),
    ],
  };
}

/** A browser that closes a socket has no page behind it any more, unless another one comes in its place. */
function graceOf({ mayReturn }: Living, isLeaving: boolean, limits: SessionLimits): number {
  const { graceMs, leavingGraceMs, returnGraceMs } = limits;
  return isLeaving ? Math.min(graceMs, mayReturn ? returnGraceMs : leavingGraceMs) : graceMs;
}

/** Into the grace period. */
function leave(
  state: OnlineSession,
  first: readonly SessionOutput[],
  graceMs: number,
  nowMs: number,
): SessionStep {
  return {
    state: { ...keptOf(state), name: 'grace', goneAtMs: nowMs + graceMs },
    outputs: [...first, { type: 'away' }],
  };
}

/** Leaves out what belongs to the state and not to the session. */
function keptOf(state: Living): SessionKept {
  const { lastSeq, unread, requests, wantsCalls, mayBeRung, tokenExpiresAtMs, token, mayReturn } = state;
  return { lastSeq, unread, requests, wantsCalls, mayBeRung, tokenExpiresAtMs, token, mayReturn };
}

function end(how: SessionGoneHow, first: readonly SessionOutput[]): SessionStep {
  return { state: { name: 'gone', how }, outputs: [...first, { type: 'gone', how }] };
}

function clock(state: Living, limits: SessionLimits, nowMs: number): SessionStep {
  if (state.name === 'grace' && nowMs >= state.goneAtMs) return end('lost', NONE);
  const requests = withoutOverdue(state, limits, nowMs);
  const token = ageToken(requests.state, limits, nowMs);
  const outputs = [...requests.outputs, ...token.outputs];
  if (token.state.name === 'online' && nowMs >= token.state.silentUntilMs) {
    return leave(
      token.state,
      [...outputs, { type: 'closeSocket', why: 'heartbeatLost' }],
      limits.graceMs,
      nowMs,
    );
  }
  return { state: token.state, outputs };
}

function requestDeadlineMs(record: RequestRecord, limits: SessionLimits): number {
  return record.atMs + (record.answer === undefined ? limits.requestTimeoutMs : limits.answerKeptMs);
}

/** Refuses what was not answered in time, and forgets answers nobody will ask for again. */
function withoutOverdue(state: Living, limits: SessionLimits, nowMs: number): LivingStep {
  if (!state.requests.some((record) => nowMs >= requestDeadlineMs(record, limits)))
    return { state, outputs: NONE };
  const outputs: SessionOutput[] = [];
  const requests: RequestRecord[] = [];
  for (const record of state.requests) {
    if (nowMs < requestDeadlineMs(record, limits)) {
      requests.push(record);
    } else if (record.answer === undefined) {
      const error = wireError('internal', 'the request was not carried out in time');
      const answer: SessionAnswer = { type: 'refusal', re: record.id, error };
      requests.push({ id: record.id, atMs: nowMs, answer });
      outputs.push(...sendIfOnline(state, answer));
    }
  }
  return { state: { ...state, requests: requests.length === 0 ? NONE : requests }, outputs };
}

function tokenDeadlineMs(state: Living, limits: SessionLimits): number {
  if (state.token === 'expired') return Infinity;
  // A device that is away learns of its token from the welcome, if it comes back.
  if (state.token === 'valid' && state.name === 'online')
    return state.tokenExpiresAtMs - limits.tokenWarningMs;
  return state.tokenExpiresAtMs + limits.clockSkewMs;
}

function ageToken(state: Living, limits: SessionLimits, nowMs: number): LivingStep {
  if (state.token === 'expired') return { state, outputs: NONE };
  if (nowMs >= state.tokenExpiresAtMs + limits.clockSkewMs) {
    // New calls only: what is running goes on, and so does the session (design §3.4).
    const after: Living = { ...state, token: 'expired' };
    return { state: after, outputs: isRegistered(state) ? [{ type: 'unregistered' }] : NONE };
  }
  if (state.token === 'valid' && state.name === 'online' && nowMs >= tokenDeadlineMs(state, limits)) {
    const inMs = Math.max(0, state.tokenExpiresAtMs - nowMs);
    return notify({ ...state, token: 'expiring' }, { type: 'tokenExpiring', inMs }, limits);
  }
  return { state, outputs: NONE };
}

function sendIfOnline(state: Living, message: SessionAnswer): readonly SessionOutput[] {
  return state.name === 'online' ? [{ type: 'send', message }] : NONE;
}
