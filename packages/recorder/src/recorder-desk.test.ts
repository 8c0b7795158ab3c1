import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wholePages } from './ogg.ts';
import { recoverFile } from './recording-file.ts';
import { listen, loudness, onset, Sender, Studio } from './studio.test.kit.ts';

const LEFT_HZ = 440;
const RIGHT_HZ = 1000;

describe('a recording of sound', () => {
  let studio: Studio;
  beforeEach(async () => {
    studio = await Studio.open();
  });
  afterEach(() => studio.close());

  const join2 = (sid: string, ...senders: readonly Sender[]): void => {
    for (const { order } of senders) studio.desk.handle({ type: 'stream', sid, stream: order });
  };

  it('[RG16] has each of two in a channel of their own, as they were encoded', async () => {
    const [left, right] = [new Sender({ hz: LEFT_HZ }), new Sender({ hz: RIGHT_HZ, channel: 1 })];
    studio.begin('RE1', { channels: 2 });
    join2('RE1', left, right);
    await studio.speak(4000, [left, right]);
    const end = await studio.end('RE1');
    expect(end).toMatchObject({ why: 'stopped', durationMs: 4000, isSilent: false });
    expect(end.bytes).toBe((await stat(end.file ?? '')).size);
    const [one, other] = await listen(end.file);
    expect(one?.length).toBe(4000 * 48);
    expect(loudness(one, LEFT_HZ, 1000, 3000)).toBeGreaterThan(0.4);
    expect(loudness(other, RIGHT_HZ, 1000, 3000)).toBeGreaterThan(0.4);
    expect(loudness(one, RIGHT_HZ, 1000, 3000)).toBeLessThan(0.01);
    expect(loudness(other, LEFT_HZ, 1000, 3000)).toBeLessThan(0.01);
  });

  it('[RG19] has two in one channel where it is mono, both as loud as they were', async () => {
    const [left, right] = [new Sender({ hz: LEFT_HZ }), new Sender({ hz: RIGHT_HZ, channel: 1 })];
    studio.begin('RE1');
    join2('RE1', left, right);
    await studio.speak(3000, [left, right]);
    const [mix, ...others] = await listen((await studio.end('RE1')).file);
    expect(others).toEqual([]);
    expect(loudness(mix, LEFT_HZ, 1000, 2500)).toBeGreaterThan(0.35);
    expect(loudness(mix, RIGHT_HZ, 1000, 2500)).toBeGreaterThan(0.35);
  });

  it.each([0.05, 0.2])(
    '[RG26] keeps its length, and each where it was, when %d of the packets are lost',
    async (loss) => {
      for (const channels of [1, 2] as const) {
        const sid = `RE${channels}`;
        const [left, right] = [new Sender({ hz: LEFT_HZ }), new Sender({ hz: RIGHT_HZ, channel: 1 })];
        const quiet = [new Sender(), new Sender({ channel: 1 })] as const;
        studio.begin(sid, { channels });
        join2(sid, ...quiet);
        await studio.speak(2000, quiet, { loss, jitterMs: 60, seed: 7 });
        for (const { order } of quiet) studio.desk.handle({ type: 'streamOver', sid, id: order.id });
        join2(sid, left, right);
        await studio.speak(6000, [left], { loss, jitterMs: 60, seed: 3 });
        await studio.speak(6000, [left, right], { loss, jitterMs: 60, seed: 5 });
        const end = await studio.end(sid);
        expect(Math.abs(end.durationMs - 14_000)).toBeLessThanOrEqual(20);
        const heard = await listen(end.file);
        // Nothing is further from where it was said than the path takes, and a packet or two that were lost.
        expect(Math.abs(onset(heard[0], LEFT_HZ) - 2030)).toBeLessThan(100);
        expect(Math.abs(onset(heard.at(-1), RIGHT_HZ, 100) - 8030)).toBeLessThan(100);
        expect(loudness(heard[0], LEFT_HZ, 4000, 13_500)).toBeGreaterThan(0.2);
      }
    },
  );

  it('[RG33] is idle before the first recording and after the last', async () => {
    expect(studio.desk.isIdle).toBe(true);
    studio.begin('RE1');
    studio.begin('RE2');
    studio.desk.handle({ type: 'end', sid: 'RE1', why: 'stopped' });
    expect(studio.desk.isIdle).toBe(false);
    await studio.end('RE2');
    expect(studio.desk.isIdle).toBe(true);
  });

  it('[RG32] tells how many packets came and how many never did; what was late has come', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1');
    join2('RE1', sender);
    await studio.speak(1000, [sender]);
    await studio.speak(8000, [sender], { loss: 0.1, jitterMs: 400, seed: 11 });
    await studio.speak(1000, [sender]);
    await studio.end('RE1');
    studio.desk.weigh();
    studio.desk.weigh();
    const [told, nothing] = studio.news.filter((each) => each.type === 'sizes');
    // The last one is still on its way.
    expect((told?.packets ?? 0) + (told?.packetsLost ?? 0)).toBe(499);
    expect(told?.packetsLost).toBeGreaterThan(20);
    expect(told?.packetsLost).toBeLessThan(60);
    expect(nothing).toMatchObject({ packets: 0, packetsLost: 0 });
  });

  it('[RG13] repairs what was lost from what the next packet repeats, once much is lost', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1');
    join2('RE1', sender);
    await studio.speak(6000, [sender], { loss: 0.1, seed: 11 });
    const [heard] = await listen((await studio.end('RE1')).file);
    // No hole longer than a concealed packet anywhere after the first seconds.
    for (let atMs = 3000; atMs < 5900; atMs += 20) {
      expect(loudness(heard, LEFT_HZ, atMs, atMs + 60)).toBeGreaterThan(0.1);
    }
  });

  it('[RG13] is as long as the call also while nobody sends anything', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1');
    await studio.pass(3000);
    join2('RE1', sender);
    await studio.speak(1000, [sender]);
    await studio.pass(2000);
    const end = await studio.end('RE1');
    expect(end.durationMs).toBe(6000);
    const [heard] = await listen(end.file);
    expect(Math.abs(onset(heard, LEFT_HZ) - 3030)).toBeLessThan(60);
    expect(loudness(heard, LEFT_HZ, 4300, 6000)).toBeLessThan(0.01);
  });

  it('[RG25] goes on with the streams of new transports, at the right time, however often', async () => {
    studio.begin('RE1');
    for (let round = 0; round < 3; round += 1) {
      const sender = new Sender({ hz: LEFT_HZ });
      join2('RE1', sender);
      await studio.speak(1000, [sender]);
      studio.desk.handle({ type: 'streamOver', sid: 'RE1', id: sender.order.id });
      await studio.pass(1000);
    }
    const end = await studio.end('RE1');
    expect(end.durationMs).toBe(6000);
    const [heard] = await listen(end.file);
    for (const startMs of [0, 2000, 4000]) {
      expect(loudness(heard, LEFT_HZ, startMs + 200, startMs + 1000)).toBeGreaterThan(0.4);
      expect(loudness(heard, LEFT_HZ, startMs + 1200, startMs + 2000)).toBeLessThan(0.05);
    }
  });

  it('[RG31] mixes what a second stream says into the channel of the first, for instance an announcement', async () => {
    const [person, announcement] = [
      new Sender({ hz: LEFT_HZ }),
      new Sender({ hz: RIGHT_HZ, hasLevels: false }),
    ];
    studio.begin('RE1', { channels: 2 });
    join2('RE1', person);
    await studio.speak(2000, [person]);
    join2('RE1', announcement);
    await studio.speak(2000, [person, announcement]);
    studio.desk.handle({ type: 'streamOver', sid: 'RE1', id: announcement.order.id });
    await studio.speak(2000, [person]);
    const [heard, silent] = await listen((await studio.end('RE1')).file);
    expect(loudness(heard, LEFT_HZ, 500, 2000)).toBeGreaterThan(0.4);
    expect(loudness(heard, RIGHT_HZ, 2300, 3900)).toBeGreaterThan(0.35);
    expect(loudness(heard, LEFT_HZ, 2300, 3900)).toBeGreaterThan(0.35);
    expect(loudness(heard, RIGHT_HZ, 4300, 5900)).toBeLessThan(0.02);
    expect(loudness(heard, LEFT_HZ, 4300, 5900)).toBeGreaterThan(0.4);
    expect(loudness(silent, RIGHT_HZ, 0, 6000)).toBeLessThan(0.01);
  });

  it('[RG7] [RG18] ends when nobody has been heard for so long, and not because of noise', async () => {
    const [speaking, noise] = [new Sender({ hz: LEFT_HZ }), new Sender()];
    studio.begin('RE1', { silenceTimeoutMs: 2000 });
    join2('RE1', speaking);
    await studio.speak(3000, [speaking]);
    expect(studio.isOver('RE1')).toBe(false);
    studio.desk.handle({ type: 'streamOver', sid: 'RE1', id: speaking.order.id });
    join2('RE1', noise);
    await studio.speak(1900, [noise]);
    expect(studio.isOver('RE1')).toBe(false);
    await studio.speak(1000, [noise]);
    const end = await studio.ended('RE1');
    expect(end).toMatchObject({ why: 'silence', isSilent: false });
    expect(end.durationMs).toBeGreaterThanOrEqual(5000);
    expect(end.durationMs).toBeLessThan(5500);
  });

  it('[RG7] does not count silence of a pause, and begins anew after it', async () => {
    studio.begin('RE1', { silenceTimeoutMs: 1000 });
    await studio.pass(600);
    studio.desk.handle({ type: 'pause', sid: 'RE1', how: 'silence' });
    await studio.pass(3000);
    studio.desk.handle({ type: 'resume', sid: 'RE1' });
    await studio.pass(700);
    expect(studio.isOver('RE1')).toBe(false);
    await studio.pass(1000);
    expect((await studio.ended('RE1')).why).toBe('silence');
  });

  it('[RG8] has neither the silence before the first sound nor that after the last when it is trimmed', async () => {
    const [speaking, noise] = [new Sender({ hz: LEFT_HZ }), new Sender()];
    studio.begin('RE1', { trim: true });
    join2('RE1', noise);
    await studio.speak(5000, [noise]);
    studio.desk.handle({ type: 'streamOver', sid: 'RE1', id: noise.order.id });
    join2('RE1', speaking);
    await studio.speak(2000, [speaking]);
    await studio.pass(1000);
    await studio.speak(1000, [speaking]);
    await studio.pass(7000);
    const end = await studio.end('RE1');
    // Four seconds with the pause in them, and 300 ms before and after.
    expect(end.durationMs).toBeGreaterThanOrEqual(4000);
    expect(end.durationMs).toBeLessThan(4800);
    const [heard] = await listen(end.file);
    expect(heard?.length).toBe(end.durationMs * 48);
    expect(onset(heard, LEFT_HZ)).toBeLessThan(400);
  });

  it('[RG11] [RG20] is silent during a pause with silence, and lacks what was skipped', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1');
    join2('RE1', sender);
    await studio.speak(2000, [sender]);
    studio.desk.handle({ type: 'pause', sid: 'RE1', how: 'silence' });
    await studio.speak(2000, [sender]);
    studio.desk.handle({ type: 'pause', sid: 'RE1', how: 'skip' });
    await studio.speak(3000, [sender]);
    studio.desk.handle({ type: 'resume', sid: 'RE1' });
    await studio.speak(2000, [sender]);
    const end = await studio.end('RE1');
    expect(end.durationMs).toBe(6000);
    const [heard] = await listen(end.file);
    expect(loudness(heard, LEFT_HZ, 200, 1900)).toBeGreaterThan(0.4);
    expect(loudness(heard, LEFT_HZ, 2100, 3950)).toBeLessThan(0.01);
    expect(loudness(heard, LEFT_HZ, 4200, 5950)).toBeGreaterThan(0.4);
  });

  it('[RG6] is exactly as long as it may be, though it is noticed later', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1', { maxLengthMs: 1500 });
    join2('RE1', sender);
    await studio.speak(3000, [sender]);
    expect(await studio.ended('RE1')).toMatchObject({ why: 'max-length', durationMs: 1500 });
  });

  it('[RG17] is pages that are whole, each with the time when it is over, and the last says so', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1');
    join2('RE1', sender);
    await studio.speak(3100, [sender]);
    const file = await readFile((await studio.end('RE1')).file ?? '');
    const pages = Array.from(wholePages(file));
    expect(pages.at(-1)?.end).toBe(file.length);
    expect(pages.map(({ granule }) => granule / 48)).toEqual([0, 0, 500, 1000, 1500, 2000, 2500, 3000, 3100]);
    const flags = pages.map(({ start }) => file.readUInt8(start + 5));
    expect([flags[0], ...flags.slice(1, -1), flags.at(-1)]).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 4]);
  });

  it('[RG21] loses less than a second to a crash at any moment, and is whole after it', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1');
    join2('RE1', sender);
    for (let moment = 1; moment <= 6; moment += 1) {
      await studio.speak(790, [sender]);
      const part = join(studio.directory, `RE-crash${moment}.ogg.part`);
      await copyFile(join(studio.directory, 'RE1.ogg.part'), part);
      const recovered = await recoverFile(part);
      const said = moment * 800;
      expect(said - recovered.durationMs).toBeLessThan(1000);
      if (recovered.file === null) continue;
      const [heard] = await listen(recovered.file);
      expect(heard?.length).toBe(recovered.durationMs * 48);
    }
    await studio.end('RE1');
    expect((await readdir(studio.directory)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('[RG22] ends when it is as large as it may be, whole and playable', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1', { bytesMax: 10_000 });
    join2('RE1', sender);
    await studio.speak(6000, [sender]);
    const end = await studio.ended('RE1');
    expect(end.why).toBe('disk-full');
    expect(end.durationMs).toBeGreaterThan(1000);
    expect(end.bytes).toBeLessThanOrEqual(10_000);
    const [heard] = await listen(end.file);
    expect(heard?.length).toBe(end.durationMs * 48);
  });

  it('[RG5] takes no notice of packets and orders for what is over', async () => {
    const sender = new Sender({ hz: LEFT_HZ });
    studio.begin('RE1');
    join2('RE1', sender);
    await studio.end('RE1');
    await studio.speak(200, [sender]);
    join2('RE1', sender);
    studio.desk.handle({ type: 'muted', sid: 'RE1', id: sender.order.id, isMuted: false });
    await studio.end('RE1');
    expect(studio.news.filter(({ type }) => type === 'ended')).toHaveLength(1);
  });

  it('[RG2] refuses what cannot be written, with a sentence', async () => {
    studio.begin('RE1', { path: join(studio.directory, 'nowhere', 'RE1.ogg') });
    expect(studio.news).toEqual([
      { type: 'refused', sid: 'RE1', isDiskFull: false, message: expect.stringMatching(/ENOENT/) as string },
    ]);
  });
});
