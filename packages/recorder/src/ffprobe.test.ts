import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recoverFile } from './recording-file.ts';
import { Sender, Studio } from './studio.test.kit.ts';

const run = promisify(execFile);

/** How long a file plays and what it is, and everything that two programs have to say against it. */
async function judge(
  file: string | null,
): Promise<{ readonly durationMs: number; readonly complaints: string }> {
  if (file === null) throw new Error('there is no file');
  const asked = ['-v', 'warning', '-show_entries', 'format=duration', '-of', 'csv=p=0', file];
  const probed = await run('ffprobe', asked);
  const decoded = await run('ffmpeg', ['-v', 'warning', '-i', file, '-f', 'null', '-']);
  return { durationMs: Number(probed.stdout) * 1000, complaints: probed.stderr + decoded.stderr };
}

/** Two programs with a hundred libraries each are loaded for every file. */
const PROGRAMS = { timeout: 60_000 };

describe('ffprobe and ffmpeg', PROGRAMS, () => {
  let studio: Studio;
  beforeEach(async () => {
    studio = await Studio.open();
  });
  afterEach(() => studio.close());

  it.each([
    ['a voice', { channels: 1, media: 'audio', loss: 0 }],
    ['two voices in two channels, with losses', { channels: 2, media: 'audio', loss: 0.05 }],
    ['two voices in one channel, with losses', { channels: 1, media: 'audio', loss: 0.2 }],
    ['two voices in WebM', { channels: 2, media: 'audio_video', loss: 0.01 }],
  ] as const)(
    '[RG17] have no complaint about %s, and know its length',
    async (_, { channels, media, loss }) => {
      const senders = [new Sender({ hz: 440 }), new Sender({ hz: 1000, channel: 1 })];
      studio.begin('RE1', { channels, media });
      for (const { order } of senders) studio.desk.handle({ type: 'stream', sid: 'RE1', stream: order });
      await studio.speak(3000, senders, { loss, seed: 9 });
      await studio.pass(1000);
      const end = await studio.end('RE1');
      const { durationMs, complaints } = await judge(end.file);
      expect(complaints).toBe('');
      expect(Math.abs(durationMs - 4000)).toBeLessThanOrEqual(20);
    },
  );

  it.each(['audio', 'audio_video'] as const)(
    '[RG21] have no complaint about what a crash left of %s',
    async (media) => {
      const sender = new Sender({ hz: 440 });
      studio.begin('RE1', { media });
      studio.desk.handle({ type: 'stream', sid: 'RE1', stream: sender.order });
      await studio.speak(3000, [sender]);
      const extension = media === 'audio' ? 'ogg' : 'webm';
      const part = join(studio.directory, `RE2.${extension}.part`);
      await copyFile(join(studio.directory, `RE1.${extension}.part`), part);
      const { file, durationMs } = await recoverFile(part);
      const judged = await judge(file);
      expect(judged.complaints).toBe('');
      expect(Math.abs(judged.durationMs - durationMs)).toBeLessThanOrEqual(20);
      await studio.end('RE1');
    },
  );
});
