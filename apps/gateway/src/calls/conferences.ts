import type { CallInput, CallNotice, CallOutput, PartyId } from '@parley/switchboard';

export type EnterConference = Extract<CallOutput, { type: 'enterConference' }>;

/** What somebody is to hear while she waits; null is silence. */
export type MusicOrder = Pick<Extract<CallOutput, { type: 'music' }>, 'leg' | 'party' | 'music'>;

/** A call as a conference sees it whose caller is in it. */
export interface Visitor {
  readonly accountSid: string;
  /** The room of the media plane in which its caller is. */
  readonly room: string;
  /** From now on its caller, and whoever it will ring, is in another one. */
  moveTo(room: string, options?: { readonly layered: boolean }): void;
  feed(input: CallInput): void;
  tell(party: PartyId, notice: CallNotice): void;
  /** Its caller waits, or waits no longer: with the cookies of her call, and for no longer than it lasts. */
  playMusic(order: MusicOrder): void;
}

/** Where callers of different calls meet, as their calls see it. */
export interface Conferences {
  /** Answered by the input `conferenceLeft`, unless the call leaves first. */
  enter(visitor: Visitor, request: EnterConference): void;
  /** Asking twice is fine, also for a party that is in no conference. */
  leave(party: PartyId): void;
  /** What the devices of the others call a party that is in a conference. */
  nameOf(party: PartyId): string | undefined;
}
