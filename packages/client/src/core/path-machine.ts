/**
 * The media path of one call, and who mends it: the one authority. Rules: `docs/spec/recovery.md`.
 *
 * ```
 *              connected                broken · too slow             proven
 *  bringing up ─────────► well ───────────────────────────► probing ──────────► restarting ◄─┐
 *                          ▲                                 │   ▲                  │        │ signaling up
 *                          │ connected                  down │   └─ broken anew     │ still not, after a while
 *                          ├──── probing · restarting · renewing                    ▼        │
 *                          │                                 ▼                   renewing ───┤
 *                          └──────────────────────────── stranded ◄──── down ───────┴────────┘
 *                                                                     the gateway's patience over ──► lost
 * ```
 *
 * A path that breaks says nothing about which half of the network did. So the socket is asked first: while it does not
 * answer, it alone is mended, and nothing is tried here, since every cure goes through it. Once it has answered, or is
 * back, the path is mended: by an ICE restart, then by new transports, then by new ones through a relay where there is
 * one, and so on until the time is over that the gateway gives. Never both at a time, and one cure at a time. A path
 * that broke again and again shortly after it was mended is not given the weakest cure once more. A path on which nothing
 * passes although it is connected (`flow-watch.ts`) is mended without asking: the socket has just told of it.
 */
export type Path =
  | { readonly name: 'idle' }
  | { readonly name: 'bringing-up'; readonly byMs: number }
  | { readonly name: 'well'; readonly sinceMs: number }
  /** Broken, and the socket has been asked for a sign of life. */
  | { readonly name: 'probing'; readonly byMs: number }
  /** Broken, and the socket is away. */
  | { readonly name: 'stranded' }
  | { readonly name: 'restarting'; readonly byMs: number; readonly lostAtMs: number }
  | {
      readonly name: 'renewing';
      readonly via: 'any' | 'relay';
      readonly byMs: number;
      readonly lostAtMs: number;
    }
  | { readonly name: 'lost' };

export interface PathState {
  readonly path: Path;
  readonly isSignalingUp: boolean;
  /** How often in a row it has broken soon after it was well. */
  readonly stalls: number;
}

export type PathInput =
  /** Transports exist, or exist anew. */
  | { readonly type: 'started' }
  /** What the worse of the two transports says. */
  | { readonly type: 'connected' }
  | { readonly type: 'broken' }
  /** Nothing passes although it is connected; the socket has just been proven. `times`: so often in a row before. */
  | { readonly type: 'dead'; readonly times: number }
  | { readonly type: 'signalingUp' }
  | { readonly type: 'signalingDown' }
  /** The socket has just given a sign of life that was asked for. */
  | { readonly type: 'signalingProven' }
  /** The gateway cannot do what was asked. */
  | { readonly type: 'cureRefused' }
  | { readonly type: 'clock' };

export type PathOutput =
  /** Ask the socket for a sign of life. */
  | { readonly type: 'probe' }
  | { readonly type: 'restartIce' }
  /** `relay`: through a relay, if there is one. */
  | { readonly type: 'renewMedia'; readonly via: 'any' | 'relay' }
  | { readonly type: 'giveUp' };

export interface PathStep {
  readonly state: PathState;
  readonly outputs: readonly PathOutput[];
}

/** What a step is told besides its input. */
export interface PathWorld {
  readonly nowMs: number;
  /** For how long a path is mended before it is given up; the gateway says so. */
  readonly patienceMs: number;
}

export const PATH_LIMITS = {
  bringUpMs: 15_000,
  /** Longer than the socket is given to answer: it decides, this only keeps a wait from being endless. */
  probeMs: 8_000,
  restartMs: 6_000,
  renewMs: 10_000,
  /** Broken again within this time of being well is a stall … */
  stallMs: 20_000,
  /** … and after so many in a row a restart is not what helps. */
  stallsMax: 2,
} as const;

export const NO_PATH: PathState = { path: { name: 'idle' }, isSignalingUp: true, stalls: 0 };

export function pathDeadlineMs({ path }: PathState): number | null {
  return 'byMs' in path ? path.byMs : null;
}

/** Pure: the same state, input and world always give the same step. */
export function stepPath(state: PathState, input: PathInput, world: PathWorld): PathStep {
  const { path } = state;
  if (path.name === 'lost') return stay(state);
  switch (input.type) {
    case 'started':
      // Renewed transports have the renewal's own deadline: a second renewal would not do better.
      if (path.name === 'renewing') return stay(state);
      return to(state, { name: 'bringing-up', byMs: world.nowMs + PATH_LIMITS.bringUpMs });
    case 'connected':
      if (path.name === 'idle' || path.name === 'well') return stay(state);
      return to(state, { name: 'well', sinceMs: world.nowMs });
    case 'broken':
      return broken(state, world);
    case 'dead':
      if (path.name !== 'well' || !state.isSignalingUp) return stay(state);
      // A restart once; then it is not what helps.
      return firstCure({ ...state, stalls: input.times && input.times + PATH_LIMITS.stallsMax - 1 }, world);
    case 'signalingDown':
      return signalingDown(state);
    case 'signalingUp': {
      const up = { ...state, isSignalingUp: true };
      return path.name === 'stranded' ? firstCure(up, world) : stay(up);
    }
    case 'signalingProven':
      return path.name === 'probing' ? firstCure(state, world) : stay(state);
    case 'cureRefused':
      return path.name === 'restarting' || path.name === 'renewing' ? stronger(state, world) : stay(state);
    case 'clock': {
      const byMs = pathDeadlineMs(state);
      return byMs === null || world.nowMs < byMs ? stay(state) : late(state, world);
    }
  }
}

function stay(state: PathState): PathStep {
  return { state, outputs: [] };
}

function to(state: PathState, path: Path, ...outputs: readonly PathOutput[]): PathStep {
  return { state: { ...state, path }, outputs };
}

function broken(state: PathState, world: PathWorld): PathStep {
  const { path } = state;
  if (path.name === 'well') {
    const isStall = world.nowMs - path.sinceMs < PATH_LIMITS.stallMs;
    return ask({ ...state, stalls: isStall ? state.stalls + 1 : 0 }, world);
  }
  return path.name === 'bringing-up' ? ask(state, world) : stay(state);
}

/** Which half of the network is it? */
function ask(state: PathState, { nowMs }: PathWorld): PathStep {
  if (!state.isSignalingUp) return to(state, { name: 'stranded' });
  return to(state, { name: 'probing', byMs: nowMs + PATH_LIMITS.probeMs }, { type: 'probe' });
}

function firstCure(state: PathState, world: PathWorld): PathStep {
  const lostAtMs = world.nowMs + world.patienceMs;
  if (state.stalls >= PATH_LIMITS.stallsMax) {
    return renew(state, state.stalls > PATH_LIMITS.stallsMax ? 'relay' : 'any', lostAtMs, world);
  }
  const byMs = Math.min(lostAtMs, world.nowMs + PATH_LIMITS.restartMs);
  return to(state, { name: 'restarting', byMs, lostAtMs }, { type: 'restartIce' });
}

function renew(state: PathState, via: 'any' | 'relay', lostAtMs: number, { nowMs }: PathWorld): PathStep {
  const byMs = Math.min(lostAtMs, nowMs + PATH_LIMITS.renewMs);
  return to(state, { name: 'renewing', via, byMs, lostAtMs }, { type: 'renewMedia', via });
}

function signalingDown(state: PathState): PathStep {
  const down = { ...state, isSignalingUp: false };
  switch (state.path.name) {
    case 'probing':
    case 'restarting':
    case 'renewing':
      return to(down, { name: 'stranded' });
    case 'idle':
    case 'bringing-up':
    case 'well':
    case 'stranded':
    case 'lost':
      return stay(down);
  }
}

function late(state: PathState, world: PathWorld): PathStep {
  switch (state.path.name) {
    case 'bringing-up':
      return ask(state, world);
    case 'probing':
      return firstCure(state, world);
    case 'restarting':
    case 'renewing':
      return stronger(state, world);
    case 'idle':
    case 'well':
    case 'stranded':
    case 'lost':
      return stay(state);
  }
}

/** What was tried has not helped. Where time is left, something else may. */
function stronger(state: PathState, world: PathWorld): PathStep {
  const { path } = state;
  if (path.name !== 'restarting' && path.name !== 'renewing') return stay(state);
  if (world.nowMs >= path.lostAtMs) return to(state, { name: 'lost' }, { type: 'giveUp' });
  const via = path.name === 'renewing' && path.via === 'any' ? 'relay' : 'any';
  return renew(state, via, path.lostAtMs, world);
}
