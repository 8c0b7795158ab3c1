import type { CallParams, CallSid, Identity } from '@parley/protocol';
import type { HttpMethod } from '@parley/rcml';
import type { Application, RecordingTerms } from '@parley/switchboard';

/** What REST can do to the calls of this gateway. Whoever hosts calls implements it; a fake serves the tests. */
export interface CallControl {
  /**
   * Rings a client as a call of its own (D26): one leg, direction `outbound-api`, all her devices. Resolves once its row
   * is written, whatever becomes of the call: a client that is not registered is a call that fails, not a refusal.
   */
  create(order: CallOrder): Promise<CallSid | CallRefusal>;
  /**
   * Ends a live leg or gives it another document (D25, D27); resolves once that has happened or begun. The account has
   * been checked and the leg was live a moment ago; one that has ended meanwhile is refused as `ended`.
   */
  modify(accountSid: string, sid: CallSid, change: CallChange): Promise<'done' | CallRefusal>;
  readonly conferences: ConferenceControl;
}

/** A call to be made. */
export interface CallOrder {
  readonly accountSid: string;
  /** Whom the call is said to be from, as written: `client:alice`, a number, a name. */
  readonly from: string;
  readonly to: {
    readonly identity: Identity;
    /** Custom parameters that were written behind the name; they reach the callee like those of a `<Client>`. */
    readonly params: CallParams;
    readonly video: boolean;
  };
  /** Runs on the leg when it is picked up. */
  readonly application: Application;
  /** The application's sid where one was named; it is kept with the call. */
  readonly applicationSid?: string;
  readonly statusCallback?: CallCallback;
  /** How long the client rings. */
  readonly timeoutMs: number;
  /** How long the call may last after pick-up; absent: as long as any call. */
  readonly timeLimitMs?: number;
  /** It is recorded from pick-up on. */
  readonly recorded?: RecordingTerms;
}

/** What a call made by REST may tell, in the words of `<Client statusCallbackEvent>`. */
export type CallEvent = 'initiated' | 'ringing' | 'answered' | 'completed';

/** Where a call's life is to be told. */
export interface CallCallback {
  /** Absolute. */
  readonly url: string;
  readonly method: HttpMethod;
  readonly events: readonly CallEvent[];
}

/** What is to happen to a live leg. */
export type CallChange =
  /** `canceled` ends what is not answered yet; `completed` ends anything (D25, D27). */
  | { readonly type: 'end'; readonly status: 'canceled' | 'completed' }
  /** The leg leaves what it is in and runs another document. */
  | { readonly type: 'document'; readonly application: Application; readonly statusCallback?: CallCallback };

/** Why nothing was done. Never an exception: everybody may ask for too much. */
export interface CallRefusal {
  readonly refused:
    /** The gateway is going out of service (D32). */
    | 'draining'
    /** A ceiling: calls in all. */
    | 'full'
    /** There is no such live leg or conference here any more. */
    | 'ended'
    /** The leg lives, and this cannot be done to it now. */
    | 'wrong-state'
    /** This gateway has no such thing. */
    | 'unsupported';
  /** For people: what is wrong and what would be right. */
  readonly message: string;
}

/** The conferences that are up. */
export interface ConferenceControl {
  /** Everybody leaves and goes on with her document. */
  end(accountSid: string, sid: string): Promise<'done' | CallRefusal>;
  participants(accountSid: string, sid: string): readonly ParticipantFacts[];
  setParticipant(
    accountSid: string,
    sid: string,
    callSid: CallSid,
    change: ParticipantChange,
  ): Promise<'done' | CallRefusal>;
  /** The participant's call leaves the conference and goes on with its document. */
  removeParticipant(accountSid: string, sid: string, callSid: CallSid): Promise<'done' | CallRefusal>;
}

export interface ParticipantFacts {
  readonly callSid: CallSid;
  readonly label: string | undefined;
  readonly isMuted: boolean;
  readonly isOnHold: boolean;
  readonly startsConference: boolean;
  readonly endsConference: boolean;
  readonly joinedAtMs: number;
  readonly updatedAtMs: number;
}

/** What is left out stays. */
export interface ParticipantChange {
  readonly isMuted?: boolean;
  readonly isOnHold?: boolean;
  /** Heard by the participant while on hold. Absolute. */
  readonly holdUrl?: string;
  readonly holdMethod?: HttpMethod;
  readonly endsConference?: boolean;
}
