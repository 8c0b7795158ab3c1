import type { TokenProvider } from '@parley/client';
import { PreflightRuns, type PreflightState } from '@parley/client/bindings';
import type { PreflightOptions, PreflightReport } from '@parley/client/preflight';
import { useEffect, useRef, useState } from 'react';
import { useStore } from './store.ts';

/** A preflight, and what starts and stops it. */
export interface PreflightControls extends PreflightState {
  /** Begins, or begins again; while one runs, it is that one. Answers with the report, or null. Never rejects. */
  readonly start: () => Promise<PreflightReport | null>;
  /** Closes everything at once. */
  readonly cancel: () => void;
}

/**
 * Tries the line before anybody calls, with `runPreflight` of `@parley/client/preflight`, which is loaded when it is first
 * started. It is cancelled when the component goes. `token` and `options` are those of the last rendering.
 */
export function usePreflight(
  token: string | TokenProvider,
  options: PreflightOptions = {},
): PreflightControls {
  const latest = useRef({ token, options });
  useEffect(() => {
    latest.current = { token, options };
  });
  const [runs] = useState(() => new PreflightRuns(() => latest.current));
  useEffect(() => runs.cancel, [runs]);
  const state = useStore(runs, (now) => now);
  return { ...state, start: runs.start, cancel: runs.cancel };
}
