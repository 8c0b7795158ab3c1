import type { CallSid } from '@parley/protocol';
import type { RecordingTerms } from '@parley/switchboard';
import type { RecordingHost } from '../recordings/recording-host.ts';
import type { RecordingShelf } from '../recordings/recording-shelf.ts';
import type { RecordingUrls } from '../recordings/recording-urls.ts';
import type { CallRefusal } from '../rest/call-control.ts';
import type { RecordingChange, RecordingControl } from '../rest/recording-control.ts';
import type { RecordingRecord } from '../store/recordings.ts';
import type { CallHost } from './call-host.ts';

export interface OrderedRecordingsOptions {
  readonly host: CallHost;
  readonly recordings: RecordingHost;
  readonly shelf: RecordingShelf;
  readonly urls: RecordingUrls;
}

/** What REST can do to the recordings of this node. */
export class OrderedRecordings implements RecordingControl {
  readonly #options: OrderedRecordingsOptions;

  constructor(options: OrderedRecordingsOptions) {
    this.#options = options;
  }

  async start(accountSid: string, callSid: CallSid, terms: RecordingTerms): Promise<string | CallRefusal> {
    const { host, recordings } = this.#options;
    const call = host.callOfLeg(callSid);
    if (call === undefined) return { refused: 'ended', message: 'the call is over' };
    const recording = recordings.name(accountSid);
    call.feed({ type: 'record', leg: callSid, recording, terms });
    if (!recordings.isRunning(recording.sid)) {
      return {
        refused: 'wrong-state',
        message: 'only a call that is answered can be recorded, and only so many times at once',
      };
    }
    const refused = await recordings.begun(recording.sid);
    return refused === undefined
      ? recording.sid
      : { refused: 'full', message: `nothing is recorded: ${refused}` };
  }

  change({ sid }: RecordingRecord, change: RecordingChange): 'done' | CallRefusal {
    const { recordings } = this.#options;
    if (!recordings.isRunning(sid)) return { refused: 'ended', message: 'the recording is over' };
    switch (change.status) {
      case 'paused':
        recordings.pause(sid, change.how);
        return 'done';
      case 'in-progress':
        recordings.resume(sid);
        return 'done';
      case 'stopped':
        recordings.stop(sid);
        return 'done';
    }
  }

  async remove(recording: RecordingRecord): Promise<'done' | CallRefusal> {
    const { recordings, shelf } = this.#options;
    if (recordings.isRunning(recording.sid)) {
      return { refused: 'wrong-state', message: 'the recording is in progress: stop it first' };
    }
    await shelf.remove(recording);
    return 'done';
  }

  linkOf({ accountSid, sid }: RecordingRecord): string {
    return this.#options.urls.signed(accountSid, sid);
  }

  fileOf(recording: RecordingRecord): string | undefined {
    return this.#options.shelf.fileOf(recording);
  }
}
