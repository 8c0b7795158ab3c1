import type { ClientErrorName } from '../errors.ts';
import type { Sample, WarningName } from '../core/quality/quality.ts';

/** What is looked at, in this order; the three ways to the SFU side by side. */
export type PreflightCheckName = 'microphone' | 'camera' | 'gateway' | 'udp' | 'tcp' | 'turn' | 'echo';

/** Why a check did not pass: an error of the SDK by its name, or what was found. */
export type PreflightReason =
  | ClientErrorName
  /** No packet came through this way. */
  | 'no-way'
  /** Nothing came back of what was sent. */
  | 'no-echo';

export interface PreflightCheck {
  readonly name: PreflightCheckName;
  /** `skipped`: it makes no sense here, or what it builds on has failed. */
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly reason?: PreflightReason;
  /** How long it took. */
  readonly durationMs: number;
}

/** What is told meanwhile. */
export type PreflightProgress =
  | { readonly type: 'started'; readonly name: PreflightCheckName }
  | { readonly type: 'finished'; readonly check: PreflightCheck }
  | { readonly type: 'sample'; readonly sample: Sample };

/** Why the verdict is not better. */
export type PreflightFinding =
  | PreflightReason
  | WarningName
  | 'turn-needed'
  | 'low-quality'
  | 'camera-unusable';

export interface PreflightReport {
  /** `pass`: calls will be good. `warn`: they will work, with the reasons named. `fail`: they will not. */
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly reasons: readonly PreflightFinding[];
  readonly checks: readonly PreflightCheck[];
  /** Of the echo call. */
  readonly samples: readonly Sample[];
  readonly mos: { readonly average: number; readonly min: number } | null;
  readonly rttMs: number | null;
  readonly jitterMs: number | null;
  readonly lossFraction: number | null;
  /** Neither UDP nor TCP reached the SFU, and TURN did; null where TURN was not offered or nothing worked. */
  readonly isTurnNeeded: boolean | null;
  /** The way the echo call took. */
  readonly path: 'udp' | 'tcp' | 'relay' | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** What was found, before anybody has judged it. */
export interface PreflightFindings {
  readonly checks: readonly PreflightCheck[];
  readonly samples: readonly Sample[];
  readonly warnings: readonly WarningName[];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** Below this a listener would complain. */
const GOOD_MOS = 3.6;

/** Judges. Pure: the same findings always give the same report. */
export function reportOf({
  checks,
  samples,
  warnings,
  startedAtMs,
  endedAtMs,
}: PreflightFindings): PreflightReport {
  const stateOf = (name: PreflightCheckName) => checks.find((check) => check.name === name)?.state;
  const failed = (name: PreflightCheckName): boolean => stateOf(name) === 'failed';
  const reasonOf = (name: PreflightCheckName): PreflightFinding[] =>
    checks.flatMap((check) => (check.name === name && check.reason !== undefined ? [check.reason] : []));
  const scores = samples.flatMap(({ mos }) => mos ?? []);
  const mos = scores.length === 0 ? null : { average: round(mean(scores)), min: round(Math.min(...scores)) };
  const isDirect = stateOf('udp') === 'passed' || stateOf('tcp') === 'passed';
  const hasTurn = stateOf('turn') === 'passed';
  const fatal = (['microphone', 'gateway', 'echo'] as const).filter(failed).flatMap(reasonOf);
  const doubtful: PreflightFinding[] = [
    ...(failed('camera') ? ['camera-unusable' as const, ...reasonOf('camera')] : []),
    ...(!isDirect && hasTurn ? ['turn-needed' as const] : []),
    ...(mos !== null && mos.average < GOOD_MOS ? ['low-quality' as const] : []),
    ...warnings,
  ];
  const path = samples.at(-1)?.path ?? null;
  return {
    verdict: fatal.length > 0 ? 'fail' : doubtful.length > 0 ? 'warn' : 'pass',
    reasons: [...new Set([...fatal, ...doubtful])],
    checks,
    samples,
    mos,
    rttMs: meanOf(samples.map(({ rttMs }) => rttMs)),
    jitterMs: meanOf(samples.map(({ received }) => received.audio?.jitterMs ?? null)),
    lossFraction: meanOf(samples.map(({ received }) => received.audio?.lossFraction ?? null)),
    isTurnNeeded: isDirect ? false : hasTurn ? true : null,
    path: path === null ? null : path.localType === 'relay' ? 'relay' : path.protocol,
    startedAtMs,
    endedAtMs,
  };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function round(score: number): number {
  return Math.round(score * 100) / 100;
}
