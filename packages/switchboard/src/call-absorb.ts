import type { CallOutput } from './call-output.ts';
import { recordJoined, recordParted, recordRinging, startVerb, withRecording } from './call-recordings.ts';
import { callStatus, type CallRules, type CallState, type CallStep } from './call-state.ts';
import { endRingback, fromLeg, legViewOf, tell } from './callee-output.ts';
import { answer, callerRequest, enterConference, join, leaveConference } from './caller-leg.ts';
import type { DialOutcome, DialOutput, DialStep } from './dial-state.ts';
import type { Millis } from './machine.ts';
import { notify } from './notification.ts';
import type { ScriptOutput } from './script-state.ts';
import type { FormFields } from './voice-request.ts';

/** Takes what the dial says. A dial that is over is no longer the call's. */
export function absorbDial(
  before: CallState,
  step: DialStep,
  rules: CallRules,
  nowMs: Millis,
): CallStep & { readonly outcome?: DialOutcome } {
  const outputs: CallOutput[] = [];
  let state: CallState = { ...before, dial: step.state };
  const take = (taken: CallStep): void => {
    outputs.push(...taken.outputs);
    state = taken.state;
  };
  for (const output of step.outputs) {
    switch (output.type) {
      case 'leg':
        outputs.push(...fromLeg(legViewOf(state, output.leg), output.leg, output.output));
        if (output.output.type === 'rings') take(recordRinging(state, rules, nowMs));
        break;
      case 'join': {
        const { contact, video } = output;
        take(join(state, contact, video, nowMs));
        take(recordJoined(state, { other: contact.party, video }, rules, nowMs));
        break;
      }
      case 'enterConference':
        outputs.push(enterConference(state, output), ...unrecorded(state));
        break;
      case 'leaveConference':
        outputs.push(leaveConference(state));
        break;
      case 'enterTransfer':
        // It rang, and nobody came: what she heard of that is over.
        if (output.failed !== undefined) outputs.push(...endRingback(state));
        outputs.push({ ...output, caller: state.facts.caller });
        break;
      case 'leaveTransfer':
        outputs.push(output);
        break;
      case 'notify':
        outputs.push({ ...output, leg: state.facts.sid });
        break;
      case 'ended': {
        const parted = recordParted(state);
        take(parted);
        const outcome = withRecording(output.outcome, parted.ofDial);
        const { party } = state.facts.caller;
        // Who was handed over, and whom nobody took, was joined before, and is not any more.
        const wasJoined = outcome.bridged && before.dial?.phase.name !== 'ringing';
        if (!wasJoined) outputs.push(...endRingback(state));
        // Of her time in a conference the conference itself tells her.
        if (wasJoined && !outcome.isConference) outputs.push(tell(party, { type: 'parted' }));
        // Whoever was answered before hears ringing no more, though nobody came.
        if (!wasJoined && state.caller.name === 'answered') {
          outputs.push(tell(party, { type: 'answered' }));
        }
        return { state: { ...state, dial: null, lastDial: outcome }, outputs, outcome };
      }
    }
  }
  return { state, outputs };
}

/** What a dial that the caller leaves says, as far as it is about others. */
export function fromLeftDial(state: CallState, output: DialOutput): readonly CallOutput[] {
  if (output.type === 'leg') return fromLeg(legViewOf(state, output.leg), output.leg, output.output);
  if (output.type === 'ended') return endRingback(state);
  if (output.type === 'leaveTransfer') return [output];
  return output.type === 'leaveConference' ? [leaveConference(state)] : [];
}

/** A dial around a conference is not recorded, and its author should know. */
function unrecorded({ facts, dial }: CallState): readonly CallOutput[] {
  if (dial === null || dial.verb.record === 'do-not-record') return [];
  const message =
    'record of a <Dial> means nothing around a <Conference>: write record="record-from-start" on the conference';
  return [{ ...notify('oddity', message, dial.verb.at), leg: facts.sid }];
}

/** What the caller's own document says, in the words of the shell. */
export function fromOwnScript(
  state: CallState,
  output: Exclude<ScriptOutput, { type: 'dial' }>,
  nowMs: Millis,
): CallStep {
  const { sid, caller } = state.facts;
  switch (output.type) {
    case 'answer':
      return answer(state, [tell(caller.party, { type: 'answered' })], nowMs);
    case 'fetch': {
      const { fetchId, request } = output;
      const params: FormFields = [...callerRequest(state, callStatus(state)), ...request.params];
      return { state, outputs: [{ type: 'fetch', leg: sid, fetchId, request, params }] };
    }
    case 'play':
    case 'stopPlaying':
    case 'listen':
    case 'stopListening':
      return { state, outputs: [{ ...output, leg: sid, party: caller.party }] };
    case 'tellApplication': {
      const params: FormFields = [...callerRequest(state, callStatus(state)), ...output.request.params];
      return { state, outputs: [{ type: 'ask', request: output.request, params }] };
    }
    case 'startRecording':
      return { state, outputs: [startVerb(sid, caller.party, output)] };
    case 'stopRecording':
      return { state, outputs: [output] };
    case 'notify':
      return { state, outputs: [{ ...output, leg: sid }] };
  }
}
