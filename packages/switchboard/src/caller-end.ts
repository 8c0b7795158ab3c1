import type { CallFault, EndedBy, EndReason } from '@parley/protocol';
import type { FinalStatus } from './call-status.ts';
import type { DialOutcome } from './dial.ts';
import type { ScriptEnd } from './script.ts';

/** How the caller's leg is over: for webhooks and REST, and for her device. */
export interface CallerEnd {
  readonly status: FinalStatus;
  readonly reason: EndReason;
  readonly by: EndedBy;
  readonly fault?: CallFault;
}

/**
 * How the caller's leg ends when her document does (D15): a caller who was answered had a completed call; one who
 * was not is told what became of the last dial, or what the document said.
 */
export function callerEnd(how: ScriptEnd, isAnswered: boolean, lastDial: DialOutcome | undefined): CallerEnd {
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
  if (isAnswered) return { status: 'completed', reason: 'remote-hangup', by: lastDial?.bridged === true ? 'remote' : 'server' };
  if (how.type === 'reject') {
    return how.reason === 'busy'
      ? { status: 'busy', reason: 'busy', by: 'server' }
      : { status: 'no-answer', reason: 'rejected', by: 'server' };
  }
  if (lastDial === undefined) return { status: 'no-answer', reason: 'no-answer', by: 'server' };
  return { status: lastDial.status, reason: lastDial.reason, by: 'remote' };
}
