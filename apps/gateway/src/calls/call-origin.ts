import {
  callDeadlineMs,
  outboundDeadlineMs,
  outboundRingingFor,
  ringingFor,
  startAnsweredCall,
  startCall,
  startOutboundCall,
  startSeatedCall,
  stepCall,
  stepOutboundCall,
  type Application,
  type CallFacts,
  type CallInput,
  type CallOutput,
  type CallRules,
  type CallState,
  type Millis,
  type OutboundCallState,
  type OutboundOrder,
  type Place,
  type Step,
} from '@parley/switchboard';
import type { CallSid } from '@parley/protocol';
import type { Part } from './part.ts';

/** Where a call comes from, and with it which machine carries it. */
export type CallOrigin =
  /** A device placed it. */
  | { readonly type: 'placed'; readonly facts: CallFacts; readonly caller: Part }
  /** REST made it. */
  | { readonly type: 'ordered'; readonly order: OutboundOrder }
  /** A talking leg left another call with a document of its own. */
  | {
      readonly type: 'detached';
      readonly facts: CallFacts & { readonly application: Application };
      readonly answeredMs: Millis;
      readonly caller: Part;
      /** Instead of a document: she is handed over, or hands over. */
      readonly place?: Place;
    };

/** The state of either machine. */
export type CarriedState = CallState | OutboundCallState;

export function startCarried(
  origin: CallOrigin,
  rules: CallRules,
  nowMs: Millis,
): Step<CarriedState, CallOutput> {
  switch (origin.type) {
    case 'placed':
      return startCall(origin.facts, rules, nowMs);
    case 'ordered':
      return startOutboundCall(origin.order, rules, nowMs);
    case 'detached':
      if (origin.place !== undefined) {
        return startSeatedCall(origin.facts, origin.answeredMs, origin.place, rules, nowMs);
      }
      return startAnsweredCall(origin.facts, origin.answeredMs, rules, nowMs);
  }
}

export function stepCarried(
  state: CarriedState,
  input: CallInput,
  rules: CallRules,
  nowMs: Millis,
): Step<CarriedState, CallOutput> {
  return isOutbound(state)
    ? stepOutboundCall(state, input, rules, nowMs)
    : stepCall(state, input, rules, nowMs);
}

export function carriedDeadlineMs(state: CarriedState): Millis | undefined {
  return isOutbound(state) ? outboundDeadlineMs(state) : callDeadlineMs(state);
}

/** The legs that ring for a name now (D3). */
export function carriedRingingFor(state: CarriedState, identity: string): readonly CallSid[] {
  return isOutbound(state) ? outboundRingingFor(state, identity) : ringingFor(state, identity);
}

/** The call inside, once somebody takes part in it who runs a document. */
export function runningCall(state: CarriedState): CallState | undefined {
  if (!isOutbound(state)) return state;
  return state.phase.name === 'running' ? state.phase.call : undefined;
}

function isOutbound(state: CarriedState): state is OutboundCallState {
  return 'order' in state;
}
