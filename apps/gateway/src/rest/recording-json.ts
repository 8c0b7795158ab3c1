import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { RecordingRecord } from '../store/recordings.ts';
import type { RestRequest } from './operation.ts';

export const RecordingJson = v.object({
  sid: v.string(),
  account_sid: v.string(),
  call_sid: v.string(),
  conference_sid: v.nullable(v.string()),
  status: v.picklist(['in-progress', 'paused', 'stopped', 'processing', 'completed', 'absent', 'failed']),
  source: v.string(),
  track: v.picklist(['both', 'inbound']),
  channels: v.number(),
  duration: v.nullable(v.string()),
  error_code: v.nullable(v.number()),
  media_type: v.picklist(['audio', 'video']),
  /** A link that can be played by whoever has it, for a time; null while there is nothing to be played. */
  media_url: v.nullable(v.string()),
  bytes: v.nullable(v.number()),
  price: v.null(),
  price_unit: v.null(),
  encryption_details: v.null(),
  start_time: v.string(),
  date_created: v.string(),
  date_updated: v.string(),
  api_version: v.string(),
  uri: v.string(),
  subresource_uris: v.object({}),
});
export type RecordingJson = v.InferOutput<typeof RecordingJson>;

/** A recording as it is answered. `mediaUrl` is null while there is nothing to be played. */
export function recordingJson(
  recording: RecordingRecord,
  mediaUrl: string | null,
  { root, apiVersion }: Pick<RestRequest, 'root' | 'apiVersion'>,
): RecordingJson {
  const made = formatTimestamp(recording.createdAtMs);
  return {
    sid: recording.sid,
    account_sid: recording.accountSid,
    call_sid: recording.callSid,
    conference_sid: recording.conferenceSid,
    status: recording.status,
    source: recording.source,
    track: recording.track,
    channels: recording.channels,
    duration: recording.durationSeconds === null ? null : String(recording.durationSeconds),
    error_code: recording.errorCode,
    media_type: recording.media,
    media_url: mediaUrl,
    bytes: recording.bytes,
    price: null,
    price_unit: null,
    encryption_details: null,
    start_time: made,
    date_created: made,
    date_updated: formatTimestamp(recording.updatedAtMs),
    api_version: apiVersion,
    uri: `${root}/Recordings/${recording.sid}.json`,
    subresource_uris: {},
  };
}
