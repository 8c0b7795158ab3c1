import type { CallSid, EndReason, Party } from '@parley/protocol';
import type { Dial } from '@parley/rcml';
import type { FinalStatus } from './call-status.ts';
import {
  legDeadlineMs,
  partiesOf,
  pickedUpBy,
  startLeg,
  stepLeg,
  type Contact,
  type LegInput,
  type LegNoun,
  type LegOutput,
  type LegState,
} from './leg.ts';
import { earliest, type Millis, type Step } from './machine.ts';
import type { PartyId } from './media-plane.ts';
import type { ScriptLimits } from './script.ts';

/**
 * One `<Dial>`: ring every noun in it, join the caller to the first leg that is accepted.
 *
 *             a leg is accepted
 *   ringing ─────────────────────► joined
 *      │  caller left · timed out     │  caller left · leg left
 *      │  · last leg gone             │  · time limit · ended by the application
 *      └──────────────────────────────┴────────────► ended
 *
 * The first accept wins, and every other leg ends in the same step (CL9): whatever arrives after that finds its leg
 * ended. Ringing has the dial's timeout, or, once that is over, the deadlines of the legs being screened (D6).
 */
export interface DialState {
  readonly verb: Dial;
  /** Where the document with the dial was found. */
  readonly base: string;
  readonly legs: readonly LegState[];
  /** Nouns that have not begun, in `sequential` order. */
  readonly waiting: readonly LegNoun[];
  /** Legs of a name that an earlier leg rings already, and that earlier leg (D3). */
  readonly alongside: ReadonlyMap<CallSid, CallSid>;
  readonly phase: DialPhase;
  /** Who picked up the leg that was joined. */
  readonly answeredBy?: Party;
  /** The leg that ended last; its status is the dial's when nobody was joined (D8). */
  readonly lastEnded?: CallSid;
}

export type DialPhase =
  | {
      readonly name: 'ringing';
      /** Absent when the timeout is over and a leg is still being screened. */
      readonly answerByMs?: Millis;
    }
  | { readonly name: 'joined'; readonly winner: CallSid; readonly endsAtMs: Millis }
  | { readonly name: 'ended'; readonly outcome: DialOutcome };

/** How a dial ended, as the `action` request and the caller's device are told it (D8). */
export interface DialOutcome {
  readonly status: FinalStatus;
  /** Why, for a caller whose call ends with this dial. */
  readonly reason: EndReason;
  readonly legSid?: CallSid;
  readonly bridged: boolean;
  readonly durationMs: Millis;
  readonly ringMs: Millis;
  readonly answeredBy?: Party;
}

export type DialInput =
  | { readonly type: 'leg'; readonly sid: CallSid; readonly input: LegInput }
  /** What a device says; the dial knows whose part it is. */
  | { readonly type: 'device'; readonly party: PartyId; readonly input: LegInput }
  | { readonly type: 'callerLeft' }
  /** The application, or the gateway, ends the dial; the caller stays (D27, hangupOnStar, drain). */
  | { readonly type: 'terminate'; readonly reason: EndReason }
  | { readonly type: 'clock' };

export type DialOutput =
  | { readonly type: 'leg'; readonly leg: LegState; readonly output: LegOutput }
  | { readonly type: 'join'; readonly leg: LegState; readonly contact: Contact; readonly video: boolean }
  | { readonly type: 'notify'; readonly code: number; readonly severity: 'error' | 'warning'; readonly message: string }
  | { readonly type: 'ended'; readonly outcome: DialOutcome };

export interface DialRules {
  readonly limits: ScriptLimits;
  /** Names the next leg. */
  readonly newCallSid: () => CallSid;
}

type DialStep = Step<DialState, DialOutput>;

/** Begins to ring: every noun at once, right away (CL10), or the first when `sequential`. */
export function startDial(verb: Dial, base: string, rules: DialRules, nowMs: Millis): DialStep {
  const nouns: LegNoun[] = [];
  const outputs: DialOutput[] = [];
  for (const noun of verb.nouns) {
    if (noun.noun !== 'Conference') nouns.push(noun);
    else outputs.push({ type: 'notify', code: 13230, severity: 'error', message: '<Conference> is not available on this gateway' });
  }
  const state: DialState = {
    verb,
    base,
    legs: [],
    waiting: nouns,
    alongside: new Map(),
    phase: { name: 'ringing', answerByMs: nowMs + verb.timeoutSeconds * 1000 },
  };
  return prefix(outputs, verb.sequential ? beginNext(state, rules, nowMs) : beginAll(state, rules, nowMs));
}

/** When the dial next wants to hear of the clock; undefined once it is over. */
export function dialDeadlineMs(state: DialState): Millis | undefined {
  switch (state.phase.name) {
    case 'ringing':
      return earliest(state.phase.answerByMs, ...state.legs.map(legDeadlineMs));
    case 'joined':
      return state.phase.endsAtMs;
    case 'ended':
      return undefined;
  }
}

/** The leg that a device takes part in. */
export function legOfParty(state: DialState, party: PartyId): LegState | undefined {
  return state.legs.find((leg) => partiesOf(leg).some((contact) => contact.party === party));
}

/** The joined leg and the device that picked it up. */
export function joinedContact(state: DialState): Contact | undefined {
  if (state.phase.name !== 'joined') return undefined;
  const { winner } = state.phase;
  const leg = state.legs.find((each) => each.sid === winner);
  return leg === undefined ? undefined : pickedUpBy(leg);
}

/** Pure: the same state, input and time always give the same step. */
export function stepDial(state: DialState, input: DialInput, rules: DialRules, nowMs: Millis): DialStep {
  if (state.phase.name === 'ended') return { state, outputs: [] };
  switch (input.type) {
    case 'leg':
      return stepOneLeg(state, input.sid, input.input, rules, nowMs);
    case 'device': {
      const leg = legOfParty(state, input.party);
      return leg === undefined ? { state, outputs: [] } : stepOneLeg(state, leg.sid, input.input, rules, nowMs);
    }
    case 'callerLeft':
      return finish(state, 'cancelled', 'remote-hangup', rules, nowMs);
    case 'terminate':
      return finish(state, input.reason, input.reason, rules, nowMs);
    case 'clock':
      return stepClock(state, rules, nowMs);
  }
}

function stepClock(state: DialState, rules: DialRules, nowMs: Millis): DialStep {
  if (state.phase.name === 'joined') {
    if (nowMs < state.phase.endsAtMs) return { state, outputs: [] };
    return stepOneLeg(state, state.phase.winner, { type: 'cancel', reason: 'time-limit' }, rules, nowMs);
  }
  let step: DialStep = { state, outputs: [] };
  for (const leg of state.legs) {
    if ((legDeadlineMs(leg) ?? Infinity) > nowMs) continue;
    step = chain(step, (dial) => stepOneLeg(dial, leg.sid, { type: 'script', input: { type: 'clock' } }, rules, nowMs));
  }
  return chain(step, (dial) => {
    if (dial.phase.name !== 'ringing' || nowMs < (dial.phase.answerByMs ?? Infinity)) return { state: dial, outputs: [] };
    return timedOut(dial, rules, nowMs);
  });
}

/** Whoever still rings is told that nobody answered; whoever is being screened goes on (D6). */
function timedOut(before: DialState, rules: DialRules, nowMs: Millis): DialStep {
  const state: DialState = { ...before, phase: { name: 'ringing' } };
  const unanswered = state.legs.filter((leg) => leg.phase.name === 'initiated' || leg.phase.name === 'ringing');
  return endLegs(state, unanswered, () => ({ type: 'cancel', reason: 'no-answer' }), rules, nowMs);
}

function beginAll(state: DialState, rules: DialRules, nowMs: Millis): DialStep {
  let step: DialStep = { state: { ...state, waiting: [] }, outputs: [] };
  for (const noun of state.waiting) step = chain(step, (dial) => beginLeg(dial, noun, rules, nowMs));
  return chain(step, (dial) => whenAllGone(dial, rules, nowMs));
}

function beginNext(state: DialState, rules: DialRules, nowMs: Millis): DialStep {
  const [noun, ...waiting] = state.waiting;
  if (noun === undefined) return whenAllGone(state, rules, nowMs);
  const answerByMs = nowMs + state.verb.timeoutSeconds * 1000;
  const next: DialState = { ...state, waiting, phase: { name: 'ringing', answerByMs } };
  return chain(beginLeg(next, noun, rules, nowMs), (dial) => whenAllGone(dial, rules, nowMs));
}

function beginLeg(state: DialState, noun: LegNoun, rules: DialRules, nowMs: Millis): DialStep {
  const earlier = state.legs.find(
    (leg) => leg.noun.noun === 'Client' && noun.noun === 'Client' && leg.noun.target === noun.target && isAlive(leg),
  );
  const sid = rules.newCallSid();
  const started = startLeg(sid, noun, nowMs);
  const isAlongside = earlier !== undefined && isAlive(started.state);
  const next: DialState = {
    ...state,
    legs: [...state.legs, started.state],
    alongside: isAlongside ? new Map(state.alongside).set(sid, earlier.sid) : state.alongside,
    ...(isAlive(started.state) ? {} : { lastEnded: sid }),
  };
  const outputs = started.outputs
    // A device rings once: the earlier leg has asked for it already.
    .filter((output) => !(isAlongside && output.type === 'findDevices'))
    .map((output): DialOutput => ({ type: 'leg', leg: started.state, output }));
  return { state: next, outputs };
}

function stepOneLeg(state: DialState, sid: CallSid, input: LegInput, rules: DialRules, nowMs: Millis): DialStep {
  const before = state.legs.find((leg) => leg.sid === sid);
  if (before === undefined || !isAlive(before)) return { state, outputs: [] };
  const step = stepLeg(before, input, { limits: rules.limits, base: state.base }, nowMs);
  const leg = step.state;
  const outputs = step.outputs.map((output): DialOutput => ({ type: 'leg', leg, output }));
  const next: DialState = {
    ...state,
    legs: state.legs.map((each) => (each.sid === sid ? leg : each)),
    ...(isAlive(leg) ? {} : { lastEnded: sid }),
  };
  let after: DialStep = { state: next, outputs };
  const rang = before.rangMs === undefined && leg.rangMs !== undefined;
  if (rang) after = chain(after, (dial) => tellAlongside(dial, sid, { type: 'ringsAlongside' }, rules, nowMs));
  if (leg.phase.name === 'accepted') return chain(after, (dial) => legAccepted(dial, leg, rules, nowMs));
  if (leg.phase.name === 'ended') {
    const { reason } = leg.phase;
    // Whoever only rang alongside a person who picked up and declined was not answered.
    const alongside: EndReason = reason === 'declined' ? 'no-answer' : reason;
    after = chain(after, (dial) => tellAlongside(dial, sid, { type: 'cancel', reason: alongside }, rules, nowMs));
    return chain(after, (dial) => whenAllGone(dial, rules, nowMs));
  }
  return after;
}

function tellAlongside(state: DialState, sid: CallSid, input: LegInput, rules: DialRules, nowMs: Millis): DialStep {
  let step: DialStep = { state, outputs: [] };
  for (const [second, first] of state.alongside) {
    if (first === sid) step = chain(step, (dial) => stepOneLeg(dial, second, input, rules, nowMs));
  }
  return step;
}

/** The race is decided here, in one step: the first accepted leg is joined and all the others end. */
function legAccepted(state: DialState, winner: LegState, rules: DialRules, nowMs: Millis): DialStep {
  const contact = pickedUpBy(winner);
  if (contact === undefined || state.phase.name !== 'ringing') return { state, outputs: [] };
  const joined: DialState = {
    ...state,
    waiting: [],
    answeredBy: contact.person,
    phase: { name: 'joined', winner: winner.sid, endsAtMs: nowMs + state.verb.timeLimitSeconds * 1000 },
  };
  const losers = joined.legs.filter((leg) => leg.sid !== winner.sid && isAlive(leg));
  const lost: LegInput = { type: 'cancel', reason: 'answered-elsewhere', elsewhere: contact.person };
  const video = winner.noun.noun === 'Client' && winner.noun.video;
  const step = stepOneLeg(joined, winner.sid, { type: 'join' }, rules, nowMs);
  const told = prefix([{ type: 'join', leg: winner, contact, video }], step);
  return chain(told, (dial) => endLegs(dial, losers, () => lost, rules, nowMs));
}

/** Ends the dial for a reason from outside; each leg hears what is true for it. */
function finish(state: DialState, unanswered: EndReason, joined: EndReason, rules: DialRules, nowMs: Millis): DialStep {
  const alive = state.legs.filter(isAlive);
  const quiet: DialState = { ...state, waiting: [] };
  const step = endLegs(
    quiet,
    alive,
    (leg) => ({ type: 'cancel', reason: leg.phase.name === 'joined' ? joined : unanswered }),
    rules,
    nowMs,
  );
  return chain(step, (dial) => whenAllGone(dial, rules, nowMs));
}

function endLegs(
  state: DialState,
  legs: readonly LegState[],
  input: (leg: LegState) => LegInput,
  rules: DialRules,
  nowMs: Millis,
): DialStep {
  let step: DialStep = { state, outputs: [] };
  for (const leg of legs) step = chain(step, (dial) => stepOneLeg(dial, leg.sid, input(leg), rules, nowMs));
  return step;
}

/** Ends the dial when no leg is left, or goes on with the next noun. */
function whenAllGone(state: DialState, rules: DialRules, nowMs: Millis): DialStep {
  if (state.phase.name === 'ended') return { state, outputs: [] };
  if (state.phase.name === 'joined') {
    const { winner } = state.phase;
    const leg = state.legs.find((each) => each.sid === winner);
    if (leg === undefined || isAlive(leg)) return { state, outputs: [] };
  } else {
    if (state.legs.some(isAlive)) return { state, outputs: [] };
    if (state.waiting.length > 0) return beginNext(state, rules, nowMs);
  }
  const outcome = outcomeOf(state, nowMs);
  return { state: { ...state, phase: { name: 'ended', outcome } }, outputs: [{ type: 'ended', outcome }] };
}

function outcomeOf(state: DialState, nowMs: Millis): DialOutcome {
  const bridged = state.phase.name === 'joined';
  const sid = state.phase.name === 'joined' ? state.phase.winner : state.lastEnded;
  const leg = state.legs.find((each) => each.sid === sid);
  if (leg === undefined || leg.phase.name !== 'ended') {
    return { status: 'failed', reason: 'document-failed', bridged: false, durationMs: 0, ringMs: 0 };
  }
  const { phase } = leg;
  // D5: picked up and declined in screening is, for the caller, nobody answering.
  const status = !bridged && phase.status === 'completed' ? 'no-answer' : phase.status;
  const rangUntilMs = phase.endedMs - phase.durationMs;
  const outcome: DialOutcome = {
    status,
    reason: phase.reason,
    legSid: leg.sid,
    bridged,
    durationMs: phase.durationMs,
    ringMs: leg.rangMs === undefined ? 0 : Math.max(0, Math.min(rangUntilMs, nowMs) - leg.rangMs),
  };
  const answeredBy = state.answeredBy;
  return bridged && answeredBy !== undefined ? { ...outcome, answeredBy } : outcome;
}

function isAlive(leg: LegState): boolean {
  return leg.phase.name !== 'ended';
}

/** One step after another, as one. */
function chain(step: DialStep, then: (state: DialState) => DialStep): DialStep {
  return prefix(step.outputs, then(step.state));
}

function prefix(outputs: readonly DialOutput[], step: DialStep): DialStep {
  return outputs.length === 0 ? step : { state: step.state, outputs: [...outputs, ...step.outputs] };
}
