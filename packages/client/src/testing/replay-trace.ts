import type { CallPhase, CallStatus, WarningName } from '../api.ts';
import { stepCall } from '../core/call-machine.ts';
import { statusOf, type CallInput, type CallState } from '../core/call-state.ts';
import { NO_QUALITY, stepQuality, type QualityState } from '../core/quality/quality-machine.ts';
import type { Trace, TraceEntry } from '../core/trace.ts';
import { ERRORS } from '../error-table.ts';
import { ClientError, type ClientErrorName } from '../errors.ts';

/** One thing that happened in a call, and how the call stood after it. Flat, so that `console.table` shows it well. */
export interface ReplayedStep {
  /** Since the first thing that is recorded. */
  readonly atMs: number;
  /** `person: accept`, `gateway: joined`, `path: broken`, `sent: mute`, `received: consume`, `sample`. */
  readonly what: string;
  readonly status: CallStatus;
  readonly phase: CallPhase;
  /** What was wrong with the connection by then, by name, apart by blanks. */
  readonly warnings: string;
  /** Of the last five seconds; null before there is one. */
  readonly mos: number | null;
  /** How the call had come to stand when it was recorded, where the machines of this version come to something else. */
  readonly recorded: CallPhase | null;
}

const WHAT: Readonly<Record<Exclude<CallInput['type'], 'notice'>, string>> = {
  accept: 'person: accept',
  reject: 'person: reject',
  ignore: 'person: ignore',
  hangup: 'person: hangup',
  fail: 'device: cannot go on',
  placed: 'gateway: placed',
  refused: 'gateway: refused',
  socketAway: 'socket: away',
  socketBack: 'socket: back',
  sessionLost: 'session: lost',
  pathBroken: 'path: broken',
  pathWell: 'path: well',
  clock: 'deadline',
};

/**
 * Plays what `call.exportTrace()` recorded again, in the SDK's own machines: for whoever is sent the trace of a call that
 * went wrong, and for a test that holds a mended fault to it.
 *
 * @param file the text of the file
 * @throws {ClientError} `invalid-argument` for what is no trace, is of another version, or cannot be played
 */
export function replayTrace(file: string): readonly ReplayedStep[] {
  const { initial, entries } = traceIn(file);
  const beganMs = entries[0]?.atMs ?? 0;
  let call: CallState = initial;
  let quality: QualityState = NO_QUALITY;
  return entries.map((entry, index) => {
    try {
      if (entry.kind === 'call') call = stepCall(call, revived(entry.input), entry.atMs).state;
      if (entry.kind === 'quality') quality = stepQuality(quality, entry.input).state;
      const phase = call.phase.name;
      return {
        atMs: entry.atMs - beganMs,
        what: whatOf(entry),
        status: statusOf(call),
        phase,
        warnings: namesOf(quality).join(' '),
        mos: quality.quality?.mos ?? null,
        recorded: entry.kind === 'call' && entry.phase !== phase ? (entry.phase as CallPhase) : null,
      };
    } catch (error) {
      throw new ClientError('invalid-argument', `Entry ${index} of the trace cannot be played.`, {
        cause: error,
      });
    }
  });
}

function namesOf({ raised }: QualityState): readonly WarningName[] {
  return raised.map(({ name }) => name);
}

function whatOf(entry: TraceEntry): string {
  if (entry.kind === 'quality') return 'sample';
  if (entry.kind !== 'call') return `${entry.kind}: ${entry.frame.type}`;
  const { input } = entry;
  return input.type === 'notice' ? `gateway: ${input.notice.type}` : WHAT[input.type];
}

/** Errors were written down as facts; the machine is told errors. */
function revived(input: CallInput): CallInput {
  if (!('error' in input) || input.error === undefined) return input;
  const { name } = input.error;
  const known: ClientErrorName = Object.hasOwn(ERRORS, name) ? name : 'unknown';
  return { ...input, error: new ClientError(known) };
}

function traceIn(file: string): Trace {
  let read: unknown;
  try {
    read = JSON.parse(file);
  } catch (error) {
    throw new ClientError('invalid-argument', 'This is no JSON.', { cause: error });
  }
  if (!isRecord(read) || read['format'] !== 'parley-trace')
    throw new ClientError('invalid-argument', 'This is no trace of a call.');
  if (read['version'] !== 1)
    throw new ClientError(
      'invalid-argument',
      `This trace has version ${String(read['version'])}; this SDK plays version 1.`,
    );
  if (!isRecord(read['initial']) || !Array.isArray(read['entries']))
    throw new ClientError('invalid-argument', 'This trace is not whole.');
  return read as unknown as Trace;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
