import type { MediaPlane } from '@parley/switchboard';

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
  [Symbol.asyncDispose](): Promise<void>;
}
