import type { TokenProvider } from '@parley/client';
import { PreflightRuns, type PreflightState } from '@parley/client/bindings';
import type { PreflightOptions, PreflightReport } from '@parley/client/preflight';
import { onScopeDispose, type ComputedRef } from 'vue';
import { useStore } from './store.ts';

/** A preflight, and what starts and stops it. */
export interface PreflightControls {
  /** How it stands, check by check. */
  readonly preflight: ComputedRef<PreflightState>;
  /** Begins, or begins again; while one runs, it is that one. Answers with the report, or null. Never rejects. */
  readonly start: () => Promise<PreflightReport | null>;
  /** Closes everything at once. */
  readonly cancel: () => void;
}

/**
 * Tries the line before anybody calls, with `runPreflight` of `@parley/client/preflight`, which is loaded when it is first
 * started. It is cancelled when the component goes. `options` may be a function, asked when a run begins.
 */
export function usePreflight(
  token: string | TokenProvider,
  options: PreflightOptions | (() => PreflightOptions) = {},
): PreflightControls {
  const runs = new PreflightRuns(() => ({
    token,
    options: typeof options === 'function' ? options() : options,
  }));
  onScopeDispose(runs.cancel);
  return { preflight: useStore(runs, (now) => now), start: runs.start, cancel: runs.cancel };
}
