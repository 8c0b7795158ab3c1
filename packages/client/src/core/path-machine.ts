/**
 * The media path of one call, and who mends it.
 *
 * ```
 *              connected                    disconnected · failed · too slow
 *  bringing up ─────────► well ─────────────────────────────────────────────► restarting
 *       │                  ▲                                                    │  │ still not, after a while
 *       │ too slow         └────────────────────── connected ───────────────────┘  ▼
 *       └──────────────────────────────────────────────────────────────────────► renewing ──► lost
 * ```
 *
 * One authority, and one thing at a time: while the socket is away nothing is tried here, since every cure goes through
 * it; its return starts a restart at once. A cure that does not help in time is followed by a stronger one.
 */
export type Path =
  | { readonly name: 'idle' }
  | { readonly name: 'bringing-up'; readonly byMs: number }
  | { readonly name: 'well' }
  /** Broken, and the socket is away. */
  | { readonly name: 'stranded' }
  | { readonly name: 'restarting'; readonly byMs: number }
  | { readonly name: 'renewing'; readonly byMs: number }
  | { readonly name: 'lost' };

export interface PathState {
  readonly path: Path;
  readonly isSignalingUp: boolean;
}

export type PathInput =
  /** Transports exist, or exist anew. */
  | { readonly type: 'started' }
  /** What the worse of the two transports says. */
  | { readonly type: 'connected' }
  | { readonly type: 'broken' }
  | { readonly type: 'signalingUp' }
  | { readonly type: 'signalingDown' }
  /** The gateway cannot do what was asked. */
  | { readonly type: 'cureRefused' }
  | { readonly type: 'clock' };

export type PathOutput =
  | { readonly type: 'restartIce' }
  | { readonly type: 'renewMedia' }
  | { readonly type: 'giveUp' };

export interface PathStep {
  readonly state: PathState;
  readonly outputs: readonly PathOutput[];
}

export const PATH_LIMITS = { bringUpMs: 15_000, restartMs: 6_000, renewMs: 15_000 } as const;

export const NO_PATH: PathState = { path: { name: 'idle' }, isSignalingUp: true };

export function pathDeadlineMs({ path }: PathState): number | null {
  return 'byMs' in path ? path.byMs : null;
}

/** Pure: the same state, input and time always give the same step. */
export function stepPath(state: PathState, input: PathInput, nowMs: number): PathStep {
  const { path } = state;
  if (path.name === 'lost') return { state, outputs: [] };
  switch (input.type) {
    case 'started':
      // Renewed transports have the renewal's own deadline: a second renewal would not do better.
      if (path.name === 'renewing') return { state, outputs: [] };
      return to(state, { name: 'bringing-up', byMs: nowMs + PATH_LIMITS.bringUpMs });
    case 'connected':
      return path.name === 'idle' ? { state, outputs: [] } : to(state, { name: 'well' });
    case 'broken':
      return path.name === 'well' || path.name === 'bringing-up'
        ? mend(state, nowMs)
        : { state, outputs: [] };
    case 'signalingDown':
      return signalingDown(state);
    case 'signalingUp': {
      const up = { ...state, isSignalingUp: true };
      return path.name === 'stranded' ? mend(up, nowMs) : { state: up, outputs: [] };
    }
    case 'cureRefused':
      return path.name === 'restarting' || path.name === 'renewing'
        ? stronger(state, nowMs)
        : { state, outputs: [] };
    case 'clock': {
      const byMs = pathDeadlineMs(state);
      return byMs === null || nowMs < byMs ? { state, outputs: [] } : stronger(state, nowMs);
    }
  }
}

function to(state: PathState, path: Path, ...outputs: readonly PathOutput[]): PathStep {
  return { state: { ...state, path }, outputs };
}

function mend(state: PathState, nowMs: number): PathStep {
  if (!state.isSignalingUp) return to(state, { name: 'stranded' });
  return to(state, { name: 'restarting', byMs: nowMs + PATH_LIMITS.restartMs }, { type: 'restartIce' });
}

function signalingDown(state: PathState): PathStep {
  const down = { ...state, isSignalingUp: false };
  switch (state.path.name) {
    case 'restarting':
    case 'renewing':
      return to(down, { name: 'stranded' });
    case 'idle':
    case 'bringing-up':
    case 'well':
    case 'stranded':
    case 'lost':
      return { state: down, outputs: [] };
  }
}

/** What was tried has not helped in time. */
function stronger(state: PathState, nowMs: number): PathStep {
  switch (state.path.name) {
    case 'bringing-up':
      return mend(state, nowMs);
    case 'restarting':
      return to(state, { name: 'renewing', byMs: nowMs + PATH_LIMITS.renewMs }, { type: 'renewMedia' });
    case 'renewing':
      return to(state, { name: 'lost' }, { type: 'giveUp' });
    case 'idle':
    case 'well':
    case 'stranded':
    case 'lost':
      return { state, outputs: [] };
  }
}
