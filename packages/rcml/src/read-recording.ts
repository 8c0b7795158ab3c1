import type { Attributes } from './attributes.ts';
import type { RecordingReports } from './document.ts';

const recordingEvents = ['in-progress', 'completed', 'absent'] as const;

/** Reads where the fate of a recording is reported; `<Dial>`, `<Conference>` and `<Record>` share it. */
export function readRecordingReports(attributes: Attributes): RecordingReports {
  return {
    ...attributes.optional('recordingStatusCallback'),
    recordingStatusCallbackMethod: attributes.method('recordingStatusCallbackMethod'),
    recordingStatusCallbackEvents: attributes.words('recordingStatusCallbackEvent', recordingEvents, [
      'completed',
    ]),
  };
}
