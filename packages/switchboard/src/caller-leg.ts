import type { Conference } from '@parley/rcml';
import type { CallOutput } from './call-output.ts';
import type { CallState, CallStep } from './call-state.ts';
import { endRecordings } from './call-recordings.ts';
import type { CallStatus } from './call-status.ts';
import { callerAsSeen, endRingback, tell } from './callee-output.ts';
import type { CallerEnd } from './caller-end.ts';
import type { DialOutput } from './dial-state.ts';
import type { Contact } from './leg-state.ts';
import { prefix, stay, type Millis } from './machine.ts';
import { musicAt, type Music } from './music.ts';
import { unfinishedRecording } from './record-verb.ts';
import type { ScriptOutput } from './script-state.ts';
import { abortScript } from './script.ts';
import { callerParams, completedParams, voiceRequest, type FormFields } from './voice-request.ts';

/** The caller and one device hear one another from here on: told and let flow in the same step. */
export function join(state: CallState, contact: Contact, video: boolean, nowMs: Millis): CallStep {
  const { party } = state.facts.caller;
  const joined: readonly CallOutput[] = [
    // In this order, so that she hears one thing after the other and never both.
    ...endRingback(state),
    { type: 'join', a: party, b: contact.party, video },
    tell(party, { type: 'joined', other: contact.person, video }),
    tell(contact.party, { type: 'joined', other: callerAsSeen(state), video }),
  ];
  return prefix(joined, answer(state, [], nowMs));
}

/** The caller goes into a conference, as she may be known there. */
export function enterConference(
  state: CallState,
  { conference, visitId }: Extract<DialOutput, { type: 'enterConference' }>,
): CallOutput {
  const { sid, caller } = state.facts;
  const base = state.dial?.base ?? '';
  return {
    type: 'enterConference',
    visitId,
    name: conference.target ?? '',
    entrant: {
      callSid: sid,
      party: caller.party,
      person: callerAsSeen(state),
      video: conference.video,
      isMuted: conference.muted,
      startsConference: conference.startConferenceOnEnter,
      endsConference: conference.endConferenceOnExit,
      participantsMax: conference.maxParticipants,
      beeps: {
        enter: conference.beep === true || conference.beep === 'onEnter',
        exit: conference.beep === true || conference.beep === 'onExit',
      },
      music: waitingMusic(state, conference, base),
    },
    conference,
    base,
  };
}

/** What she hears until the conference begins, and on hold: the gateway's own, unless her document says otherwise. */
function waitingMusic(state: CallState, conference: Conference, base: string): Music | null {
  const { waitUrl: url, waitMethod: method, at } = conference;
  if (url === undefined) return { type: 'own' };
  return musicAt({ url, base, method, params: callerRequest(state, 'in-progress'), at });
}

export function leaveConference(state: CallState): CallOutput {
  return { type: 'leaveConference', party: state.facts.caller.party };
}

export function answer(state: CallState, first: readonly CallOutput[], nowMs: Millis): CallStep {
  if (state.caller.name !== 'calling') return stay(state);
  const recorded: CallOutput = {
    type: 'record',
    leg: state.facts.sid,
    change: { type: 'answered', atMs: nowMs },
  };
  return {
    state: { ...state, caller: { name: 'answered', answeredMs: nowMs } },
    outputs: [...first, recorded],
  };
}

/** What ends something that the document on her leg had begun: all that a script says when it is ended from outside. */
export function silenced({ facts }: CallState, output: ScriptOutput): readonly CallOutput[] {
  const { sid: leg, caller } = facts;
  switch (output.type) {
    case 'stopPlaying':
    case 'stopListening':
      return [{ ...output, leg, party: caller.party }];
    case 'stopRecording':
      return [output];
    default:
      return [];
  }
}

/** Ends the caller's leg, and with it the call. Her dial is over by now. */
export function endCaller(before: CallState, end: CallerEnd, nowMs: Millis): CallStep {
  const { facts, caller } = before;
  const { sid } = facts;
  const { party } = facts.caller;
  const durationMs = caller.name === 'answered' ? nowMs - caller.answeredMs : 0;
  const aborted = abortScript(before.script);
  const outputs: CallOutput[] = [];
  for (const output of aborted.outputs) {
    outputs.push(...silenced(before, output));
  }
  outputs.push(...endRecordings(before).outputs);
  const { status, reason, by } = end;
  const fault = end.fault === undefined ? {} : { fault: end.fault };
  const told = tell(party, { type: 'ended', callSid: sid, reason, by, durationMs, ...fault });
  outputs.push(
    end.tone === undefined ? told : { ...told, tone: end.tone },
    { type: 'release', party },
    {
      type: 'record',
      leg: sid,
      change: { type: 'ended', status, reason, atMs: nowMs, durationMs, ...fault },
    },
  );
  if (facts.owed !== undefined) {
    const params = completedParams(facts, { status, reason, durationMs }, facts.owed.sequence);
    outputs.push({ type: 'callback', leg: sid, event: 'completed', ...facts.owed, params });
  }
  outputs.push({ type: 'callEnded' });
  return {
    state: { ...before, script: aborted.state, recordings: [], caller: { name: 'ended', end } },
    outputs,
  };
}

/** What the application is told about the caller's leg with every request. */
export function callerRequest(state: CallState, status: CallStatus): FormFields {
  const { facts } = state;
  const wish: FormFields = facts.video ? [['Video', 'true']] : [];
  return [...voiceRequest(facts, status), ...wish, ...callerParams(facts.params)];
}

/** The caller leaves in the middle of a `<Record>`: its action hears of what she said, once that is whole. */
export function askRecorded(state: CallState, status: CallStatus): readonly CallOutput[] {
  const { phase, base } = state.script;
  if (phase.name !== 'recording') return [];
  const { verb } = phase.record;
  const recording = unfinishedRecording(phase.record);
  if (recording === undefined) return [];
  return [
    {
      type: 'askRecorded',
      leg: state.facts.sid,
      recordingSid: recording.sid,
      request: { written: verb.action ?? base, base, method: verb.method, params: [] },
      params: callerRequest(state, status),
    },
  ];
}
