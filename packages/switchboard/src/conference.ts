import type { CallSid } from '@parley/protocol';
import {
  PARTICIPANTS_MAX,
  type ConferenceEndCause,
  type ConferenceExit,
  type ConferenceInput,
  type ConferenceOutput,
  type ConferenceState,
  type ConferenceStep,
  type Entrant,
  type Participant,
  type ParticipantUpdate,
} from './conference-state.ts';
import { difference } from './conference-difference.ts';
import { prefix, stay, type Millis } from './machine.ts';
import type { PartyId } from './media-plane.ts';

/** A conference that nobody is in yet. */
export function openConference(name: string): ConferenceState {
  return { name, phase: 'waiting', participants: [], entered: 0 };
}

/** Pure: the same state, input and time always give the same step. */
export function stepConference(
  state: ConferenceState,
  input: ConferenceInput,
  nowMs: Millis,
): ConferenceStep {
  if (state.phase === 'ended') {
    // Whoever comes in the moment when it ends is not left to wait.
    return input.type === 'enter' ? refused(state, input.entrant, 'ended') : stay(state);
  }
  switch (input.type) {
    case 'enter':
      return enter(state, input.entrant, nowMs);
    case 'leave':
      return leave(state, input.party, 'left');
    case 'remove':
      return leave(state, input.party, 'removed');
    case 'change':
      return change(state, input.party, input.change, nowMs);
    case 'end':
      return end(state, { why: 'ended-by-rest' });
  }
}

function enter(state: ConferenceState, entrant: Entrant, nowMs: Millis): ConferenceStep {
  const { participants, phase, entered } = state;
  if (participants.some(({ party }) => party === entrant.party)) return stay(state);
  const bounds = [PARTICIPANTS_MAX, entrant.participantsMax, ...participants.map((p) => p.participantsMax)];
  if (participants.length >= Math.min(...bounds)) return refused(state, entrant, 'full');
  const participant: Participant = {
    ...entrant,
    id: String(entered + 1),
    isOnHold: false,
    joinedMs: nowMs,
    updatedMs: nowMs,
  };
  const isStarted = phase === 'waiting' && entrant.startsConference;
  const after: ConferenceState = {
    ...state,
    phase: isStarted ? 'in-progress' : phase,
    participants: [...participants, participant],
    entered: entered + 1,
  };
  const outputs: ConferenceOutput[] = [
    { type: 'admitted', participant },
    { type: 'event', event: { name: 'join', participant } },
  ];
  if (isStarted) outputs.push({ type: 'event', event: { name: 'start' } });
  const beeps = entrant.beeps.enter ? beepTo(after, participant, 'enter') : [];
  return prefix(outputs, { state: after, outputs: [...difference(state, after), ...beeps] });
}

/** Those who hear one another hear it; who waits, or is on hold, goes on hearing music. She herself hears that she is in. */
function beepTo(
  state: ConferenceState,
  about: Participant,
  beep: 'enter' | 'exit',
): readonly ConferenceOutput[] {
  if (state.phase !== 'in-progress') return [];
  return state.participants.flatMap(({ party, isOnHold }) =>
    party === about.party || isOnHold ? [] : [{ type: 'beep', party, beep } as const],
  );
}

function refused(state: ConferenceState, { callSid, party }: Entrant, why: ConferenceExit): ConferenceStep {
  return { state, outputs: [{ type: 'out', callSid, party, why }] };
}

function leave(state: ConferenceState, party: PartyId, why: ConferenceExit): ConferenceStep {
  const leaver = state.participants.find((each) => each.party === party);
  if (leaver === undefined) return stay(state);
  const after: ConferenceState = {
    ...state,
    participants: state.participants.filter((each) => each !== leaver),
  };
  const isLast = leaver.endsConference || after.participants.length === 0;
  const beeps = leaver.beeps.exit && !isLast ? beepTo(after, leaver, 'exit') : [];
  const step: ConferenceStep = {
    state: after,
    outputs: [...difference(state, after), ...beeps, ...out(leaver, why)],
  };
  if (leaver.endsConference) return andEnd(step, { why: 'ender-left', by: leaver.callSid });
  return after.participants.length === 0 ? andEnd(step, { why: 'last-left', by: leaver.callSid }) : step;
}

function andEnd(step: ConferenceStep, cause: EndCause): ConferenceStep {
  return prefix(step.outputs, end(step.state, cause));
}

interface EndCause {
  readonly why: ConferenceEndCause;
  readonly by?: CallSid;
}

/** Everybody leaves in the same step, so that an ended conference holds nothing. */
function end(state: ConferenceState, cause: EndCause): ConferenceStep {
  const after: ConferenceState = { ...state, phase: 'ended', participants: [] };
  return {
    state: after,
    outputs: [
      ...difference(state, after),
      ...state.participants.flatMap((each) => out(each, 'ended')),
      { type: 'event', event: { name: 'end', ...cause } },
      { type: 'ended' },
    ],
  };
}

function out(participant: Participant, why: ConferenceExit): readonly ConferenceOutput[] {
  const { callSid, party } = participant;
  return [
    { type: 'event', event: { name: 'leave', participant } },
    { type: 'out', callSid, party, why },
  ];
}

function change(
  state: ConferenceState,
  party: PartyId,
  update: ParticipantUpdate,
  nowMs: Millis,
): ConferenceStep {
  const before = state.participants.find((each) => each.party === party);
  if (before === undefined) return stay(state);
  const participant: Participant = { ...before, ...update, updatedMs: nowMs };
  const after: ConferenceState = {
    ...state,
    participants: state.participants.map((each) => (each === before ? participant : each)),
  };
  const outputs: ConferenceOutput[] = [];
  const happened = (name: 'mute' | 'hold' | 'modify'): void =>
    void outputs.push({ type: 'event', event: { name, participant } });
  if (participant.isMuted !== before.isMuted) happened('mute');
  if (participant.isOnHold !== before.isOnHold) happened('hold');
  if (participant.endsConference !== before.endsConference) happened('modify');
  return prefix(outputs, { state: after, outputs: difference(state, after) });
}
