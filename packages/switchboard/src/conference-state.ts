import type { CallSid, Party } from '@parley/protocol';
import type { CallNotice } from './call-output.ts';
import type { Millis, Step } from './machine.ts';
import type { PartyId } from './media-plane.ts';
import type { Music } from './music.ts';

/**
 * A conference: people of different calls who hear one another.
 *
 *            somebody enters who starts it
 *   waiting ───────────────────────────────► in-progress
 *      │  the last leaves · one leaves who ends it · ended by REST
 *      └────────────────────────────────────────┴──────────────► ended
 *
 * Who hears whom is a fact about the state, not about what happened: in progress, every two participants of whom none is
 * on hold; otherwise nobody. A step says what has become different. A conference has no deadline of its own: everybody in
 * it has the time limit of her dial.
 */
export interface ConferenceState {
  /** As the document wrote it. */
  readonly name: string;
  readonly phase: 'waiting' | 'in-progress' | 'ended';
  /** In the order in which they came. */
  readonly participants: readonly Participant[];
  /** Participants so far: the next one's name. */
  readonly entered: number;
}

/** Who wants to enter, on which terms. */
export interface Entrant {
  readonly callSid: CallSid;
  readonly party: PartyId;
  /** As the others may know her. */
  readonly person: Party;
  /** Whether she sees, and is seen by, others with video. */
  readonly video: boolean;
  readonly isMuted: boolean;
  readonly startsConference: boolean;
  readonly endsConference: boolean;
  /** Whether the others hear when she comes, and when she leaves. */
  readonly beeps: { readonly enter: boolean; readonly exit: boolean };
  /** With how many people in all, herself among them, she may be. */
  readonly participantsMax: number;
  /** What she hears while it waits, and on hold; null is silence. */
  readonly music: Music | null;
}

export interface Participant extends Entrant {
  /** What the others' devices call her. */
  readonly id: string;
  readonly isOnHold: boolean;
  /** Heard while on hold in place of `music`. */
  readonly holdMusic?: Music | null;
  readonly joinedMs: Millis;
  readonly updatedMs: Millis;
}

export type ConferenceInput =
  | { readonly type: 'enter'; readonly entrant: Entrant }
  /** Her call has gone on without it, or is over. */
  | { readonly type: 'leave'; readonly party: PartyId }
  /** REST takes her out; her call goes on. */
  | { readonly type: 'remove'; readonly party: PartyId }
  | { readonly type: 'change'; readonly party: PartyId; readonly change: ParticipantUpdate }
  /** REST, or a gateway that goes out of service, ends it. */
  | { readonly type: 'end' };

/** What is left out stays. */
export interface ParticipantUpdate {
  readonly isMuted?: boolean;
  readonly isOnHold?: boolean;
  readonly endsConference?: boolean;
  readonly holdMusic?: Music | null;
}

/** Why somebody is no longer in a conference. */
export type ConferenceExit =
  /** Her own call said so. */
  | 'left'
  | 'removed'
  | 'ended'
  /** She never was: there were as many as she, or one of them, may be with. */
  | 'full'
  /** The gateway holds no more conferences. */
  | 'overload'
  /** The gateway failed. */
  | 'failed';

export type ConferenceOutput =
  /** She is in. Her media belongs where the others' is, from now on. */
  | { readonly type: 'admitted'; readonly participant: Participant }
  /** The two hear one another, and see one another where `video`. */
  | { readonly type: 'hear'; readonly a: PartyId; readonly b: PartyId; readonly video: boolean }
  | { readonly type: 'part'; readonly a: PartyId; readonly b: PartyId }
  | { readonly type: 'silence'; readonly party: PartyId; readonly isSilenced: boolean }
  | { readonly type: 'music'; readonly party: PartyId; readonly music: Music | null }
  /** She hears that somebody else has come, or left. */
  | { readonly type: 'beep'; readonly party: PartyId; readonly beep: 'enter' | 'exit' }
  | { readonly type: 'tell'; readonly party: PartyId; readonly notice: CallNotice }
  | { readonly type: 'event'; readonly event: ConferenceHappening }
  /** She is out, or never was in; nothing about her follows. */
  | { readonly type: 'out'; readonly callSid: CallSid; readonly party: PartyId; readonly why: ConferenceExit }
  /** Always the last of a conference that anybody was in. */
  | { readonly type: 'ended' };

/** What a conference's status callback may tell. */
export type ConferenceHappening =
  | { readonly name: 'start' }
  | { readonly name: 'end'; readonly why: ConferenceEndCause; readonly by?: CallSid }
  | { readonly name: 'join' | 'leave' | 'mute' | 'hold' | 'modify'; readonly participant: Participant };

export type ConferenceEndCause = 'last-left' | 'ender-left' | 'ended-by-rest';

export type ConferenceStep = Step<ConferenceState, ConferenceOutput>;

/** More than this cannot talk with one another anyway (RCML). */
export const PARTICIPANTS_MAX = 40;

/** Whether two participants hear one another now. */
export function doHear({ phase }: ConferenceState, a: Participant, b: Participant): boolean {
  return phase === 'in-progress' && a.party !== b.party && !a.isOnHold && !b.isOnHold;
}

/** What a participant is to hear in place of the others. */
export function musicFor({ phase }: ConferenceState, participant: Participant): Music | null {
  if (phase === 'waiting') return participant.isOnHold ? holdMusicOf(participant) : participant.music;
  if (phase === 'ended' || !participant.isOnHold) return null;
  return holdMusicOf(participant);
}

function holdMusicOf({ holdMusic, music }: Participant): Music | null {
  return holdMusic === undefined ? music : holdMusic;
}
