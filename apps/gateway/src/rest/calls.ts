import { CallSid } from '@parley/protocol';
import type { Complaint } from '@parley/rcml';
import * as v from 'valibot';
import type { CallRecord } from '../store/calls.ts';
import type { CallChange, CallRefusal } from './call-control.ts';
import { CallJson, callJson } from './call-json.ts';
import { APPLICATION_FIELDS, chosenApplication, chosenCallback, readTo } from './call-order.ts';
import { flag, sid, span, spanFields, text, unsupported, wholeNumber, word } from './fields.ts';
import { operation, type AnswerShape, type Operation, type RestRequest } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageEdgeMs, pageRows } from './paging.ts';
import { RECORDING_FIELDS, recordingTerms } from './recording-fields.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const STATUSES = [
  'queued',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'failed',
  'no-answer',
  'canceled',
] as const;

const CreateFields = v.object({
  To: text(4096, 'The client to call: `client:NAME`, with custom parameters behind a `?`.'),
  From: text(256, 'Whom the call is from: `client:NAME`, a number, a name.'),
  ...APPLICATION_FIELDS,
  Video: v.optional(flag('Whether the call is offered with video.'), 'false'),
  Timeout: v.optional(wholeNumber(1, 600, 'Seconds the client rings.'), '60'),
  TimeLimit: v.optional(wholeNumber(1, 86_400, 'Seconds the call may last after pick-up.')),
  Record: v.optional(flag('Whether the call is recorded from pick-up to its end.'), 'false'),
  ...RECORDING_FIELDS,
  Trim: v.optional(
    word(['trim-silence', 'do-not-trim'], 'Whether silence at both ends of the recording is cut.'),
    'trim-silence',
  ),
  SendDigits: v.optional(unsupported('keys for the one who picks up.')),
  MachineDetection: v.optional(unsupported('telling answering machines from people.')),
});

const UpdateFields = v.object({
  ...APPLICATION_FIELDS,
  Status: v.optional(
    word(['canceled', 'completed'], 'Ends the call: `canceled` only before it is answered.'),
  ),
  TimeLimit: v.optional(unsupported('another time limit for a call that is up.')),
  Mute: v.optional(unsupported('muting from the outside; participants of conferences can be.')),
  MoveConnectedCallLeg: v.optional(unsupported('moving both legs at once; modify one after the other.')),
});

const ListFields = v.object({
  ...PAGE_FIELDS,
  To: v.optional(text(4096, 'Calls to exactly this party.')),
  From: v.optional(text(256, 'Calls from exactly this party.')),
  Status: v.optional(word(STATUSES, 'Calls of this status.')),
  ParentCallSid: v.optional(sid('CA', 'Calls that this one has dialled.')),
  ...spanFields('StartTime', 'Calls that began'),
  ...spanFields('EndTime', 'Calls that ended'),
});

const one: AnswerShape = { type: 'one', schema: CallJson, name: 'Call' };

/** Calls: made, listed, read, ended and given another document. */
export function callOperations(services: RestServices): readonly Operation[] {
  const { store } = services;
  return [
    operation({
      id: 'createCall',
      method: 'POST',
      path: '/Calls',
      summary: 'Calls a client. When she picks up, the document runs on her leg.',
      input: CreateFields,
      answers: one,
      status: 201,
      perform: (request, fields) => create(services, request, fields),
    }),
    operation({
      id: 'listCalls',
      method: 'GET',
      path: '/Calls',
      summary: 'Calls and the legs they have dialled, newest first.',
      input: ListFields,
      answers: { type: 'page', schema: CallJson, name: 'Call', key: 'calls' },
      perform: (request, fields) => list(services, request, fields),
    }),
    operation({
      id: 'fetchCall',
      method: 'GET',
      path: '/Calls/{CallSid}',
      summary: 'One call.',
      input: v.object({}),
      answers: one,
      perform: (request) => callJson(find(store.calls, request), request),
    }),
    operation({
      id: 'updateCall',
      method: 'POST',
      path: '/Calls/{CallSid}',
      summary:
        'Ends a call, or gives it another document. A call that a dial has made is modified like any other.',
      input: UpdateFields,
      answers: one,
      perform: (request, fields) => update(services, request, fields),
    }),
  ];
}

async function create(
  { store, calls, notifications }: RestServices,
  request: RestRequest,
  fields: v.InferOutput<typeof CreateFields>,
): Promise<CallJson> {
  const { accountSid } = request;
  const to = readTo(fields.To, fields.Video);
  const chosen = chosenApplication(fields, accountSid, store.applications);
  if (chosen === undefined)
    throw new RestRefusal('urlInvalid', 'Url, Rcml, Twiml or ApplicationSid is required');
  const { application, applicationSid, complaints } = chosen;
  const statusCallback = chosenCallback(fields);
  const made = await calls.create({
    accountSid,
    from: fields.From,
    to,
    application,
    timeoutMs: fields.Timeout * 1000,
    ...(applicationSid !== undefined && { applicationSid }),
    ...(statusCallback !== undefined && { statusCallback }),
    ...(fields.TimeLimit !== undefined && { timeLimitMs: fields.TimeLimit * 1000 }),
    ...(fields.Record && {
      recorded: recordingTerms(fields, { source: 'OutboundAPI', trim: fields.Trim === 'trim-silence' }),
    }),
  });
  if (typeof made !== 'string') throw refusal(made);
  complain(notifications, accountSid, made, complaints);
  const record = store.calls.find(accountSid, made);
  if (record === undefined) throw new Error('a call that was made has no row');
  // It may ring, or have failed, by now: whoever has made it is told that it was taken (D24).
  return { ...callJson(record, request), status: 'queued', duration: null, end_time: null, end_reason: null };
}

function list(
  { store }: RestServices,
  request: RestRequest,
  fields: v.InferOutput<typeof ListFields>,
): object {
  const started = span(fields.StartTime, fields['StartTime<'], fields['StartTime>']);
  const ended = span(fields.EndTime, fields['EndTime<'], fields['EndTime>']);
  const beforeMs = Math.min(started.beforeMs ?? Infinity, pageEdgeMs(fields) ?? Infinity);
  const { calls, total } = store.calls.list({
    accountSid: request.accountSid,
    ...pageRows(fields),
    ...(fields.To !== undefined && { to: fields.To }),
    ...(fields.From !== undefined && { from: fields.From }),
    ...(fields.Status !== undefined && { status: fields.Status }),
    ...(fields.ParentCallSid !== undefined && { parentSid: fields.ParentCallSid }),
    ...(started.fromMs !== undefined && { createdFromMs: started.fromMs }),
    ...(beforeMs !== Infinity && { createdBeforeMs: beforeMs }),
    ...(ended.fromMs !== undefined && { endedFromMs: ended.fromMs }),
    ...(ended.beforeMs !== undefined && { endedBeforeMs: ended.beforeMs }),
  });
  return pageAnswer(request, fields, {
    key: 'calls',
    path: '/Calls',
    items: calls.map((call) => callJson(call, request)),
    total,
    newestMs: calls[0]?.createdAtMs,
  });
}

async function update(
  { store, calls, notifications }: RestServices,
  request: RestRequest,
  fields: v.InferOutput<typeof UpdateFields>,
): Promise<CallJson> {
  const { accountSid } = request;
  const before = find(store.calls, request);
  const chosen = chosenApplication(fields, accountSid, store.applications);
  const statusCallback = chosenCallback(fields);
  const change = changeOf(fields.Status, chosen?.application, statusCallback);
  if (before.endedAtMs === null) {
    if (fields.Status === 'canceled' && before.status === 'in-progress') {
      throw new RestRefusal('wrongCallState', 'the call is answered: end it with Status=completed');
    }
    const sid = v.parse(CallSid, before.sid);
    const done = await calls.modify(accountSid, sid, change);
    if (done === 'done') {
      complain(notifications, accountSid, before.sid, chosen?.complaints ?? []);
      return callJson(find(store.calls, request), request);
    }
    if (done.refused !== 'ended') throw refusal(done);
  }
  // It is over, or was by the time it could be told (D25).
  if (fields.Status === 'completed') return callJson(find(store.calls, request), request);
  throw new RestRefusal('wrongCallState', 'the call has ended');
}

function changeOf(
  status: 'canceled' | 'completed' | undefined,
  application: Extract<CallChange, { type: 'document' }>['application'] | undefined,
  statusCallback: ReturnType<typeof chosenCallback>,
): CallChange {
  if (status !== undefined && application !== undefined) {
    throw new RestRefusal(
      'invalidParameter',
      'Status ends the call and a document goes on with it: give one of them',
    );
  }
  if (status !== undefined) return { type: 'end', status };
  if (application === undefined) {
    throw new RestRefusal('invalidParameter', 'Status, Url, Rcml, Twiml or ApplicationSid is required');
  }
  return { type: 'document', application, ...(statusCallback !== undefined && { statusCallback }) };
}

function find(calls: RestServices['store']['calls'], { accountSid, names }: RestRequest): CallRecord {
  const call = calls.find(accountSid, names['CallSid'] ?? '');
  if (call === undefined)
    throw new RestRefusal('notFound', `there is no call ${names['CallSid']} in this account`);
  return call;
}

function complain(
  notifications: RestServices['notifications'],
  accountSid: string,
  callSid: string,
  complaints: readonly Complaint[],
): void {
  for (const { code, severity, message, remedy, at } of complaints) {
    notifications.notify({ accountSid, callSid, code, severity, message: `${message} ${remedy}`, ...at });
  }
}

/** What the host of calls did not do, as REST says it. */
export function refusal({ refused, message }: CallRefusal): RestRefusal {
  switch (refused) {
    case 'draining':
      return new RestRefusal('unavailable', message, { 'Retry-After': '5' });
    case 'full':
      return new RestRefusal('tooManyRequests', message, { 'Retry-After': '5' });
    case 'unsupported':
      return new RestRefusal('unsupported', message);
    case 'ended':
    case 'wrong-state':
      return new RestRefusal('wrongCallState', message);
  }
}
