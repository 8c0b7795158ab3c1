import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recoverFile } from './recording-file.ts';
import { Camera, Sender, Studio } from './studio.test.kit.ts';

interface Shown {
  /** The number its maker gave it. */
  readonly number: number;
  readonly atMs: number;
  readonly isKeyFrame: boolean;
}

/** What is in a file, read by a library. */
async function watch(file: string | null): Promise<{
  readonly durationMs: number;
  readonly pictures: readonly Shown[];
  readonly sounds: number;
  readonly size: readonly [number, number] | undefined;
}> {
  if (file === null) throw new Error('there is no file');
  using input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  const video = await input.getPrimaryVideoTrack();
  const audio = await input.getPrimaryAudioTrack();
  const pictures: Shown[] = [];
  if (video !== null) {
    for await (const { data, timestamp, type } of new EncodedPacketSink(video).packets()) {
      const number = Buffer.from(data).readUInt32BE(type === 'key' ? 10 : 3);
      pictures.push({ number, atMs: timestamp * 1000, isKeyFrame: type === 'key' });
    }
  }
  let sounds = 0;
  if (audio !== null) for await (const _ of new EncodedPacketSink(audio).packets()) sounds += 1;
  const durationMs = (await input.computeDuration()) * 1000;
  const size = video === null ? undefined : ([video.codedWidth, video.codedHeight] as const);
  return { durationMs, pictures, sounds, size };
}

describe('a recording with pictures', () => {
  let studio: Studio;
  let [alice, bob] = [new Sender(), new Sender()];
  let [hers, his] = [new Camera({ party: 'alice' }), new Camera({ party: 'bob' })];
  beforeEach(async () => {
    studio = await Studio.open();
    alice = new Sender({ hz: 440, party: 'alice' });
    bob = new Sender({ hz: 1000, party: 'bob', channel: 1 });
    hers = new Camera({ party: 'alice' });
    his = new Camera({ party: 'bob', channel: 1 });
  });
  afterEach(() => studio.close());

  const begin = (options: Parameters<Studio['begin']>[1] = {}): void => {
    studio.begin('RE1', { media: 'audio_video', channels: 2, ...options });
    for (const { order } of [alice, bob, hers, his]) {
      studio.desk.handle({ type: 'stream', sid: 'RE1', stream: order });
    }
  };
  const film = (ms: number, cameras: readonly Camera[] = [hers, his], loss = 0): Promise<void> =>
    studio.speak(ms, [alice, bob], { loss, seed: 4 }, cameras);
  const muted = (camera: Camera, isMuted: boolean): void =>
    studio.desk.handle({ type: 'muted', sid: 'RE1', id: camera.order.id, isMuted });

  it('[RG27] shows the picture of channel 0 from its first that stands alone, with everybody’s sound', async () => {
    begin();
    await film(4000);
    const end = await studio.end('RE1');
    expect(end).toMatchObject({ durationMs: 4000, isSilent: false });
    const { pictures, sounds, durationMs, size } = await watch(end.file);
    expect(sounds).toBe(200);
    expect(Math.abs(durationMs - 4000)).toBeLessThanOrEqual(40);
    expect(size).toEqual([640, 360]);
    expect(pictures[0]?.isKeyFrame).toBe(true);
    expect(pictures.map(({ number }) => number)).toEqual(
      Array.from({ length: pictures.length }, (_, index) => index + (pictures[0]?.number ?? 0)),
    );
    expect(pictures.length).toBeGreaterThan(85);
    // The journal is gone.
    expect(await readdir(studio.directory)).toEqual(['RE1.webm']);
  });

  it('[RG28] puts pictures where their sender says they were taken, also before it has said so', async () => {
    begin();
    await film(3000);
    studio.report('RE1', alice, hers);
    await film(3000);
    const end = await studio.end('RE1');
    const { pictures } = await watch(end.file);
    // Sounds are heard 30 ms after they were said; pictures came 150 ms after they were taken.
    for (const { number, atMs } of pictures)
      expect(Math.abs(atMs - (number * 40 + 30))).toBeLessThanOrEqual(25);
  });

  it('[RG28] places pictures by their arrival where their sender says nothing, or nonsense', async () => {
    begin();
    await film(2000);
    studio.desk.handle({ type: 'report', sid: 'RE1', id: hers.order.id, ntpMs: 12, rtpTimestamp: 77 });
    studio.report('RE1', alice);
    await film(2000);
    const { pictures } = await watch((await studio.end('RE1')).file);
    for (const { number, atMs } of pictures)
      expect(Math.abs(atMs - (number * 40 + 150))).toBeLessThanOrEqual(25);
  });

  it('[RG27] asks for a picture that stands alone every six seconds, and at once after a loss', async () => {
    begin();
    await film(20_000, [hers]);
    const asked = studio.news.filter(({ type }) => type === 'keyFrame').length;
    expect(asked).toBeGreaterThanOrEqual(4);
    expect(asked).toBeLessThanOrEqual(6);
    await film(10_000, [hers], 0.02);
    const { pictures } = await watch((await studio.end('RE1')).file);
    expect(studio.news.filter(({ type }) => type === 'keyFrame').length).toBeGreaterThan(asked + 5);
    // Whatever is shown after a hole stands alone.
    for (const [index, { number, isKeyFrame }] of pictures.entries()) {
      const before = pictures[index - 1];
      if (before !== undefined && number !== before.number + 1) expect(isKeyFrame).toBe(true);
    }
    expect(pictures.length).toBeGreaterThan(550);
  });

  it('[RG29] shows the other while the first shows nothing, and a screen before a camera', async () => {
    begin();
    const screen = new Camera({ party: 'alice', origin: 'screen' });
    screen.sent = 20_000;
    his.sent = 10_000;
    await film(2000);
    muted(hers, true);
    await film(2000, [his]);
    muted(hers, false);
    await film(2000);
    studio.desk.handle({ type: 'stream', sid: 'RE1', stream: screen.order });
    await film(2000, [hers, his, screen]);
    studio.desk.handle({ type: 'streamOver', sid: 'RE1', id: screen.order.id });
    await film(2000);
    const { pictures } = await watch((await studio.end('RE1')).file);
    const whose = pictures.map(({ number }) => Math.floor(number / 10_000));
    const turns = whose.filter((who, index) => who !== whose[index - 1]);
    expect(turns).toEqual([0, 1, 0, 2, 0]);
    for (const [index, who] of whose.entries()) {
      if (who !== whose[index - 1]) expect(pictures[index]?.isKeyFrame).toBe(true);
    }
  });

  it('[RG20] leaves out the pictures of a pause, and goes on with one that stands alone, in step', async () => {
    begin();
    await film(3000);
    studio.desk.handle({ type: 'pause', sid: 'RE1', how: 'skip' });
    await film(4000);
    studio.desk.handle({ type: 'resume', sid: 'RE1' });
    await film(3000);
    const end = await studio.end('RE1');
    expect(end.durationMs).toBe(6000);
    const { pictures } = await watch(end.file);
    const after = pictures.filter(({ number }) => number >= 175);
    expect(pictures.filter(({ number }) => number > 80 && number < 170)).toEqual([]);
    expect(after[0]?.isKeyFrame).toBe(true);
    for (const { number, atMs } of after) {
      expect(Math.abs(atMs - (number * 40 + 150 - 4000))).toBeLessThanOrEqual(25);
    }
  });

  it('[RG8] is trimmed with its pictures', async () => {
    const silent = new Sender({ party: 'alice' });
    studio.begin('RE1', { media: 'audio_video', trim: true });
    for (const { order } of [silent, hers]) studio.desk.handle({ type: 'stream', sid: 'RE1', stream: order });
    await studio.speak(4000, [silent], {}, [hers]);
    studio.desk.handle({ type: 'streamOver', sid: 'RE1', id: silent.order.id });
    studio.desk.handle({ type: 'stream', sid: 'RE1', stream: alice.order });
    await studio.speak(2000, [alice], {}, [hers]);
    studio.desk.handle({ type: 'streamOver', sid: 'RE1', id: alice.order.id });
    await studio.speak(4000, [], {}, [hers]);
    const end = await studio.end('RE1');
    expect(end.durationMs).toBeGreaterThanOrEqual(2000);
    expect(end.durationMs).toBeLessThan(2800);
    const { pictures, durationMs } = await watch(end.file);
    expect(Math.abs(durationMs - end.durationMs)).toBeLessThanOrEqual(60);
    expect(pictures[0]).toMatchObject({ atMs: 0, isKeyFrame: true });
    // The first that was taken after its beginning depends on those before it, which go by in a blink.
    const taken = pictures.filter(({ number }) => number > 100);
    expect(taken.length).toBeGreaterThan(50);
    const [first] = taken;
    for (const { number, atMs } of taken) {
      expect(Math.abs(atMs - (first?.atMs ?? 0) - (number - (first?.number ?? 0)) * 40)).toBeLessThanOrEqual(
        40,
      );
    }
    expect(pictures.at(-1)?.atMs).toBeLessThan(end.durationMs);
  });

  it('[RG27] has sound alone where nobody shows anything', async () => {
    begin();
    await studio.speak(1000, [alice, bob]);
    const { pictures, sounds, size } = await watch((await studio.end('RE1')).file);
    expect({ pictures, sounds, size }).toEqual({ pictures: [], sounds: 50, size: undefined });
  });

  it('[RG21] is whole again after a crash, in the middle of an entry too', async () => {
    begin();
    await film(3000);
    studio.report('RE1', alice, hers);
    await film(1000);
    const part = join(studio.directory, 'RE2.webm.part');
    await copyFile(join(studio.directory, 'RE1.webm.part'), part);
    const torn = join(studio.directory, 'RE3.webm.part');
    const whole = await readFile(part);
    await writeFile(torn, Buffer.concat([whole, whole.subarray(-700, -40)]));
    // What a crash while putting it together would leave.
    await writeFile(join(studio.directory, 'RE2.webm.muxed'), 'half');
    for (const each of [part, torn]) {
      const recovered = await recoverFile(each);
      expect(4000 - recovered.durationMs).toBeLessThan(1000);
      const { pictures, sounds } = await watch(recovered.file);
      expect(sounds * 20).toBe(recovered.durationMs);
      for (const { number, atMs } of pictures)
        expect(Math.abs(atMs - (number * 40 + 30))).toBeLessThanOrEqual(25);
      expect(pictures.length).toBeGreaterThan(70);
    }
    await studio.end('RE1');
  });
});
