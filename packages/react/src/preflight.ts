import type { Sample, TokenProvider } from '@parley/client';
import type {
  PreflightCheckName,
  PreflightOptions,
  PreflightProgress,
  PreflightReason,
  PreflightReport,
} from '@parley/client/preflight';
import { useCallback, useEffect, useRef, useState } from 'react';

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

/** A preflight, and what starts and stops it. */
export interface PreflightControls extends PreflightState {
  /** Begins, or begins again; while one runs, it is that one. Answers with the report, or null. Never rejects. */
  readonly start: () => Promise<PreflightReport | null>;
  /** Closes everything at once. */
  readonly cancel: () => void;
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

/** A run that goes on, and what ends it. */
interface Run {
  readonly stop: AbortController;
  readonly done: Promise<PreflightReport | null>;
}

/**
 * Tries the line before anybody calls, with `runPreflight` of `@parley/client/preflight`, which is loaded when it is first
 * started. It is cancelled when the component goes. `token` and `options` are those of the last rendering.
 */
export function usePreflight(
  token: string | TokenProvider,
  options: PreflightOptions = {},
): PreflightControls {
  const [state, setState] = useState<PreflightState>(IDLE);
  const latest = useRef({ token, options });
  const current = useRef<Run | null>(null);
  useEffect(() => {
    latest.current = { token, options };
  });
  const cancel = useCallback(() => current.current?.stop.abort(), []);
  useEffect(() => cancel, [cancel]);
  const start = useCallback(() => {
    if (current.current !== null && !current.current.stop.signal.aborted) return current.current.done;
    const stop = new AbortController();
    const run: Run = {
      stop,
      done: runOnce(latest.current, stop.signal, (next) => {
        if (current.current === run) setState(next);
      }).finally(() => {
        if (current.current === run) current.current = null;
      }),
    };
    current.current = run;
    setState({ ...IDLE, status: 'running' });
    return run.done;
  }, []);
  return { ...state, start, cancel };
}

async function runOnce(
  { token, options }: { readonly token: string | TokenProvider; readonly options: PreflightOptions },
  stopped: AbortSignal,
  tell: (state: PreflightState) => void,
): Promise<PreflightReport | null> {
  let state: PreflightState = { ...IDLE, status: 'running' };
  const become = (changes: Partial<PreflightState>): void => tell((state = { ...state, ...changes }));
  const signal = options.signal === undefined ? stopped : AbortSignal.any([stopped, options.signal]);
  try {
    const { runPreflight } = await import('@parley/client/preflight');
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
