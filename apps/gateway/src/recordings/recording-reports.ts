import type { RecordingOrder } from '@parley/switchboard';
import type { CallbackEvent } from '../out/callback-outbox.ts';
import type { FormParams } from '../out/form-params.ts';
import { resolveUrl } from '../out/resolve-url.ts';
import { formatTimestamp } from '../out/timestamp.ts';
import type { RecordingOutcome, RecordingRecord, RecordingSubscription } from '../store/recordings.ts';

/** A recording as its callbacks tell of it. */
export interface ReportedRecording {
  readonly accountSid: string;
  readonly callSid: string;
  readonly conferenceSid: string | null;
  readonly sid: string;
  readonly url: string;
  readonly beganMs: number;
}

/** Who hears of a recording, from what the document or the request asked for. Null: nobody, or nobody who can be. */
export function subscriptionOf(
  recording: ReportedRecording,
  order: RecordingOrder,
): RecordingSubscription | null {
  const { reports, base, source, channels } = order;
  const { recordingStatusCallback: written, recordingStatusCallbackMethod: method } = reports;
  const url = written === undefined ? undefined : resolveUrl(base, written);
  if (url === undefined) return null;
  const { accountSid, callSid, conferenceSid, sid } = recording;
  return {
    url,
    method,
    events: reports.recordingStatusCallbackEvents,
    params: [
      ['AccountSid', accountSid],
      ['CallSid', callSid],
      ...(conferenceSid === null ? [] : [['ConferenceSid', conferenceSid] as const]),
      ['RecordingSid', sid],
      ['RecordingUrl', recording.url],
      ['RecordingSource', source],
      ['RecordingChannels', String(channels)],
      ['RecordingTrack', trackOf(order)],
      ['RecordingStartTime', formatTimestamp(recording.beganMs)],
    ],
  };
}

/** Whether only one side is recorded. */
export function trackOf({ parties, withAnnouncements }: RecordingOrder): 'both' | 'inbound' {
  return parties.length <= 1 && !withAnnouncements ? 'inbound' : 'both';
}

type Told = Pick<RecordingRecord, 'sid' | 'accountSid' | 'subscription'>;

/** That it has begun, for whoever wanted to hear that. */
export function beganReport(recording: Told, atMs: number): CallbackEvent | undefined {
  return report(recording, 'in-progress', { sequence: 0, atMs, more: [] });
}

/** How it ended, for whoever wanted to hear that. */
export function endReport(
  recording: Told,
  { status, durationSeconds, errorCode }: RecordingOutcome,
  at: { readonly sequence: number; readonly atMs: number },
): CallbackEvent | undefined {
  // What failed is absent for whoever waits for it; the code says that it was not silence.
  const event = status === 'completed' ? 'completed' : 'absent';
  const more: FormParams = [
    ['RecordingDuration', String(durationSeconds ?? 0)],
    ...(errorCode === null ? [] : [['ErrorCode', String(errorCode)] as const]),
  ];
  return report(recording, event, { ...at, more });
}

/** How many callbacks were told of a recording before its end. */
export function reportsBeforeEnd({ subscription }: Pick<RecordingRecord, 'subscription'>): number {
  return subscription?.events.includes('in-progress') === true ? 1 : 0;
}

function report(
  { sid, accountSid, subscription }: Told,
  event: 'in-progress' | 'completed' | 'absent',
  about: { readonly sequence: number; readonly atMs: number; readonly more: FormParams },
): CallbackEvent | undefined {
  if (subscription === null || !subscription.events.includes(event)) return undefined;
  const { url, method, params } = subscription;
  const { sequence, atMs, more } = about;
  return {
    accountSid,
    stream: sid,
    sequence,
    url,
    method,
    params: [
      ...params,
      ['RecordingStatus', event],
      ...more,
      ['SequenceNumber', String(sequence)],
      ['Timestamp', formatTimestamp(atMs)],
    ],
  };
}
