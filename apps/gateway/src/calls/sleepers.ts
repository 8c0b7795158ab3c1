import type { CallSid } from '@parley/protocol';

/** What somebody is to be told whose page is closed. */
export interface SleepingRing {
  readonly accountSid: string;
  readonly identity: string;
  /** The leg, which is what the person's device will know the call as. */
  readonly callSid: CallSid;
  readonly from: string;
  readonly video: boolean;
}

/** How it ended for those who were told. */
export type RingOver = 'answered' | 'missed';

export type OnDeclined = (how: { readonly isLast: boolean }) => void;

/** Reaches people who have no page open. */
export interface Sleepers {
  /**
   * Tells every device of theirs that it rings. Returns what tells them that it does not any more; undefined when no
   * device of this name can be reached. Never throws. `onDeclined` is told, until then, whenever a device declines;
   * `isLast`: no other that was reached has still to say anything.
   */
  ring(ring: SleepingRing, onDeclined: OnDeclined): ((over: RingOver) => void) | undefined;
  /** How long whoever was told may take to open a page, where nobody else is registered under the name. */
  readonly waitMs: number;
}

/** Where nobody can be reached who is not here. */
export const NO_SLEEPERS: Sleepers = { ring: () => undefined, waitMs: 0 };
