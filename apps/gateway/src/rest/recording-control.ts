import type { CallSid } from '@parley/protocol';
import type { PauseBehavior, RecordingTerms } from '@parley/switchboard';
import type { RecordingRecord } from '../store/recordings.ts';
import type { CallRefusal } from './call-control.ts';

/** What REST can do to recordings. Whoever hosts them implements it. */
export interface RecordingControl {
  /**
   * Records a live leg, and resolves with the recording's sid once it is being recorded. A leg that is not answered is
   * refused as `wrong-state`; one that is over as `ended`; where there is no room, as `full`.
   */
  start(accountSid: string, callSid: CallSid, terms: RecordingTerms): Promise<string | CallRefusal>;
  /** One that is over is refused as `ended`. */
  change(recording: RecordingRecord, change: RecordingChange): 'done' | CallRefusal;
  /** Deletes the media and then the row. One that is in progress is refused as `wrong-state`. */
  remove(recording: RecordingRecord): Promise<'done' | CallRefusal>;
  /** An address under which whoever has it can play the media, for a time (D28). */
  linkOf(recording: RecordingRecord): string;
  /** Where the media lie; undefined while there are none. */
  fileOf(recording: RecordingRecord): string | undefined;
}

/** What is to happen to a recording in progress. */
export type RecordingChange =
  | { readonly status: 'paused'; readonly how: PauseBehavior }
  | { readonly status: 'in-progress' }
  | { readonly status: 'stopped' };
