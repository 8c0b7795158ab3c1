import { mkdir } from 'node:fs/promises';
import { DiskGuard } from './disk-guard.ts';
import { settingsOf, type OwnedRecordingPlane, type RecorderOptions } from './options.ts';
import { Recorder } from './recorder.ts';

/**
 * Starts a recorder, and resolves when everything an earlier run left behind is whole. Rejects where the directory cannot
 * be made or read; nothing is left running then.
 */
export async function createRecorder(options: RecorderOptions): Promise<OwnedRecordingPlane> {
  const settings = settingsOf(options);
  // What people said is nobody else's.
  await mkdir(settings.directory, { recursive: true, mode: 0o700 });
  const guard = new DiskGuard(settings);
  const recorder = new Recorder(settings, guard);
  try {
    await recorder.recover();
    await guard.look();
  } catch (error) {
    await recorder[Symbol.asyncDispose]();
    throw error;
  }
  return recorder;
}
