import type { CallFault, CallSid, EndedBy, EndReason } from '@parley/protocol';
import { absorbDial, fromLeftDial, fromOwnScript } from './call-absorb.ts';
import type { CallOutput } from './call-output.ts';
import {
  type Application,
  type CallFacts,
  type CallInput,
  type CallRules,
  type CallState,
  type CallStep,
  type DeviceInput,
  type LegModification,
} from './call-state.ts';
import { applicationSidOf, tell } from './callee-output.ts';
import { forgetRecording, recordLeg, recordParted, withRecording } from './call-recordings.ts';
import { callerEnd, type CallerEnd } from './caller-end.ts';
import { askRecorded, callerRequest, endCaller, silenced } from './caller-leg.ts';
import { joinedContact, legOfParty, type DialInput, type DialOutcome, type DialStep } from './dial-state.ts';
import { startDial, stepDial } from './dial.ts';
import { pickedUpBy, type Contact, type LegInput } from './leg-state.ts';
import { chain, prefix, stay, type Millis } from './machine.ts';
import type { PartyId } from './media-plane.ts';
import { dialOfGuest, type Place, type TransferId } from './meeting.ts';
import { notify } from './notification.ts';
import { detached, NO_APPLICATION } from './seated-call.ts';
import type { ScriptInput, ScriptRules, ScriptStep } from './script-state.ts';
import { abortScript, idleScript, startScript, startScriptWith, stepScript } from './script.ts';
import { dialParams } from './voice-request.ts';

/** Begins a call that a device places. */
export function startCall(facts: CallFacts, rules: CallRules, nowMs: Millis): CallStep {
  const { sid, from, to, application } = facts;
  const opened: CallOutput = {
    type: 'record',
    leg: sid,
    change: {
      type: 'opened',
      parentSid: null,
      from,
      to,
      direction: 'inbound',
      status: 'ringing',
      ...applicationSidOf(application),
    },
  };
  const state: CallState = {
    facts,
    caller: { name: 'calling' },
    script: idleScript(''),
    dial: null,
    recordings: [],
    endsByMs: nowMs + rules.callMaxMs,
  };
  if (application === null) {
    const message =
      'no application decides about this call: give the token an outgoing application, the client a VoiceUrl, ' +
      'or the gateway a default one';
    const said = notify('applicationMissing', message);
    const fault: CallFault = { code: said.code, message };
    const end: CallerEnd = { status: 'failed', reason: 'forbidden', by: 'server', fault };
    return prefix<CallState, CallOutput>([opened, { ...said, leg: sid }], endCaller(state, end, nowMs));
  }
  return prefix([opened], runApplication(state, application, rules, nowMs));
}

/**
 * Begins a call whose leg has been picked up already: one that REST has made, or a talking leg that REST gave a document
 * of its own (D26, D27). Its row is there; the device's part goes on.
 */
export function startAnsweredCall(
  facts: CallFacts & { readonly application: Application },
  answeredMs: Millis,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  const state: CallState = {
    facts,
    caller: { name: 'answered', answeredMs },
    script: idleScript(''),
    dial: null,
    recordings: [],
    endsByMs: Math.min(nowMs + rules.callMaxMs, facts.endsByMs ?? Infinity),
  };
  const begun =
    facts.recorded === undefined
      ? stay(state)
      : recordLeg(state, facts.sid, rules.newRecording(), facts.recorded, nowMs);
  return prefix(
    [tell(facts.caller.party, { type: 'answered' }), ...begun.outputs],
    runApplication(begun.state, facts.application, rules, nowMs),
  );
}

function runApplication(
  state: CallState,
  application: Application,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  const running: CallState = { ...state, facts: { ...state.facts, application } };
  const scriptRules = applicationRules(running, rules);
  const script =
    application.type === 'url'
      ? startScript(
          { written: application.url, base: application.url, method: application.method, params: [] },
          scriptRules,
          nowMs,
        )
      : startScriptWith(application.document, application.base, scriptRules, nowMs);
  return absorbScript(running, script, rules, nowMs);
}

/**
 * Begins a call for somebody who has left another one because she is handed over, or hands over. Its row is there, and
 * nothing is asked of any application: when she is through with it, her call is over.
 */
export function startSeatedCall(
  facts: CallFacts & { readonly application: Application },
  answeredMs: Millis,
  place: Place,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  const { party, person } = facts.caller;
  const dial = dialOfGuest({ identity: person.identity, base: '', bridgedMs: answeredMs, nowMs });
  const state: CallState = {
    facts,
    caller: { name: 'answered', answeredMs },
    script: { ...idleScript(''), phase: { name: 'dialing', verb: dial.verb } },
    dial,
    recordings: [],
    endsByMs: Math.min(nowMs + rules.callMaxMs, facts.endsByMs ?? Infinity),
  };
  const input: DialInput = { type: 'reseat', caller: place, contact: null };
  return prefix([tell(party, { type: 'parted' })], feedDial(state, input, rules, nowMs));
}

/** Pure: the same state, input and time always give the same step. */
export function stepCall(state: CallState, input: CallInput, rules: CallRules, nowMs: Millis): CallStep {
  if (state.caller.name === 'ended') return stay(state);
  switch (input.type) {
    case 'documentFetched':
    case 'documentFailed':
    case 'played':
    case 'heard':
      if (input.leg === state.facts.sid) return feedScript(state, input, rules, nowMs);
      return feedDial(state, { type: 'leg', sid: input.leg, input: { type: 'script', input } }, rules, nowMs);
    case 'devicesFound':
    case 'deviceAppeared': {
      const step = feedDial(state, { type: 'leg', sid: input.leg, input }, rules, nowMs);
      return releaseUntaken(step, input.type === 'devicesFound' ? input.contacts : [input.contact]);
    }
    case 'conferenceLeft':
      return feedDial(state, input, rules, nowMs);
    case 'record':
      return recordLeg(state, input.leg, input.recording, input.terms, nowMs);
    case 'recordingEnded':
      return recordingEnded(state, input, rules, nowMs);
    case 'reseat':
      return reseat(state, input, rules, nowMs);
    case 'transferOver':
      if (input.how === 'left' || !isIn(state, input.transferId)) return feedDial(state, input, rules, nowMs);
      return leave(state, input, HANDED_OVER, rules, nowMs);
    case 'digits':
      return digits(state, input.party, input.digits, rules, nowMs);
    case 'device': {
      const { party, input: said } = input;
      if (party === state.facts.caller.party) return callerDevice(state, said, rules, nowMs);
      return feedDial(state, { type: 'device', party, input: { ...said, party } }, rules, nowMs);
    }
    case 'terminate':
      return terminate(state, input.reason, rules, nowMs);
    case 'modify':
      return modify(state, input.leg, input.change, rules, nowMs);
    case 'clock':
      if (nowMs >= state.endsByMs) return terminate(state, 'time-limit', rules, nowMs);
      return chain(feedDial(state, { type: 'clock' }, rules, nowMs), (call) =>
        feedScript(call, { type: 'clock' }, rules, nowMs),
      );
  }
}

/** A call's own is no longer its; whatever else was recorded, a document asked for. */
function recordingEnded(
  state: CallState,
  input: Extract<CallInput, { type: 'recordingEnded' }>,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  const without = forgetRecording(state, input.recordingSid);
  if (without !== undefined) return stay(without);
  if (input.leg === state.facts.sid) return feedScript(state, input, rules, nowMs);
  return feedDial(state, { type: 'leg', sid: input.leg, input: { type: 'script', input } }, rules, nowMs);
}

/** A device that was found when its leg no longer wanted it never rings; what was made for it is freed. */
function releaseUntaken(step: CallStep, contacts: readonly Contact[]): CallStep {
  const { dial } = step.state;
  const untaken = contacts.filter(({ party }) => dial === null || legOfParty(dial, party) === undefined);
  if (untaken.length === 0) return step;
  const releases = untaken.map(({ party }): CallOutput => ({ type: 'release', party }));
  return prefix(releases, step);
}

/** The caller's own device: for her, refusing, hanging up and disappearing all end the call. */
function callerDevice(state: CallState, input: DeviceInput, rules: CallRules, nowMs: Millis): CallStep {
  const isAnswered = state.caller.name === 'answered';
  const callerLeft = (reason: EndReason, by: EndedBy): CallStep => {
    // D15: who goes before she is answered gave up; but media that never came up is a call that failed.
    const unanswered = reason === 'media' ? 'failed' : 'canceled';
    return leave(
      state,
      { type: 'callerLeft' },
      { status: isAnswered ? 'completed' : unanswered, reason, by },
      rules,
      nowMs,
    );
  };
  switch (input.type) {
    case 'hangup':
    case 'reject':
      return callerLeft(isAnswered ? 'hangup' : 'cancelled', 'local');
    case 'deviceGone':
      return callerLeft('network', 'server');
    case 'mediaFailed':
      return callerLeft('media', 'server');
    case 'alerting':
    case 'accept':
    case 'deviceAway':
    case 'deviceBack':
      return stay(state);
  }
}

function terminate(state: CallState, reason: EndReason, rules: CallRules, nowMs: Millis): CallStep {
  const status = state.caller.name === 'answered' ? 'completed' : 'failed';
  return leave(state, { type: 'terminate', reason }, { status, reason, by: 'server' }, rules, nowMs);
}

/** A REST request ends a leg or gives it another document (D25, D27). */
function modify(
  state: CallState,
  leg: CallSid,
  change: LegModification,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  if (leg !== state.facts.sid) return modifyChild(state, leg, change, rules, nowMs);
  if (change.type === 'end') {
    const status = state.caller.name === 'answered' ? 'completed' : 'canceled';
    return leave(state, REPLACED, { status, reason: 'replaced', by: 'server' }, rules, nowMs);
  }
  // The document that ran is over without being asked anything more; whoever was in its dial leaves.
  const aborted = abortScript(state.script);
  const left = state.dial === null ? [] : stepDial(state.dial, REPLACED, rules, nowMs).outputs;
  const outputs = left.flatMap((output) => fromLeftDial(state, output));
  const parted = recordParted(state);
  outputs.push(...parted.outputs);
  const wasJoined = state.dial !== null && joinedContact(state.dial) !== undefined;
  if (wasJoined) outputs.push(tell(state.facts.caller.party, { type: 'parted' }));
  const { lastDial: _, ...rest } = parted.state;
  const owed =
    change.owed === undefined ? {} : { owed: { ...change.owed, sequence: state.facts.fired ?? 0 } };
  const fresh: CallState = { ...rest, facts: { ...rest.facts, ...owed }, script: aborted.state, dial: null };
  const stopped = aborted.outputs.flatMap((output): readonly CallOutput[] => silenced(state, output));
  return prefix([...stopped, ...outputs], runApplication(fresh, change.application, rules, nowMs));
}

const REPLACED: DialInput = { type: 'terminate', reason: 'replaced' };

/** A dialled leg: one that rings can be ended; one that talks may also leave with a document of its own. */
function modifyChild(
  state: CallState,
  sid: CallSid,
  change: LegModification,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  const leg = state.dial?.legs.find((each) => each.sid === sid);
  const contact = leg === undefined ? undefined : pickedUpBy(leg);
  if (leg === undefined || (change.type === 'document' && leg.phase.name !== 'joined')) return stay(state);
  if (change.type === 'end' || contact === undefined || leg.phase.name !== 'joined') {
    const cancel: LegInput = { type: 'cancel', reason: contact === undefined ? 'cancelled' : 'replaced' };
    return feedDial(state, { type: 'leg', sid, input: cancel }, rules, nowMs);
  }
  const left = detached(state, leg, contact, { application: change.application });
  if (left === undefined) return stay(state);
  const owed = change.owed === undefined ? {} : { owed: { ...change.owed, sequence: leg.sequence } };
  const goes: CallOutput = { ...left, facts: { ...left.facts, ...owed } };
  return prefix([goes], feedDial(state, { type: 'leg', sid, input: { type: 'detach' } }, rules, nowMs));
}

function isIn({ dial }: CallState, transferId: TransferId): boolean {
  return dial?.phase.name === 'meeting' && dial.phase.transferId === transferId;
}

const HANDED_OVER: CallerEnd = { status: 'completed', reason: 'transferred', by: 'local' };

/** One of the two who are joined hands the other over: each goes where it is to go, and neither is told of an end yet. */
function reseat(
  state: CallState,
  input: Extract<CallInput, { type: 'reseat' }>,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  const { dial } = state;
  const { caller, contact: place } = input;
  if (dial?.phase.name !== (place === null ? 'meeting' : 'joined')) return stay(state);
  const contact = joinedContact(dial);
  const leg = contact === undefined ? undefined : legOfParty(dial, contact.party);
  const outputs: CallOutput[] = [];
  if (place !== null && place.type !== 'leave' && leg !== undefined && contact !== undefined) {
    const left = detached(state, leg, contact, { application: NO_APPLICATION, place });
    if (left !== undefined) outputs.push(left);
  }
  if (caller.type === 'leave') return prefix(outputs, leave(state, input, HANDED_OVER, rules, nowMs));
  const parted = recordParted(state);
  outputs.push(...parted.outputs, tell(state.facts.caller.party, { type: 'parted' }));
  return prefix(outputs, feedDial(parted.state, input, rules, nowMs));
}

/** Ends the dial and the document, asks the dial's action once (D16), and ends the caller's leg. */
function leave(
  state: CallState,
  input: DialInput,
  end: CallerEnd,
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  const { dial } = state;
  if (dial === null) return prefix(askRecorded(state, end.status), endCaller(state, end, nowMs));
  const parted = recordParted(state);
  const outputs: CallOutput[] = [...parted.outputs];
  for (const output of stepDial(dial, input, rules, nowMs).outputs) {
    outputs.push(...fromLeftDial(state, output));
    const { action, method } = dial.verb;
    if (output.type !== 'ended' || action === undefined) continue;
    outputs.push({
      type: 'ask',
      request: { written: action, base: dial.base, method, params: [] },
      params: [
        ...callerRequest(state, end.status),
        ...dialParams(withRecording(output.outcome, parted.ofDial)),
      ],
    });
  }
  return prefix(outputs, endCaller({ ...parted.state, dial: null }, end, nowMs));
}

/** Keys go to whoever the presser is joined with, otherwise to the document that runs on her leg. */
function digits(state: CallState, party: PartyId, keys: string, rules: CallRules, nowMs: Millis): CallStep {
  const { dial, facts } = state;
  const joined = dial === null ? undefined : joinedContact(dial);
  if (party === facts.caller.party) {
    const isMeeting = dial?.phase.name === 'meeting';
    const isTalking = joined !== undefined || isMeeting || dial?.phase.name === 'visiting';
    if (isTalking && dial?.verb.hangupOnStar === true && keys.includes('*')) {
      return feedDial(state, { type: 'terminate', reason: 'remote-hangup' }, rules, nowMs);
    }
    if (isMeeting) return { state, outputs: [{ type: 'passDigits', party, digits: keys }] };
    if (joined === undefined) return feedScript(state, { type: 'digits', digits: keys }, rules, nowMs);
    return { state, outputs: [tell(joined.party, { type: 'digits', digits: keys })] };
  }
  if (joined?.party === party) {
    return { state, outputs: [tell(facts.caller.party, { type: 'digits', digits: keys })] };
  }
  const typed: ScriptInput = { type: 'digits', digits: keys };
  return feedDial(state, { type: 'device', party, input: { type: 'script', input: typed } }, rules, nowMs);
}

function feedScript(state: CallState, input: ScriptInput, rules: CallRules, nowMs: Millis): CallStep {
  if (state.caller.name === 'ended') return stay(state);
  return absorbScript(
    state,
    stepScript(state.script, input, applicationRules(state, rules), nowMs),
    rules,
    nowMs,
  );
}

function feedDial(state: CallState, input: DialInput, rules: CallRules, nowMs: Millis): CallStep {
  if (state.dial === null) return stay(state);
  const taken = absorbDial(state, stepDial(state.dial, input, rules, nowMs), rules, nowMs);
  if (taken.outcome === undefined) return taken;
  const next = afterDial(taken.state, taken.outcome, rules, nowMs);
  return prefix(taken.outputs, absorbScript(taken.state, next, rules, nowMs, true));
}

/**
 * Takes what the script says, and goes on while one thing leads to the next at once: a dial that rings nobody is
 * over when it begins. A loop, because a document may hold a thousand of them.
 */
function absorbScript(
  before: CallState,
  first: ScriptStep,
  rules: CallRules,
  nowMs: Millis,
  followsDial = false,
): CallStep {
  const outputs: CallOutput[] = [];
  let state = before;
  let step = first;
  let isDialTheCause = followsDial;
  for (;;) {
    state = { ...state, script: step.state };
    let dial: DialStep | undefined;
    for (const output of step.outputs) {
      if (output.type === 'dial') {
        dial = startDial(output, rules, nowMs);
        continue;
      }
      const said = fromOwnScript(state, output, nowMs);
      outputs.push(...said.outputs);
      state = said.state;
    }
    if (dial === undefined) break;
    const taken = absorbDial(state, dial, rules, nowMs);
    outputs.push(...taken.outputs);
    state = taken.state;
    if (taken.outcome === undefined) break;
    step = afterDial(state, taken.outcome, rules, nowMs);
    isDialTheCause = true;
  }
  if (state.script.phase.name !== 'ended') return { state, outputs };
  const { how } = state.script.phase;
  const isAnswered = state.caller.name === 'answered';
  const end = callerEnd(how, { isAnswered, lastDial: state.lastDial, isDialTheCause });
  return prefix(outputs, endCaller(state, end, nowMs));
}

function afterDial(state: CallState, outcome: DialOutcome, rules: CallRules, nowMs: Millis): ScriptStep {
  const ended: ScriptInput = { type: 'dialEnded', params: dialParams(outcome) };
  return stepScript(state.script, ended, applicationRules(state, rules), nowMs);
}

function applicationRules(state: CallState, { limits, newRecording }: CallRules): ScriptRules {
  const { application } = state.facts;
  const answered = state.caller.name === 'answered';
  const rules: ScriptRules = { role: 'application', answered, limits, newRecording };
  if (application?.type !== 'url' || application.fallback === undefined) return rules;
  return { ...rules, fallback: { ...application.fallback, base: application.url } };
}
