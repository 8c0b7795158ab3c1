import type { CallFault, EndedBy, EndReason } from '@parley/protocol';
import type { FinalStatus } from './call-status.ts';
import type { DialOutcome } from './dial-state.ts';
import type { ScriptEnd } from './script-state.ts';

/** How the caller's leg is over: for webhooks and REST, and for her device. */
export interface CallerEnd {
  readonly status: FinalStatus;
  readonly reason: EndReason;
  readonly by: EndedBy;
  readonly fault?: CallFault;
  /** The tone that says so, where a document named whose; otherwise her device has one of its own. */
  readonly tone?: EndTone;
}

/** What a telephone network says when nobody could be reached. */
export interface EndTone {
  readonly tone: 'busy' | 'unavailable';
  /** As written in `ringTone`: a country, if it is one. */
  readonly country: string;
}

/** What the end of a caller's document is judged by. */
export interface CallerFacts {
  readonly isAnswered: boolean;
  readonly lastDial: DialOutcome | undefined;
  /** Nothing came after that dial: it is why the call is over. */
  readonly isDialTheCause: boolean;
}

/**
 * How the caller's leg ends when her document does (D15): a caller who was answered had a completed call; one who
 * was not is told what became of the last dial, or what the document said.
 */
export function callerEnd(how: ScriptEnd, facts: CallerFacts): CallerEnd {
  const { isAnswered, lastDial, isDialTheCause } = facts;
  if (how.type === 'failed') {
    const { code, message, line, column } = how.fault;
    const fault: CallFault = {
      code,
      message,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    };
    return { status: isAnswered ? 'completed' : 'failed', reason: 'document-failed', by: 'server', fault };
  }
  if (how.type === 'reject' && !isAnswered) {
    return how.reason === 'busy'
      ? { status: 'busy', reason: 'busy', by: 'server' }
      : { status: 'no-answer', reason: 'rejected', by: 'server' };
  }
  if (lastDial !== undefined && (isDialTheCause || !isAnswered)) {
    return { status: isAnswered ? 'completed' : lastDial.status, ...causedBy(lastDial) };
  }
  return isAnswered
    ? { status: 'completed', reason: 'remote-hangup', by: 'server' }
    : { status: 'no-answer', reason: 'no-answer', by: 'server' };
}

/** What a caller is told whose call ends with a dial. What befell the other's device is not told as if it were hers. */
function causedBy(dial: DialOutcome): Pick<CallerEnd, 'reason' | 'by' | 'tone'> {
  const { ringTone: country } = dial;
  const cause = reasonOf(dial);
  if (dial.bridged || country === undefined) return cause;
  return { ...cause, tone: { tone: BUSY.has(cause.reason) ? 'busy' : 'unavailable', country } };
}

/** Somebody is there, and does not want to, or cannot, talk now. For everything else nobody is. */
const BUSY: ReadonlySet<EndReason> = new Set(['busy', 'rejected', 'declined', 'no-answer']);

function reasonOf(dial: DialOutcome): { readonly reason: EndReason; readonly by: EndedBy } {
  const { reason } = dial;
  if (dial.bridged) {
    if (reason === 'hangup' || reason === 'network') return { reason: 'remote-hangup', by: 'remote' };
    // She parted from the other herself, with `hangupOnStar`.
    if (reason === 'remote-hangup') return { reason: 'hangup', by: 'local' };
    return { reason, by: 'server' };
  }
  if (reason === 'rejected' || reason === 'busy') return { reason, by: 'remote' };
  // D5: declined, or lost, after picking up and before being joined: for the caller, nobody answered.
  if (dial.status === 'no-answer') return { reason: 'no-answer', by: 'server' };
  return { reason, by: 'server' };
}
