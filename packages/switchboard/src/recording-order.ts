import type { RecordingReports } from '@parley/rcml';
import type { RecordedParty, RecordingEnd } from './recording-plane.ts';
import type { FormFields } from './voice-request.ts';

/** A recording's name, and where it will be found. */
export interface RecordingName {
  /** `RE` and 32 hex digits. */
  readonly sid: string;
  /** Absolute, and good to be played by whoever is told of it. */
  readonly url: string;
}

/** What has asked for a recording, in the words of REST (`source`). */
export type RecordingSource =
  | 'RecordVerb'
  | 'DialVerb'
  | 'Conference'
  | 'OutboundAPI'
  | 'StartCallRecordingAPI';

/** How something is to be recorded, whoever asks for it. */
export interface RecordingTerms {
  readonly source: RecordingSource;
  /** Two: everybody on a channel of her own. */
  readonly channels: 1 | 2;
  readonly trim: boolean;
  /** Where its fate is told, and where that URL resolves. */
  readonly reports: RecordingReports;
  readonly base: string;
  /** `inbound`: only the one whose leg is recorded, and nothing of what she hears. */
  readonly track: 'both' | 'inbound';
}

/** A recording that is to begin. */
export interface RecordingOrder extends Omit<RecordingTerms, 'track'> {
  readonly parties: readonly RecordedParty[];
  readonly media: 'audio' | 'audio_video';
  readonly maxLengthMs: number;
  /** Ends it when nothing was said for so long. */
  readonly silenceTimeoutMs?: number;
  /** Whether what the gateway plays to the first party belongs to it. */
  readonly withAnnouncements: boolean;
}

/**
 * Whether a recording holds nothing that anybody would want to keep: it was never begun, or nothing was said in it. A
 * silent picture is worth something; so is silence that was not to be trimmed, unless it was waited for a word in vain.
 */
export function isEmptyRecording(
  { file, durationMs, isSilent, why }: RecordingEnd,
  { media, trim }: Pick<RecordingOrder, 'media' | 'trim'>,
): boolean {
  if (file === null || durationMs <= 0) return true;
  return isSilent && media === 'audio' && (trim || why === 'silence');
}

/** What the `action` of a `<Record>` learns beside the voice request. */
export function recordParams(
  recording: RecordingName,
  end: Pick<RecordingEnd, 'durationMs'>,
  digits: string,
): FormFields {
  return [
    ...recordingParams(recording),
    ['RecordingDuration', String(Math.round(end.durationMs / 1000))],
    ['Digits', digits],
  ];
}

/** Where a recording is found; `PublicRecordingUrl` is RestComm's name for it. */
export function recordingParams({ sid, url }: RecordingName): FormFields {
  return [
    ['RecordingUrl', url],
    ['PublicRecordingUrl', url],
    ['RecordingSid', sid],
  ];
}
