import type { CallSid } from '@parley/protocol';
import type { Dial } from '@parley/rcml';
import type { CallOutput } from './call-output.ts';
import type { CallRules, CallState, CallStep } from './call-state.ts';
import type { DialOutcome } from './dial-state.ts';
import { stay, type Millis } from './machine.ts';
import type { PartyId } from './media-plane.ts';
import type { RecordingName, RecordingTerms } from './recording-order.ts';
import type { RecordedParty } from './recording-plane.ts';
import { mediaOf } from './record-verb.ts';
import type { ScriptOutput } from './script-state.ts';

/** A recording of what is said between the people of a call, beside its documents. */
export interface CallRecording {
  readonly recording: RecordingName;
  /** The leg that was asked to be recorded. */
  readonly leg: CallSid;
  readonly channels: 1 | 2;
  readonly track: RecordingTerms['track'];
  /** A dial's own, and one of a dialled leg, end with the dial; any other with the call. */
  readonly endsWith: 'dial' | 'call';
  /** Whom the caller is joined with, where that is recorded. */
  readonly other?: PartyId;
}

/** What can be recorded at once of one call: a mistake in a loop of somebody's must not fill the disk. */
const RECORDINGS_MAX = 8;

/** A dial that is recorded `from-ringing` begins to be when the first device rings. */
export function recordRinging(state: CallState, rules: CallRules, nowMs: Millis): CallStep {
  const { dial } = state;
  if (dial === null || !dial.verb.record.startsWith('record-from-ringing')) return stay(state);
  if (state.recordings.some(({ endsWith }) => endsWith === 'dial')) return stay(state);
  return start(state, { ...dialOrder(state, dial.verb, dial.base), recording: rules.newRecording() }, nowMs);
}

/** The caller is joined with somebody: she comes into what is recorded, and a dial may begin to be. */
export function recordJoined(
  state: CallState,
  { other, video }: { readonly other: PartyId; readonly video: boolean },
  rules: CallRules,
  nowMs: Millis,
): CallStep {
  const outputs: CallOutput[] = [];
  const recordings = state.recordings.map((each): CallRecording => {
    if (each.track === 'inbound') return each;
    outputs.push({
      type: 'addToRecording',
      recordingSid: each.recording.sid,
      party: { party: other, channel: each.channels === 2 ? 1 : 0 },
    });
    return { ...each, other };
  });
  const { dial } = state;
  const joined: CallState = { ...state, recordings };
  if (dial === null || !dial.verb.record.startsWith('record-from-answer')) return { state: joined, outputs };
  const recording = rules.newRecording();
  const begun = start(joined, { ...dialOrder(joined, dial.verb, dial.base, video), recording, other }, nowMs);
  return { state: begun.state, outputs: [...outputs, ...begun.outputs] };
}

/** The caller's dial is over: its recordings end, from the others whoever was joined leaves. */
export function recordParted(state: CallState): CallStep & { readonly ofDial?: RecordingName } {
  const outputs: CallOutput[] = [];
  const recordings: CallRecording[] = [];
  let ofDial: RecordingName | undefined;
  for (const each of state.recordings) {
    const { recording, other, endsWith } = each;
    if (endsWith === 'dial') {
      outputs.push({ type: 'stopRecording', recordingSid: recording.sid });
      if (each.leg === state.facts.sid) ofDial = recording;
      continue;
    }
    const { other: _, ...rest } = each;
    recordings.push(rest);
    if (other !== undefined) {
      outputs.push({ type: 'removeFromRecording', recordingSid: recording.sid, party: other });
    }
  }
  const step = { state: { ...state, recordings }, outputs };
  return ofDial === undefined ? step : { ...step, ofDial };
}

/** The call is over, and so is everything that is recorded of it. */
export function endRecordings(state: CallState): CallStep {
  return {
    state: { ...state, recordings: [] },
    outputs: state.recordings.map(({ recording }) => ({
      type: 'stopRecording',
      recordingSid: recording.sid,
    })),
  };
}

/** How a dial ended, with what was recorded of it. */
export function withRecording(outcome: DialOutcome, recording: RecordingName | undefined): DialOutcome {
  return recording === undefined ? outcome : { ...outcome, recording };
}

/** Whoever writes a recording has ended it. Undefined: it is none of the call's own. */
export function forgetRecording(state: CallState, recordingSid: string): CallState | undefined {
  const recordings = state.recordings.filter(({ recording }) => recording.sid !== recordingSid);
  return recordings.length === state.recordings.length ? undefined : { ...state, recordings };
}

/** A leg of the call is recorded from the outside, for as long as it lasts. What is not answered yet cannot be. */
export function recordLeg(
  state: CallState,
  leg: CallSid,
  recording: RecordingName,
  terms: RecordingTerms,
  nowMs: Millis,
): CallStep {
  const { caller, facts, dial } = state;
  if (caller.name !== 'answered' || state.recordings.length >= RECORDINGS_MAX) return stay(state);
  const joined = dial?.legs.find((each) => each.phase.name === 'joined');
  const callee = joined?.phase.name === 'joined' ? joined.phase.contact.party : undefined;
  const isJoinedWithVideo = joined?.noun.noun === 'Client' && joined.noun.video;
  const media = facts.video || isJoinedWithVideo ? 'audio_video' : 'audio';
  const order = { ...terms, recording, media } as const;
  if (leg === facts.sid) {
    const own = facts.caller.party;
    return start(state, { ...order, leg, own, endsWith: 'call', ...andOther(callee) }, nowMs);
  }
  if (callee === undefined || joined?.sid !== leg) return stay(state);
  const { party: other } = facts.caller;
  return start(state, { ...order, leg, own: callee, endsWith: 'dial', other }, nowMs);
}

/** A `<Record>` in a document that runs on a leg: only the one whose leg it is. */
export function startVerb(
  leg: CallSid,
  party: PartyId,
  { recording, verb, base }: Extract<ScriptOutput, { type: 'startRecording' }>,
): CallOutput {
  return {
    type: 'startRecording',
    leg,
    recording,
    order: {
      source: 'RecordVerb',
      parties: [{ party, channel: 0 }],
      channels: 1,
      media: mediaOf(verb),
      trim: verb.trim === 'trim-silence',
      maxLengthMs: verb.maxLengthSeconds * 1000,
      silenceTimeoutMs: verb.timeoutSeconds * 1000,
      withAnnouncements: false,
      reports: verb,
      base,
    },
  };
}

interface Start extends RecordingTerms {
  readonly recording: RecordingName;
  readonly leg: CallSid;
  /** Whose leg it is; on the first channel. */
  readonly own: PartyId;
  readonly other?: PartyId;
  readonly media: 'audio' | 'audio_video';
  readonly endsWith: CallRecording['endsWith'];
}

function start(state: CallState, what: Start, nowMs: Millis): CallStep {
  const { recording, leg, own, other, channels, track, media, endsWith, source, trim, reports, base } = what;
  const isBoth = track === 'both';
  const parties: RecordedParty[] = [{ party: own, channel: 0 }];
  if (isBoth && other !== undefined) parties.push({ party: other, channel: channels === 2 ? 1 : 0 });
  // What the caller is joined with; of a dialled leg's recording it is the caller, who does not leave before it ends.
  const leaves = isBoth && leg === state.facts.sid && other !== undefined ? { other } : {};
  const begun: CallRecording = { recording, leg, channels, track, endsWith, ...leaves };
  return {
    state: { ...state, recordings: [...state.recordings, begun] },
    outputs: [
      {
        type: 'startRecording',
        leg,
        recording,
        order: {
          source,
          parties,
          channels,
          media,
          trim,
          maxLengthMs: state.endsByMs - nowMs,
          withAnnouncements: isBoth,
          reports,
          base,
        },
      },
    ],
  };
}

function dialOrder(
  { facts }: CallState,
  verb: Dial,
  base: string,
  isVideo: boolean = verb.nouns.some((noun) => noun.noun === 'Client' && noun.video),
): Omit<Start, 'recording'> {
  return {
    source: 'DialVerb',
    leg: facts.sid,
    own: facts.caller.party,
    channels: verb.record.endsWith('-dual') ? 2 : 1,
    track: 'both',
    trim: verb.trim === 'trim-silence',
    media: isVideo ? 'audio_video' : 'audio',
    endsWith: 'dial',
    reports: verb,
    base,
  };
}

function andOther(other: PartyId | undefined): { readonly other?: PartyId } {
  return other === undefined ? {} : { other };
}
