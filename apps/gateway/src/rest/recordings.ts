import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { RecordingRecord } from '../store/recordings.ts';
import { sid, span, spanFields } from './fields.ts';
import { operation, type AnswerShape, type Operation, type RestRequest } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageEdgeMs, pageRows } from './paging.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const RecordingJson = v.object({
  sid: v.string(),
  account_sid: v.string(),
  call_sid: v.string(),
  conference_sid: v.null(),
  status: v.picklist(['in-progress', 'processing', 'completed', 'absent', 'failed']),
  source: v.string(),
  track: v.null(),
  channels: v.number(),
  duration: v.nullable(v.string()),
  error_code: v.nullable(v.number()),
  media_type: v.picklist(['audio', 'video']),
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

const FilterFields = {
  ...PAGE_FIELDS,
  ...spanFields('DateCreated', 'Recordings made'),
  ...spanFields('StartTime', 'The same as DateCreated, by the name RestComm gives it:'),
};
const OfCallFields = v.object(FilterFields);
const ListFields = v.object({ ...FilterFields, CallSid: v.optional(sid('CA', 'Of this call.')) });

const many: AnswerShape = { type: 'page', schema: RecordingJson, name: 'Recording', key: 'recordings' };
const oneOfThem: AnswerShape = { type: 'one', schema: RecordingJson, name: 'Recording' };
const SID_PATH = '/Recordings/{RecordingSid}';

/** Recordings: what was recorded of calls. */
export function recordingOperations({ store }: RestServices): readonly Operation[] {
  const { recordings, calls } = store;
  const find = (request: RestRequest): RecordingRecord => {
    const { RecordingSid: recordingSid = '', CallSid: callSid } = request.names;
    const found = recordings.find(request.accountSid, recordingSid);
    if (found !== undefined && (callSid === undefined || found.callSid === callSid)) return found;
    throw new RestRefusal('notFound', `there is no recording ${recordingSid} in this account`);
  };
  const list = (
    request: RestRequest,
    path: string,
    fields: v.InferOutput<typeof OfCallFields>,
    callSid: string | undefined,
  ): object => {
    const made = span(fields.DateCreated, fields['DateCreated<'], fields['DateCreated>']);
    const began = span(fields.StartTime, fields['StartTime<'], fields['StartTime>']);
    const fromMs = made.fromMs ?? began.fromMs;
    const beforeMs = Math.min(made.beforeMs ?? began.beforeMs ?? Infinity, pageEdgeMs(fields) ?? Infinity);
    const found = recordings.list({
      accountSid: request.accountSid,
      ...pageRows(fields),
      ...(callSid !== undefined && { callSid }),
      ...(fromMs !== undefined && { createdFromMs: fromMs }),
      ...(beforeMs !== Infinity && { createdBeforeMs: beforeMs }),
    });
    return pageAnswer(request, fields, {
      key: 'recordings',
      path,
      items: found.recordings.map((recording) => recordingJson(recording, request)),
      total: found.total,
      newestMs: found.recordings[0]?.createdAtMs,
    });
  };
  const fetchAt = (path: string, id: string): Operation =>
    operation({
      id,
      method: 'GET',
      path,
      summary: 'One recording; its media are not in it.',
      input: v.object({}),
      answers: oneOfThem,
      perform: (request) => recordingJson(find(request), request),
    });
  return [
    operation({
      id: 'listRecordings',
      method: 'GET',
      path: '/Recordings',
      summary: 'Recordings, newest first.',
      input: ListFields,
      answers: many,
      perform: (request, fields) => list(request, '/Recordings', fields, fields.CallSid),
    }),
    operation({
      id: 'listCallRecordings',
      method: 'GET',
      path: '/Calls/{CallSid}/Recordings',
      summary: 'Those of one call.',
      input: OfCallFields,
      answers: many,
      perform(request, fields) {
        const callSid = request.names['CallSid'] ?? '';
        if (calls.find(request.accountSid, callSid) === undefined)
          throw new RestRefusal('notFound', `there is no call ${callSid} in this account`);
        return list(request, `/Calls/${callSid}/Recordings`, fields, callSid);
      },
    }),
    fetchAt(SID_PATH, 'fetchRecording'),
    fetchAt('/Calls/{CallSid}/Recordings/{RecordingSid}', 'fetchCallRecording'),
  ];
}

function recordingJson(
  recording: RecordingRecord,
  { root, apiVersion }: RestRequest,
): v.InferOutput<typeof RecordingJson> {
  const made = formatTimestamp(recording.createdAtMs);
  return {
    sid: recording.sid,
    account_sid: recording.accountSid,
    call_sid: recording.callSid,
    conference_sid: null,
    status: recording.status,
    source: recording.source,
    track: null,
    channels: recording.channels,
    duration: recording.durationSeconds === null ? null : String(recording.durationSeconds),
    error_code: recording.errorCode,
    media_type: recording.media,
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
