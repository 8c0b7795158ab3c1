import type { RecordingSource, RecordingTerms } from '@parley/switchboard';
import * as v from 'valibot';
import { method, url, word, words } from './fields.ts';
import { RestRefusal } from './rest-refusal.ts';

const EVENTS = ['in-progress', 'completed', 'absent'] as const;

/** How a call is recorded: the same for one that is made and one that is up. */
export const RECORDING_FIELDS = {
  RecordingChannels: v.optional(
    word(
      ['mono', 'dual'],
      '`dual`: the call’s own party on the first channel, whoever she talks with on the second.',
    ),
    'mono',
  ),
  RecordingTrack: v.optional(
    word(
      ['both', 'inbound', 'outbound'],
      '`inbound`: only the party whose call it is. `outbound` is not supported.',
    ),
    'both',
  ),
  RecordingStatusCallback: v.optional(url('Told what becomes of the recording.')),
  RecordingStatusCallbackMethod: v.optional(method('How RecordingStatusCallback is told.'), 'POST'),
  RecordingStatusCallbackEvent: v.optional(
    words(
      EVENTS,
      'What is told: repeated, or with commas or blanks between. Only completed when it is left out.',
    ),
  ),
};
const RecordingFields = v.object(RECORDING_FIELDS);

/** What the fields ask for; `trim` is read by whoever knows its default. */
export function recordingTerms(
  fields: v.InferOutput<typeof RecordingFields>,
  { source, trim }: { readonly source: RecordingSource; readonly trim: boolean },
): RecordingTerms {
  const { RecordingTrack: track, RecordingStatusCallback: callback, RecordingStatusCallbackEvent } = fields;
  if (track === 'outbound') {
    throw new RestRefusal(
      'unsupported',
      'RecordingTrack=outbound is not supported: record both, on two channels',
    );
  }
  const events = RecordingStatusCallbackEvent ?? [];
  return {
    source,
    track,
    trim,
    channels: fields.RecordingChannels === 'dual' ? 2 : 1,
    base: '',
    reports: {
      ...(callback === undefined ? {} : { recordingStatusCallback: callback }),
      recordingStatusCallbackMethod: fields.RecordingStatusCallbackMethod,
      recordingStatusCallbackEvents: events.length === 0 ? ['completed'] : events,
    },
  };
}
