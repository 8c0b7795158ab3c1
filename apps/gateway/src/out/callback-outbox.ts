import type { HttpMethod } from '@parley/rcml';
import type { FormParams } from './form-params.ts';

/** One thing to be told to an application. */
export interface CallbackEvent {
  readonly accountSid: string;
  /** What the event is about: the sid of the leg, or of the recording. Events of one stream arrive in order. */
  readonly stream: string;
  /** Counts the events of the stream from 0, without gaps. */
  readonly sequence: number;
  /** Absolute. */
  readonly url: string;
  readonly method: HttpMethod;
  /** Everything that is sent, `SequenceNumber` and `Timestamp` included. */
  readonly params: FormParams;
}

/** What waits, and what became of the rest since the process began. */
export interface OutboxCounts {
  readonly pending: number;
  readonly inFlight: number;
  readonly delivered: number;
  readonly failedAttempts: number;
  readonly dead: number;
  /** Hosts that are not asked for now because they do not answer. */
  readonly openBreakers: number;
}

/** Callbacks that leave whatever happens: written down first, then delivered until somebody has taken them. */
export interface CallbackOutbox {
  /**
   * Writes the event into the transaction of this turn of the event loop, together with whatever else is written in
   * it, and returns at once. An event of the same stream and sequence exists once: a second one is dropped.
   */
  enqueue(event: CallbackEvent): void;
  /** Takes dead events up again, all of them or those of one stream; answers how many. */
  replay(options?: { readonly stream?: string }): number;
  readonly counts: OutboxCounts;
  /** Ends running attempts; what was not taken stays in the table for the next start. */
  close(): Promise<void>;
}
