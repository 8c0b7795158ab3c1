import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { OutboxRecord } from '../store/outbox-table.ts';
import { formText, sid, word } from './fields.ts';
import { operation, type Operation } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageRows } from './paging.ts';
import type { RestServices } from './rest-services.ts';

const CallbackJson = v.object({
  key: v.pipe(
    v.string(),
    v.description('What the receiver sees as I-Twilio-Idempotency-Token and webhook-id.'),
  ),
  call_sid: v.string(),
  sequence_number: v.number(),
  state: v.picklist(['pending', 'delivered', 'dead']),
  url: v.string(),
  method: v.string(),
  parameters: v.pipe(v.string(), v.description('Form-encoded.')),
  attempts: v.number(),
  last_status: v.nullable(v.number()),
  last_error: v.nullable(v.string()),
  date_created: v.string(),
});

const OfCall = v.optional(sid('CA', 'Of this call or leg.'));
const ListFields = v.object({
  ...PAGE_FIELDS,
  CallSid: OfCall,
  State: v.optional(
    word(['pending', 'delivered', 'dead'], '`dead`: given up after a day of attempts, and can be replayed.'),
  ),
});

/** Callbacks in the outbox: what waits, what was taken lately, and what was given up. */
export function callbackOperations({ store, outbox }: RestServices): readonly Operation[] {
  return [
    operation({
      id: 'listCallbacks',
      method: 'GET',
      path: '/Callbacks',
      summary:
        'Callbacks that wait, were taken within ten minutes, or were given up within a week; newest first.',
      input: ListFields,
      answers: { type: 'page', schema: CallbackJson, name: 'Callback', key: 'callbacks' },
      perform(request, fields) {
        const { callbacks, total } = store.outbox.list({
          accountSid: request.accountSid,
          ...pageRows(fields),
          ...(fields.State !== undefined && { state: fields.State }),
          ...(fields.CallSid !== undefined && { stream: fields.CallSid }),
        });
        const items = callbacks.map(callbackJson);
        return pageAnswer(request, fields, { key: 'callbacks', path: '/Callbacks', items, total });
      },
    }),
    operation({
      id: 'replayCallbacks',
      method: 'POST',
      path: '/Callbacks/Replay',
      summary: 'Takes callbacks up again that were given up: those of one call, or all of the account.',
      input: v.object({ CallSid: OfCall }),
      answers: { type: 'one', schema: v.object({ replayed: v.number() }), name: 'Replay' },
      perform({ accountSid }, { CallSid: callSid }) {
        const dead = store.outbox.deadStreams(accountSid);
        const streams = callSid === undefined ? dead : dead.filter((stream) => stream === callSid);
        let replayed = 0;
        for (const stream of streams) replayed += outbox.replay({ stream });
        return { replayed };
      },
    }),
  ];
}

function callbackJson(callback: OutboxRecord): v.InferOutput<typeof CallbackJson> {
  return {
    key: callback.key,
    call_sid: callback.stream,
    sequence_number: callback.sequence,
    state: callback.state,
    url: callback.url,
    method: callback.method,
    parameters: formText(callback.params),
    attempts: callback.attempts,
    last_status: callback.lastStatus,
    last_error: callback.lastError,
    date_created: formatTimestamp(callback.createdAtMs),
  };
}
