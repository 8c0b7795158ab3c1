import type { IceTransportPolicy, TokenProvider } from '../api.ts';
import { ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Preflight } from '../preflight/preflight.ts';
import type { PreflightProgress, PreflightReport } from '../preflight/report.ts';
import { Listeners } from './listeners.ts';
import { TwilioSamples, type TwilioSample, type TwilioSampleTotals } from './twilio-sample.ts';

const CallQuality = {
  Excellent: 'excellent',
  Great: 'great',
  Good: 'good',
  Fair: 'fair',
  Degraded: 'degraded',
} as const;
const Events = {
  Completed: 'completed',
  Connected: 'connected',
  Failed: 'failed',
  Sample: 'sample',
  Warning: 'warning',
} as const;
const Status = {
  Connecting: 'connecting',
  Connected: 'connected',
  Completed: 'completed',
  Failed: 'failed',
} as const;

/** Twilio's options that mean something here, and where the gateway is. */
export interface TwilioPreflightOptions {
  /** The gateway's socket, as for a device. */
  readonly url?: string;
  /** No microphone is asked for. A tone goes up in any case, and nobody's voice. */
  readonly fakeMicInput?: boolean;
  readonly iceTransportPolicy?: IceTransportPolicy;
  readonly platform?: Platform;
  /** Of no effect: sound is Opus, there are no regions, TURN servers come from the gateway, and every wait has its end. */
  readonly codecPreferences?: readonly string[];
  readonly edge?: string;
  readonly iceServers?: RTCIceServer[];
  readonly logLevel?: string;
  readonly signalingTimeoutMs?: number;
}

/** A span of time, in ms. */
export interface TwilioTiming {
  start: number;
  end?: number;
  duration?: number;
}

export interface TwilioStats {
  average: number;
  max: number;
  min: number;
}

export interface TwilioPreflightWarning {
  description: string;
  name: string;
}

/** What was found, in Twilio's shape. `parley` has what Twilio has no word for: every check, with its reason. */
export interface TwilioPreflightReport {
  callQuality?: PreflightTest.CallQuality;
  callSid: string | undefined;
  edge?: string;
  iceCandidateStats: unknown[];
  isTurnRequired?: boolean;
  networkTiming: { signaling?: TwilioTiming };
  samples: TwilioSample[];
  selectedEdge?: string;
  stats?: { jitter: TwilioStats; mos: TwilioStats; rtt: TwilioStats };
  testTiming: TwilioTiming;
  totals?: TwilioSampleTotals;
  warnings: TwilioPreflightWarning[];
  parley: PreflightReport;
}

/** What a preflight tells, in Twilio's words; `completed` or `failed` is the last. */
export interface TwilioPreflightEvents {
  completed: [report: TwilioPreflightReport];
  connected: [];
  failed: [error: ClientError];
  sample: [sample: TwilioSample];
  warning: [name: string, data: TwilioPreflightWarning];
}

/** A check of the line, as Twilio's `Device.runPreflight` answers with; `runPreflight` of `@parley/client` underneath. */
export class PreflightTest extends Listeners<TwilioPreflightEvents> {
  static readonly CallQuality = CallQuality;
  static readonly Events = Events;
  static readonly Status = Status;

  /** There is no call that could have one: nobody rings, and no document is asked. */
  readonly callSid: string | undefined = undefined;
  readonly startTime: number;
  readonly #options: TwilioPreflightOptions;
  readonly #samples = new TwilioSamples();
  readonly #taken: TwilioSample[] = [];
  #running: Preflight | null = null;
  #isStopped = false;
  #status: PreflightTest.Status = Status.Connecting;
  #endTime: number | undefined;
  #report: TwilioPreflightReport | undefined;
  #signaling: TwilioTiming | undefined;

  /** @internal Made by `Device.runPreflight`. */
  constructor(token: string | TokenProvider, options: TwilioPreflightOptions) {
    super();
    this.#options = options;
    this.startTime = this.#nowMs();
    this.#run(token).catch((thrown: unknown) => this.#failed(thrown as ClientError));
  }

  get status(): PreflightTest.Status {
    return this.#status;
  }

  get endTime(): number | undefined {
    return this.#endTime;
  }

  get latestSample(): TwilioSample | undefined {
    return this.#taken.at(-1);
  }

  get report(): TwilioPreflightReport | undefined {
    return this.#report;
  }

  /** Closes everything at once; `failed` says so. */
  stop(): void {
    this.#isStopped = true;
    this.#running?.stop();
  }

  async #run(token: string | TokenProvider): Promise<void> {
    const { runPreflight } = await import('../preflight/preflight.ts');
    if (this.#isStopped) throw new ClientError('aborted');
    const { url, fakeMicInput, iceTransportPolicy, platform } = this.#options;
    const running = runPreflight(token, {
      microphone: fakeMicInput !== true,
      ...(url === undefined ? {} : { url }),
      ...(iceTransportPolicy === undefined ? {} : { iceTransportPolicy }),
      ...(platform === undefined ? {} : { platform }),
    });
    this.#running = running;
    const follow = async (): Promise<void> => {
      for await (const progress of running) this.#heard(progress);
    };
    void follow();
    this.#done(await running.report);
  }

  #heard(progress: PreflightProgress): void {
    // What a check that hangs says after the end is no news.
    if (this.#endTime !== undefined) return;
    if (progress.type === 'sample') {
      if (this.#status === Status.Connecting) {
        this.#status = Status.Connected;
        this.emit('connected');
      }
      const sample = this.#samples.add(progress.sample);
      this.#taken.push(sample);
      this.emit('sample', sample);
    } else if (progress.type === 'finished' && progress.check.name === 'gateway') {
      const { durationMs: duration } = progress.check;
      const end = this.#nowMs();
      this.#signaling = { start: end - duration, end, duration };
    }
  }

  #done(found: PreflightReport): void {
    const failed = found.checks.find(({ reason }) => reason !== undefined && found.reasons[0] === reason);
    if (found.verdict === 'fail' && failed?.reason !== undefined) {
      const { reason, name } = failed;
      throw reason === 'no-way' || reason === 'no-echo'
        ? new ClientError('media-failed', `${name}: ${reason}`)
        : new ClientError(reason, `the check of the ${name} has failed`);
    }
    this.#endTime = this.#nowMs();
    const report = this.#reportOf(found);
    this.#report = report;
    this.#status = Status.Completed;
    for (const warning of report.warnings) this.emit('warning', warning.name, warning);
    this.emit('completed', report);
  }

  #failed(error: ClientError): void {
    this.#endTime = this.#nowMs();
    this.#status = Status.Failed;
    this.emit('failed', error);
  }

  #reportOf(found: PreflightReport): TwilioPreflightReport {
    const { edge } = this.#options;
    const warnings = found.reasons.map((name) => ({ name, description: `Parley found: ${name}` }));
    const stats = statsOf(found);
    return {
      ...(stats === undefined ? {} : { stats, callQuality: wordFor(stats.mos.average) }),
      callSid: this.callSid,
      ...(edge === undefined ? {} : { edge, selectedEdge: edge }),
      iceCandidateStats: [],
      ...(found.isTurnNeeded === null ? {} : { isTurnRequired: found.isTurnNeeded }),
      networkTiming: this.#signaling === undefined ? {} : { signaling: this.#signaling },
      samples: [...this.#taken],
      testTiming: {
        start: found.startedAtMs,
        end: found.endedAtMs,
        duration: found.endedAtMs - found.startedAtMs,
      },
      totals: this.#samples.totals,
      warnings,
      parley: found,
    };
  }

  #nowMs(): number {
    return this.#options.platform?.nowMs() ?? Date.now();
  }

  override toString(): string {
    return '[Parley.compat.twilio PreflightTest instance]';
  }
}

function statsOf({ samples }: PreflightReport): TwilioPreflightReport['stats'] {
  const jitter = spread(samples.map(({ received }) => received.audio?.jitterMs ?? null));
  const mos = spread(samples.map((sample) => sample.mos));
  const rtt = spread(samples.map(({ rttMs }) => rttMs));
  return jitter === null || mos === null || rtt === null ? undefined : { jitter, mos, rtt };
}

function spread(values: readonly (number | null)[]): TwilioStats | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const average = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { average: Math.round(average * 100) / 100, max: Math.max(...known), min: Math.min(...known) };
}

/** Twilio's words; what falls between two of its ranges gets the lower one. */
function wordFor(mos: number): PreflightTest.CallQuality {
  if (mos > 4.2) return CallQuality.Excellent;
  if (mos >= 4.1) return CallQuality.Great;
  if (mos >= 3.7) return CallQuality.Good;
  return mos >= 3.1 ? CallQuality.Fair : CallQuality.Degraded;
}

/** The types Twilio has within its class. */
// oxlint-disable-next-line typescript/no-namespace, no-redeclare -- Twilio's names are in a namespace, and code says `PreflightTest.Report`.
export declare namespace PreflightTest {
  export type CallQuality = (typeof CallQuality)[keyof typeof CallQuality];
  export type Status = (typeof Status)[keyof typeof Status];
  export type Options = TwilioPreflightOptions;
  export type Report = TwilioPreflightReport;
  export type Warning = TwilioPreflightWarning;
}
