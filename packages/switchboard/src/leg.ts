import type { CallSid, EndReason, Party } from '@parley/protocol';
import type { Client, LegEvent, Number, Sip } from '@parley/rcml';
import { unansweredStatus, type FinalStatus } from './call-status.ts';
import type { Millis, Step } from './machine.ts';
import type { PartyId } from './media-plane.ts';
import {
  abortScript,
  scriptDeadlineMs,
  startScript,
  stepScript,
  type DocumentRequest,
  type ScriptInput,
  type ScriptLimits,
  type ScriptOutput,
  type ScriptRules,
  type ScriptState,
} from './script.ts';

/**
 * One noun of a dial and the devices it rings (D1): one CallSid, one row of callbacks, whatever the number of devices.
 *
 *               found                 accepted, no url
 *   initiated ────────► ringing ─────────────────────────► accepted ──► joined
 *       │                  │  accepted, url                    ▲          │
 *       │ nobody           ├────────────────► screening ───────┘          │
 *       │ there            │                      │ document ended well   │
 *       ▼                  ▼                      ▼                       ▼
 *     ended ◄──────── ended (refused,      ended (declined,         ended (parted,
 *    (failed)         timed out, lost)      failed, 60 s)            hung up, limit)
 *
 * `accepted` lasts until the dial has heard of it: the dial alone decides who is joined. Ringing has the dial's
 * deadline; screening has its own.
 */
export interface LegState {
  readonly sid: CallSid;
  readonly noun: LegNoun;
  readonly phase: LegPhase;
  /** Callbacks fired so far; the next one's SequenceNumber. */
  readonly sequence: number;
  /** When the person's first device began to alert. */
  readonly rangMs?: Millis;
  readonly startedMs: Millis;
}

export type LegNoun = Client | Number | Sip;

export type LegPhase =
  | { readonly name: 'initiated' }
  | { readonly name: 'ringing'; readonly contacts: readonly Contact[] }
  | {
      readonly name: 'screening';
      readonly contact: Contact;
      readonly answeredMs: Millis;
      readonly script: ScriptState;
      readonly deadlineMs: Millis;
    }
  | { readonly name: 'accepted'; readonly contact: Contact; readonly answeredMs: Millis }
  | { readonly name: 'joined'; readonly contact: Contact; readonly answeredMs: Millis; readonly joinedMs: Millis }
  | {
      readonly name: 'ended';
      readonly status: FinalStatus;
      readonly reason: EndReason;
      readonly endedMs: Millis;
      /** From pick-up to the end (D5); 0 for a leg nobody picked up. */
      readonly durationMs: Millis;
    };

/** One device that a leg rings. */
export interface Contact {
  readonly party: PartyId;
  readonly person: Party;
}

export type LegInput =
  /** Who is registered under the name now. Asked for once, by `findDevices`. */
  | { readonly type: 'devicesFound'; readonly contacts: readonly Contact[] }
  /** Another device has registered under the name meanwhile (D3). */
  | { readonly type: 'deviceAppeared'; readonly contact: Contact }
  | { readonly type: 'alerting'; readonly party: PartyId }
  /** An earlier noun of the same name rings for this one too (D3). */
  | { readonly type: 'ringsAlongside' }
  | { readonly type: 'accept'; readonly party: PartyId }
  | {
      readonly type: 'reject';
      readonly party: PartyId;
      readonly everywhere: boolean;
      readonly why: 'declined' | 'busy';
    }
  | { readonly type: 'hangup'; readonly party: PartyId }
  /** The device has left for good: it said so, or its grace is over. */
  | { readonly type: 'deviceGone'; readonly party: PartyId }
  | { readonly type: 'mediaFailed'; readonly party: PartyId; readonly why: string }
  /** Told by the dial. */
  | { readonly type: 'join' }
  | { readonly type: 'cancel'; readonly reason: EndReason; readonly elsewhere?: Party }
  | { readonly type: 'script'; readonly input: ScriptInput };

export type LegOutput =
  | { readonly type: 'findDevices' }
  | { readonly type: 'invite'; readonly contact: Contact }
  | { readonly type: 'rings' }
  | { readonly type: 'screening'; readonly contact: Contact }
  | { readonly type: 'dismiss'; readonly contact: Contact; readonly reason: EndReason; readonly elsewhere?: Party; readonly durationMs: Millis }
  | { readonly type: 'event'; readonly event: LegEvent; readonly sequence: number; readonly subscribed: boolean }
  | { readonly type: 'changed' }
  | { readonly type: 'notify'; readonly code: number; readonly severity: 'error' | 'warning'; readonly message: string }
  | { readonly type: 'script'; readonly output: ScriptOutput };

type LegStep = Step<LegState, LegOutput>;
type In<Name extends LegPhase['name']> = Extract<LegPhase, { name: Name }>;

/** Begins a leg: it is initiated whatever becomes of it (D7), and at once over when the noun was refused. */
export function startLeg(sid: CallSid, noun: LegNoun, nowMs: Millis): LegStep {
  const state: LegState = { sid, noun, phase: { name: 'initiated' }, sequence: 0, startedMs: nowMs };
  const initiated = event(state, 'initiated');
  if (noun.refused !== undefined || noun.target === null) {
    const refusal = noun.refused ?? { code: 13224, message: `<${noun.noun}> names nobody` };
    return chain(chain(initiated, notify(refusal.code, refusal.message)), (leg) => end(leg, 'server', nowMs));
  }
  if (noun.noun !== 'Client') {
    const message = `<${noun.noun}> needs a SIP trunk, and none is configured`;
    return chain(chain(initiated, notify(11004, message)), (leg) => end(leg, 'server', nowMs));
  }
  return chain(initiated, (leg) => ({ state: leg, outputs: [{ type: 'findDevices' }] }));
}

/** The leg's own deadline; ringing has none, because the dial's counts for it. */
export function legDeadlineMs(state: LegState): Millis | undefined {
  if (state.phase.name !== 'screening') return undefined;
  return Math.min(state.phase.deadlineMs, scriptDeadlineMs(state.phase.script) ?? Infinity);
}

/** The device that picked up, if one did and the leg lives. */
export function pickedUpBy(state: LegState): Contact | undefined {
  switch (state.phase.name) {
    case 'screening':
    case 'accepted':
    case 'joined':
      return state.phase.contact;
    case 'initiated':
    case 'ringing':
    case 'ended':
      return undefined;
  }
}

/** Every device that takes part in the leg now. */
export function partiesOf(state: LegState): readonly Contact[] {
  if (state.phase.name === 'ringing') return state.phase.contacts;
  const contact = pickedUpBy(state);
  return contact === undefined ? [] : [contact];
}

export interface LegRules {
  readonly limits: ScriptLimits;
  /** Where the dial's document was found: the screening URL resolves there. */
  readonly base: string;
}

/** Pure: the same state, input and time always give the same step. */
export function stepLeg(state: LegState, input: LegInput, rules: LegRules, nowMs: Millis): LegStep {
  if (input.type === 'cancel') return end(state, input.reason, nowMs, input.elsewhere);
  switch (state.phase.name) {
    case 'initiated':
      return stepInitiated(state, input, nowMs);
    case 'ringing':
      return stepRinging(state, state.phase, input, rules, nowMs);
    case 'screening':
      return stepScreening(state, state.phase, input, rules, nowMs);
    case 'accepted':
    case 'joined':
      return stepPickedUp(state, state.phase, input, nowMs);
    case 'ended':
      return { state, outputs: [] };
  }
}

function stepInitiated(state: LegState, input: LegInput, nowMs: Millis): LegStep {
  if (input.type === 'ringsAlongside') return rings({ ...state, phase: { name: 'ringing', contacts: [] } }, nowMs);
  if (input.type !== 'devicesFound') return { state, outputs: [] };
  if (input.contacts.length === 0) {
    const message = `nobody is registered as "${state.noun.target ?? ''}"`;
    return chain(notify(11008, message)(state), (leg) => end(leg, 'not-registered', nowMs));
  }
  return {
    state: { ...state, phase: { name: 'ringing', contacts: input.contacts } },
    outputs: input.contacts.map((contact) => ({ type: 'invite', contact })),
  };
}

function stepRinging(
  state: LegState,
  phase: In<'ringing'>,
  input: LegInput,
  rules: LegRules,
  nowMs: Millis,
): LegStep {
  switch (input.type) {
    case 'deviceAppeared': {
      if (phase.contacts.some((contact) => contact.party === input.contact.party)) return { state, outputs: [] };
      return {
        state: { ...state, phase: { ...phase, contacts: [...phase.contacts, input.contact] } },
        outputs: [{ type: 'invite', contact: input.contact }],
      };
    }
    case 'alerting':
      if (!phase.contacts.some((contact) => contact.party === input.party)) return { state, outputs: [] };
      return rings(state, nowMs);
    case 'accept':
      return pickUp(state, phase, input.party, rules, nowMs);
    case 'reject': {
      const contact = phase.contacts.find((each) => each.party === input.party);
      if (contact === undefined) return { state, outputs: [] };
      const reason = input.why === 'busy' ? 'busy' : 'rejected';
      if (input.everywhere) return rejectEverywhere(state, phase, contact, nowMs);
      return without(state, phase, contact, reason, 'rejected', nowMs);
    }
    case 'hangup': {
      const contact = phase.contacts.find((each) => each.party === input.party);
      return contact === undefined ? { state, outputs: [] } : without(state, phase, contact, 'rejected', 'rejected', nowMs);
    }
    case 'deviceGone': {
      const contact = phase.contacts.find((each) => each.party === input.party);
      // D4: the last device that leaves without a word is nobody answering, not somebody refusing.
      return contact === undefined ? { state, outputs: [] } : without(state, phase, contact, 'no-answer', 'network', nowMs);
    }
    case 'mediaFailed': {
      const contact = phase.contacts.find((each) => each.party === input.party);
      return contact === undefined ? { state, outputs: [] } : without(state, phase, contact, 'media', 'media', nowMs);
    }
    case 'ringsAlongside':
      return rings(state, nowMs);
    case 'devicesFound':
    case 'join':
    case 'cancel':
    case 'script':
      return { state, outputs: [] };
  }
}

/** The person's first device alerts: said once for the leg (D1). */
function rings(state: LegState, nowMs: Millis): LegStep {
  if (state.rangMs !== undefined) return { state, outputs: [] };
  const rang = event({ ...state, rangMs: nowMs }, 'ringing');
  return { state: rang.state, outputs: [...rang.outputs, { type: 'rings' }] };
}

function pickUp(state: LegState, phase: In<'ringing'>, party: PartyId, rules: LegRules, nowMs: Millis): LegStep {
  const contact = phase.contacts.find((each) => each.party === party);
  if (contact === undefined) return { state, outputs: [] };
  // A device that accepts has rung, also when its `alerting` was lost on the way.
  const rang = rings(state, nowMs);
  const others: readonly LegOutput[] = phase.contacts
    .filter((each) => each.party !== party)
    .map((each) => ({
      type: 'dismiss',
      contact: each,
      reason: 'answered-elsewhere',
      elsewhere: contact.person,
      durationMs: 0,
    }));
  const answered = event(rang.state, 'answered');
  const outputs = [...rang.outputs, ...others, ...answered.outputs];
  const { url, method } = state.noun;
  if (url === undefined) {
    const accepted: LegState = { ...answered.state, phase: { name: 'accepted', contact, answeredMs: nowMs } };
    return { state: accepted, outputs };
  }
  const request: DocumentRequest = { written: url, base: rules.base, method, params: [] };
  const script = startScript(request, screeningRules(rules), nowMs);
  const screening: LegState = {
    ...answered.state,
    phase: {
      name: 'screening',
      contact,
      answeredMs: nowMs,
      script: script.state,
      deadlineMs: nowMs + state.noun.screeningTimeoutSeconds * 1000,
    },
  };
  return { state: screening, outputs: [...outputs, { type: 'screening', contact }, ...script.outputs.map(fromScript)] };
}

function stepScreening(
  state: LegState,
  phase: In<'screening'>,
  input: LegInput,
  rules: LegRules,
  nowMs: Millis,
): LegStep {
  switch (input.type) {
    case 'script': {
      if (input.input.type === 'clock' && nowMs >= phase.deadlineMs) {
        const message = `the screening document was not over after ${state.noun.screeningTimeoutSeconds} s`;
        return chain(notify(13240, message)(state), (leg) => end(leg, 'declined', nowMs));
      }
      const step = stepScript(phase.script, input.input, screeningRules(rules), nowMs);
      const next: LegState = { ...state, phase: { ...phase, script: step.state } };
      const outputs = step.outputs.map(fromScript);
      if (step.state.phase.name !== 'ended') return { state: next, outputs };
      // D5: accepted means that the document came to its end; everything else is a decline.
      if (step.state.phase.how.type !== 'finished') return prefix(outputs, end(next, 'declined', nowMs));
      const accepted: LegPhase = { name: 'accepted', contact: phase.contact, answeredMs: phase.answeredMs };
      return { state: { ...state, phase: accepted }, outputs };
    }
    case 'hangup':
    case 'reject':
    case 'deviceGone':
      return input.party === phase.contact.party ? end(state, 'declined', nowMs) : { state, outputs: [] };
    case 'mediaFailed':
      return input.party === phase.contact.party ? end(state, 'media', nowMs) : { state, outputs: [] };
    case 'devicesFound':
    case 'deviceAppeared':
    case 'alerting':
    case 'ringsAlongside':
    case 'accept':
    case 'join':
    case 'cancel':
      return { state, outputs: [] };
  }
}

function stepPickedUp(
  state: LegState,
  phase: In<'accepted'> | In<'joined'>,
  input: LegInput,
  nowMs: Millis,
): LegStep {
  switch (input.type) {
    case 'join':
      if (phase.name === 'joined') return { state, outputs: [] };
      return {
        state: { ...state, phase: { ...phase, name: 'joined', joinedMs: nowMs } },
        outputs: [{ type: 'changed' }],
      };
    case 'hangup':
    case 'reject':
      return input.party === phase.contact.party ? end(state, 'hangup', nowMs) : { state, outputs: [] };
    case 'deviceGone':
      return input.party === phase.contact.party ? end(state, 'network', nowMs) : { state, outputs: [] };
    case 'mediaFailed':
      return input.party === phase.contact.party ? end(state, 'media', nowMs) : { state, outputs: [] };
    case 'devicesFound':
    case 'deviceAppeared':
    case 'alerting':
    case 'ringsAlongside':
    case 'accept':
    case 'cancel':
    case 'script':
      return { state, outputs: [] };
  }
}

/** One device leaves a ringing leg; the leg is over with the last (D2, D4). */
function without(
  state: LegState,
  phase: In<'ringing'>,
  contact: Contact,
  legReason: EndReason,
  told: EndReason,
  nowMs: Millis,
): LegStep {
  const dismissal: LegOutput = { type: 'dismiss', contact, reason: told, durationMs: 0 };
  const contacts = phase.contacts.filter((each) => each.party !== contact.party);
  const next: LegState = { ...state, phase: { ...phase, contacts } };
  if (contacts.length > 0) return { state: next, outputs: [dismissal] };
  return prefix([dismissal], end(next, legReason, nowMs));
}

function rejectEverywhere(state: LegState, phase: In<'ringing'>, by: Contact, nowMs: Millis): LegStep {
  const dismissals: readonly LegOutput[] = phase.contacts.map((contact) =>
    contact.party === by.party
      ? { type: 'dismiss', contact, reason: 'rejected', durationMs: 0 }
      : { type: 'dismiss', contact, reason: 'rejected-elsewhere', elsewhere: by.person, durationMs: 0 },
  );
  return prefix(dismissals, end({ ...state, phase: { ...phase, contacts: [] } }, 'rejected', nowMs));
}

/** Ends the leg, dismisses whoever takes part in it, and says `completed`, which is said whatever the end (CL8). */
function end(state: LegState, reason: EndReason, nowMs: Millis, elsewhere?: Party): LegStep {
  const { phase } = state;
  if (phase.name === 'ended') return { state, outputs: [] };
  const answeredMs = phase.name === 'initiated' || phase.name === 'ringing' ? undefined : phase.answeredMs;
  const durationMs = answeredMs === undefined ? 0 : nowMs - answeredMs;
  const told = elsewhere === undefined ? { reason } : { reason, elsewhere };
  const dismissals: readonly LegOutput[] = partiesOf(state).map((contact) => ({
    type: 'dismiss',
    contact,
    ...told,
    durationMs,
  }));
  const silenced = phase.name === 'screening' ? abortScript(phase.script).outputs.map(fromScript) : [];
  const ended: LegState = {
    ...state,
    phase: { name: 'ended', status: finalStatus(phase, reason), reason, endedMs: nowMs, durationMs },
  };
  return prefix([...silenced, ...dismissals], event(ended, 'completed'));
}

/** The true status (CL7, D5): what was picked up and then lost a race is canceled, what was talked on is completed. */
function finalStatus(phase: Exclude<LegPhase, { name: 'ended' }>, reason: EndReason): FinalStatus {
  switch (phase.name) {
    case 'initiated':
    case 'ringing':
      return unansweredStatus(reason);
    case 'screening':
    case 'accepted':
      return reason === 'answered-elsewhere' || reason === 'cancelled' ? 'canceled' : 'completed';
    case 'joined':
      return 'completed';
  }
}

/** Says an event of the leg's life; those that were subscribed to are numbered without gaps (CL7). */
function event(state: LegState, name: LegEvent): LegStep {
  const subscribed = state.noun.statusCallback !== undefined && state.noun.statusCallbackEvents.includes(name);
  const said: LegOutput = { type: 'event', event: name, sequence: state.sequence, subscribed };
  return {
    state: subscribed ? { ...state, sequence: state.sequence + 1 } : state,
    outputs: [said],
  };
}

function screeningRules(rules: LegRules): ScriptRules {
  return { role: 'screening', answered: true, limits: rules.limits };
}

function fromScript(output: ScriptOutput): LegOutput {
  return { type: 'script', output };
}

function notify(code: number, message: string): (state: LegState) => LegStep {
  return (state) => ({ state, outputs: [{ type: 'notify', code, severity: 'error', message }] });
}

/** One step after another, as one. */
function chain(step: LegStep, then: (state: LegState) => LegStep): LegStep {
  return prefix(step.outputs, then(step.state));
}

function prefix(outputs: readonly LegOutput[], step: LegStep): LegStep {
  return outputs.length === 0 ? step : { state: step.state, outputs: [...outputs, ...step.outputs] };
}
