import { recordParams, type CallInput, type CallOutput, type RecordingName } from '@parley/switchboard';
import type { RecordingHost } from '../recordings/recording-host.ts';
import type { CallWebhooks } from './call-webhooks.ts';

/** What a call's machine says about recordings. */
export type RecordingOutput = Extract<
  CallOutput,
  {
    type: 'startRecording' | 'addToRecording' | 'removeFromRecording' | 'stopRecording' | 'askRecorded';
  }
>;

const ABOUT_RECORDING: ReadonlySet<CallOutput['type']> = new Set<RecordingOutput['type']>([
  'startRecording',
  'addToRecording',
  'removeFromRecording',
  'stopRecording',
  'askRecorded',
]);

export function isAboutRecording(output: CallOutput): output is RecordingOutput {
  return ABOUT_RECORDING.has(output.type);
}

/** The part of {@link RecordingHost} that a call acts with. */
export type CallRecorder = Pick<RecordingHost, 'name' | 'begin' | 'add' | 'remove' | 'stop' | 'whenWhole'>;

/** The recordings of one call, as its machine wants them. They outlast the call until their files are whole. */
export class CallRecordings {
  readonly #accountSid: string;
  readonly #recorder: CallRecorder;
  readonly #webhooks: CallWebhooks;
  readonly #feed: (input: CallInput) => void;
  readonly #running = new Set<string>();

  constructor(
    accountSid: string,
    recorder: CallRecorder,
    webhooks: CallWebhooks,
    feed: (input: CallInput) => void,
  ) {
    this.#accountSid = accountSid;
    this.#recorder = recorder;
    this.#webhooks = webhooks;
    this.#feed = feed;
  }

  name(): RecordingName {
    return this.#recorder.name(this.#accountSid);
  }

  perform(output: RecordingOutput): void {
    switch (output.type) {
      case 'startRecording':
        this.#start(output);
        return;
      case 'addToRecording':
        this.#recorder.add(output.recordingSid, output.party);
        return;
      case 'removeFromRecording':
        this.#recorder.remove(output.recordingSid, output.party);
        return;
      case 'stopRecording':
        this.#recorder.stop(output.recordingSid);
        return;
      case 'askRecorded': {
        const { leg, request, params } = output;
        this.#recorder.whenWhole(output.recordingSid, (recording, end) => {
          const told = { request, params: [...params, ...recordParams(recording, end, 'hangup')] };
          void this.#webhooks.tellAfterwards(leg, told);
        });
        return;
      }
    }
  }

  /** Ends what the call has left running, as one does that has failed. */
  close(): void {
    for (const sid of this.#running) this.#recorder.stop(sid);
  }

  #start({ leg, recording, order }: Extract<RecordingOutput, { type: 'startRecording' }>): void {
    const { sid: recordingSid } = recording;
    this.#running.add(recordingSid);
    this.#recorder.begin({
      accountSid: this.#accountSid,
      callSid: leg,
      recording,
      order,
      onEnded: (end) => {
        this.#running.delete(recordingSid);
        this.#feed({ type: 'recordingEnded', leg, recordingSid, end });
      },
    });
  }
}
