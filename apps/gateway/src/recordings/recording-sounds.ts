import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { notifications } from '@parley/rcml';
import type { Voice } from '@parley/voice';
import type { ShelvedSound, SoundShelf } from '../calls/sound-shelf.ts';
import { SOUND_BYTES_MAX } from '../out/sound-client.ts';
import type { Recordings } from '../store/recordings.ts';
import type { RecordingHost } from './recording-host.ts';
import { isRecordingLinkGood } from './recording-link.ts';
import type { RecordingShelf } from './recording-shelf.ts';
import type { RecordingUrls } from './recording-urls.ts';

export interface RecordingSoundsOptions {
  readonly sounds: SoundShelf;
  readonly voice: Pick<Voice, 'sound'>;
  readonly urls: RecordingUrls;
  readonly table: Pick<Recordings, 'find'>;
  readonly shelf: Pick<RecordingShelf, 'fileOf'>;
  readonly recordings: Pick<RecordingHost, 'settled'>;
  readonly tokenOf: (accountSid: string) => string | undefined;
  readonly nowMs: () => number;
}

/**
 * Sounds by their URLs, where a link to one of our own recordings is read from the disk: the gateway asks its own doors for
 * nothing (D21). One that is just being made whole is waited for, so that a document may play what it was told of.
 */
export function withRecordings(options: RecordingSoundsOptions): SoundShelf {
  const { sounds, urls } = options;
  return {
    async find(url) {
      const meant = urls.recordingAt(url);
      return meant === undefined ? sounds.find(url) : findRecording(meant, new URL(url), options);
    },
  };
}

async function findRecording(
  meant: { readonly accountSid: string; readonly recordingSid: string },
  url: URL,
  { voice, table, shelf, recordings, tokenOf, nowMs }: RecordingSoundsOptions,
): Promise<ShelvedSound> {
  const { accountSid, recordingSid } = meant;
  const expires = url.searchParams.get('Expires') ?? '';
  const [signature = ''] = url.searchParams.get('Signature')?.split('.', 1) ?? [];
  const authToken = tokenOf(accountSid);
  const isGood =
    authToken !== undefined && isRecordingLinkGood(authToken, { ...meant, expires, signature }, nowMs());
  if (!isGood) return unavailable('the link to the recording is not right, or has expired');
  await recordings.settled(recordingSid);
  const recording = table.find(accountSid, recordingSid);
  const file = recording === undefined ? undefined : shelf.fileOf(recording);
  if (file === undefined) return unavailable(`there is nothing to be heard of ${recordingSid}`);
  if (extname(file) !== '.ogg')
    return unavailable('a recording with a picture is for browsers, not for <Play>');
  try {
    if ((await stat(file)).size > SOUND_BYTES_MAX)
      return unavailable('the recording is too long to be played');
    return { ok: true, tape: voice.sound(await readFile(file)).tape };
  } catch {
    return unavailable(`the recording ${recordingSid} cannot be read`);
  }
}

function unavailable(message: string): ShelvedSound {
  return { ok: false, code: notifications.soundUnavailable.code, message };
}
