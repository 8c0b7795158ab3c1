import type { CallStats, FeedbackIssue, Sample } from '../api.ts';
import type { CallInput, CallState } from '../core/call-state.ts';
import { readReports, type Reading, type StatsEntry } from '../core/quality/reading.ts';
import {
  NO_QUALITY,
  stepQuality,
  type QualityOutput,
  type QualityState,
} from '../core/quality/quality-machine.ts';
import { sampleBetween } from '../core/quality/sample.ts';
import type { QualityFacts } from '../core/quality/warning-rules.ts';
import { TraceRecorder, type Traceable } from '../core/trace.ts';
import type { CallRunner } from './call-runner.ts';
import { FlowWatcher } from './flow-watcher.ts';
import { MutedEar } from './muted-ear.ts';

/** Who watches which call; the observer outlives the call for as long as somebody holds that. */
const observers = new WeakMap<CallRunner, CallObserver>();

/** Whoever watches this call. `initial`: how it stood before anything was told. */
export function observe(call: CallRunner, initial: CallState): CallObserver {
  const observer = observers.get(call) ?? new CallObserver(call, initial);
  observers.set(call, observer);
  return observer;
}

const PERIOD_MS = 1000;
/** What may wait for a slow reader of `samples()`; the oldest go first. */
const SAMPLES_WAITING_MAX = 60;

interface Reader {
  readonly waiting: Sample[];
  wake: () => void;
}

/**
 * Watches one call: takes a sample a second while it talks, tells what is wrong, and keeps the flight recorder. Loaded
 * beside a call, never before one; if it cannot be, the call does not notice.
 */
export class CallObserver {
  readonly #call: CallRunner;
  readonly #recorder: TraceRecorder;
  readonly #readers = new Set<Reader>();
  /** Names for the ways the packets went, in place of what the browser calls them. */
  readonly #paths = new Map<string, string>();
  #quality: QualityState = NO_QUALITY;
  readonly #flow: FlowWatcher;
  #ear: MutedEar | null = null;
  #before: Reading | null = null;
  #cancelTimer: () => void = () => undefined;
  #isRunning = false;
  #isOver = false;

  constructor(call: CallRunner, initial: CallState) {
    this.#call = call;
    this.#recorder = new TraceRecorder(initial);
    this.#flow = new FlowWatcher(call);
  }

  /** The call's machine has made a step. */
  stepped(input: CallInput, after: CallState, atMs: number): void {
    if (this.#isOver) return;
    this.#recorder.callStepped(input, after, atMs);
    const { name } = after.phase;
    if (name === 'ended') this.#end();
    else if (name === 'joined' || name === 'answered') this.#run();
  }

  /** A frame about this call was said or heard. */
  frame(kind: 'sent' | 'received', message: Traceable): void {
    this.#recorder.frame(kind, message, this.#call.host.platform.nowMs());
  }

  /** Tells the gateway what the person thinks of the call, be it over or not. */
  async postFeedback(score: 1 | 2 | 3 | 4 | 5, issue: FeedbackIssue | undefined): Promise<void> {
    const { callId, host } = this.#call;
    const said = { type: 'feedback', callId, score, ...(issue === undefined ? {} : { issue }) } as const;
    this.frame('sent', said);
    await host.link.request(said);
  }

  #run(): void {
    if (this.#isRunning || this.#call.host.options.quality === false) return;
    this.#isRunning = true;
    this.#ear = new MutedEar(this.#call);
    this.#wait(this.#call.host.platform.nowMs() + PERIOD_MS);
  }

  /** Every second by the clock, however long looking takes. */
  #wait(atMs: number): void {
    const { platform } = this.#call.host;
    this.#cancelTimer = platform.setTimer(
      () => void this.#measure(atMs),
      Math.max(0, atMs - platform.nowMs()),
    );
  }

  async #measure(dueMs: number): Promise<void> {
    const { platform } = this.#call.host;
    const stats = await this.#call.getStats().catch(() => null);
    // Nothing is told after the end, of which this may hear a little later than others.
    if (this.#isOver || this.#call.isOver) return;
    const nowMs = platform.nowMs();
    if (stats !== null) this.#took(readReports(entriesOf(stats.send), entriesOf(stats.recv), nowMs), stats);
    // A page that slept has nothing to catch up with.
    this.#wait(Math.max(dueMs + PERIOD_MS, nowMs));
  }

  #took(reading: Reading, stats: CallStats): void {
    const before = this.#before;
    this.#before = reading;
    if (before === null || reading.atMs <= before.atMs) return;
    const sample = sampleBetween(before, reading);
    const input = { sample, facts: this.#facts(sample), pathKey: this.#pathName(reading) };
    this.#recorder.measured(input, reading.atMs);
    const { state, outputs } = stepQuality(this.#quality, input);
    this.#quality = state;
    const { call } = this.#call;
    call.emit('sample', sample);
    call.emit('volume', sample.sent.audio?.level ?? 0, sample.received.audio?.level ?? 0);
    for (const reader of this.#readers) {
      reader.waiting.push(sample);
      if (reader.waiting.length > SAMPLES_WAITING_MAX) reader.waiting.shift();
      reader.wake();
    }
    this.#tell(outputs);
    this.#flow.took(sample, stats);
  }

  #tell(outputs: readonly QualityOutput[]): void {
    const { call, store } = this.#call;
    for (const output of outputs) {
      if (output.type === 'quality') {
        store.update({ quality: output.quality });
        call.emit('quality', output.quality);
      } else {
        call.emit(output.type === 'warning' ? 'warning' : 'warning-cleared', output.warning);
      }
    }
  }

  #facts(sample: Sample): QualityFacts {
    const { phase, conference, held, isMuted, media } = this.#call.store.getSnapshot();
    const { microphone, remoteAudio, remoteVideo, transport } = media;
    return {
      isJoined: phase === 'joined',
      isHeld: held.local || held.remote || (conference?.isOnHold ?? false),
      isMuted: isMuted || (conference?.isMuted ?? false),
      microphone,
      remoteAudio,
      remoteVideo,
      transport,
      mutedLevel: this.#ear?.take(sample) ?? null,
      isSinkLost: this.#call.host.devices.desk?.isSpeakerLost ?? false,
    };
  }

  #pathName({ path }: Reading): string | null {
    if (path === null) return null;
    const known = this.#paths.get(path.key) ?? `path-${this.#paths.size + 1}`;
    this.#paths.set(path.key, known);
    return known;
  }

  #end(): void {
    this.#isOver = true;
    this.#ear?.close();
    this.#cancelTimer();
    for (const reader of this.#readers) reader.wake();
  }

  /** Samples as they are taken, until the call is over or `signal` aborts. A reader that is slow misses the oldest. */
  async *samples(signal: AbortSignal | undefined): AsyncGenerator<Sample, void> {
    const reader: Reader = { waiting: [], wake: () => undefined };
    const onAbort = (): void => reader.wake();
    signal?.addEventListener('abort', onAbort);
    this.#readers.add(reader);
    try {
      for (;;) {
        if (signal?.aborted === true) return;
        const next = reader.waiting.shift();
        if (next !== undefined) yield next;
        else if (this.#isOver) return;
        else await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      this.#readers.delete(reader);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** What is known of the call, as a file that can be sent to somebody. */
  exportTrace(): Blob {
    const { callId, host, store } = this.#call;
    const { platform } = host;
    const { direction, parameters, end, traceId } = store.getSnapshot();
    const file = {
      format: 'parley-trace',
      version: 1,
      agent: platform.agent,
      exportedAtMs: platform.nowMs(),
      call: { callId, callSid: parameters.CallSid, traceId, direction, reason: end?.reason ?? null },
      ...this.#recorder.trace,
    };
    return new Blob([JSON.stringify(file, null, 1)], { type: 'application/json' });
  }
}

function entriesOf(report: RTCStatsReport | null): StatsEntry[] {
  return report === null ? [] : [...(report.values() as Iterable<StatsEntry>)];
}
