import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { CallRecord } from '../store/calls.ts';
import type { RestRequest } from './operation.ts';

/** A call as REST shows it: Twilio's properties, what RestComm adds, and why it ended. */
export const CallJson = v.object({
  sid: v.string(),
  account_sid: v.string(),
  parent_call_sid: v.nullable(v.string()),
  application_sid: v.nullable(v.string()),
  from: v.string(),
  from_formatted: v.string(),
  to: v.string(),
  to_formatted: v.string(),
  direction: v.picklist(['inbound', 'outbound-dial', 'outbound-api']),
  status: v.picklist([
    'queued',
    'ringing',
    'in-progress',
    'completed',
    'busy',
    'failed',
    'no-answer',
    'canceled',
  ]),
  date_created: v.string(),
  date_updated: v.string(),
  start_time: v.string(),
  answer_time: v.nullable(v.string()),
  end_time: v.nullable(v.string()),
  duration: v.nullable(
    v.pipe(v.string(), v.description('Seconds from pick-up to the end; null while it lives.')),
  ),
  ring_duration: v.nullable(v.string()),
  end_reason: v.nullable(v.string()),
  annotations: v.record(v.string(), v.unknown()),
  answered_by: v.null(),
  annotation: v.null(),
  caller_name: v.null(),
  forwarded_from: v.null(),
  group_sid: v.null(),
  phone_number_sid: v.null(),
  price: v.null(),
  price_unit: v.null(),
  queue_time: v.string(),
  trunk_sid: v.null(),
  api_version: v.string(),
  uri: v.string(),
  subresource_uris: v.object({ notifications: v.string(), recordings: v.string() }),
});
export type CallJson = v.InferOutput<typeof CallJson>;

export function callJson(
  call: CallRecord,
  { root, apiVersion }: Pick<RestRequest, 'root' | 'apiVersion'>,
): CallJson {
  const { sid, createdAtMs, answeredAtMs, endedAtMs } = call;
  const ringEndMs = answeredAtMs ?? endedAtMs;
  return {
    sid,
    account_sid: call.accountSid,
    parent_call_sid: call.parentSid,
    application_sid: call.applicationSid,
    from: call.from,
    from_formatted: call.from,
    to: call.to,
    to_formatted: call.to,
    direction: call.direction,
    // Callbacks tell `initiated` and `ringing` apart; here both ring (D24).
    status: call.status === 'initiated' ? 'ringing' : call.status,
    date_created: formatTimestamp(createdAtMs),
    date_updated: formatTimestamp(endedAtMs ?? answeredAtMs ?? createdAtMs),
    start_time: formatTimestamp(createdAtMs),
    answer_time: answeredAtMs === null ? null : formatTimestamp(answeredAtMs),
    end_time: endedAtMs === null ? null : formatTimestamp(endedAtMs),
    duration: call.durationSeconds === null ? null : String(call.durationSeconds),
    ring_duration: ringEndMs === null ? null : String(Math.round((ringEndMs - createdAtMs) / 1000)),
    end_reason: call.endReason,
    annotations: call.annotations,
    answered_by: null,
    annotation: null,
    caller_name: null,
    forwarded_from: null,
    group_sid: null,
    phone_number_sid: null,
    price: null,
    price_unit: null,
    queue_time: '0',
    trunk_sid: null,
    api_version: apiVersion,
    uri: `${root}/Calls/${sid}.json`,
    subresource_uris: {
      notifications: `${root}/Calls/${sid}/Notifications.json`,
      recordings: `${root}/Calls/${sid}/Recordings.json`,
    },
  };
}
