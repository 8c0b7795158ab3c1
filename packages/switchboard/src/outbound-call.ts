import type { CallSid } from '@parley/protocol';
import type { Client } from '@parley/rcml';
import type { CallOutput } from './call-output.ts';
import {
  callDeadlineMs,
  type Application,
  type CallInput,
  type CallRules,
  type CallState,
} from './call-state.ts';
import { startAnsweredCall, stepCall } from './call.ts';
import { fromLeg, owedBy, type LegView } from './callee-output.ts';
import { isAlive, type LegInput, type LegState, type LegStep } from './leg-state.ts';
import { startLeg, stepLeg } from './leg.ts';
import { prefix, stay, type Millis, type Step } from './machine.ts';
import type { RecordingTerms } from './recording-order.ts';
import type { LegFacts } from './voice-request.ts';

/**
 * A call that REST makes (D26): one leg that rings all devices of a client, and, once somebody has picked up, the call
 * whose document runs on it.
 *
 *             picked up
 *   ringing ────────────► running (a call) ───► ended
 *      │  nobody there · refused · timed out · ended by REST
 *      └──────────────────────────────────────► ended
 *
 * Ringing has the order's timeout; running has the deadlines of its call.
 */
export interface OutboundCallState {
  readonly order: OutboundOrder;
  readonly phase: OutboundPhase;
}

export type OutboundPhase =
  | { readonly name: 'ringing'; readonly leg: LegState; readonly answerByMs: Millis }
  | { readonly name: 'running'; readonly call: CallState }
  | { readonly name: 'ended' };

/** What is to be called, and what decides about it then. */
export interface OutboundOrder {
  readonly facts: LegFacts;
  /** Whom to ring, with which parameters, and where its life is told. It has no screening document. */
  readonly noun: Client;
  readonly application: Application;
  readonly timeoutMs: Millis;
  /** How long the call may last from pick-up; absent: as long as any. */
  readonly timeLimitMs?: Millis;
  /** It is recorded from pick-up on. */
  readonly recorded?: RecordingTerms;
}

export type OutboundStep = Step<OutboundCallState, CallOutput>;

/** Rings at once. */
export function startOutboundCall(order: OutboundOrder, rules: CallRules, nowMs: Millis): OutboundStep {
  const { sid } = order.facts;
  return afterLeg(order, startLeg(sid, order.noun, nowMs), nowMs + order.timeoutMs, rules, nowMs);
}

/** When the call next wants to hear of the clock; undefined once it is over. */
export function outboundDeadlineMs({ phase }: OutboundCallState): Millis | undefined {
  switch (phase.name) {
    case 'ringing':
      return phase.answerByMs;
    case 'running':
      return callDeadlineMs(phase.call);
    case 'ended':
      return undefined;
  }
}

/** Pure: the same state, input and time always give the same step. */
export function stepOutboundCall(
  state: OutboundCallState,
  input: CallInput,
  rules: CallRules,
  nowMs: Millis,
): OutboundStep {
  const { phase, order } = state;
  switch (phase.name) {
    case 'ringing': {
      const legInput = ringingInput(phase, order.facts.sid, input, nowMs);
      if (legInput === undefined) return stay(state);
      const leg = stepLeg(phase.leg, legInput, { ...rules, base: '' }, nowMs);
      return afterLeg(order, leg, phase.answerByMs, rules, nowMs);
    }
    case 'running': {
      const step = stepCall(phase.call, input, rules, nowMs);
      return { state: inside(order, step.state), outputs: step.outputs };
    }
    case 'ended':
      return stay(state);
  }
}

/** The legs that ring for a name (D3). */
export function outboundRingingFor(
  { phase, order }: OutboundCallState,
  identity: string,
): readonly CallSid[] {
  const isWanted =
    phase.name === 'ringing' && phase.leg.phase.name === 'ringing' && order.noun.target === identity;
  return isWanted ? [order.facts.sid] : [];
}

function ringingInput(
  phase: Extract<OutboundPhase, { name: 'ringing' }>,
  sid: CallSid,
  input: CallInput,
  nowMs: Millis,
): LegInput | undefined {
  switch (input.type) {
    case 'devicesFound':
    case 'deviceAppeared':
      return input;
    case 'device':
      return { ...input.input, party: input.party };
    case 'terminate':
      return { type: 'cancel', reason: input.reason };
    case 'modify':
      return input.leg === sid && input.change.type === 'end'
        ? { type: 'cancel', reason: 'cancelled' }
        : undefined;
    case 'clock':
      return nowMs >= phase.answerByMs ? { type: 'cancel', reason: 'no-answer' } : undefined;
    case 'documentFetched':
    case 'documentFailed':
    case 'played':
    case 'heard':
    case 'digits':
    case 'reseat':
    case 'transferOver':
    case 'conferenceLeft':
    case 'record':
    case 'recordingEnded':
      return undefined;
  }
}

/** What the leg says, and what follows from it: it rings on, is over, or becomes the leg of a call. */
function afterLeg(
  order: OutboundOrder,
  step: LegStep,
  answerByMs: Millis,
  rules: CallRules,
  nowMs: Millis,
): OutboundStep {
  const leg = step.state;
  const view: LegView = { facts: order.facts, base: '', application: order.application };
  const outputs = step.outputs.flatMap((output) => fromLeg(view, leg, output)).map(withoutPlace);
  if (!isAlive(leg)) {
    return { state: { order, phase: { name: 'ended' } }, outputs: [...outputs, { type: 'callEnded' }] };
  }
  if (leg.phase.name !== 'accepted') {
    return { state: { order, phase: { name: 'ringing', leg, answerByMs } }, outputs };
  }
  const { contact, answeredMs } = leg.phase;
  const { facts, noun, application, timeLimitMs, recorded } = order;
  const call = startAnsweredCall(
    {
      ...facts,
      caller: contact,
      params: Object.fromEntries(noun.parameters),
      video: noun.video,
      application,
      ...owedBy(leg, ''),
      ...(timeLimitMs === undefined ? {} : { endsByMs: answeredMs + timeLimitMs }),
      ...(recorded === undefined ? {} : { recorded }),
    },
    answeredMs,
    rules,
    nowMs,
  );
  return prefix(outputs, { state: inside(order, call.state), outputs: call.outputs });
}

/** Its noun stands in no document, so there is no line to look at. */
function withoutPlace(output: CallOutput): CallOutput {
  if (output.type !== 'notify') return output;
  const { at: _, ...said } = output;
  return said;
}

function inside(order: OutboundOrder, call: CallState): OutboundCallState {
  return { order, phase: call.caller.name === 'ended' ? { name: 'ended' } : { name: 'running', call } };
}
