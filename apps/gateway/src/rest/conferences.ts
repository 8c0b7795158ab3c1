import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { ConferenceRecord } from '../store/conferences.ts';
import type { CallRefusal, ParticipantChange, ParticipantFacts } from './call-control.ts';
import { refusal } from './calls.ts';
import { flag, method, text, url, word } from './fields.ts';
import { operation, type AnswerShape, type Operation, type RestRequest } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageRows } from './paging.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const ConferenceJson = v.object({
  sid: v.string(),
  account_sid: v.string(),
  friendly_name: v.string(),
  status: v.picklist(['init', 'in-progress', 'completed']),
  region: v.null(),
  reason_conference_ended: v.nullable(v.string()),
  call_sid_ending_conference: v.nullable(v.string()),
  date_created: v.string(),
  date_updated: v.string(),
  api_version: v.string(),
  uri: v.string(),
  subresource_uris: v.object({ participants: v.string() }),
});

const ParticipantJson = v.object({
  call_sid: v.string(),
  conference_sid: v.string(),
  account_sid: v.string(),
  label: v.nullable(v.string()),
  muted: v.boolean(),
  hold: v.boolean(),
  coaching: v.boolean(),
  call_sid_to_coach: v.null(),
  start_conference_on_enter: v.boolean(),
  end_conference_on_exit: v.boolean(),
  status: v.literal('connected'),
  queue_time: v.string(),
  date_created: v.string(),
  date_updated: v.string(),
  api_version: v.string(),
  uri: v.string(),
});

const ParticipantFields = v.object({
  Muted: v.optional(flag('Whether the others do not hear the participant.')),
  Hold: v.optional(flag('Whether the participant hears the hold music instead of the others.')),
  HoldUrl: v.optional(url('Played while on hold.')),
  HoldMethod: v.optional(method('How HoldUrl is asked.')),
  EndConferenceOnExit: v.optional(flag('Whether the conference ends when the participant leaves.')),
});

const oneConference: AnswerShape = { type: 'one', schema: ConferenceJson, name: 'Conference' };
const oneParticipant: AnswerShape = { type: 'one', schema: ParticipantJson, name: 'Participant' };
const SID_PATH = '/Conferences/{ConferenceSid}';
const PARTICIPANT_PATH = `${SID_PATH}/Participants/{CallSid}`;

/** Conferences that are up or were, and who is in them. */
export function conferenceOperations({ calls, store }: RestServices): readonly Operation[] {
  const { conferences } = calls;
  const find = (request: RestRequest): ConferenceRecord => {
    const { ConferenceSid: conferenceSid = '' } = request.names;
    const found = store.conferences.find(request.accountSid, conferenceSid);
    if (found !== undefined) return found;
    throw new RestRefusal('notFound', `there is no conference ${conferenceSid} in this account`);
  };
  const findParticipant = (request: RestRequest): ParticipantFacts => {
    const { CallSid: callSid = '' } = request.names;
    const { sid } = find(request);
    const found = conferences.participants(request.accountSid, sid).find((one) => one.callSid === callSid);
    if (found !== undefined) return found;
    throw new RestRefusal('notFound', `the call ${callSid} is not in this conference`);
  };
  return [
    operation({
      id: 'listConferences',
      method: 'GET',
      path: '/Conferences',
      summary: 'Conferences that are up or were, newest first.',
      input: v.object({
        ...PAGE_FIELDS,
        FriendlyName: v.optional(text(128, 'The conference of exactly this name.')),
        Status: v.optional(word(['init', 'in-progress', 'completed'], 'Those of this status.')),
      }),
      answers: { type: 'page', schema: ConferenceJson, name: 'Conference', key: 'conferences' },
      perform(request, fields) {
        const { FriendlyName: friendlyName, Status: status } = fields;
        const { accountSid } = request;
        const found = store.conferences.list({ accountSid, friendlyName, status, ...pageRows(fields) });
        const items = found.conferences.map((one) => conferenceJson(one, request));
        const content = { key: 'conferences', path: '/Conferences', items, total: found.total };
        return pageAnswer(request, fields, content);
      },
    }),
    operation({
      id: 'fetchConference',
      method: 'GET',
      path: SID_PATH,
      summary: 'One conference, up or over.',
      input: v.object({}),
      answers: oneConference,
      perform: (request) => conferenceJson(find(request), request),
    }),
    operation({
      id: 'updateConference',
      method: 'POST',
      path: SID_PATH,
      summary: 'Ends a conference: everybody leaves, and goes on with her document.',
      input: v.object({ Status: word(['completed'], 'Ends the conference.') }),
      answers: oneConference,
      async perform(request) {
        const before = find(request);
        // As of calls (D25): what is over already is answered as it is.
        if (before.status !== 'completed') expectDone(await conferences.end(request.accountSid, before.sid));
        return conferenceJson(find(request), request);
      },
    }),
    operation({
      id: 'listParticipants',
      method: 'GET',
      path: `${SID_PATH}/Participants`,
      summary: 'Who is in a conference.',
      input: v.object({
        ...PAGE_FIELDS,
        Muted: v.optional(flag('Those who are muted, or who are not.')),
        Hold: v.optional(flag('Those who are on hold, or who are not.')),
      }),
      answers: { type: 'page', schema: ParticipantJson, name: 'Participant', key: 'participants' },
      perform(request, fields) {
        const { sid } = find(request);
        const found = conferences
          .participants(request.accountSid, sid)
          .filter(({ isMuted }) => fields.Muted === undefined || isMuted === fields.Muted)
          .filter(({ isOnHold }) => fields.Hold === undefined || isOnHold === fields.Hold);
        const { offset, limit } = pageRows(fields);
        const items = found.slice(offset, offset + limit).map((one) => participantJson(one, sid, request));
        const path = `/Conferences/${sid}/Participants`;
        return pageAnswer(request, fields, { key: 'participants', path, items, total: found.length });
      },
    }),
    operation({
      id: 'fetchParticipant',
      method: 'GET',
      path: PARTICIPANT_PATH,
      summary: 'One participant.',
      input: v.object({}),
      answers: oneParticipant,
      perform: (request) => participantJson(findParticipant(request), find(request).sid, request),
    }),
    operation({
      id: 'updateParticipant',
      method: 'POST',
      path: PARTICIPANT_PATH,
      summary: 'Mutes a participant, or puts her on hold, or takes that back.',
      input: ParticipantFields,
      answers: oneParticipant,
      async perform(request, fields) {
        const { sid } = find(request);
        const { callSid } = findParticipant(request);
        expectDone(await conferences.setParticipant(request.accountSid, sid, callSid, changeOf(fields)));
        return participantJson(findParticipant(request), sid, request);
      },
    }),
    operation({
      id: 'deleteParticipant',
      method: 'DELETE',
      path: PARTICIPANT_PATH,
      summary: 'Takes a participant out of the conference; her call goes on with its document.',
      input: v.object({}),
      answers: { type: 'nothing' },
      async perform(request) {
        const { sid } = find(request);
        const { callSid } = findParticipant(request);
        expectDone(await conferences.removeParticipant(request.accountSid, sid, callSid));
        return {};
      },
    }),
  ];
}

function expectDone(done: 'done' | CallRefusal): void {
  if (done !== 'done') throw refusal(done);
}

function changeOf(fields: v.InferOutput<typeof ParticipantFields>): ParticipantChange {
  return {
    ...(fields.Muted !== undefined && { isMuted: fields.Muted }),
    ...(fields.Hold !== undefined && { isOnHold: fields.Hold }),
    ...(fields.HoldUrl !== undefined && { holdUrl: fields.HoldUrl }),
    ...(fields.HoldMethod !== undefined && { holdMethod: fields.HoldMethod }),
    ...(fields.EndConferenceOnExit !== undefined && { endsConference: fields.EndConferenceOnExit }),
  };
}

function conferenceJson(
  conference: ConferenceRecord,
  { accountSid, root, apiVersion }: RestRequest,
): v.InferOutput<typeof ConferenceJson> {
  const uri = `${root}/Conferences/${conference.sid}`;
  return {
    sid: conference.sid,
    account_sid: accountSid,
    friendly_name: conference.friendlyName,
    status: conference.status,
    region: null,
    reason_conference_ended: conference.endReason,
    call_sid_ending_conference: conference.endedBy,
    date_created: formatTimestamp(conference.createdAtMs),
    date_updated: formatTimestamp(conference.updatedAtMs),
    api_version: apiVersion,
    uri: `${uri}.json`,
    subresource_uris: { participants: `${uri}/Participants.json` },
  };
}

function participantJson(
  participant: ParticipantFacts,
  conferenceSid: string,
  { accountSid, root, apiVersion }: RestRequest,
): v.InferOutput<typeof ParticipantJson> {
  return {
    call_sid: participant.callSid,
    conference_sid: conferenceSid,
    account_sid: accountSid,
    label: participant.label ?? null,
    muted: participant.isMuted,
    hold: participant.isOnHold,
    coaching: false,
    call_sid_to_coach: null,
    start_conference_on_enter: participant.startsConference,
    end_conference_on_exit: participant.endsConference,
    status: 'connected',
    queue_time: '0',
    date_created: formatTimestamp(participant.joinedAtMs),
    date_updated: formatTimestamp(participant.updatedAtMs),
    api_version: apiVersion,
    uri: `${root}/Conferences/${conferenceSid}/Participants/${participant.callSid}.json`,
  };
}
