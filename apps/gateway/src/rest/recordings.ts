import { CallSid } from '@parley/protocol';
import * as v from 'valibot';
import type { RecordingRecord } from '../store/recordings.ts';
import { refusal } from './calls.ts';
import { sid, span, spanFields, word } from './fields.ts';
import { operation, type AnswerShape, type Operation, type RestRequest } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageEdgeMs, pageRows } from './paging.ts';
import type { RecordingChange } from './recording-control.ts';
import { RECORDING_FIELDS, recordingTerms } from './recording-fields.ts';
import { recordingJson, RecordingJson } from './recording-json.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const FilterFields = {
  ...PAGE_FIELDS,
  ...spanFields('DateCreated', 'Recordings made'),
  ...spanFields('StartTime', 'The same as DateCreated, by the name RestComm gives it:'),
};
const WithinFields = v.object(FilterFields);
const ListFields = v.object({
  ...FilterFields,
  CallSid: v.optional(sid('CA', 'Of this call.')),
  ConferenceSid: v.optional(sid('CF', 'Of this conference.')),
});
const StartFields = v.object({
  ...RECORDING_FIELDS,
  Trim: v.optional(
    word(['trim-silence', 'do-not-trim'], 'Whether silence at both ends is cut.'),
    'do-not-trim',
  ),
});
const ChangeFields = v.object({
  Status: word(
    ['in-progress', 'paused', 'stopped'],
    '`paused`, `in-progress` to go on, `stopped` to end it.',
  ),
  PauseBehavior: v.optional(
    word(['silence', 'skip'], 'What is recorded while it is paused: as much silence, or nothing.'),
    'silence',
  ),
});

const many: AnswerShape = { type: 'page', schema: RecordingJson, name: 'Recording', key: 'recordings' };
const one: AnswerShape = { type: 'one', schema: RecordingJson, name: 'Recording' };
/** What the newest recording in progress can be called instead of by its sid. */
const CURRENT = 'Twilio.CURRENT';
const NEWEST_MAX = 100;

type Owner = Pick<RecordingRecord, never> & { readonly callSid?: string; readonly conferenceSid?: string };

/** Recordings: what was recorded of calls and conferences, and what is. */
export function recordingOperations({ store, recordings: control }: RestServices): readonly Operation[] {
  const { recordings, calls } = store;
  const ownerOf = ({ names }: RestRequest): Owner => ({
    ...(names['CallSid'] !== undefined && { callSid: names['CallSid'] }),
    ...(names['ConferenceSid'] !== undefined && { conferenceSid: names['ConferenceSid'] }),
  });
  const find = (request: RestRequest): RecordingRecord => {
    const { accountSid, names } = request;
    const { RecordingSid: wanted = '' } = names;
    const owner = ownerOf(request);
    const found =
      wanted === CURRENT
        ? recordings
            .list({ accountSid, ...owner, offset: 0, limit: NEWEST_MAX })
            .recordings.find(isInProgress)
        : recordings.find(accountSid, wanted);
    const isOwned =
      (owner.callSid === undefined || found?.callSid === owner.callSid) &&
      (owner.conferenceSid === undefined || found?.conferenceSid === owner.conferenceSid);
    if (found !== undefined && isOwned) return found;
    throw new RestRefusal('notFound', `there is no recording ${wanted} here`);
  };
  const json = (recording: RecordingRecord, request: RestRequest): RecordingJson => {
    const isThere = control.fileOf(recording) !== undefined;
    return recordingJson(recording, isThere ? control.linkOf(recording) : null, request);
  };
  const list = (
    request: RestRequest,
    path: string,
    fields: v.InferOutput<typeof WithinFields>,
    owner: Owner,
  ): object => {
    const made = span(fields.DateCreated, fields['DateCreated<'], fields['DateCreated>']);
    const began = span(fields.StartTime, fields['StartTime<'], fields['StartTime>']);
    const fromMs = made.fromMs ?? began.fromMs;
    const beforeMs = Math.min(made.beforeMs ?? began.beforeMs ?? Infinity, pageEdgeMs(fields) ?? Infinity);
    const found = recordings.list({
      accountSid: request.accountSid,
      ...pageRows(fields),
      ...owner,
      ...(fromMs !== undefined && { createdFromMs: fromMs }),
      ...(beforeMs !== Infinity && { createdBeforeMs: beforeMs }),
    });
    return pageAnswer(request, fields, {
      key: 'recordings',
      path,
      items: found.recordings.map((recording) => json(recording, request)),
      total: found.total,
      newestMs: found.recordings[0]?.createdAtMs,
    });
  };
  const fetchAt = (path: string, id: string): Operation =>
    operation({
      id,
      method: 'GET',
      path,
      summary: 'One recording. Its media are at the same address without `.json`, or with `.ogg` or `.webm`.',
      input: v.object({}),
      answers: one,
      perform: (request) => json(find(request), request),
    });
  const removeAt = (path: string, id: string): Operation =>
    operation({
      id,
      method: 'DELETE',
      path,
      summary: 'Deletes a recording that is over, and its media.',
      input: v.object({}),
      answers: { type: 'nothing' },
      async perform(request) {
        const done = await control.remove(find(request));
        if (done !== 'done') throw refusal(done);
        return {};
      },
    });
  const changeAt = (path: string, id: string): Operation =>
    operation({
      id,
      method: 'POST',
      path,
      summary: `Pauses a recording, goes on with it, or ends it. \`${CURRENT}\` is the newest in progress.`,
      input: ChangeFields,
      answers: one,
      perform(request, fields) {
        const recording = find(request);
        const done = control.change(recording, changeOf(fields));
        if (done !== 'done') throw refusal(done);
        return { ...json(recording, request), status: fields.Status };
      },
    });
  const ofCall = '/Calls/{CallSid}/Recordings';
  const ofConference = '/Conferences/{ConferenceSid}/Recordings';
  return [
    operation({
      id: 'listRecordings',
      method: 'GET',
      path: '/Recordings',
      summary: 'Recordings, newest first.',
      input: ListFields,
      answers: many,
      perform: (request, fields) =>
        list(request, '/Recordings', fields, {
          ...(fields.CallSid !== undefined && { callSid: fields.CallSid }),
          ...(fields.ConferenceSid !== undefined && { conferenceSid: fields.ConferenceSid }),
        }),
    }),
    fetchAt('/Recordings/{RecordingSid}', 'fetchRecording'),
    removeAt('/Recordings/{RecordingSid}', 'deleteRecording'),
    operation({
      id: 'createCallRecording',
      method: 'POST',
      path: ofCall,
      summary: 'Records a call that is up, until it ends or the recording is stopped.',
      input: StartFields,
      answers: one,
      status: 201,
      async perform(request, fields) {
        const { accountSid } = request;
        const callSid = findCall(calls, request);
        const trim = fields.Trim === 'trim-silence';
        const terms = recordingTerms(fields, { source: 'StartCallRecordingAPI', trim });
        const begun = await control.start(accountSid, v.parse(CallSid, callSid), terms);
        if (typeof begun !== 'string') throw refusal(begun);
        const row = recordings.find(accountSid, begun);
        if (row === undefined) throw new Error('a recording that was begun has no row');
        return json(row, request);
      },
    }),
    operation({
      id: 'listCallRecordings',
      method: 'GET',
      path: ofCall,
      summary: 'Those of one call.',
      input: WithinFields,
      answers: many,
      perform(request, fields) {
        const callSid = findCall(calls, request);
        return list(request, `/Calls/${callSid}/Recordings`, fields, { callSid });
      },
    }),
    fetchAt(`${ofCall}/{RecordingSid}`, 'fetchCallRecording'),
    changeAt(`${ofCall}/{RecordingSid}`, 'updateCallRecording'),
    removeAt(`${ofCall}/{RecordingSid}`, 'deleteCallRecording'),
    operation({
      id: 'listConferenceRecordings',
      method: 'GET',
      path: ofConference,
      summary: 'Those of one conference, also one that is over.',
      input: WithinFields,
      answers: many,
      perform(request, fields) {
        const { ConferenceSid: conferenceSid = '' } = request.names;
        return list(request, `/Conferences/${conferenceSid}/Recordings`, fields, { conferenceSid });
      },
    }),
    fetchAt(`${ofConference}/{RecordingSid}`, 'fetchConferenceRecording'),
    changeAt(`${ofConference}/{RecordingSid}`, 'updateConferenceRecording'),
    removeAt(`${ofConference}/{RecordingSid}`, 'deleteConferenceRecording'),
  ];
}

function isInProgress({ status }: RecordingRecord): boolean {
  return status === 'in-progress' || status === 'paused';
}

function changeOf({
  Status: status,
  PauseBehavior: how,
}: v.InferOutput<typeof ChangeFields>): RecordingChange {
  return status === 'paused' ? { status, how } : { status };
}

function findCall(calls: RestServices['store']['calls'], { accountSid, names }: RestRequest): string {
  const { CallSid: callSid = '' } = names;
  if (calls.find(accountSid, callSid) !== undefined) return callSid;
  throw new RestRefusal('notFound', `there is no call ${callSid} in this account`);
}
