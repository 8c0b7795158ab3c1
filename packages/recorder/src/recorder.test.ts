import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { partyId, type RecordingEnd, type RecordingOptions } from '@parley/switchboard';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRecorder } from './create.ts';
import type { OwnedRecordingPlane, RecorderOptions } from './options.ts';
import type { MediaTapOptions, TappedMedia } from './tapped-media.ts';

const ALICE = partyId('alice', 'call');

/** An SFU in which everybody is, and sends nothing. */
class SilentMedia implements TappedMedia {
  readonly taps = new Set<MediaTapOptions>();

  tap(_party: unknown, options: MediaTapOptions) {
    this.taps.add(options);
    return {
      ready: Promise.resolve(),
      requestKeyFrame: () => {},
      close: () => void this.taps.delete(options),
    };
  }
}

describe('a recorder', () => {
  let directory: string;
  let media: SilentMedia;
  let recorder: OwnedRecordingPlane | undefined;
  let ends: RecordingEnd[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-recorder-'));
    media = new SilentMedia();
    ends = [];
  });
  afterEach(async () => {
    await recorder?.[Symbol.asyncDispose]();
    recorder = undefined;
    await rm(directory, { recursive: true });
  });

  const create = async (options: Partial<RecorderOptions> = {}): Promise<OwnedRecordingPlane> => {
    recorder = await createRecorder({ directory, media, threads: 1, freeBytesMin: 0, ...options });
    return recorder;
  };
  const order = (recordingSid: string, options: Partial<RecordingOptions> = {}): RecordingOptions => ({
    recordingSid,
    parties: [{ party: ALICE, channel: 0 }],
    channels: 1,
    media: 'audio',
    trim: false,
    maxLengthMs: 60_000,
    withAnnouncements: false,
    onEnded: (end) => ends.push(end),
    ...options,
  });
  const ended = (): Promise<RecordingEnd> =>
    vi.waitFor(
      () => {
        const [end] = ends;
        if (end === undefined) throw new Error('no recording is over');
        return end;
      },
      { timeout: 10_000, interval: 10 },
    );

  it('[RG24] keeps what was written when the thread that records dies, and records the next on another', async () => {
    const plane = await create();
    await plane.start(order('RE1'));
    await sleep(1500);
    await plane.killThreads();
    const end = await ended();
    expect(end.why).toBe('failed');
    expect(end.file).toBe(join(directory, 'RE1.ogg'));
    expect(end.durationMs).toBeGreaterThanOrEqual(500);
    expect(media.taps.size).toBe(0);
    await plane.start(order('RE2'));
    await sleep(100);
    plane.stop('RE2');
    await vi.waitFor(() => expect(ends.map(({ why }) => why)).toEqual(['failed', 'stopped']), {
      timeout: 5000,
    });
    expect(plane.recordingCounts).toMatchObject({ inProgress: 0, taps: 0 });
  });

  it('[RG21] makes whole at its beginning what an earlier one left, and says so', async () => {
    const first = await create();
    await first.start(order('RE1'));
    await first.start(order('RE2', { media: 'audio_video' }));
    await sleep(1500);
    for (const name of ['RE1.ogg', 'RE2.webm']) {
      // As if the process had been killed: what is there is taken away from who wrote it.
      await rename(join(directory, `${name}.part`), join(directory, `${name}.kept`));
    }
    await first[Symbol.asyncDispose]().catch(() => {});
    for (const name of await readdir(directory)) {
      if (!name.endsWith('.kept')) await rm(join(directory, name));
      else await rename(join(directory, name), join(directory, name.replace('.kept', '.part')));
    }
    await writeFile(join(directory, 'RE2.webm.muxed'), 'half');
    await writeFile(join(directory, 'RE3.ogg.part'), 'nothing of worth');
    await writeFile(join(directory, 'somebody else’s.part'), 'not ours');
    const { recovered } = await create();
    const found = Object.fromEntries(recovered.map((each) => [each.recordingSid, each]));
    expect(found['RE1']?.file).toBe(join(directory, 'RE1.ogg'));
    expect(found['RE2']?.file).toBe(join(directory, 'RE2.webm'));
    expect(found['RE1']?.durationMs).toBeGreaterThanOrEqual(500);
    expect(found['RE3']).toMatchObject({ file: null, durationMs: 0 });
    expect((await readdir(directory)).toSorted()).toEqual(['RE1.ogg', 'RE2.webm', 'somebody else’s.part']);
  });

  it('[RG23] refuses where recordings take as much as they may, and takes the next when some are gone', async () => {
    await writeFile(join(directory, 'RE0.ogg'), Buffer.alloc(5000));
    const plane = await create({ bytesMax: 5000 });
    expect(plane.recordingCounts.bytes).toBe(5000);
    await expect(plane.start(order('RE1'))).rejects.toMatchObject({ code: 'disk-full' });
    expect(media.taps.size).toBe(0);
    plane.forget('RE0');
    await plane.start(order('RE1'));
    expect(plane.recordingCounts.inProgress).toBe(1);
  });

  it('[RG23] refuses where too little of the disk is free', async () => {
    const plane = await create({ freeBytesMin: Number.MAX_SAFE_INTEGER });
    await expect(plane.start(order('RE1'))).rejects.toMatchObject({ code: 'disk-full' });
  });

  it('[RG23] ends what is in progress when all together have become too large, and keeps it', async () => {
    const plane = await create({ bytesMax: 500 });
    await plane.start(order('RE1'));
    const end = await ended();
    expect(end.why).toBe('disk-full');
    expect(end.bytes).toBe((await stat(end.file ?? '')).size);
  });

  it('[RG1] ends everything whole when the gateway ends, and lets nobody read it but its owner', async () => {
    const plane = await create();
    await plane.start(order('RE1'));
    await sleep(300);
    await plane[Symbol.asyncDispose]();
    expect(ends).toMatchObject([{ why: 'stopped' }]);
    const file = join(directory, 'RE1.ogg');
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    await expect(plane.start(order('RE2'))).rejects.toMatchObject({ code: 'failed' });
  });

  it('[RG2] refuses a name that would be a path, and limits that cannot be meant', async () => {
    const plane = await create();
    await expect(plane.start(order('../RE1'))).rejects.toMatchObject({ code: 'failed' });
    await expect(createRecorder({ directory, media, recordingsMax: 0 })).rejects.toThrow(/recordingsMax/);
  });

  it('[RG1] goes on when whoever is told of an end throws', async () => {
    const said: string[] = [];
    const plane = await create({ log: (_level, message) => said.push(message) });
    await plane.start(
      order('RE1', {
        onEnded: () => {
          throw new Error('whoever listens is broken');
        },
      }),
    );
    plane.stop('RE1');
    await vi.waitFor(() => expect(said).toContain('the end of a recording could not be told'), {
      timeout: 5000,
    });
    expect(plane.recordingCounts.inProgress).toBe(0);
  });
});
