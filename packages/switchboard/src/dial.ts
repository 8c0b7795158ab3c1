import type { CallSid, EndReason } from '@parley/protocol';
import type { Dial } from '@parley/rcml';
import {
  legOfParty,
  outcomeOf,
  type DialInput,
  type DialOutput,
  type DialRules,
  type DialState,
  type DialStep,
} from './dial-state.ts';
import {
  isAlive,
  legDeadlineMs,
  pickedUpBy,
  type LegEnd,
  type LegInput,
  type LegNoun,
  type LegOutput,
  type LegState,
} from './leg-state.ts';
import { startLeg, stepLeg } from './leg.ts';
import { chain, prefix, stay, type Millis } from './machine.ts';
import { handOver, meet, stepMeeting, withoutAside } from './meeting.ts';
import { isRoom, startVisit, stepVisit } from './visit.ts';

/** A `<Dial>` that is reached, and the number by which what it asks for is known. */
export interface DialOrder {
  readonly verb: Dial;
  readonly base: string;
  readonly dialId: number;
}

/**
 * Begins to ring: every noun at once, right away (CL10), or the first when `sequential`. Or enters a conference, beside
 * which only refused nouns stand: those have their callbacks all the same (D7).
 */
export function startDial({ verb, base, dialId }: DialOrder, rules: DialRules, nowMs: Millis): DialStep {
  const room = verb.nouns.find(isRoom);
  const nouns = verb.nouns.filter((noun): noun is LegNoun => noun.noun !== 'Conference');
  const state: DialState = {
    verb,
    base,
    legs: [],
    waiting: room === undefined ? nouns : nouns.filter(({ refused }) => refused !== undefined),
    alongside: new Map(),
    phase: { name: 'ringing', answerByMs: nowMs + verb.timeoutSeconds * 1000 },
  };
  if (room !== undefined) {
    return chain(beginAll(state, rules, nowMs), (dial) => startVisit(dial, room, dialId, nowMs));
  }
  const begun = verb.sequential ? stay(state) : beginAll(state, rules, nowMs);
  return chain(begun, (dial) => whenAllGone(dial, rules, nowMs));
}

/** Pure: the same state, input and time always give the same step. */
export function stepDial(state: DialState, input: DialInput, rules: DialRules, nowMs: Millis): DialStep {
  if (state.phase.name === 'ended') return stay(state);
  if (state.phase.name === 'visiting') return stepVisit(state, state.phase, input, nowMs);
  if (input.type === 'reseat') return reseat(state, input, rules, nowMs);
  if (state.phase.name === 'meeting') return stepMeeting(state, state.phase, input, nowMs);
  switch (input.type) {
    case 'transferOver': {
      const { aside, ...rest } = state;
      return aside === input.transferId ? stay(rest) : stay(state);
    }
    case 'leg': {
      const { sid, input: told } = input;
      // Who rings alongside another has asked for nobody, and has no devices of its own (D3).
      const isAboutDevices = told.type === 'devicesFound' || told.type === 'deviceAppeared';
      return isAboutDevices && state.alongside.has(sid)
        ? stay(state)
        : stepOneLeg(state, sid, told, rules, nowMs);
    }
    case 'device': {
      const leg = legOfParty(state, input.party);
      return leg === undefined ? stay(state) : stepOneLeg(state, leg.sid, input.input, rules, nowMs);
    }
    case 'callerLeft':
      return finish(state, { unanswered: 'cancelled', joined: 'remote-hangup' }, rules, nowMs);
    case 'terminate':
      return finish(state, { unanswered: input.reason, joined: input.reason }, rules, nowMs);
    case 'clock':
      return stepClock(state, rules, nowMs);
    case 'conferenceLeft':
      return stay(state);
  }
}

/** One of the two who are joined hands the other over: the leg goes where it is to go, and so does the caller. */
function reseat(
  state: DialState,
  { caller, contact }: Extract<DialInput, { type: 'reseat' }>,
  rules: DialRules,
  nowMs: Millis,
): DialStep {
  const { phase } = state;
  if (phase.name !== (contact === null ? 'meeting' : 'joined')) return stay(state);
  const parted: DialState = {
    ...state,
    phase: { name: 'meeting', transferId: '', endsAtMs: nowMs + state.verb.timeLimitSeconds * 1000 },
  };
  const goes: LegInput =
    contact?.type === 'leave' ? { type: 'cancel', reason: 'transferred' } : { type: 'detach' };
  const left = phase.name === 'joined' ? stepOneLeg(parted, phase.winner, goes, rules, nowMs) : stay(parted);
  return chain(left, (dial) => {
    switch (caller.type) {
      case 'leave':
        return handOver(dial, nowMs);
      case 'meet':
        return meet(dial, caller.transferId, nowMs);
      case 'ring': {
        const answerByMs = nowMs + dial.verb.timeoutSeconds * 1000;
        const ringing: DialState = {
          ...dial,
          waiting: [caller.noun],
          aside: caller.transferId,
          phase: { name: 'ringing', answerByMs },
        };
        return chain(beginAll(ringing, rules, nowMs), (begun) => whenAllGone(begun, rules, nowMs));
      }
    }
  });
}

function stepClock(state: DialState, rules: DialRules, nowMs: Millis): DialStep {
  if (state.phase.name === 'joined') {
    if (nowMs < state.phase.endsAtMs) return stay(state);
    return stepOneLeg(state, state.phase.winner, { type: 'cancel', reason: 'time-limit' }, rules, nowMs);
  }
  let step: DialStep = stay(state);
  for (const leg of state.legs) {
    if ((legDeadlineMs(leg) ?? Infinity) > nowMs) continue;
    step = chain(step, (dial) =>
      stepOneLeg(dial, leg.sid, { type: 'script', input: { type: 'clock' } }, rules, nowMs),
    );
  }
  return chain(step, (dial) => {
    if (dial.phase.name !== 'ringing' || nowMs < (dial.phase.answerByMs ?? Infinity)) return stay(dial);
    return timedOut(dial, rules, nowMs);
  });
}

/** Whoever still rings is told that nobody answered; whoever is being screened goes on (D6). */
function timedOut(state: DialState, rules: DialRules, nowMs: Millis): DialStep {
  const unanswered = state.legs.filter(
    (leg) => leg.phase.name === 'initiated' || leg.phase.name === 'ringing',
  );
  const timeless: DialState = { ...state, phase: { name: 'ringing' } };
  return endLegs(timeless, unanswered, () => ({ type: 'cancel', reason: 'no-answer' }), rules, nowMs);
}

function beginAll(state: DialState, rules: DialRules, nowMs: Millis): DialStep {
  const outputs: DialOutput[] = [];
  let dial: DialState = { ...state, waiting: [] };
  for (const noun of state.waiting) {
    const begun = beginLeg(dial, noun, rules, nowMs);
    outputs.push(...begun.outputs);
    dial = begun.state;
  }
  return { state: dial, outputs };
}

function beginLeg(state: DialState, noun: LegNoun, rules: DialRules, nowMs: Millis): DialStep {
  const sid = rules.newCallSid();
  const started = startLeg(sid, noun, nowMs);
  const leg = started.state;
  const earlier = isAlive(leg) ? state.legs.find((each) => rings(each, noun)) : undefined;
  const next: DialState = {
    ...state,
    legs: [...state.legs, leg],
    alongside: earlier === undefined ? state.alongside : new Map(state.alongside).set(sid, earlier.sid),
    ...(isAlive(leg) ? {} : { lastEnded: sid }),
  };
  const outputs: DialOutput[] = [];
  for (const output of started.outputs) {
    // A device rings once: the earlier leg has asked for it already.
    if (earlier === undefined || output.type !== 'findDevices') outputs.push({ type: 'leg', leg, output });
  }
  return { state: next, outputs };
}

/** Whether a leg rings the person that the noun names (D3). */
function rings(leg: LegState, noun: LegNoun): boolean {
  return (
    isAlive(leg) && leg.noun.noun === 'Client' && noun.noun === 'Client' && leg.noun.target === noun.target
  );
}

function stepOneLeg(
  state: DialState,
  sid: CallSid,
  input: LegInput,
  rules: DialRules,
  nowMs: Millis,
): DialStep {
  const before = state.legs.find((leg) => leg.sid === sid);
  if (before === undefined || !isAlive(before)) return stay(state);
  const step = stepLeg(before, input, { ...rules, base: state.base }, nowMs);
  const leg = step.state;
  const next: DialState = {
    ...state,
    legs: state.legs.map((each) => (each.sid === sid ? leg : each)),
    ...(isAlive(leg) ? {} : { lastEnded: sid }),
  };
  let after: DialStep = { state: next, outputs: fromLeg(state, leg, step.outputs) };
  if (before.rangMs === undefined && leg.rangMs !== undefined) {
    after = chain(after, (dial) => tellAlongside(dial, sid, { type: 'ringsAlongside' }, rules, nowMs));
  }
  if (leg.phase.name === 'accepted') return chain(after, (dial) => legAccepted(dial, leg, rules, nowMs));
  if (leg.phase.name !== 'ended') return after;
  const told = endAlongside(leg.phase);
  after = chain(after, (dial) => tellAlongside(dial, sid, told, rules, nowMs));
  return chain(after, (dial) => whenAllGone(dial, rules, nowMs));
}

/** What a leg says, in the dial's words. The caller hears once that it rings, however many do. */
function fromLeg(before: DialState, leg: LegState, outputs: readonly LegOutput[]): readonly DialOutput[] {
  const said: DialOutput[] = [];
  for (const output of outputs) {
    if (output.type === 'rings' && hasRung(before)) continue;
    said.push({ type: 'leg', leg, output });
  }
  return said;
}

/** Whether the caller has been told that it rings. What rang before she was joined, and handed over, does not count. */
function hasRung({ legs, bridgedMs }: DialState): boolean {
  return legs.some((leg) => leg.rangMs !== undefined && (bridgedMs === undefined || isAlive(leg)));
}

function tellAlongside(
  state: DialState,
  sid: CallSid,
  input: LegInput,
  rules: DialRules,
  nowMs: Millis,
): DialStep {
  let step: DialStep = stay(state);
  for (const [second, first] of state.alongside) {
    if (first === sid) step = chain(step, (dial) => stepOneLeg(dial, second, input, rules, nowMs));
  }
  return step;
}

/** How a leg ends that rang alongside one which is over. */
function endAlongside({ reason, wasAnswered }: LegEnd): LegInput {
  if (reason === 'not-registered') return { type: 'devicesFound', contacts: [] };
  // Whoever only rang alongside a person who picked up, and then declined or was lost, was not answered.
  const isLost = wasAnswered && LOST.has(reason);
  return { type: 'cancel', reason: isLost ? 'no-answer' : reason };
}

const LOST: ReadonlySet<EndReason> = new Set(['declined', 'hangup', 'network', 'media']);

/** The race is decided here, in one step: the first accepted leg is joined and all the others end. */
function legAccepted(state: DialState, winner: LegState, rules: DialRules, nowMs: Millis): DialStep {
  const contact = pickedUpBy(winner);
  if (contact === undefined || state.phase.name !== 'ringing') return stay(state);
  const endsAtMs = nowMs + state.verb.timeLimitSeconds * 1000;
  const joined: DialState = {
    ...state,
    waiting: [],
    bridgedMs: state.bridgedMs ?? nowMs,
    phase: { name: 'joined', winner: winner.sid, person: contact.person, endsAtMs },
  };
  const losers = joined.legs.filter((leg) => leg.sid !== winner.sid && isAlive(leg));
  const lost: LegInput = { type: 'cancel', reason: 'answered-elsewhere', elsewhere: contact.person };
  const video = winner.noun.noun === 'Client' && winner.noun.video;
  const step = stepOneLeg(joined, winner.sid, { type: 'join' }, rules, nowMs);
  const told = prefix<DialState, DialOutput>([{ type: 'join', contact, video }], step);
  return chain(
    chain(told, (dial) => withoutAside(dial, 'answered')),
    (dial) => endLegs(dial, losers, () => lost, rules, nowMs),
  );
}

/** Ends the dial for a reason from outside; each leg hears what is true for it. */
function finish(
  state: DialState,
  reasons: { readonly unanswered: EndReason; readonly joined: EndReason },
  rules: DialRules,
  nowMs: Millis,
): DialStep {
  const cancel = (leg: LegState): LegInput => ({
    type: 'cancel',
    reason: leg.phase.name === 'joined' ? reasons.joined : reasons.unanswered,
  });
  return chain(withoutAside({ ...state, waiting: [] }, 'left'), (dial) =>
    endLegs(dial, dial.legs.filter(isAlive), cancel, rules, nowMs),
  );
}

function endLegs(
  state: DialState,
  legs: readonly LegState[],
  input: (leg: LegState) => LegInput,
  rules: DialRules,
  nowMs: Millis,
): DialStep {
  let step: DialStep = stay(state);
  for (const leg of legs) step = chain(step, (dial) => stepOneLeg(dial, leg.sid, input(leg), rules, nowMs));
  return step;
}

/** Ends the dial when no leg is left, or goes on with the next noun. */
function whenAllGone(state: DialState, rules: DialRules, nowMs: Millis): DialStep {
  const { phase } = state;
  if (phase.name === 'ended' || phase.name === 'visiting' || phase.name === 'meeting') return stay(state);
  if (phase.name === 'joined') {
    const leg = state.legs.find((each) => each.sid === phase.winner);
    return leg === undefined || isAlive(leg) ? stay(state) : over(state);
  }
  const outputs: DialOutput[] = [];
  let dial = state;
  while (!dial.legs.some(isAlive)) {
    const [noun, ...waiting] = dial.waiting;
    if (noun === undefined) return prefix(outputs, nobodyCame(dial, nowMs));
    const answerByMs = nowMs + dial.verb.timeoutSeconds * 1000;
    const begun = beginLeg({ ...dial, waiting, phase: { name: 'ringing', answerByMs } }, noun, rules, nowMs);
    outputs.push(...begun.outputs);
    dial = begun.state;
  }
  return { state: dial, outputs };
}

/** A dial that nobody took is over, unless the caller was handed over and may go back. */
function nobodyCame(state: DialState, nowMs: Millis): DialStep {
  if (state.aside === undefined) return over(state);
  return meet(state, state.aside, nowMs, outcomeOf(state).reason);
}

function over(state: DialState): DialStep {
  const outcome = outcomeOf(state);
  return { state: { ...state, phase: { name: 'ended', outcome } }, outputs: [{ type: 'ended', outcome }] };
}
