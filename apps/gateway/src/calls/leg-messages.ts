import type { CallMessage, CallSid } from '@parley/protocol';
import {
  isHeardByApplication,
  openLegMessages,
  stepLegMessages,
  type LegMessagesInput,
  type LegMessagesOutput,
  type LegMessagesState,
  type Made,
} from '@parley/switchboard';
import { formatTimestamp } from '../out/timestamp.ts';
import type { CallRefusal } from '../rest/call-control.ts';
import type { ApplicationMessage, MessageControl, SubscriptionOrder } from '../rest/message-control.ts';
import { newSid } from '../store/sid.ts';
import type { CallServices } from './call-services.ts';
import type { HostedCall } from './hosted-call.ts';
import type { Part } from './part.ts';

export interface LegMessagesServices extends Pick<CallServices, 'outbox' | 'world'> {
  readonly callOf: (leg: CallSid) => HostedCall | undefined;
}

/**
 * What passes between the application and the devices of every leg of this node: the machines, by leg, and the hands. A
 * leg about which nothing was asked has none. It decides nothing.
 */
export class LegMessages implements MessageControl {
  readonly #services: LegMessagesServices;
  readonly #legs = new Map<CallSid, LegMessagesState>();

  constructor(services: LegMessagesServices) {
    this.#services = services;
  }

  tell(leg: CallSid, { content, idempotencyKey: key }: ApplicationMessage): Made | CallRefusal {
    const call = this.#callOf(leg);
    if (call === undefined) return ENDED;
    if (hearers(call, leg).length === 0) {
      return { refused: 'wrong-state', message: 'no device of this call has heard of it yet' };
    }
    const id = newSid('KX');
    const message = { id, content, contentType: 'application/json', messageType: 'user-defined-message' };
    return this.#ask(leg, { type: 'tell', message, ...keyed(key) });
  }

  subscribe(leg: CallSid, { url, method, idempotencyKey: key }: SubscriptionOrder): Made | CallRefusal {
    if (this.#callOf(leg) === undefined) return ENDED;
    const subscription = { sid: newSid('ZY'), url, method };
    return this.#ask(leg, { type: 'subscribe', subscription, ...keyed(key) });
  }

  unsubscribe(leg: CallSid, sid: string): boolean {
    return !this.#feed(leg, { type: 'unsubscribe', sid }).some(({ type }) => type === 'refused');
  }

  /** A device has said something; false where no application wants to hear it. */
  said(part: Part, message: CallMessage): boolean {
    const state = this.#legs.get(part.callSid);
    if (state === undefined || !isHeardByApplication(state)) return false;
    this.#feed(part.callSid, { type: 'said', message });
    return true;
  }

  legEnded(leg: CallSid): void {
    this.#legs.delete(leg);
  }

  /** Legs about which something was asked, and that are up. */
  get count(): number {
    return this.#legs.size;
  }

  #callOf(leg: CallSid): HostedCall | undefined {
    const call = this.#services.callOf(leg);
    return call?.hasLeg(leg) === true ? call : undefined;
  }

  #ask(leg: CallSid, input: LegMessagesInput): Made | CallRefusal {
    for (const output of this.#feed(leg, input)) {
      if (output.type === 'made') return output.made;
      if (output.type === 'refused') return REFUSALS[output.why];
    }
    throw new Error('what was asked for has no answer');
  }

  #feed(leg: CallSid, input: LegMessagesInput): readonly LegMessagesOutput[] {
    const before = this.#legs.get(leg) ?? openLegMessages();
    const { state, outputs } = stepLegMessages(before, input, this.#services.world.nowMs());
    if (state !== before) this.#legs.set(leg, state);
    for (const output of outputs) this.#perform(leg, output);
    return outputs;
  }

  #perform(leg: CallSid, output: LegMessagesOutput): void {
    const call = this.#callOf(leg);
    if (call === undefined) return;
    switch (output.type) {
      case 'deliver':
        for (const { party } of hearers(call, leg)) {
          call.tell(party, { type: 'message', message: output.message });
        }
        return;
      case 'callback':
        this.#callBack(call, leg, output);
        return;
      case 'made':
      case 'refused':
        return;
    }
  }

  #callBack(
    { accountSid, trace }: HostedCall,
    leg: CallSid,
    { subscription, sequence, message }: Extract<LegMessagesOutput, { type: 'callback' }>,
  ): void {
    this.#services.outbox.enqueue({
      accountSid,
      stream: subscription.sid,
      sequence,
      url: subscription.url,
      method: subscription.method,
      params: [
        ['AccountSid', accountSid],
        ['CallSid', leg],
        ['SubscriptionSid', subscription.sid],
        ['Sid', message.id],
        ['Content', message.content],
        ['ContentType', message.contentType],
        ['MessageType', message.messageType],
        ['SequenceNumber', String(sequence)],
        ['Timestamp', formatTimestamp(this.#services.world.nowMs())],
      ],
      traceparent: trace.next(),
    });
  }
}

const ENDED: CallRefusal = { refused: 'ended', message: 'the call is over' };

const REFUSALS: Readonly<Record<Extract<LegMessagesOutput, { type: 'refused' }>['why'], CallRefusal>> = {
  ended: ENDED,
  'too-many': { refused: 'full', message: 'this call has as many subscriptions as it may' },
  unknown: { refused: 'ended', message: 'this call has no such subscription' },
};

/** The devices of a leg that know of it: all that ring, or the one that has answered. */
function hearers(call: HostedCall, leg: CallSid): readonly Part[] {
  return Array.from(call.parts.values()).filter(({ callSid, isTold }) => callSid === leg && isTold);
}

function keyed(key: string | undefined): { readonly key?: string } {
  return key === undefined ? {} : { key };
}
