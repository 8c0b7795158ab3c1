import type { Position, Record } from '@parley/rcml';
import { stay, type Millis, type Step } from './machine.ts';
import { notify, type Notification } from './notification.ts';
import { isEmptyRecording, type RecordingName, type RecordingOrder } from './recording-order.ts';
import type { RecordingEnd } from './recording-plane.ts';

/**
 * One `<Record>`: a beep, and then what the person says, until something ends it.
 *
 *             beep over                 finishOnKey
 *   beeping ─────────────► recording ─────────────────► closing
 *                              │  silence · maxLength        │  the file is whole
 *                              └─────────────────────────────┴──────────────► over
 *
 * Nothing is written before the beep is over. `closing` waits until whoever writes has the file whole, so that its
 * length can be told; recording and closing have a deadline each for a writer that never answers.
 */
export interface RecordState {
  readonly verb: Record;
  readonly recording: RecordingName;
  readonly phase: RecordPhase;
  /** The script's numbers of plays, continued here. */
  readonly serial: number;
  readonly deadlineMs: Millis;
}

export type RecordPhase =
  | { readonly name: 'beeping'; readonly playId: number }
  | { readonly name: 'recording' }
  | { readonly name: 'closing'; readonly key: string }
  /** Without an `end`: nothing was said, or nothing could be recorded. */
  | { readonly name: 'over'; readonly key: string; readonly end?: RecordingEnd };

export type RecordInput =
  | { readonly type: 'played'; readonly playId: number }
  | { readonly type: 'digits'; readonly digits: string }
  | { readonly type: 'recordingEnded'; readonly recordingSid: string; readonly end: RecordingEnd }
  | { readonly type: 'clock' };

/** The tone after which a person speaks. */
export interface Beep {
  readonly verb: 'Beep';
  readonly at: Position;
  readonly loop: 1;
}

export type RecordOutput =
  | { readonly type: 'play'; readonly playId: number; readonly prompt: Beep }
  | { readonly type: 'stopPlaying'; readonly playId: number }
  | { readonly type: 'startRecording'; readonly recording: RecordingName; readonly verb: Record }
  | { readonly type: 'stopRecording'; readonly recordingSid: string }
  | Notification;

export type RecordStep = Step<RecordState, RecordOutput>;

/** How long a beep may take to be heard. */
const BEEP_MAX_MS = 5_000;
/** How much longer than `maxLength` a recording is waited for, and how long its file. */
const CLOSING_MAX_MS = 15_000;

/** Begins with the beep, or at once. */
export function startRecord(
  verb: Record,
  before: { readonly recording: RecordingName; readonly serial: number },
  nowMs: Millis,
): RecordStep {
  const { recording, serial } = before;
  if (!verb.playBeep) {
    const silent: RecordState = {
      verb,
      recording,
      serial,
      phase: { name: 'recording' },
      deadlineMs: nowMs,
    };
    return record(silent, nowMs);
  }
  const playId = serial + 1;
  return {
    state: {
      verb,
      recording,
      serial: playId,
      phase: { name: 'beeping', playId },
      deadlineMs: nowMs + BEEP_MAX_MS,
    },
    outputs: [{ type: 'play', playId, prompt: { verb: 'Beep', at: verb.at, loop: 1 } }],
  };
}

/** Pure: the same state, input and time always give the same step. */
export function stepRecord(state: RecordState, input: RecordInput, nowMs: Millis): RecordStep {
  const { phase } = state;
  switch (phase.name) {
    case 'beeping':
      return stepBeeping(state, phase.playId, input, nowMs);
    case 'recording':
    case 'closing':
      return stepWriting(state, phase.name === 'closing' ? phase.key : '', input, nowMs);
    case 'over':
      return stay(state);
  }
}

/** Ends it from outside: what was said is kept. */
export function abandonRecord({ phase, recording }: RecordState): readonly RecordOutput[] {
  switch (phase.name) {
    case 'beeping':
      return [{ type: 'stopPlaying', playId: phase.playId }];
    case 'recording':
      return [{ type: 'stopRecording', recordingSid: recording.sid }];
    case 'closing':
    case 'over':
      return [];
  }
}

/** The recording, once there is one whose end is still to be told. */
export function unfinishedRecording({ phase, recording }: RecordState): RecordingName | undefined {
  return phase.name === 'recording' || phase.name === 'closing' ? recording : undefined;
}

/** What kind of recording a `<Record>` asks for. A picture comes with its sound. */
export function mediaOf({ media }: Record): RecordingOrder['media'] {
  return media === 'audio_only' ? 'audio' : 'audio_video';
}

function stepBeeping(state: RecordState, playId: number, input: RecordInput, nowMs: Millis): RecordStep {
  switch (input.type) {
    case 'played':
      return input.playId === playId ? record(state, nowMs) : stay(state);
    case 'clock': {
      if (nowMs < state.deadlineMs) return stay(state);
      const begun = record(state, nowMs);
      return { state: begun.state, outputs: [{ type: 'stopPlaying', playId }, ...begun.outputs] };
    }
    // Keys pressed before the tone are for nobody.
    case 'digits':
    case 'recordingEnded':
      return stay(state);
  }
}

function stepWriting(state: RecordState, pressed: string, input: RecordInput, nowMs: Millis): RecordStep {
  const { verb, recording, phase } = state;
  switch (input.type) {
    case 'digits': {
      const key = Array.from(input.digits).find((each) => verb.finishOnKey.includes(each));
      if (key === undefined || phase.name === 'closing') return stay(state);
      return close(state, key, nowMs);
    }
    case 'recordingEnded':
      if (input.recordingSid !== recording.sid) return stay(state);
      return stay(over(state, pressed, input.end));
    case 'clock': {
      if (nowMs < state.deadlineMs) return stay(state);
      if (phase.name === 'recording') return close(state, '', nowMs);
      const late = notify('internalFailure', 'the recording was not finished in time', verb.at);
      return { state: { ...state, phase: { name: 'over', key: pressed } }, outputs: [late] };
    }
    case 'played':
      return stay(state);
  }
}

function record(state: RecordState, nowMs: Millis): RecordStep {
  const { verb, recording } = state;
  const deadlineMs = nowMs + verb.maxLengthSeconds * 1000 + CLOSING_MAX_MS;
  return {
    state: { ...state, phase: { name: 'recording' }, deadlineMs },
    outputs: [{ type: 'startRecording', recording, verb }],
  };
}

function close(state: RecordState, key: string, nowMs: Millis): RecordStep {
  return {
    state: { ...state, phase: { name: 'closing', key }, deadlineMs: nowMs + CLOSING_MAX_MS },
    outputs: [{ type: 'stopRecording', recordingSid: state.recording.sid }],
  };
}

function over(state: RecordState, key: string, end: RecordingEnd): RecordState {
  const { verb } = state;
  const isKept = !isEmptyRecording(end, { media: mediaOf(verb), trim: verb.trim === 'trim-silence' });
  return { ...state, phase: { name: 'over', key, ...(isKept ? { end } : {}) } };
}
