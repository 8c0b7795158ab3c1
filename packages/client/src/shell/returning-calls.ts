import type { CallSnapshot as WireCall, ServerMessageOf } from '@parley/protocol';
import type { CallEnd, CallParameters, DeviceEvents, DeviceSnapshot, ResumableCall } from '../api.ts';
import type { Call } from '../call.ts';
import type { CallState } from '../core/call-state.ts';
import { adopt } from '../core/connection-page.ts';
import { standingFrom } from '../core/standing.ts';
import { ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Store } from '../store.ts';
import type { CallFacts, CallNotification, CallRunner } from './call-runner.ts';
import type { Calls } from './calls.ts';
import type { GatewayLink } from './gateway-link.ts';
import { loadCallParts } from './late-media.ts';

export interface ReturningCallsOptions {
  readonly platform: Platform;
  readonly link: GatewayLink;
  readonly calls: Calls;
  /** Makes a call that begins as it stands. */
  readonly createRunner: (facts: CallFacts) => CallRunner;
  readonly store: Store<DeviceSnapshot>;
  /** The gateway's address, as it is dialled. */
  readonly url: string;
  readonly emit: <Name extends keyof DeviceEvents>(name: Name, ...payload: DeviceEvents[Name]) => void;
}

/** What one page remembers of a call for the next. What the gateway knows better is not in it. */
interface KeptCall {
  readonly callId: string;
  readonly parameters: Omit<CallParameters, 'CallSid'>;
  readonly answeredAtMs: number | null;
  readonly isMuted: boolean;
  readonly isVideoMuted: boolean;
  /** Which of the person's own sources were part of it. */
  readonly microphone: boolean;
  readonly camera: boolean;
}

/** What lies in the tab's storage between two pages. It holds a resume token, so it is taken out when it is read. */
interface Marker {
  readonly version: 1;
  readonly sessionId: string;
  readonly resumeToken: string;
  readonly lastSeq: number;
  readonly heartbeatMs: number;
  readonly graceMs: number;
  readonly requests: number;
  readonly leftAtMs: number;
  readonly calls: readonly KeptCall[];
}

interface Held {
  readonly runner: CallRunner;
  readonly kept: KeptCall;
  resumed: Promise<Call> | null;
}

/** About the media of a page that is gone; they are all told anew for those of this one. */
const ABOUT_OLD_MEDIA: ReadonlySet<string> = new Set([
  'consume',
  'consumerResumed',
  'consumerMuted',
  'consumerClosed',
  'mediaReset',
]);

/**
 * Calls that outlive their page. The page that goes leaves a marker for the one that comes in the same tab; that one goes
 * on with the session, is told by the gateway which calls there are, and offers them. See `docs/adr/0061`.
 */
export class ReturningCalls {
  readonly #options: ReturningCallsOptions;
  readonly #key: string;
  readonly #held = new Map<string, Held>();
  #marker: Marker | null;
  /** Calls that ring at this person, and the notification after which they are known to do so still. */
  #ringing: { readonly afterSeq: number; readonly calls: readonly WireCall[] } | null = null;
  #settle: (calls: readonly ResumableCall[]) => void = () => undefined;
  /** Settles once it is clear which there are. */
  readonly offered: Promise<readonly ResumableCall[]>;
  /** Settles once the session of the page before has been taken up, where there was one. */
  readonly ready: Promise<void>;

  constructor(options: ReturningCallsOptions) {
    this.#options = options;
    this.#key = `parley calls ${options.url}`;
    this.offered = new Promise((resolve) => (this.#settle = resolve));
    this.#marker = this.#takeMarker();
    this.ready = this.#begin(this.#marker);
    if (options.link.state.link.name === 'online') options.link.tell({ type: 'mayReturn' });
  }

  #takeMarker(): Marker | null {
    const { platform } = this.#options;
    try {
      const marker = readMarker(platform.tabStorage?.take(this.#key) ?? null);
      const isLate = marker !== null && platform.nowMs() > marker.leftAtMs + marker.graceMs;
      return isLate ? null : marker;
    } catch {
      // A page may be forbidden to store anything.
      return null;
    }
  }

  async #begin(marker: Marker | null): Promise<void> {
    if (marker === null) return this.#settle([]);
    try {
      // A call that goes on is more than one that rings.
      await loadCallParts(this.#options.platform);
      this.#adopt(marker);
    } catch {
      this.#lost();
    }
  }

  #adopt({ requests, leftAtMs, sessionId, ...session }: Marker): void {
    const { link } = this.#options;
    const { resumeToken, lastSeq, heartbeatMs, graceMs } = session;
    const adopted = { sessionId: sessionId as never, resumeToken, lastSeq, heartbeatMs, graceMs };
    link.requestCount += requests;
    link.step(adopt({ ...adopted, lostAtMs: leftAtMs }));
    if (link.state.session?.sessionId !== sessionId) this.#lost();
    else if (link.state.wanted === 'nothing') link.feed({ type: 'want', wanted: 'connected' });
  }

  /** Leaves a marker for the next page, where there is a call worth it. Answers whether it has. */
  remember(): boolean {
    const { link, calls, platform } = this.#options;
    const { session } = link.state;
    const running = [...calls.all].filter(({ state }) => isWorthKeeping(state)).map(keptOf);
    const kept = [...running, ...[...this.#held.values()].map((held) => held.kept)];
    if (session === null || kept.length === 0) return false;
    const { sessionId, resumeToken, lastSeq, heartbeatMs, graceMs } = session;
    const marker: Marker = {
      version: 1,
      ...{ sessionId, resumeToken, lastSeq, heartbeatMs, graceMs },
      requests: link.requestCount,
      leftAtMs: platform.nowMs(),
      calls: kept,
    };
    try {
      platform.tabStorage?.put(this.#key, JSON.stringify(marker));
      return platform.tabStorage !== undefined;
    } catch {
      return false;
    }
  }

  /** The page has not gone after all. */
  forget(): void {
    try {
      this.#options.platform.tabStorage?.take(this.#key);
    } catch {
      // Where nothing can be stored, nothing was.
    }
  }

  onWelcome(welcome: ServerMessageOf<'welcome'>): void {
    const { link } = this.#options;
    if (!welcome.resumed) link.tell({ type: 'mayReturn' });
    const marker = this.#marker;
    if (marker === null) return;
    if (!welcome.resumed) return this.#lost();
    this.#marker = null;
    const isRinging = ({ direction, phase }: WireCall): boolean =>
      direction === 'incoming' && phase === 'ringing';
    for (const call of welcome.calls) {
      const kept = marker.calls.find(({ callId }) => callId === call.callId);
      if (kept !== undefined && !isRinging(call)) this.#hold(call, kept, marker);
    }
    this.#ringing = { afterSeq: welcome.lastSeq, calls: welcome.calls.filter(isRinging) };
    this.ringAgain();
    this.#settle([...this.#held.values()].map((held) => this.#offer(held)));
    // Whoever is at the other end is not kept waiting for ever.
    if (this.#held.size > 0) this.#options.platform.setTimer(() => this.#hangUpUntaken(), welcome.graceMs);
  }

  #hold(call: WireCall, kept: KeptCall, { leftAtMs }: Marker): void {
    const { createRunner, platform } = this.#options;
    const state = stateOf(call, kept, { leftAtMs, nowMs: platform.nowMs() });
    const { From: from, To: to } = kept.parameters;
    const runner = createRunner({ callId: call.callId, state, from, to, params: call.params });
    this.#held.set(call.callId, { runner, kept, resumed: null });
    void runner.ended.then(() => this.#held.delete(call.callId));
  }

  #offer(held: Held): ResumableCall {
    const { runner } = held;
    const { call } = runner;
    return {
      callId: runner.callId,
      direction: call.direction,
      parameters: call.parameters,
      customParameters: call.customParameters,
      other: runner.state.other,
      answeredAtMs: runner.state.answeredAtMs,
      ended: runner.ended,
      resume: ({ signal } = {}) => {
        signal?.addEventListener('abort', () => held.resumed === null || runner.feed({ type: 'hangup' }), {
          once: true,
        });
        return (held.resumed ??= this.#resume(held, signal));
      },
      hangup: (): Promise<CallEnd> => {
        runner.feed({ type: 'hangup' });
        return runner.ended;
      },
    };
  }

  async #resume({ runner, kept }: Held, signal: AbortSignal | undefined): Promise<Call> {
    const { link, calls } = this.#options;
    const { callId } = runner;
    if (signal?.aborted === true) throw new ClientError('aborted');
    if (runner.state.phase.name === 'ended') throw new ClientError('call-ended');
    const { media } = await link.request({ type: 'renewMedia', callId });
    if (isOver(runner)) throw new ClientError('call-ended');
    if (media === undefined) throw new ClientError('media-failed');
    this.#held.delete(callId);
    calls.add(runner);
    if (kept.isMuted) runner.mute(true);
    if (kept.isVideoMuted) void runner.muteVideo(true);
    runner.media.do((session) => {
      session.start(media, { audio: kept.microphone, video: kept.camera });
      session.own.open(kept.microphone, kept.camera);
    });
    return runner.call;
  }

  /** What is said about a call that has not been taken back yet. */
  handle(message: CallNotification): void {
    const held = this.#held.get(message.callId);
    if (held !== undefined && !ABOUT_OLD_MEDIA.has(message.type)) held.runner.handle(message);
  }

  /** Rings for calls that rang at the page before, once all that happened meanwhile has been told. */
  ringAgain(): void {
    const { link } = this.#options;
    if (this.#ringing === null || (link.state.session?.lastSeq ?? 0) < this.#ringing.afterSeq) return;
    const { calls } = this.#ringing;
    this.#ringing = null;
    for (const call of calls) if (this.#options.calls.get(call.callId) === undefined) void this.#ring(call);
  }

  async #ring(call: WireCall): Promise<void> {
    const { createRunner, store, calls, emit, link } = this.#options;
    const { callId, params, video, other } = call;
    const state: CallState = { ...asTold(call), phase: { name: 'ringing' } };
    const runner = createRunner({
      callId,
      state,
      from: other?.identity ?? '',
      to: store.getSnapshot().identity ?? '',
      params,
    });
    calls.add(runner);
    emit('incoming', runner.call);
    runner.media.do((_media, { foresee }) => foresee(runner));
    try {
      const { media } = await link.request({ type: 'renewMedia', callId });
      if (media !== undefined && !isOver(runner))
        runner.media.do((session) => session.start(media, { audio: true, video }));
    } catch {
      // It has been answered elsewhere or given up meanwhile, which is told.
    }
  }

  onSessionLost(reason: CallEnd['reason'], error: ClientError | undefined): void {
    for (const { runner } of this.#held.values()) runner.feed({ type: 'sessionLost', reason, error });
    this.#lost();
  }

  /** There is nothing to go on with. */
  #lost(): void {
    this.#marker = null;
    this.#settle([]);
  }

  #hangUpUntaken(): void {
    for (const { runner, resumed } of this.#held.values())
      if (resumed === null) runner.feed({ type: 'hangup' });
  }
}

/** Asked anew after every wait: a call may end at any time. */
function isOver({ state }: CallRunner): boolean {
  return state.phase.name === 'ended';
}

/** One that only rings here rings at the person's other devices too; nobody has to be kept waiting for this one. */
function isWorthKeeping({ direction, phase, callSid }: CallState): boolean {
  return callSid !== '' && !(direction === 'incoming' && phase.name === 'ringing');
}

function keptOf({ callId, call, store }: CallRunner): KeptCall {
  const { media, isMuted, isVideoMuted, answeredAtMs } = store.getSnapshot();
  const { From, To } = call.parameters;
  return {
    callId,
    parameters: { From, To },
    answeredAtMs,
    isMuted,
    isVideoMuted,
    microphone: media.microphone !== 'off',
    camera: media.camera !== 'off',
  };
}

function stateOf(
  call: WireCall,
  { answeredAtMs }: KeptCall,
  { leftAtMs, nowMs }: { readonly leftAtMs: number; readonly nowMs: number },
): CallState {
  const { phase } = call;
  const isUp = phase === 'answered' || phase === 'joined' || phase === 'screening';
  const isOpen = phase === 'answered' || phase === 'joined' || answeredAtMs !== null;
  return {
    ...asTold(call),
    phase: phase === 'calling' ? { name: phase, byMs: null } : { name: phase },
    // Answered while no page was there to see it.
    answeredAtMs: answeredAtMs ?? (isUp ? nowMs : null),
    isPathBroken: true,
    troubleSinceMs: isOpen ? leftAtMs : null,
  };
}

function asTold({ direction, callSid, other, video, standing }: WireCall): Omit<CallState, 'phase'> {
  return {
    direction,
    callSid,
    other: other ?? null,
    video,
    answeredAtMs: null,
    isIgnored: false,
    hasEarlyMedia: false,
    isAway: false,
    isPathBroken: false,
    troubleSinceMs: null,
    standing: standingFrom(standing),
  };
}

/** What a page of another version, or another script, has left there is nobody's. */
function readMarker(text: string | null): Marker | null {
  const value = JSON.parse(text ?? 'null') as Partial<Marker> | null;
  if (value === null || value.version !== 1) return null;
  const { sessionId, resumeToken, lastSeq, heartbeatMs, graceMs, requests, leftAtMs, calls } = value;
  const isWhole =
    typeof sessionId === 'string' &&
    typeof resumeToken === 'string' &&
    [lastSeq, heartbeatMs, graceMs, requests, leftAtMs].every(Number.isFinite) &&
    Array.isArray(calls);
  return isWhole ? (value as Marker) : null;
}
