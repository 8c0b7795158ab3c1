import type { EndReason } from '@parley/protocol';
import type { Conference, Noun } from '@parley/rcml';
import type { ConferenceExit } from './conference-state.ts';
import type { DialInput, DialOutcome, DialOutput, DialPhase, DialState, DialStep } from './dial-state.ts';
import { prefix, stay, type Millis } from './machine.ts';
import { notify } from './notification.ts';

/** The part of a dial that is spent in a conference: nobody rings. */
export type Visit = Extract<DialPhase, { name: 'visiting' }>;

/** A conference that can be entered: its noun names a room. */
export function isRoom(noun: Noun): noun is Conference & { readonly target: string } {
  return noun.noun === 'Conference' && noun.target !== null && noun.refused === undefined;
}

/** Enters; answered by `conferenceLeft` when it is over, unless it is left before. */
export function startVisit(
  state: DialState,
  conference: Conference,
  visitId: number,
  nowMs: Millis,
): DialStep {
  const endsAtMs = nowMs + state.verb.timeLimitSeconds * 1000;
  const phase: Visit = { name: 'visiting', conference, visitId, beganMs: nowMs, endsAtMs };
  return { state: { ...state, phase }, outputs: [{ type: 'enterConference', conference, visitId }] };
}

export function stepVisit(state: DialState, visit: Visit, input: DialInput, nowMs: Millis): DialStep {
  switch (input.type) {
    case 'callerLeft':
      return leave(state, visit, 'remote-hangup', nowMs);
    case 'terminate':
      return leave(state, visit, input.reason, nowMs);
    case 'clock':
      return nowMs >= visit.endsAtMs ? leave(state, visit, 'time-limit', nowMs) : stay(state);
    case 'conferenceLeft':
      return input.visitId === visit.visitId ? shownOut(state, visit, input.why, nowMs) : stay(state);
    // Nobody rings.
    case 'leg':
    case 'device':
    // Who is in a conference cannot be handed over.
    case 'reseat':
    case 'transferOver':
      return stay(state);
  }
}

function leave(state: DialState, visit: Visit, reason: EndReason, nowMs: Millis): DialStep {
  return prefix<DialState, DialOutput>(
    [{ type: 'leaveConference' }],
    over(state, { status: 'completed', reason, bridged: true, durationMs: nowMs - visit.beganMs }),
  );
}

/** The conference is over for her, or never began. */
function shownOut(state: DialState, visit: Visit, why: ConferenceExit, nowMs: Millis): DialStep {
  const durationMs = nowMs - visit.beganMs;
  const was = { status: 'completed', bridged: true, durationMs } as const;
  const never = { bridged: false, durationMs: 0 } as const;
  const { target, at } = visit.conference;
  switch (why) {
    // For her it is as if the other had hung up.
    case 'left':
    case 'ended':
      return over(state, { ...was, reason: 'hangup' });
    case 'removed':
      return over(state, { ...was, reason: 'replaced' });
    case 'full': {
      const said = notify('conferenceFull', `the conference "${target}" is full`, at);
      return prefix<DialState, DialOutput>([said], over(state, { ...never, status: 'busy', reason: 'busy' }));
    }
    case 'overload': {
      const said = notify('conferenceFull', 'the gateway holds as many conferences as it may', at);
      return prefix<DialState, DialOutput>(
        [said],
        over(state, { ...never, status: 'failed', reason: 'overload' }),
      );
    }
    case 'failed':
      return over(state, { ...never, status: 'failed', reason: 'server' });
  }
}

function over(
  state: DialState,
  how: Pick<DialOutcome, 'status' | 'reason' | 'bridged' | 'durationMs'>,
): DialStep {
  const outcome: DialOutcome = { ...how, ringMs: 0, isConference: true };
  return { state: { ...state, phase: { name: 'ended', outcome } }, outputs: [{ type: 'ended', outcome }] };
}
