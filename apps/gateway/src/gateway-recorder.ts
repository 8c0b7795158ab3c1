import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OwnedMediaPlane } from '@parley/media-mediasoup';
import { createRecorder, type OwnedRecordingPlane } from '@parley/recorder';
import type { GatewayConfig } from './config.ts';
import type { Logger } from './log.ts';
import { lockFile } from './store/file-lock.ts';

/** A recorder, and where its files are. */
export interface GatewayRecorder extends OwnedRecordingPlane {
  readonly directory: string;
}

/**
 * The recorder of a gateway; without a folder for its files they are in one that goes with it. Rejects where another
 * gateway has the folder: each would take what the other is just recording for what a crash left behind.
 */
export async function createGatewayRecorder(
  { recordings }: Pick<GatewayConfig, 'recordings'>,
  media: OwnedMediaPlane,
  log: Logger,
): Promise<GatewayRecorder> {
  const { directory: kept, recordingsMax, bytesMax, bytesPerRecordingMax, freeBytesMin } = recordings;
  const directory = kept ?? (await mkdtemp(join(tmpdir(), 'parley-recordings-')));
  await using opened = new AsyncDisposableStack();
  if (kept === undefined) opened.defer(() => rm(directory, { recursive: true, force: true }));
  else opened.use(await lockDirectory(kept));
  const recorder = await createRecorder({
    recordingsMax,
    bytesMax,
    bytesPerRecordingMax,
    freeBytesMin,
    directory,
    media,
    log: (level, message, { sid, ...facts }) =>
      log[level](sid === undefined ? facts : { ...facts, recordingSid: sid }, message),
  });
  const owned = opened.move();
  const dispose = recorder[Symbol.asyncDispose].bind(recorder);
  return Object.assign(recorder, {
    directory,
    async [Symbol.asyncDispose]() {
      await dispose();
      await owned.disposeAsync();
    },
  });
}

async function lockDirectory(directory: string): Promise<Disposable> {
  // What people said is nobody else's.
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return lockFile(
    join(directory, '.gateway.lock'),
    `Another gateway keeps its recordings in ${directory}. Give this one a folder of its own with PARLEY_RECORDINGS, or end the other.`,
  );
}
