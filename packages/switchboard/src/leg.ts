import type { CallSid, EndReason } from '@parley/protocol';
import type { NotificationName } from '@parley/rcml';
import { detachLeg, dismiss, endLeg } from './leg-end.ts';
import {
  awayOf,
  legEvent,
  partiesOf,
  type Away,
  type Contact,
  type LegInput,
  type LegNoun,
  type LegOutput,
  type LegPhase,
  type LegRules,
  type LegState,
  type LegStep,
} from './leg-state.ts';
import { chain, prefix, stay, type Millis } from './machine.ts';
import type { PartyId } from './media-plane.ts';
import { notify } from './notification.ts';
import type { DocumentRequest, ScriptInput, ScriptRules } from './script-state.ts';
import { startScript, stepScript } from './script.ts';

type In<Name extends LegPhase['name']> = Extract<LegPhase, { name: Name }>;

/** Begins a leg: it is initiated whatever becomes of it (D7), and at once over when the noun cannot be rung. */
export function startLeg(sid: CallSid, noun: LegNoun, nowMs: Millis): LegStep {
  const initiated = legEvent({ sid, noun, phase: { name: 'initiated' }, sequence: 0 }, 'initiated');
  if (noun.refused !== undefined || noun.target === null) {
    // Whoever read the document has complained of it, with the place and the request.
    return chain(initiated, (leg) => endLeg(leg, { reason: 'document-failed' }, nowMs));
  }
  if (noun.noun !== 'Client') {
    const message = `<${noun.noun}> needs a SIP trunk, and none is configured`;
    return chain(initiated, (leg) => fail(leg, 'outboundProxyMissing', message, 'forbidden', nowMs));
  }
  return chain(initiated, (leg) => ({ state: leg, outputs: [{ type: 'findDevices' }] }));
}

/** Pure: the same state, input and time always give the same step. */
export function stepLeg(state: LegState, input: LegInput, rules: LegRules, nowMs: Millis): LegStep {
  if (input.type === 'cancel') return endLeg(state, input, nowMs);
  if (input.type === 'detach') return detachLeg(state, nowMs);
  if (input.type === 'deviceAway') return stay(whereabouts(state, input.party, input.how));
  if (input.type === 'deviceBack') return stay(whereabouts(state, input.party, undefined));
  const { phase } = state;
  switch (phase.name) {
    case 'initiated':
      return stepInitiated(state, input, nowMs);
    case 'ringing':
      return stepRinging(state, phase, input, rules, nowMs);
    case 'screening':
      return stepScreening(state, phase, input, rules, nowMs);
    case 'accepted':
    case 'joined':
      return stepPickedUp(state, phase, input, nowMs);
    case 'ended':
      return stay(state);
  }
}

type Input = Exclude<LegInput, { type: 'cancel' | 'detach' | 'deviceAway' | 'deviceBack' }>;

/** Remembers whether a device of the leg can be told anything. */
function whereabouts(state: LegState, party: PartyId, how: Away | undefined): LegState {
  if (!partiesOf(state).some((contact) => contact.party === party)) return state;
  const away = new Map(state.away);
  if (how === undefined) away.delete(party);
  else away.set(party, how);
  return { ...state, away };
}

function stepInitiated(state: LegState, input: Input, nowMs: Millis): LegStep {
  if (input.type === 'ringsAlongside')
    return rings({ ...state, phase: { name: 'ringing', contacts: [] } }, nowMs);
  if (input.type !== 'devicesFound') return stay(state);
  if (input.contacts.length === 0) {
    // The last device that refuses, as if it had rung (D2).
    if (input.hasDeclined === true) return endLeg(state, { reason: 'rejected' }, nowMs);
    const message = `nobody is registered as "${state.noun.target ?? ''}"`;
    return fail(state, 'clientNotRegistered', message, 'not-registered', nowMs);
  }
  return {
    state: { ...state, phase: { name: 'ringing', contacts: input.contacts } },
    outputs: input.contacts.map((contact) => ({ type: 'invite', contact })),
  };
}

function stepRinging(
  state: LegState,
  phase: In<'ringing'>,
  input: Input,
  rules: LegRules,
  nowMs: Millis,
): LegStep {
  switch (input.type) {
    case 'deviceAppeared': {
      const { contact } = input;
      if (contactOf(phase, contact.party) !== undefined) return stay(state);
      return {
        state: { ...state, phase: { ...phase, contacts: [...phase.contacts, contact] } },
        outputs: [{ type: 'invite', contact }],
      };
    }
    case 'ringsAlongside':
      return rings(state, nowMs);
    case 'alerting':
    case 'accept':
    case 'reject':
    case 'hangup':
    case 'deviceGone':
    case 'mediaFailed': {
      const contact = contactOf(phase, input.party);
      return contact === undefined ? stay(state) : ringingDevice(state, phase, contact, input, rules, nowMs);
    }
    case 'devicesFound':
      // Her page is put aside or lost, so that nothing rings; she was sent for as well, and declines there.
      return input.hasDeclined === true && awayOf(state, phase.contacts) !== undefined
        ? declinedUnseen(state, phase, nowMs)
        : stay(state);
    case 'join':
    case 'script':
      return stay(state);
  }
}

function ringingDevice(
  state: LegState,
  phase: In<'ringing'>,
  contact: Contact,
  input: Extract<Input, { party: PartyId }>,
  rules: LegRules,
  nowMs: Millis,
): LegStep {
  switch (input.type) {
    case 'alerting':
      return rings(state, nowMs);
    case 'accept':
      return pickUp(state, phase, contact, rules, nowMs);
    case 'reject': {
      if (input.everywhere) return rejectEverywhere(state, phase, contact, nowMs);
      const leg: EndReason = input.why === 'busy' ? 'busy' : 'rejected';
      return without(state, phase, contact, { leg, told: 'rejected' }, nowMs);
    }
    case 'hangup':
      return without(state, phase, contact, { leg: 'rejected', told: 'rejected' }, nowMs);
    case 'deviceGone':
      // D4: the last device that leaves without a word is nobody answering, not somebody refusing.
      return without(state, phase, contact, { leg: 'no-answer', told: 'network' }, nowMs);
    case 'mediaFailed':
      return without(state, phase, contact, { leg: 'media', told: 'media' }, nowMs);
  }
}

/** The person's first device alerts: said once for the leg (D1). */
function rings(state: LegState, nowMs: Millis): LegStep {
  if (state.rangMs !== undefined) return stay(state);
  const rang = legEvent({ ...state, rangMs: nowMs }, 'ringing');
  return { state: rang.state, outputs: [...rang.outputs, { type: 'rings' }] };
}

function pickUp(
  state: LegState,
  phase: In<'ringing'>,
  contact: Contact,
  rules: LegRules,
  nowMs: Millis,
): LegStep {
  // A device that accepts has rung, also when its `alerting` was lost on the way.
  const rang = rings(state, nowMs);
  const others = phase.contacts
    .filter((each) => each.party !== contact.party)
    .map((each) => dismiss(each, 'answered-elsewhere', contact.person));
  const { url, method, screeningTimeoutSeconds } = state.noun;
  const picked = { contact, answeredMs: nowMs };
  if (url === undefined) {
    const accepted = legEvent({ ...rang.state, phase: { name: 'accepted', ...picked } }, 'answered');
    return prefix([...rang.outputs, ...others], accepted);
  }
  const request: DocumentRequest = { written: url, base: rules.base, method, params: [] };
  const script = startScript(request, screeningRules(rules), nowMs);
  const deadlineMs = nowMs + screeningTimeoutSeconds * 1000;
  const screening: LegPhase = { name: 'screening', ...picked, script: script.state, deadlineMs };
  const answered = legEvent({ ...rang.state, phase: screening }, 'answered');
  return {
    state: answered.state,
    outputs: [
      ...rang.outputs,
      ...others,
      ...answered.outputs,
      { type: 'screening', contact },
      ...script.outputs.map((output): LegOutput => ({ type: 'script', contact, output })),
    ],
  };
}

function stepScreening(
  state: LegState,
  phase: In<'screening'>,
  input: Input,
  rules: LegRules,
  nowMs: Millis,
): LegStep {
  switch (input.type) {
    case 'script':
      return stepScreeningScript(state, phase, input.input, rules, nowMs);
    case 'hangup':
    case 'reject':
      if (input.party !== phase.contact.party) return stay(state);
      return endLeg(state, { reason: 'declined', by: 'local' }, nowMs);
    case 'deviceGone':
      return input.party === phase.contact.party ? endLeg(state, { reason: 'network' }, nowMs) : stay(state);
    case 'mediaFailed':
      return input.party === phase.contact.party ? endLeg(state, { reason: 'media' }, nowMs) : stay(state);
    case 'devicesFound':
    case 'deviceAppeared':
    case 'alerting':
    case 'ringsAlongside':
    case 'accept':
    case 'join':
      return stay(state);
  }
}

/** D5: accepted means that the document came to its end; everything else is a decline. */
function stepScreeningScript(
  state: LegState,
  phase: In<'screening'>,
  input: ScriptInput,
  rules: LegRules,
  nowMs: Millis,
): LegStep {
  if (input.type === 'clock' && nowMs >= phase.deadlineMs) {
    const message = `the screening document was not over after ${state.noun.screeningTimeoutSeconds} s`;
    return fail(state, 'oddity', message, 'declined', nowMs);
  }
  const { contact, answeredMs } = phase;
  const step = stepScript(phase.script, input, screeningRules(rules), nowMs);
  const outputs = step.outputs.map((output): LegOutput => ({ type: 'script', contact, output }));
  const next: LegState = { ...state, phase: { ...phase, script: step.state } };
  if (step.state.phase.name !== 'ended') return { state: next, outputs };
  if (step.state.phase.how.type !== 'finished')
    return prefix(outputs, endLeg(next, { reason: 'declined' }, nowMs));
  return { state: { ...state, phase: { name: 'accepted', contact, answeredMs } }, outputs };
}

function stepPickedUp(
  state: LegState,
  phase: In<'accepted'> | In<'joined'>,
  input: Input,
  nowMs: Millis,
): LegStep {
  switch (input.type) {
    case 'join':
      return stay({ ...state, phase: { ...phase, name: 'joined' } });
    case 'hangup':
    case 'reject':
      return input.party === phase.contact.party ? endLeg(state, { reason: 'hangup' }, nowMs) : stay(state);
    case 'deviceGone':
      return input.party === phase.contact.party ? endLeg(state, { reason: 'network' }, nowMs) : stay(state);
    case 'mediaFailed':
      return input.party === phase.contact.party ? endLeg(state, { reason: 'media' }, nowMs) : stay(state);
    case 'devicesFound':
    case 'deviceAppeared':
    case 'alerting':
    case 'ringsAlongside':
    case 'accept':
    case 'script':
      return stay(state);
  }
}

/** One device leaves a ringing leg; the leg is over with the last (D2, D4). */
function without(
  state: LegState,
  phase: In<'ringing'>,
  contact: Contact,
  reasons: { readonly leg: EndReason; readonly told: EndReason },
  nowMs: Millis,
): LegStep {
  const said = dismiss(contact, reasons.told);
  const contacts = phase.contacts.filter((each) => each.party !== contact.party);
  const next: LegState = { ...state, phase: { ...phase, contacts } };
  if (contacts.length > 0) return { state: next, outputs: [said] };
  return prefix([said], endLeg(next, { reason: reasons.leg, last: [contact] }, nowMs));
}

function rejectEverywhere(state: LegState, phase: In<'ringing'>, by: Contact, nowMs: Millis): LegStep {
  const said = phase.contacts.map((contact) =>
    contact.party === by.party
      ? dismiss(contact, 'rejected')
      : dismiss(contact, 'rejected-elsewhere', by.person),
  );
  return prefix(said, endLeg({ ...state, phase: { ...phase, contacts: [] } }, { reason: 'rejected' }, nowMs));
}

function declinedUnseen(state: LegState, phase: In<'ringing'>, nowMs: Millis): LegStep {
  const said = phase.contacts.map((contact) => dismiss(contact, 'rejected-elsewhere'));
  return prefix(said, endLeg({ ...state, phase: { ...phase, contacts: [] } }, { reason: 'rejected' }, nowMs));
}

/** Ends the leg with a notification that says why. */
function fail(
  state: LegState,
  kind: NotificationName,
  message: string,
  reason: EndReason,
  nowMs: Millis,
): LegStep {
  return prefix([notify(kind, message, state.noun.at)], endLeg(state, { reason }, nowMs));
}

function contactOf(phase: In<'ringing'>, party: PartyId): Contact | undefined {
  return phase.contacts.find((each) => each.party === party);
}

function screeningRules({ limits, newRecording }: LegRules): ScriptRules {
  return { role: 'screening', answered: true, limits, newRecording };
}
