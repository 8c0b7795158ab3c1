import type { MediaPlane, PartyId } from '@parley/switchboard';
import type { Announcement } from './announcer.ts';
import type { PacingReport } from './pacer.ts';
import type { Tap, TapOptions } from './tap.ts';

/** How the SFU is, for a health page and for deciding whether to take another call. */
export interface MediaHealth {
  readonly workersWanted: number;
  readonly workersAlive: number;
  /** How often a worker has been started again since the plane was created. */
  readonly workerRestarts: number;
}

/** What one worker used of its core since it was last asked, 0 to 1. Ask at most once a second. */
export interface WorkerUsage {
  readonly pid: number;
  readonly cpu: number;
  readonly parties: number;
}

/** A media plane with worker processes behind it, which must be disposed of. */
export interface OwnedMediaPlane extends MediaPlane, AsyncDisposable {
  readonly health: MediaHealth;
  /** Leaves out a worker that dies while it is asked. */
  workerUsage(): Promise<readonly WorkerUsage[]>;
  /**
   * Plays Opus frames to one party, also to one that is joined with nobody; what was being played to it is over. `onOver`
   * is told once, when the last frame has been sent or the party is gone, never in the same turn.
   */
  announce(party: PartyId, onOver: () => void): Announcement;
  /** Copies what a party sends to a port of this machine, until either is closed; undefined where there is no such party. */
  tap(party: PartyId, options: TapOptions): Tap | undefined;
  /** How punctual announcements were since this was last asked; undefined where there were none. */
  pacing(): Promise<PacingReport | undefined>;
  [Symbol.asyncDispose](): Promise<void>;
}
