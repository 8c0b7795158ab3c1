import { Census } from './census.ts';
import { settingsOf, type MediasoupPlaneOptions } from './options.ts';
import type { OwnedMediaPlane } from './owned-plane.ts';
import { MediasoupPlane } from './plane.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * Starts the SFU's workers and resolves when every one of them listens. Rejects with a sentence that says what to
 * do when one does not; nothing is left running then.
 */
export async function createMediasoupPlane(options: MediasoupPlaneOptions = {}): Promise<OwnedMediaPlane> {
  const settings = settingsOf(options);
  const census = new Census();
  const pool = new WorkerPool(settings, census);
  await pool.start();
  return new MediasoupPlane(settings, pool, census);
}
