import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OwnedMediaPlane } from '@parley/media-mediasoup';
import { createRecorder, type OwnedRecordingPlane } from '@parley/recorder';
import type { GatewayConfig } from './config.ts';
import type { Logger } from './log.ts';

/** A recorder, and where its files are. */
export interface GatewayRecorder extends OwnedRecordingPlane {
  readonly directory: string;
}

/** The recorder of a gateway; without a folder for its files they are in one that goes with it. */
export async function createGatewayRecorder(
  { recordings }: Pick<GatewayConfig, 'recordings'>,
  media: OwnedMediaPlane,
  log: Logger,
): Promise<GatewayRecorder> {
  const { directory: kept, recordingsMax, bytesMax, bytesPerRecordingMax, freeBytesMin } = recordings;
  const directory = kept ?? (await mkdtemp(join(tmpdir(), 'parley-recordings-')));
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
  if (kept !== undefined) return Object.assign(recorder, { directory });
  const dispose = recorder[Symbol.asyncDispose].bind(recorder);
  return Object.assign(recorder, {
    directory,
    async [Symbol.asyncDispose]() {
      await dispose();
      await rm(directory, { recursive: true, force: true });
    },
  });
}
