import type { Call, CallEnd, CallSnapshot, Device } from '@parley/client';
import { endWords, type EndTone } from './end-words.ts';
import { Cell, watch, type Readable, type Scope } from './view.ts';

/** A call that is over, in words. */
export interface LastCall {
  readonly other: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly video: boolean;
  readonly sentence: string;
  readonly tone: EndTone;
  readonly durationMs: number;
  /** For what may still be said about it. */
  readonly call: Call;
}

/** The device's calls by what a person has to do with them. */
export interface Calls {
  /** The call this person talks in: placed here, or picked up here, and not put on hold here while there is another. */
  readonly current: Readable<Call | null>;
  /** What else this person takes part in, oldest first: the calls on hold. */
  readonly others: Readable<readonly Call[]>;
  /** Whether a call is being placed: another has to wait until somebody has answered, or nobody has. */
  readonly isPlacing: Readable<boolean>;
  /** Calls that wait for an answer, oldest first; without those ignored here. */
  readonly waiting: Readable<readonly Call[]>;
  readonly last: Readable<LastCall | null>;
  readonly forgetLast: () => void;
}

/** Who is at the other end, or what conference; for a call that nobody has answered yet, whom it is for. */
export function otherOf({
  other,
  direction,
  parameters,
  conference,
}: Pick<CallSnapshot, 'other' | 'direction' | 'parameters'> &
  Partial<Pick<CallSnapshot, 'conference'>>): string {
  if (conference) return conference.name;
  return other?.identity ?? (direction === 'incoming' ? parameters.From : parameters.To);
}

/** Sorts the calls of a device, for as long as the scope lasts. */
export function followCalls(device: Device, scope: Scope): Calls {
  const current = new Cell<Call | null>(null);
  const others = new Cell<readonly Call[]>([]);
  const isPlacing = new Cell(false);
  const waiting = new Cell<readonly Call[]>([]);
  const last = new Cell<LastCall | null>(null);
  const known = new WeakSet<Call>();

  const sort = (): void => {
    const { calls } = device.store.getSnapshot();
    const mine = calls.filter(isTakenPartIn);
    const talking = mine.findLast((call) => !call.store.getSnapshot().held.local) ?? mine.at(-1) ?? null;
    current.set(talking);
    others.set(mine.filter((call) => call !== talking));
    isPlacing.set(mine.some(isBeingPlaced));
    waiting.set(calls.filter(isWaiting));
  };
  const meet = (call: Call): void => {
    known.add(call);
    const unsubscribe = call.store.subscribe(sort);
    scope.addEventListener('abort', unsubscribe, { once: true });
    void call.ended.then((end) => {
      unsubscribe();
      scope.removeEventListener('abort', unsubscribe);
      last.set({ ...lastCallFrom(call.store.getSnapshot(), end, device.identity ?? ''), call });
    });
  };

  watch(
    device.store,
    ({ calls }) => calls,
    (calls) => {
      for (const call of calls) if (!known.has(call)) meet(call);
      sort();
    },
    scope,
  );
  return { current, others, isPlacing, waiting, last, forgetLast: () => last.set(null) };
}

function isWaiting(call: Call): boolean {
  const { direction, phase, isIgnored } = call.store.getSnapshot();
  return direction === 'incoming' && phase === 'ringing' && !isIgnored;
}

function isBeingPlaced(call: Call): boolean {
  const { direction, phase } = call.store.getSnapshot();
  return direction === 'outgoing' && (phase === 'calling' || phase === 'ringing');
}

function isTakenPartIn(call: Call): boolean {
  const { direction, phase } = call.store.getSnapshot();
  return phase !== 'ended' && !(direction === 'incoming' && phase === 'ringing');
}

function lastCallFrom(call: CallSnapshot, end: CallEnd, self: string): Omit<LastCall, 'call'> {
  const other = otherOf(call);
  const words = endWords({
    reason: end.reason,
    self,
    other,
    direction: call.direction,
    isAnswered: end.durationMs > 0,
    isJoined: call.other !== null,
    elsewhere: end.elsewhere,
    complaint: complaintOf(end),
  });
  return { other, direction: call.direction, video: call.video, ...words, durationMs: end.durationMs };
}

/** What was wrong, with the place in the document where there is one. */
function complaintOf({ fault, error }: CallEnd): string | undefined {
  if (fault === undefined) return error?.message;
  return fault.line === undefined ? fault.message : `${fault.message} (line ${fault.line})`;
}
