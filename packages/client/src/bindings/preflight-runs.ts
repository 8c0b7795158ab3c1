import type { ReadableStore, TokenProvider } from '../api.ts';
import type { Sample } from '../core/quality/quality.ts';
import type {
  PreflightCheckName,
  PreflightOptions,
  PreflightProgress,
  PreflightReason,
  PreflightReport,
} from '../preflight-entry.ts';
import { Store } from '../store.ts';

/** One check, as far as it has come. */
export interface PreflightStep {
  readonly name: PreflightCheckName;
  /** `skipped`: it makes no sense here, or what it builds on has failed. */
  readonly state: 'running' | 'passed' | 'failed' | 'skipped';
  readonly reason: PreflightReason | null;
}

/** How a preflight stands. */
export interface PreflightState {
  /** `failed`: it could not be run at all, see `error`. What it has found is in `report`, once it is `done`. */
  readonly status: 'idle' | 'running' | 'done' | 'cancelled' | 'failed';
  /** Checks that have begun, in their order; several run at once. */
  readonly checks: readonly PreflightStep[];
  /** How much of it is over, 0 to 1, by the number of checks. */
  readonly progress: number;
  /** Of the echo call, a second each. */
  readonly samples: readonly Sample[];
  readonly report: PreflightReport | null;
  readonly error: unknown;
}

const CHECKS = 7;
const IDLE: PreflightState = {
  status: 'idle',
  checks: [],
  progress: 0,
  samples: [],
  report: null,
  error: null,
};

const RUNNING: PreflightState = { ...IDLE, status: 'running' };

/** A run that goes on, and what ends it. */
interface Run {
  readonly stop: AbortController;
  readonly done: Promise<PreflightReport | null>;
}

/** What a run tries with, asked for when it begins. */
export interface PreflightRequest {
  readonly token: string | TokenProvider;
  readonly options: PreflightOptions;
}

/** Preflights of one component, one at a time, as a store that it can show. */
export class PreflightRuns implements ReadableStore<PreflightState> {
  readonly #request: () => PreflightRequest;
  readonly #store = new Store<PreflightState>(IDLE, throwLater);
  #current: Run | null = null;

  constructor(request: () => PreflightRequest) {
    this.#request = request;
  }

  readonly getSnapshot = (): PreflightState => this.#store.getSnapshot();

  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Begins, or begins again; while one runs, it is that one. Answers with the report, or null. Never rejects. */
  readonly start = (): Promise<PreflightReport | null> => {
    if (this.#current !== null && !this.#current.stop.signal.aborted) return this.#current.done;
    const stop = new AbortController();
    const run: Run = {
      stop,
      done: runOnce(this.#request(), stop.signal, (next) => {
        if (this.#current === run) this.#store.update(next);
      }).finally(() => {
        if (this.#current === run) this.#current = null;
      }),
    };
    this.#current = run;
    this.#store.update(RUNNING);
    return run.done;
  };

  /** Closes everything at once. */
  readonly cancel = (): void => this.#current?.stop.abort();
}

async function runOnce(
  { token, options }: PreflightRequest,
  stopped: AbortSignal,
  tell: (state: PreflightState) => void,
): Promise<PreflightReport | null> {
  let state = RUNNING;
  const become = (changes: Partial<PreflightState>): void => tell((state = { ...state, ...changes }));
  const signal = options.signal === undefined ? stopped : AbortSignal.any([stopped, options.signal]);
  try {
    const { runPreflight } = await import('../preflight-entry.ts');
    signal.throwIfAborted();
    const preflight = runPreflight(token, { ...options, signal });
    const follow = async (): Promise<void> => {
      for await (const news of preflight) if (state.status === 'running') become(after(state, news));
    };
    void follow();
    const report = await preflight.report;
    become({ status: 'done', progress: 1, report });
    return report;
  } catch (error) {
    become(signal.aborted ? { status: 'cancelled' } : { status: 'failed', error });
    return null;
  }
}

function after({ checks, samples }: PreflightState, news: PreflightProgress): Partial<PreflightState> {
  if (news.type === 'sample') return { samples: [...samples, news.sample] };
  const step: PreflightStep =
    news.type === 'started'
      ? { name: news.name, state: 'running', reason: null }
      : { name: news.check.name, state: news.check.state, reason: news.check.reason ?? null };
  const isKnown = checks.some(({ name }) => name === step.name);
  const next = isKnown ? checks.map((known) => (known.name === step.name ? step : known)) : [...checks, step];
  return { checks: next, progress: next.filter((one) => one.state !== 'running').length / CHECKS };
}

/** Who shows a state and throws does not end the run; the page's own handler hears of it. */
function throwLater(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown;
  });
}
