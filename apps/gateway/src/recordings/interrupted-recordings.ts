import { basename } from 'node:path';
import { notifications } from '@parley/rcml';
import type { RecoveredRecording } from '@parley/recorder';
import { isEmptyRecording } from '@parley/switchboard';
import type { Logger } from '../log.ts';
import type { CallbackOutbox } from '../out/callback-outbox.ts';
import type { RecordingOutcome, RecordingRecord, Recordings } from '../store/recordings.ts';
import { endReport } from './recording-reports.ts';

/**
 * Closes the recordings that a crash cut short, with what could be recovered of them, and tells of it where that was
 * asked for (RV24). Files that no row knows are reported, and left.
 */
export function closeInterruptedRecordings(parts: {
  readonly table: Recordings;
  readonly outbox: Pick<CallbackOutbox, 'enqueue'>;
  /** The number of the next callback of a recording. */
  readonly nextSequence: (recordingSid: string) => number;
  readonly recovered: readonly RecoveredRecording[];
  readonly nowMs: number;
  readonly log: Logger;
}): void {
  const { table, outbox, nextSequence, recovered, nowMs: atMs, log } = parts;
  const files = new Map(recovered.map((one) => [one.recordingSid, one]));
  for (const row of table.unfinished()) {
    const outcome = outcomeOf(row, files.get(row.sid));
    files.delete(row.sid);
    if (!table.end(row.sid, outcome, atMs)) continue;
    const event = endReport(row, outcome, { sequence: nextSequence(row.sid), atMs });
    if (event !== undefined) outbox.enqueue(event);
    log.warn(
      { recordingSid: row.sid, callSid: row.callSid, status: outcome.status },
      'a crash ended a recording',
    );
  }
  for (const recordingSid of files.keys()) {
    log.warn(
      { recordingSid },
      'a recording was recovered that nobody knows of; its file is left where it is',
    );
  }
}

function outcomeOf({ media }: RecordingRecord, found: RecoveredRecording | undefined): RecordingOutcome {
  if (found === undefined || found.file === null) {
    const errorCode = notifications.recordingFailed.code;
    return { status: 'failed', fileName: null, bytes: null, durationSeconds: null, errorCode };
  }
  const end = { ...found, why: 'stopped' } as const;
  // Whether it was to be trimmed is not known any more: what was not silent is kept.
  const isEmpty = isEmptyRecording(end, { media: media === 'audio' ? 'audio' : 'audio_video', trim: true });
  return {
    status: isEmpty ? 'absent' : 'completed',
    fileName: isEmpty ? null : basename(found.file),
    bytes: isEmpty ? null : found.bytes,
    durationSeconds: isEmpty ? null : Math.round(found.durationMs / 1000),
    errorCode: null,
  };
}
