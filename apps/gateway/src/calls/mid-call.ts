import { WIRE_LIMITS, type ReplyData } from '@parley/protocol';
import type { PartyId } from '@parley/switchboard';
import type { CallRequest } from '../edge/call-door.ts';
import { WireRefusal } from '../edge/wire-refusal.ts';
import { newSid } from '../store/sid.ts';
import type { CallServices } from './call-services.ts';
import type { LegMessages } from './leg-messages.ts';
import { MessageRate } from './message-rate.ts';
import type { Part } from './part.ts';

export type MidCallRequest = Extract<CallRequest, { type: 'hold' | 'video' | 'videoAnswer' | 'message' }>;

export interface MidCallServices extends Pick<CallServices, 'talks' | 'world'> {
  readonly messages: Pick<LegMessages, 'said'>;
}

/** What a device may ask of a call in which it is joined with somebody. */
export class MidCall {
  readonly #services: MidCallServices;
  readonly #rates = new WeakMap<Part, MessageRate>();

  constructor(services: MidCallServices) {
    this.#services = services;
  }

  request(part: Part, message: MidCallRequest): ReplyData {
    const { talks } = this.#services;
    const { party } = part;
    switch (message.type) {
      case 'hold':
        // Taking back whom one does not hold is fine, also when she has gone.
        if (message.on) this.#mustTalk(party, 'hold-refused');
        talks.feed(party, { type: 'hold', party, on: message.on });
        return {};
      case 'video':
        if (message.on) this.#mustTalk(party, 'video-refused');
        talks.feed(party, { type: 'video', party, on: message.on });
        return {};
      case 'videoAnswer':
        talks.feed(party, { type: 'videoAnswer', party, accepted: message.accepted });
        return {};
      case 'message':
        return this.#pass(part, message);
    }
  }

  #pass(part: Part, message: Extract<MidCallRequest, { type: 'message' }>): ReplyData {
    const { party } = part;
    const { content, contentType, messageType } = message;
    if (Buffer.byteLength(content) > WIRE_LIMITS.messageBytesMax) {
      throw new WireRefusal(
        'message-too-large',
        `a message has at most ${WIRE_LIMITS.messageBytesMax} bytes`,
      );
    }
    const nowMs = this.#services.world.nowMs();
    const rate = this.#rates.get(part) ?? new MessageRate(nowMs);
    this.#rates.set(part, rate);
    const taken = rate.take(nowMs);
    if (taken !== 'taken') {
      throw new WireRefusal('rate-limited', 'too many messages in this call', taken.retryAfterMs);
    }
    const said = { id: newSid('KX'), content, contentType, messageType };
    // Whoever has subscribed hears it as well as who is joined; where there is neither, nobody does.
    if (!this.#services.messages.said(part, said)) this.#mustTalk(party, 'wrong-state');
    this.#services.talks.feed(party, { type: 'message', party, message: said });
    return { messageId: said.id };
  }

  #mustTalk(party: PartyId, refusal: 'hold-refused' | 'video-refused' | 'wrong-state'): void {
    if (this.#services.talks.stateOf(party) !== undefined) return;
    throw new WireRefusal(refusal, 'this device is not joined with one other person');
  }
}
