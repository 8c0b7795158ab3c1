import type { CallSid } from '@parley/protocol';
import type { Client } from '@parley/rcml';
import type { LegFacts, LegModification, OutboundOrder, OwedCallback } from '@parley/switchboard';
import type { CallCallback, CallChange, CallControl, CallOrder, CallRefusal } from '../rest/call-control.ts';
import type { CallHost } from './call-host.ts';
import { runningCall } from './call-origin.ts';
import { newCallSid } from './sids.ts';

/** What REST can do to the calls of this node: it makes them, ends them, and gives them other documents. */
export class OrderedCalls implements Omit<CallControl, 'conferences'> {
  readonly #host: CallHost;

  constructor(host: CallHost) {
    this.#host = host;
  }

  create(order: CallOrder): Promise<CallSid | CallRefusal> {
    const facts: LegFacts = {
      sid: newCallSid(),
      accountSid: order.accountSid,
      from: order.from,
      to: `client:${order.to.identity}`,
      direction: 'outbound-api',
    };
    const placed = this.#host.place(outboundOrder(order, facts));
    if (placed === 'draining') return refused('draining', 'the gateway is going out of service');
    if ('why' in placed) return refused('full', placed.message);
    return Promise.resolve(facts.sid);
  }

  modify(_accountSid: string, sid: CallSid, change: CallChange): Promise<'done' | CallRefusal> {
    const call = this.#host.callOfLeg(sid);
    if (call === undefined) return refused('ended', 'the call is over');
    const own = runningCall(call.state);
    const isChild = own !== undefined && own.facts.sid !== sid;
    const isTalking = isChild
      ? own.dial?.legs.some((leg) => leg.sid === sid && leg.phase.name === 'joined') === true
      : own?.caller.name === 'answered';
    if (change.type === 'end' && change.status === 'canceled' && isTalking) {
      return refused('wrong-state', 'a call that was answered is completed, not canceled');
    }
    if (change.type === 'document' && (own === undefined || (isChild && !isTalking))) {
      return refused('wrong-state', 'a call that rings takes no document; cancel it');
    }
    const modification: LegModification =
      change.type === 'end'
        ? { type: 'end' }
        : { type: 'document', application: change.application, ...owedBy(change.statusCallback) };
    call.feed({ type: 'modify', leg: sid, change: modification });
    return Promise.resolve('done');
  }
}

/** A change may name who is told of the end from now on. */
function owedBy(callback: CallCallback | undefined): { readonly owed?: Omit<OwedCallback, 'sequence'> } {
  if (callback === undefined || !callback.events.includes('completed')) return {};
  return { owed: { url: callback.url, base: '', method: callback.method } };
}

function refused(why: CallRefusal['refused'], message: string): Promise<CallRefusal> {
  return Promise.resolve({ refused: why, message });
}

function outboundOrder(order: CallOrder, facts: LegFacts): OutboundOrder {
  const { timeoutMs, timeLimitMs, recorded, applicationSid: sid } = order;
  const isNamed = sid !== undefined && order.application.type === 'url';
  const application = isNamed ? { ...order.application, sid } : order.application;
  const noun: Client = {
    noun: 'Client',
    at: { line: 1, column: 1 },
    target: order.to.identity,
    parameters: new Map(Object.entries(order.to.params)),
    video: order.to.video,
    method: 'POST',
    screeningTimeoutSeconds: 60,
    statusCallbackMethod: order.statusCallback?.method ?? 'POST',
    statusCallbackEvents: order.statusCallback?.events ?? ['completed'],
    ...(order.statusCallback === undefined ? {} : { statusCallback: order.statusCallback.url }),
  };
  return {
    facts,
    noun,
    application,
    timeoutMs,
    ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
    ...(recorded === undefined ? {} : { recorded }),
  };
}
