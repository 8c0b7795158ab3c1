import { CallSid, WIRE_LIMITS } from '@parley/protocol';
import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { CallRefusal } from './call-control.ts';
import { refusal } from './calls.ts';
import { method, text, url } from './fields.ts';
import { operation, type Operation, type RestRequest } from './operation.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const MessageJson = v.object({
  account_sid: v.string(),
  call_sid: v.string(),
  sid: v.string(),
  date_created: v.string(),
});
const SubscriptionJson = v.object({ ...MessageJson.entries, uri: v.string() });

const IdempotencyKey = v.optional(
  text(256, 'Asked again with the same key, what was made is answered, and nothing is made twice.'),
);

const CreateFields = v.object({
  Content: v.pipe(
    v.string(),
    v.check(
      (content) => Buffer.byteLength(content) <= WIRE_LIMITS.messageBytesMax,
      `has at most ${WIRE_LIMITS.messageBytesMax} bytes`,
    ),
    v.check(isJson, 'is not JSON'),
    v.description('What is said, as JSON.'),
  ),
  IdempotencyKey,
});

const SubscribeFields = v.object({
  Callback: url('Told what the devices of the call say.'),
  Method: v.optional(method('How Callback is told.'), 'POST'),
  IdempotencyKey,
});

/** Messages between an application and the devices of a call, and who is told what those say. */
export function userDefinedMessageOperations({ store, messages }: RestServices): readonly Operation[] {
  const liveLeg = ({ accountSid, names }: RestRequest): CallSid => {
    const { CallSid: named = '' } = names;
    const call = store.calls.find(accountSid, named);
    if (call === undefined) throw new RestRefusal('notFound', `there is no call ${named} in this account`);
    if (call.endedAtMs !== null) throw new RestRefusal('wrongCallState', 'the call has ended');
    return v.parse(CallSid, call.sid);
  };
  const subscriptions = '/Calls/{CallSid}/UserDefinedMessageSubscriptions';
  return [
    operation({
      id: 'createUserDefinedMessage',
      method: 'POST',
      path: '/Calls/{CallSid}/UserDefinedMessages',
      summary:
        'Tells the devices of a call something, also while they ring: `messageReceived` of the call in the SDK.',
      input: CreateFields,
      answers: { type: 'one', schema: MessageJson, name: 'UserDefinedMessage' },
      status: 201,
      perform(request, { Content: content, IdempotencyKey: key }) {
        const leg = liveLeg(request);
        const { sid, atMs } = done(messages.tell(leg, { content, ...keyed(key) }));
        return named(request, leg, sid, atMs);
      },
    }),
    operation({
      id: 'createUserDefinedMessageSubscription',
      method: 'POST',
      path: subscriptions,
      summary:
        'Has an application told what the devices of a call say (`call.sendMessage()`), until the call ends.',
      input: SubscribeFields,
      answers: { type: 'one', schema: SubscriptionJson, name: 'UserDefinedMessageSubscription' },
      status: 201,
      perform(request, { Callback, Method, IdempotencyKey: key }) {
        const leg = liveLeg(request);
        const order = { url: Callback, method: Method, ...keyed(key) };
        const { sid, atMs } = done(messages.subscribe(leg, order));
        const uri = `${request.root}/Calls/${leg}/UserDefinedMessageSubscriptions/${sid}.json`;
        return { ...named(request, leg, sid, atMs), uri };
      },
    }),
    operation({
      id: 'deleteUserDefinedMessageSubscription',
      method: 'DELETE',
      path: `${subscriptions}/{SubscriptionSid}`,
      summary: 'Takes a subscription back. What was said before is still told.',
      input: v.object({}),
      answers: { type: 'nothing' },
      perform(request) {
        const { SubscriptionSid: sid = '' } = request.names;
        if (!messages.unsubscribe(liveLeg(request), sid))
          throw new RestRefusal('notFound', `this call has no subscription ${sid}`);
        return {};
      },
    }),
  ];
}

function named({ accountSid }: RestRequest, leg: CallSid, sid: string, atMs: number) {
  return { account_sid: accountSid, call_sid: leg, sid, date_created: formatTimestamp(atMs) };
}

function done<Done extends object>(answer: Done | CallRefusal): Done {
  if ('refused' in answer) throw refusal(answer);
  return answer;
}

function keyed(key: string | undefined): { readonly idempotencyKey?: string } {
  return key === undefined ? {} : { idempotencyKey: key };
}

function isJson(content: string): boolean {
  try {
    JSON.parse(content);
    return true;
  } catch {
    return false;
  }
}
