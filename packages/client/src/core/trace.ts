import type { ClientMessage, ServerMessage } from '@parley/protocol';
import { ClientError } from '../errors.ts';
import type { CallInput, CallState } from './call-state.ts';
import type { QualityInput } from './quality/quality-machine.ts';

/**
 * The flight recorder of one call: what went into its machines, which frames were said, how it sounded. It holds no
 * more than a ceiling, drops the oldest, and never takes in what must not be told: of a frame only the fields named
 * here, so that a field somebody adds later stays out until somebody has thought about it.
 */
export interface Trace {
  /** How the call stood before the first entry that is still here. */
  readonly initial: CallState;
  readonly entries: readonly TraceEntry[];
  readonly droppedEntries: number;
}

export type TraceEntry =
  /** What the call's machine was told, and where that led. */
  | { readonly kind: 'call'; readonly atMs: number; readonly input: CallInput; readonly phase: string }
  /** What the quality machine was told. */
  | { readonly kind: 'quality'; readonly atMs: number; readonly input: QualityInput }
  | { readonly kind: 'sent' | 'received'; readonly atMs: number; readonly frame: TracedFrame };

/** A frame, less everything that is nobody's business. */
export type TracedFrame = Readonly<Record<string, unknown>> & { readonly type: string };

/** Twenty minutes of samples, and everything that happens in an eventful call. */
export const TRACE_ENTRIES_MAX = 2000;

interface Kept {
  readonly entry: TraceEntry;
  /** How the call stood after it. */
  readonly after?: CallState;
}

export class TraceRecorder {
  readonly #entriesMax: number;
  #initial: CallState;
  #kept: Kept[] = [];
  #dropped = 0;

  constructor(initial: CallState, entriesMax = TRACE_ENTRIES_MAX) {
    this.#initial = withoutSecrets(initial);
    this.#entriesMax = entriesMax;
  }

  callStepped(told: CallInput, after: CallState, atMs: number): void {
    const entry = { kind: 'call', atMs, input: tracedInput(told), phase: after.phase.name } as const;
    this.#keep({ entry, after: withoutSecrets(after) });
  }

  measured(input: QualityInput, atMs: number): void {
    this.#keep({ entry: { kind: 'quality', atMs, input } });
  }

  frame(kind: 'sent' | 'received', message: Traceable, atMs: number): void {
    this.#keep({ entry: { kind, atMs, frame: tracedFrame(message) } });
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    if (this.#kept.length <= this.#entriesMax) return;
    const oldest = this.#kept.shift();
    this.#dropped += 1;
    if (oldest?.after !== undefined) this.#initial = oldest.after;
  }

  get trace(): Trace {
    return {
      initial: this.#initial,
      entries: this.#kept.map(({ entry }) => entry),
      droppedEntries: this.#dropped,
    };
  }
}

type WithoutId<Message> = Message extends unknown ? Omit<Message, 'id'> : never;
/** Any message, with or without the id it gets on its way out. */
export type Traceable = ServerMessage | WithoutId<ClientMessage>;

/** Fields that say what happened, and neither who is meant by it nor how to get in. */
const TOLD_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'id',
  're',
  'seq',
  'callId',
  'callSid',
  'reason',
  'by',
  'kind',
  'source',
  'muted',
  'video',
  'audio',
  'on',
  'why',
  'everywhere',
  'durationMs',
  'score',
  'issue',
  'ok',
]);

/** Reduces a frame to what may be told. */
export function tracedFrame(message: Traceable): TracedFrame {
  const told = Object.entries(message).filter(
    ([field, value]) => TOLD_FIELDS.has(field) && typeof value !== 'object',
  );
  const media = 'media' in message && isWish(message.media) ? { media: message.media } : {};
  return { ...Object.fromEntries(told), ...media, type: message.type };
}

function isWish(media: unknown): boolean {
  return (
    typeof media === 'object' &&
    media !== null &&
    Object.values(media).every((value) => typeof value === 'boolean')
  );
}

/** An input that the machine takes for the same as the one it was made from. */
function tracedInput(input: CallInput): CallInput {
  switch (input.type) {
    case 'notice': {
      const { notice } = input;
      if (notice.type === 'joined') return { ...input, notice: { ...notice, other: plain(notice.other) } };
      if (notice.type !== 'ended') return input;
      const { elsewhere, fault, ...rest } = notice;
      return {
        ...input,
        notice: {
          ...rest,
          ...(elsewhere === undefined ? {} : { elsewhere: plain(elsewhere) }),
          // The sentence may quote the document.
          ...(fault === undefined ? {} : { fault: { code: fault.code, message: '' } }),
        },
      };
    }
    case 'fail':
    case 'refused':
    case 'sessionLost':
      // What failed may have quoted anything; its name says which of our own sentences belongs to it.
      return input.error === undefined ? input : { ...input, error: new ClientError(input.error.name) };
    default:
      return input;
  }
}

/** A name is what people are called by here; what they call their devices stays theirs. */
function plain({ identity }: { readonly identity: string }): { identity: string } {
  return { identity };
}

function withoutSecrets(state: CallState): CallState {
  const { phase } = state;
  const other = state.other === null ? null : plain(state.other);
  // An end is followed by nothing, so nothing needs to be known of it.
  const kept = phase.name === 'accepting' ? { ...phase, refusal: null } : phase;
  return { ...state, other, phase: kept };
}
