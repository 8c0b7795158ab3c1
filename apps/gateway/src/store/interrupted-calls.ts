import { randomUUID } from 'node:crypto';
import { formatTimestamp } from '../out/timestamp.ts';
import type { CallRecord, Calls } from './calls.ts';
import type { CallStatus } from './call-status.ts';
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
    const beganAtMs = call.answeredAtMs ?? call.createdAtMs;
    // A sign of life is given every few seconds, so a young leg may be younger than the last one.
    const endedAtMs = Math.max(beganAtMs, parts.lastSeenMs);
    const status = call.answeredAtMs === null ? 'failed' : 'completed';
    const durationSeconds =
      call.answeredAtMs === null ? 0 : Math.floor((endedAtMs - call.answeredAtMs) / 1000);
    parts.calls.end(call.sid, { status, endedAtMs, durationSeconds, endReason: 'gateway-restart' });
    if (call.callback?.wantsCompleted === true) {
      reportEnd(parts.outbox, { ...call, status, durationSeconds }, endedAtMs, parts.nowMs);
    }
  }
  return interrupted;
}

function reportEnd(
  outbox: OutboxTable,
  call: CallRecord & { status: CallStatus },
  endedAtMs: number,
  nowMs: number,
) {
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
    params: [
      ...call.callback.params,
      ['CallStatus', call.status],
      ['CallEvent', 'completed'],
      ['CallDuration', String(call.durationSeconds)],
      ['EndReason', 'gateway-restart'],
      ['Timestamp', formatTimestamp(endedAtMs)],
      ['CallbackSource', 'call-progress-events'],
      ['SequenceNumber', String(sequence)],
    ],
    createdAtMs: nowMs,
  });
}
