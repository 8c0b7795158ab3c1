import type { CallSid } from '@parley/protocol';
import type { HttpMethod } from '@parley/rcml';
import type { Made } from '@parley/switchboard';
import type { CallRefusal } from './call-control.ts';

/** What REST can say to the devices of a live leg, and hear of them. Whoever hosts calls implements it. */
export interface MessageControl {
  /**
   * Tells the devices of a leg something, once for each key. A leg that is over is refused as `ended`; one of which no
   * device has heard yet, as `wrong-state`.
   */
  tell(leg: CallSid, message: ApplicationMessage): Made | CallRefusal;
  /** From now on, until the leg ends, what its devices say is told at this address; once for each key. */
  subscribe(leg: CallSid, order: SubscriptionOrder): Made | CallRefusal;
  /** False where the leg has no such subscription, or is over. */
  unsubscribe(leg: CallSid, sid: string): boolean;
}

export interface ApplicationMessage {
  /** JSON. */
  readonly content: string;
  readonly idempotencyKey?: string;
}

export interface SubscriptionOrder {
  /** Absolute. */
  readonly url: string;
  readonly method: HttpMethod;
  readonly idempotencyKey?: string;
}
