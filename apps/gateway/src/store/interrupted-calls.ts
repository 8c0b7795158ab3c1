import { randomUUID } from 'node:crypto';
import { formatTimestamp } from '../out/timestamp.ts';
import type { FormParams } from '../out/form-params.ts';
import type { CallEnd, CallRecord, Calls } from './calls.ts';
import type { OutboxTable } from './outbox-table.ts';

/**
 * Closes the legs that a crash cut short (D9): those that had been answered `completed`, with the time up to the last
 * sign of life; the others `failed`. Where the end was to be reported, it is. Answers the legs as they were.
 */
export function closeInterruptedCalls(parts: {
  readonly calls: Calls;
  readonly outbox: OutboxTable;
  /** When the process that is gone was last seen alive. */
  readonly lastSeenMs: number;
  readonly nowMs: number;
}): readonly CallRecord[] {
  const interrupted = parts.calls.unfinished();
  for (const call of interrupted) {
    // A sign of life is given every few seconds, so a young leg may be younger than the last one.
    const end = cutShort(
      call,
      Math.max(call.answeredAtMs ?? call.createdAtMs, parts.lastSeenMs),
      'gateway-restart',
    );
    parts.calls.end(call.sid, end);
    if (call.callback?.wantsCompleted === true) reportEnd(parts.outbox, call, end, parts.nowMs);
  }
  return interrupted;
}

/** How a leg ends that nobody could end: answered ones were completed, with the time up to the end; the others failed. */
export function cutShort(call: CallRecord, endedAtMs: number, endReason: string): CallEnd {
  const { answeredAtMs } = call;
  if (answeredAtMs === null) return { status: 'failed', endedAtMs, durationSeconds: 0, endReason };
  const durationSeconds = Math.floor((endedAtMs - answeredAtMs) / 1000);
  return { status: 'completed', endedAtMs, durationSeconds, endReason };
}

/** What the callback carries that tells of such an end. */
export function cutShortParams(call: CallRecord, end: CallEnd, sequence: number): FormParams {
  return [
    ...(call.callback?.params ?? []),
    ['CallStatus', end.status],
    ['CallEvent', 'completed'],
    ['CallDuration', String(end.durationSeconds)],
    ['EndReason', end.endReason],
    ['Timestamp', formatTimestamp(end.endedAtMs)],
    ['CallbackSource', 'call-progress-events'],
    ['SequenceNumber', String(sequence)],
  ];
}

function reportEnd(outbox: OutboxTable, call: CallRecord, end: CallEnd, nowMs: number): void {
  const origin = URL.parse(call.callback?.url ?? '')?.origin;
  if (call.callback === null || origin === undefined) return;
  const sequence = outbox.nextSequence(call.sid);
  outbox.add({
    key: randomUUID(),
    accountSid: call.accountSid,
    stream: call.sid,
    sequence,
    origin,
    url: call.callback.url,
    method: call.callback.method,
    params: cutShortParams(call, end, sequence),
    createdAtMs: nowMs,
  });
}
