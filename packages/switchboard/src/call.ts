import type { CallFault, CallParams, CallSid, EndedBy, EndReason } from '@parley/protocol';
import type { Client, Document, HttpMethod } from '@parley/rcml';
import type { CallNotice, CallOutput } from './call-output.ts';
import { callerEnd, type CallerEnd } from './caller-end.ts';
import type { CallStatus } from './call-status.ts';
import {
  dialDeadlineMs,
  joinedContact,
  legOfParty,
  startDial,
  stepDial,
  type DialInput,
  type DialOutcome,
  type DialOutput,
  type DialRules,
  type DialState,
} from './dial.ts';
import type { Contact, LegInput, LegOutput, LegState } from './leg.ts';
import { earliest, type Millis, type Step } from './machine.ts';
import type { PartyId } from './media-plane.ts';
import {
  abortScript,
  SCRIPT_LIMITS,
  scriptDeadlineMs,
  startScript,
  startScriptWith,
  stepScript,
  type ScriptFault,
  type ScriptInput,
  type ScriptLimits,
  type ScriptOutput,
  type ScriptRules,
  type ScriptState,
} from './script.ts';
import { callbackParams, callerParams, dialParams, voiceRequest, type FormFields, type LegFacts } from './voice-request.ts';

/**
 * A call: the caller, the application's documents that run on her leg, and the dial in which she is at the moment.
 *
 *            Say Play Gather · joined · answerOnBridge="false"
 *   calling ──────────────────────────────────────────────────► answered
 *      │  document over · Reject · Hangup                          │  document over · Hangup
 *      │  · caller gave up · document failed · terminated          │  · caller hung up · …
 *      └───────────────────────────────────────────────────────────┴──────────────► ended
 *
 * The caller's leg ends once; her dial, her document and everybody who rings for her end in the same step, so that
 * an ended call holds nothing. Until then it has a deadline.
 */
export interface CallState {
  readonly facts: CallFacts;
  readonly caller: CallerPhase;
  readonly script: ScriptState;
  /** The dial that runs now, or null. */
  readonly dial: DialState | null;
  /** How the last dial ended: the reason for a caller whom nobody answered (D15). */
  readonly lastDial?: DialOutcome;
  readonly endsByMs: Millis;
}

export type CallerPhase =
  | { readonly name: 'calling' }
  | { readonly name: 'answered'; readonly answeredMs: Millis }
  | { readonly name: 'ended'; readonly end: CallerEnd };

/** What does not change while the call lives. */
export interface CallFacts {
  readonly sid: CallSid;
  readonly accountSid: string;
  readonly caller: Contact;
  readonly from: string;
  /** What the caller asked for, as she wrote it; only the application knows what it means. */
  readonly to: string;
  readonly params: CallParams;
  readonly video: boolean;
  readonly application: Application | null;
}

/** What decides about the call. */
export type Application =
  | {
      readonly type: 'url';
      readonly url: string;
      readonly method: HttpMethod;
      readonly fallback?: { readonly url: string; readonly method: HttpMethod };
    }
  /** A document that is there already; its relative URLs resolve against `base`. */
  | { readonly type: 'document'; readonly document: Document; readonly base: string };

export interface CallRules {
  readonly newCallSid: () => CallSid;
  readonly limits: ScriptLimits;
  /** How long any call may last, whatever its document says. */
  readonly callMaxMs: Millis;
}

export const CALL_LIMITS = { limits: SCRIPT_LIMITS, callMaxMs: 24 * 3_600_000 } as const;

export type CallInput =
  | {
      readonly type: 'documentFetched';
      readonly leg: CallSid;
      readonly fetchId: number;
      readonly document: Document;
      readonly foundAt: string;
    }
  | { readonly type: 'documentFailed'; readonly leg: CallSid; readonly fetchId: number; readonly fault: ScriptFault }
  | { readonly type: 'devicesFound'; readonly leg: CallSid; readonly contacts: readonly Contact[] }
  | { readonly type: 'deviceAppeared'; readonly leg: CallSid; readonly contact: Contact }
  | { readonly type: 'played'; readonly leg: CallSid; readonly playId: number }
  | { readonly type: 'digits'; readonly party: PartyId; readonly digits: string }
  | { readonly type: 'device'; readonly party: PartyId; readonly input: DeviceInput }
  /** The gateway ends the call: drain, a ceiling, its own failure. */
  | { readonly type: 'terminate'; readonly reason: EndReason }
  | { readonly type: 'clock' };

/** What a device says or suffers. */
export type DeviceInput = Extract<
  LegInput,
  { type: 'alerting' | 'accept' | 'reject' | 'hangup' | 'deviceGone' | 'mediaFailed' }
> extends infer Input
  ? Input extends { party: PartyId }
    ? Omit<Input, 'party'>
    : never
  : never;

export type CallStep = Step<CallState, CallOutput>;

/** Begins a call that a device places. */
export function startCall(facts: CallFacts, rules: CallRules, nowMs: Millis): CallStep {
  const opened: CallOutput = {
    type: 'record',
    leg: facts.sid,
    change: { type: 'opened', parentSid: null, from: facts.from, to: facts.to, direction: 'inbound', status: 'ringing' },
  };
  const { application } = facts;
  const base = application === null ? '' : application.type === 'url' ? application.url : application.base;
  const nothing: ScriptState = abortedScript(base);
  const state: CallState = {
    facts,
    caller: { name: 'calling' },
    script: nothing,
    dial: null,
    endsByMs: nowMs + rules.callMaxMs,
  };
  if (application === null) {
    const message =
      'no application decides about this call: give the token an outgoing application, the client a VoiceUrl, ' +
      'or the gateway a default one';
    const fault: CallFault = { code: 21201, message };
    const said: CallOutput = { type: 'notify', leg: facts.sid, code: 21201, severity: 'error', message };
    return prefix([opened, said], endCaller(state, { status: 'failed', reason: 'forbidden', by: 'server', fault }, nowMs));
  }
  const scriptRules = applicationRules(state, rules);
  const begun =
    application.type === 'url'
      ? startScript(
          { written: application.url, base: application.url, method: application.method, params: [] },
          scriptRules,
          nowMs,
        )
      : startScriptWith(application.document, application.base, scriptRules, nowMs);
  return prefix([opened], absorbScript(state, begun, rules, nowMs));
}

/** When the call next wants to hear of the clock; undefined once it is over. */
export function callDeadlineMs(state: CallState): Millis | undefined {
  if (state.caller.name === 'ended') return undefined;
  return earliest(
    state.endsByMs,
    scriptDeadlineMs(state.script),
    state.dial === null ? undefined : dialDeadlineMs(state.dial),
  );
}

/** Pure: the same state, input and time always give the same step. */
export function stepCall(state: CallState, input: CallInput, rules: CallRules, nowMs: Millis): CallStep {
  if (state.caller.name === 'ended') return { state, outputs: [] };
  switch (input.type) {
    case 'documentFetched':
    case 'documentFailed':
    case 'played':
      if (input.leg === state.facts.sid) return feedScript(state, input, rules, nowMs);
      return feedDial(state, { type: 'leg', sid: input.leg, input: { type: 'script', input } }, rules, nowMs);
    case 'devicesFound':
    case 'deviceAppeared':
      return feedDial(state, { type: 'leg', sid: input.leg, input }, rules, nowMs);
    case 'digits':
      return digits(state, input.party, input.digits, rules, nowMs);
    case 'device':
      if (input.party === state.facts.caller.party) return callerDevice(state, input.input, rules, nowMs);
      return feedDial(
        state,
        { type: 'device', party: input.party, input: { ...input.input, party: input.party } },
        rules,
        nowMs,
      );
    case 'terminate':
      return terminate(state, input.reason, rules, nowMs);
    case 'clock':
      return clock(state, rules, nowMs);
  }
}

function clock(state: CallState, rules: CallRules, nowMs: Millis): CallStep {
  if (nowMs >= state.endsByMs) return terminate(state, 'time-limit', rules, nowMs);
  return chain(feedDial(state, { type: 'clock' }, rules, nowMs), (call) => feedScript(call, { type: 'clock' }, rules, nowMs));
}

/** The caller's own device: for her, refusing, hanging up and disappearing all end the call. */
function callerDevice(state: CallState, input: DeviceInput, rules: CallRules, nowMs: Millis): CallStep {
  switch (input.type) {
    case 'hangup':
    case 'reject':
      return callerLeft(state, 'hangup', 'local', rules, nowMs);
    case 'deviceGone':
      return callerLeft(state, 'network', 'server', rules, nowMs);
    case 'mediaFailed':
      return callerLeft(state, 'media', 'server', rules, nowMs);
    case 'alerting':
    case 'accept':
      return { state, outputs: [] };
  }
}

function callerLeft(state: CallState, reason: EndReason, by: EndedBy, rules: CallRules, nowMs: Millis): CallStep {
  const wasAnswered = state.caller.name === 'answered';
  const status = wasAnswered ? 'completed' : 'canceled';
  const told: EndReason = reason === 'hangup' && !wasAnswered ? 'cancelled' : reason;
  return leave(state, { type: 'callerLeft' }, { status, reason: told, by }, rules, nowMs);
}

function terminate(state: CallState, reason: EndReason, rules: CallRules, nowMs: Millis): CallStep {
  const status = state.caller.name === 'answered' ? 'completed' : 'failed';
  return leave(state, { type: 'terminate', reason }, { status, reason, by: 'server' }, rules, nowMs);
}

/** Ends the dial and the document, asks the dial's action once (D16), and ends the caller's leg. */
function leave(state: CallState, input: DialInput, end: CallerEnd, rules: CallRules, nowMs: Millis): CallStep {
  const { dial } = state;
  let step: CallStep = { state, outputs: [] };
  if (dial !== null) {
    const stepped = stepDial(dial, input, dialRules(rules), nowMs);
    const legs = stepped.outputs.flatMap((output) => (output.type === 'leg' ? fromLeg(state, output.leg, output.output, nowMs) : []));
    const ended = stepped.outputs.find((output) => output.type === 'ended');
    const { action } = dial.verb;
    const asks: CallOutput[] = [];
    if (action !== undefined && ended !== undefined) {
      asks.push({
        type: 'ask',
        request: { written: action, base: dial.base, method: dial.verb.method, params: [] },
        params: [...callerRequest(state, end.status), ...dialParams(ended.outcome)],
      });
    }
    step = { state: { ...state, dial: null }, outputs: [...legs, ...asks] };
  }
  return chain(step, (call) => endCaller(call, end, nowMs));
}

function digits(state: CallState, party: PartyId, keys: string, rules: CallRules, nowMs: Millis): CallStep {
  const { dial } = state;
  const joined = dial === null ? undefined : joinedContact(dial);
  if (party === state.facts.caller.party) {
    if (dial === null || joined === undefined) return feedScript(state, { type: 'digits', digits: keys }, rules, nowMs);
    if (dial.verb.hangupOnStar && keys.includes('*')) {
      return feedDial(state, { type: 'terminate', reason: 'remote-hangup' }, rules, nowMs);
    }
    return { state, outputs: [tell(joined.party, { type: 'digits', digits: keys })] };
  }
  if (joined?.party === party) {
    return { state, outputs: [tell(state.facts.caller.party, { type: 'digits', digits: keys })] };
  }
  const leg = dial === null ? undefined : legOfParty(dial, party);
  if (leg === undefined) return { state, outputs: [] };
  const input: LegInput = { type: 'script', input: { type: 'digits', digits: keys } };
  return feedDial(state, { type: 'leg', sid: leg.sid, input }, rules, nowMs);
}

function feedScript(state: CallState, input: ScriptInput, rules: CallRules, nowMs: Millis): CallStep {
  if (state.caller.name === 'ended') return { state, outputs: [] };
  return absorbScript(state, stepScript(state.script, input, applicationRules(state, rules), nowMs), rules, nowMs);
}

/** Takes what the script says: some of it is ours to do, the rest goes on to the shell. */
function absorbScript(
  before: CallState,
  step: Step<ScriptState, ScriptOutput>,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  let call: CallStep = { state: { ...before, script: step.state }, outputs: [] };
  for (const output of step.outputs) {
    call = chain(call, (state) => fromOwnScript(state, output, rules, nowMs));
  }
  return chain(call, (state) => {
    if (state.caller.name === 'ended' || state.script.phase.name !== 'ended') return { state, outputs: [] };
    return endCaller(state, callerEnd(state.script.phase.how, state.caller.name === 'answered', state.lastDial), nowMs);
  });
}

function fromOwnScript(state: CallState, output: ScriptOutput, rules: CallRules, nowMs: Millis): CallStep {
  const { sid, caller } = state.facts;
  switch (output.type) {
    case 'answer':
      return answer(state, nowMs, [tell(caller.party, { type: 'answered' })]);
    case 'dial': {
      const started = startDial(output.verb, output.base, dialRules(rules), nowMs);
      return absorbDial(state, started, rules, nowMs);
    }
    case 'fetch':
      return {
        state,
        outputs: [
          {
            type: 'fetch',
            leg: sid,
            fetchId: output.fetchId,
            request: output.request,
            params: [...callerRequest(state, callStatus(state)), ...output.request.params],
          },
        ],
      };
    case 'play':
    case 'stopPlaying':
      return { state, outputs: [{ ...output, leg: sid, party: caller.party }] };
    case 'notify':
      return { state, outputs: [{ ...output, leg: sid }] };
  }
}

function feedDial(state: CallState, input: DialInput, rules: CallRules, nowMs: Millis): CallStep {
  if (state.dial === null) return { state, outputs: [] };
  return absorbDial(state, stepDial(state.dial, input, dialRules(rules), nowMs), rules, nowMs);
}

/** Takes what the dial says. Its end is told to the script last, when everything else of the step has been said. */
function absorbDial(before: CallState, step: Step<DialState, DialOutput>, rules: CallRules, nowMs: Millis): CallStep {
  let call: CallStep = { state: { ...before, dial: step.state }, outputs: [] };
  let outcome: DialOutcome | undefined;
  for (const output of step.outputs) {
    switch (output.type) {
      case 'leg':
        call = chain(call, (state) => ({ state, outputs: fromLeg(state, output.leg, output.output, nowMs) }));
        break;
      case 'join':
        call = chain(call, (state) => join(state, output.contact, output.video, nowMs));
        break;
      case 'notify':
        call = chain(call, (state) => ({ state, outputs: [{ ...output, leg: state.facts.sid }] }));
        break;
      case 'ended':
        outcome = output.outcome;
        break;
    }
  }
  const ended = outcome;
  if (ended === undefined) return call;
  return chain(call, (state) => {
    const parted: readonly CallOutput[] = ended.bridged ? [tell(state.facts.caller.party, { type: 'parted' })] : [];
    const after: CallState = { ...state, dial: null, lastDial: ended };
    const params = dialParams(ended);
    return prefix(parted, feedScript(after, { type: 'dialEnded', params }, rules, nowMs));
  });
}

/** The caller and one device hear one another from here on: told and let flow in the same step. */
function join(state: CallState, contact: Contact, video: boolean, nowMs: Millis): CallStep {
  const { caller } = state.facts;
  const joined: readonly CallOutput[] = [
    { type: 'join', a: caller.party, b: contact.party, video },
    tell(caller.party, { type: 'joined', other: contact.person, video }),
    tell(contact.party, { type: 'joined', other: caller.person, video }),
  ];
  return prefix(joined, answer(state, nowMs, []));
}

function answer(state: CallState, nowMs: Millis, first: readonly CallOutput[]): CallStep {
  if (state.caller.name !== 'calling') return { state, outputs: [] };
  const recorded: CallOutput = { type: 'record', leg: state.facts.sid, change: { type: 'answered', atMs: nowMs } };
  return {
    state: { ...state, caller: { name: 'answered', answeredMs: nowMs } },
    outputs: [...first, recorded],
  };
}

function endCaller(before: CallState, end: CallerEnd, nowMs: Millis): CallStep {
  if (before.caller.name === 'ended') return { state: before, outputs: [] };
  const { facts, caller } = before;
  const durationMs = caller.name === 'answered' ? nowMs - caller.answeredMs : 0;
  const aborted = abortScript(before.script);
  const silenced = aborted.outputs.flatMap((output): readonly CallOutput[] =>
    output.type === 'stopPlaying' ? [{ ...output, leg: facts.sid, party: facts.caller.party }] : [],
  );
  const fault = end.fault === undefined ? {} : { fault: end.fault };
  return {
    state: { ...before, script: aborted.state, dial: null, caller: { name: 'ended', end } },
    outputs: [
      ...silenced,
      tell(facts.caller.party, {
        type: 'ended',
        callSid: facts.sid,
        reason: end.reason,
        by: end.by,
        durationMs,
        ...fault,
      }),
      { type: 'release', party: facts.caller.party },
      {
        type: 'record',
        leg: facts.sid,
        change: { type: 'ended', status: end.status, reason: end.reason, atMs: nowMs, durationMs, ...fault },
      },
      { type: 'callEnded' },
    ],
  };
}

/** Puts what a leg says into the words of the shell. */
function fromLeg(call: CallState, leg: LegState, output: LegOutput, nowMs: Millis): readonly CallOutput[] {
  const facts = legFacts(call, leg);
  switch (output.type) {
    case 'findDevices':
      return [{ type: 'findDevices', leg: leg.sid, identity: leg.noun.target ?? '' }];
    case 'invite':
      return [
        {
          type: 'invite',
          leg: leg.sid,
          contact: output.contact,
          from: plainName(facts.from),
          to: plainName(facts.to),
          params: leg.noun.parameters,
          media: { audio: true, video: leg.noun.noun === 'Client' && leg.noun.video },
        },
      ];
    case 'rings':
      return [tell(call.facts.caller.party, { type: 'ringing' })];
    case 'screening':
      return [tell(output.contact.party, { type: 'screening' })];
    case 'dismiss': {
      const elsewhere = output.elsewhere === undefined ? {} : { elsewhere: output.elsewhere };
      const by = endedBy(output.reason);
      const { reason, durationMs } = output;
      return [
        tell(output.contact.party, { type: 'ended', callSid: leg.sid, reason, by, durationMs, ...elsewhere }),
        { type: 'release', party: output.contact.party },
      ];
    }
    case 'event':
      return legEvent(leg, facts, output, call.dial?.base ?? '', nowMs);
    case 'changed':
      return [];
    case 'notify':
      return [{ ...output, leg: leg.sid }];
    case 'script':
      return fromScreening(leg, facts, output.output);
  }
}

function legEvent(
  leg: LegState,
  facts: LegFacts,
  output: Extract<LegOutput, { type: 'event' }>,
  base: string,
  nowMs: Millis,
): readonly CallOutput[] {
  const outputs: CallOutput[] = [legRecord(leg, facts, output.event, base, nowMs)];
  const { statusCallback, statusCallbackMethod } = leg.noun;
  if (output.subscribed && statusCallback !== undefined) {
    outputs.push({
      type: 'callback',
      leg: leg.sid,
      sequence: output.sequence,
      url: statusCallback,
      base,
      method: statusCallbackMethod,
      event: output.event,
      params: callbackParams(facts, leg, output.event, output.sequence),
    });
  }
  return outputs;
}

function legRecord(leg: LegState, facts: LegFacts, event: string, base: string, nowMs: Millis): CallOutput {
  const { noun, phase, sid } = leg;
  if (event === 'initiated') {
    const callback =
      noun.statusCallback === undefined
        ? {}
        : {
            callback: {
              url: noun.statusCallback,
              base,
              method: noun.statusCallbackMethod,
              wantsCompleted: noun.statusCallbackEvents.includes('completed'),
              params: voiceRequest(facts, 'failed').filter(([name]) => name !== 'CallStatus'),
            },
          };
    const { from, to, direction, parentSid } = facts;
    return {
      type: 'record',
      leg: sid,
      // D24: a dialled leg that has not rung yet shows as ringing in REST.
      change: { type: 'opened', parentSid: parentSid ?? null, from, to, direction, status: 'ringing', ...callback },
    };
  }
  if (event === 'answered' && phase.name !== 'ended' && phase.name !== 'initiated' && phase.name !== 'ringing') {
    const by = phase.contact.person.deviceLabel;
    return {
      type: 'record',
      leg: sid,
      change: { type: 'answered', atMs: phase.answeredMs, ...(by === undefined ? {} : { by }) },
    };
  }
  if (phase.name === 'ended' && event === 'completed') {
    const { status, reason, durationMs, endedMs } = phase;
    return { type: 'record', leg: sid, change: { type: 'ended', status, reason, atMs: endedMs, durationMs } };
  }
  return { type: 'record', leg: sid, change: { type: 'status', status: event === 'answered' ? 'in-progress' : 'ringing' } };
}

function fromScreening(leg: LegState, facts: LegFacts, output: ScriptOutput): readonly CallOutput[] {
  const contact = leg.phase.name === 'screening' || leg.phase.name === 'accepted' ? leg.phase.contact : undefined;
  switch (output.type) {
    case 'fetch': {
      const { fetchId, request } = output;
      const params: FormFields = [...voiceRequest(facts, 'in-progress'), ...request.params];
      return [{ type: 'fetch', leg: leg.sid, fetchId, request, params }];
    }
    case 'play':
    case 'stopPlaying':
      return contact === undefined ? [] : [{ ...output, leg: leg.sid, party: contact.party }];
    case 'notify':
      return [{ ...output, leg: leg.sid }];
    case 'answer':
    case 'dial':
      // A screened leg is answered already, and its script refuses to dial.
      return [];
  }
}

function legFacts(call: CallState, leg: LegState): LegFacts {
  const { facts } = call;
  const target = leg.noun.target ?? '';
  return {
    sid: leg.sid,
    accountSid: facts.accountSid,
    parentSid: facts.sid,
    from: addressOf(call.dial?.verb.callerId) ?? facts.from,
    to: leg.noun.noun === 'Client' ? `client:${target}` : target,
    direction: 'outbound-dial',
  };
}

/** A caller id as webhooks write it: a number stays one, everything else is the name of a client (D12). */
function addressOf(callerId: string | undefined): string | undefined {
  if (callerId === undefined || callerId === '') return undefined;
  return /^(\+?[0-9*#]+|client:.*|sip:.*)$/.test(callerId) ? callerId : `client:${callerId}`;
}

function plainName(address: string): string {
  return address.startsWith('client:') ? address.slice('client:'.length) : address;
}

function callerRequest(state: CallState, status: CallStatus): FormFields {
  const { facts } = state;
  const leg: LegFacts = {
    sid: facts.sid,
    accountSid: facts.accountSid,
    from: facts.from,
    to: facts.to,
    direction: 'inbound',
  };
  const video: FormFields = facts.video ? [['Video', 'true']] : [];
  return [...voiceRequest(leg, status), ...video, ...callerParams(facts.params)];
}

/** The status of the caller's leg now. */
export function callStatus(state: CallState): CallStatus {
  switch (state.caller.name) {
    case 'calling':
      return 'ringing';
    case 'answered':
      return 'in-progress';
    case 'ended':
      return state.caller.end.status;
  }
}

function endedBy(reason: EndReason): EndedBy {
  switch (reason) {
    case 'hangup':
    case 'rejected':
    case 'declined':
      return 'local';
    case 'remote-hangup':
    case 'cancelled':
    case 'answered-elsewhere':
    case 'rejected-elsewhere':
      return 'remote';
    default:
      return 'server';
  }
}

function applicationRules(state: CallState, rules: CallRules): ScriptRules {
  const { application } = state.facts;
  const fallback = application?.type === 'url' ? application.fallback : undefined;
  const base: ScriptRules = {
    role: 'application',
    answered: state.caller.name === 'answered',
    limits: rules.limits,
  };
  return fallback === undefined ? base : { ...base, fallback };
}

function dialRules(rules: CallRules): DialRules {
  return { limits: rules.limits, newCallSid: rules.newCallSid };
}

function abortedScript(base: string): ScriptState {
  return {
    phase: { name: 'ended', how: { type: 'aborted' } },
    base,
    baseMethod: 'POST',
    verbs: [],
    next: 0,
    documents: 0,
    serial: 0,
    typedAhead: '',
  };
}

function tell(party: PartyId, notice: CallNotice): CallOutput {
  return { type: 'tell', party, notice };
}

/** One step after another, as one. */
function chain(step: CallStep, then: (state: CallState) => CallStep): CallStep {
  return prefix(step.outputs, then(step.state));
}

function prefix(outputs: readonly CallOutput[], step: CallStep): CallStep {
  return outputs.length === 0 ? step : { state: step.state, outputs: [...outputs, ...step.outputs] };
}

/** The clients a ringing dial is looking for, so that a device that registers meanwhile can join in (D3). */
export function ringingFor(state: CallState, identity: string): readonly CallSid[] {
  const { dial } = state;
  if (dial === null || dial.phase.name !== 'ringing') return [];
  return dial.legs
    .filter((leg) => leg.phase.name === 'ringing' && isClientNamed(leg.noun, identity) && !dial.alongside.has(leg.sid))
    .map((leg) => leg.sid);
}

function isClientNamed(noun: LegState['noun'], identity: string): noun is Client {
  return noun.noun === 'Client' && noun.target === identity;
}
