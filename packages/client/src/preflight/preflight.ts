import type { IceTransportPolicy, TokenProvider } from '../api.ts';
import { NO_QUALITY, stepQuality, type QualityState } from '../core/quality/quality-machine.ts';
import type { Sample, WarningName } from '../core/quality/quality.ts';
import { readReports, type Reading, type StatsEntry } from '../core/quality/reading.ts';
import { sampleBetween } from '../core/quality/sample.ts';
import { HEARD_LEVEL } from '../core/quality/warning-rules.ts';
import { asClientError, ClientError } from '../errors.ts';
import { limitLogger, type Logger, type LogLevel } from '../log.ts';
import type { Platform } from '../platform.ts';
import { browserPlatform } from '../shell/browser-platform.ts';
import { loadCallParts } from '../shell/late-media.ts';
import { sourceError } from '../shell/source-error.ts';
import { quietPlatform, type QuietPlatform } from './quiet-platform.ts';
import {
  reportOf,
  type PreflightCheck,
  type PreflightCheckName,
  type PreflightProgress,
  type PreflightReason,
  type PreflightReport,
} from './report.ts';
import { TrialLine, type Way } from './trial-line.ts';
import { TrialLink } from './trial-link.ts';

export interface PreflightOptions {
  /** The gateway's socket, as for a `Device`. Default: `/parley` on this origin. */
  readonly url?: string;
  /** Whether the camera is tried as well. Default `false`. */
  readonly video?: boolean;
  /** `false` for those who only want to listen: no permission is asked for. Default `true`. */
  readonly microphone?: boolean;
  /** How long the echo call lasts, in ms; 2000 to 30 000. Default 6000. */
  readonly durationMs?: number;
  readonly iceTransportPolicy?: IceTransportPolicy;
  /** Aborting it closes everything at once; `report` then rejects with its reason. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  readonly logLevel?: LogLevel;
  readonly platform?: Platform;
}

/** A check of the line that is running, or has run. Progress can be read at any time, from its beginning. */
export interface Preflight extends AsyncIterable<PreflightProgress>, AsyncDisposable {
  /** Resolves whatever is found; rejects only when it was stopped. */
  readonly report: Promise<PreflightReport>;
  /** Closes everything at once. */
  stop(): void;
}

const WAY_MS = 8000;
const SAMPLE_MS = 1000;

/**
 * Tries everything that a call needs, without calling anybody: microphone and camera, the socket and the token, UDP, TCP
 * and TURN to the SFU, and a call in which the gateway sends back what it hears. It rings nowhere, runs no document and
 * leaves nothing open.
 */
export function runPreflight(token: string | TokenProvider, options: PreflightOptions = {}): Preflight {
  return new PreflightRun(token, options);
}

class PreflightRun implements Preflight {
  readonly report: Promise<PreflightReport>;
  readonly #options: PreflightOptions;
  readonly #platform: Platform;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #progress: PreflightProgress[] = [];
  readonly #checks: PreflightCheck[] = [];
  readonly #samples: Sample[] = [];
  readonly #warnings = new Set<WarningName>();
  readonly #lines = new Set<TrialLine>();
  #isDone = false;
  #wake: (() => void)[] = [];

  constructor(token: string | TokenProvider, options: PreflightOptions) {
    this.#options = options;
    this.#platform = options.platform ?? browserPlatform();
    const signals = [this.#stop.signal, ...(options.signal === undefined ? [] : [options.signal])];
    this.#signal = AbortSignal.any(signals);
    this.report = Promise.race([this.#run(token), abortOf(this.#signal)]);
    this.report.catch(() => undefined);
  }

  stop(): void {
    this.#stop.abort(new ClientError('aborted'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.report.catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PreflightProgress, void> {
    for (let next = 0; ; next += 1) {
      while (next >= this.#progress.length) {
        if (this.#isDone) return;
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
      const progress = this.#progress[next];
      if (progress !== undefined) yield progress;
    }
  }

  async #run(token: string | TokenProvider): Promise<PreflightReport> {
    const startedAtMs = this.#platform.nowMs();
    try {
      await loadCallParts(this.#platform);
      await this.#devices();
      await this.#line(token);
      this.#signal.throwIfAborted();
      return reportOf({
        checks: this.#checks,
        samples: this.#samples,
        warnings: [...this.#warnings],
        startedAtMs,
        endedAtMs: this.#platform.nowMs(),
      });
    } finally {
      this.#isDone = true;
      this.#told();
    }
  }

  async #devices(): Promise<void> {
    if (this.#options.microphone === false) this.#skip('microphone');
    else await this.#check('microphone', () => this.#tryDevice('audio'));
    if (this.#options.video === true) await this.#check('camera', () => this.#tryDevice('video'));
    else this.#skip('camera');
  }

  async #tryDevice(kind: 'audio' | 'video'): Promise<PreflightReason | null> {
    try {
      const track = await this.#platform.openSource(kind, true);
      track.stop();
      return null;
    } catch (thrown) {
      return sourceError(kind, thrown).name;
    }
  }

  async #line(token: string | TokenProvider): Promise<void> {
    const { url, logger, logLevel } = this.#options;
    const log = limitLogger({ ...(logger === undefined ? {} : { logger }), logLevel: logLevel ?? 'silent' });
    const link = new TrialLink({ platform: this.#platform, token, url, log });
    link.onNotification = (message) => {
      if (!('callId' in message)) return;
      for (const line of this.#lines) if (line.callId === message.callId) line.handle(message);
    };
    const quiet = quietPlatform(this.#platform);
    try {
      const isThere = await this.#check('gateway', () => link.connect(this.#signal));
      if (!isThere) {
        for (const name of ['udp', 'tcp', 'turn', 'echo'] as const) this.#skip(name);
        return;
      }
      await Promise.all((['udp', 'tcp', 'turn'] as const).map((way) => this.#tryWay(way, link, quiet)));
      await this.#check('echo', () => this.#echo(link, quiet));
    } finally {
      for (const line of this.#lines) line.close();
      this.#lines.clear();
      quiet.close();
      link.close();
    }
  }

  #newLine(way: Way, link: TrialLink, { platform }: QuietPlatform): TrialLine {
    const line = new TrialLine({
      platform,
      link: link.gateway,
      loadEngine: () => link.loadEngine(),
      way,
      iceTransportPolicy: this.#options.iceTransportPolicy ?? 'all',
      hasTone: way === 'any',
    });
    this.#lines.add(line);
    return line;
  }

  async #tryWay(way: 'udp' | 'tcp' | 'turn', link: TrialLink, quiet: QuietPlatform): Promise<void> {
    const line = this.#newLine(way, link, quiet);
    const startedAtMs = this.#start(way);
    try {
      if (!(await line.open())) return this.#finish({ name: way, state: 'skipped' }, startedAtMs);
      const isUp = await line.comesUp(WAY_MS, this.#signal);
      this.#finish({ name: way, ...(isUp ? PASSED : { state: 'failed', reason: 'no-way' }) }, startedAtMs);
    } catch (thrown) {
      this.#signal.throwIfAborted();
      this.#finish(
        { name: way, state: 'failed', reason: asClientError(thrown, 'media-failed').name },
        startedAtMs,
      );
    } finally {
      line.close();
      this.#lines.delete(line);
    }
  }

  /** A call with oneself, for as long as it takes to know how it sounds. */
  async #echo(link: TrialLink, quiet: QuietPlatform): Promise<PreflightReason | null> {
    const line = this.#newLine('any', link, quiet);
    if (!(await line.open())) return 'media-failed';
    if (!(await line.comesUp(WAY_MS, this.#signal))) return 'no-way';
    const durationMs = Math.min(30_000, Math.max(2000, this.#options.durationMs ?? 6000));
    const untilMs = this.#platform.nowMs() + durationMs;
    let before: Reading | null = null;
    let quality: QualityState = NO_QUALITY;
    let wasSent = false;
    let isHeard = false;
    let hasPackets = false;
    while (this.#platform.nowMs() < untilMs) {
      await this.#pass(SAMPLE_MS);
      const stats = await line.getStats();
      const reading = readReports(entriesOf(stats.send), entriesOf(stats.recv), this.#platform.nowMs());
      if (before !== null) {
        const sample = sampleBetween(before, reading);
        quality = this.#took(sample, line, quality);
        wasSent ||= (sample.sent.audio?.level ?? 0) > HEARD_LEVEL;
        isHeard ||= (quiet.level() ?? sample.received.audio?.level ?? 0) > HEARD_LEVEL;
        hasPackets ||= (sample.received.audio?.packets ?? 0) > 0;
      }
      before = reading;
    }
    // Where the browser lets no page make a sound yet, packets have to do.
    return isHeard || (hasPackets && !wasSent) ? null : 'no-echo';
  }

  #took(sample: Sample, line: TrialLine, before: QualityState): QualityState {
    this.#samples.push(sample);
    this.#tell({ type: 'sample', sample });
    const { state, outputs } = stepQuality(before, {
      sample,
      pathKey: null,
      facts: {
        isJoined: true,
        isHeld: false,
        isMuted: false,
        microphone: line.media.microphone,
        remoteAudio: line.media.remoteAudio,
        remoteVideo: 'none',
        transport: line.media.transport,
        mutedLevel: null,
        isSinkLost: false,
      },
    });
    for (const output of outputs) {
      // A tone is as loud all the time, and a relay is no fault: it is in the report by itself.
      if (output.type === 'warning' && output.warning.level !== 'notice')
        this.#warnings.add(output.warning.name);
    }
    return state;
  }

  #pass(durationMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        cancel();
        reject(this.#signal.reason as Error);
      };
      const cancel = this.#platform.setTimer(() => {
        this.#signal.removeEventListener('abort', onAbort);
        resolve();
      }, durationMs);
      this.#signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Answers whether it passed. */
  async #check(name: PreflightCheckName, look: () => Promise<PreflightReason | null>): Promise<boolean> {
    const startedAtMs = this.#start(name);
    const reason = await look();
    this.#signal.throwIfAborted();
    this.#finish({ name, ...(reason === null ? PASSED : { state: 'failed', reason }) }, startedAtMs);
    return reason === null;
  }

  #skip(name: PreflightCheckName): void {
    this.#finish({ name, state: 'skipped' }, this.#platform.nowMs());
  }

  #start(name: PreflightCheckName): number {
    this.#signal.throwIfAborted();
    this.#tell({ type: 'started', name });
    return this.#platform.nowMs();
  }

  #finish(result: Omit<PreflightCheck, 'durationMs'>, startedAtMs: number): void {
    const check = { ...result, durationMs: this.#platform.nowMs() - startedAtMs };
    this.#checks.push(check);
    this.#tell({ type: 'finished', check });
  }

  #tell(progress: PreflightProgress): void {
    this.#progress.push(progress);
    this.#told();
  }

  #told(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** Rejects when it aborts: a person who is being asked for her microphone must not hold that up. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

const PASSED = { state: 'passed' } as const;

function entriesOf(report: RTCStatsReport | null): StatsEntry[] {
  return report === null ? [] : [...(report.values() as Iterable<StatsEntry>)];
}
