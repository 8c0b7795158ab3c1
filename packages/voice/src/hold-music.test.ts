import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framesOf, heard, listenTo, lufs, shareAt } from './ear.test.kit.ts';
import { FakeSpeech } from './fake-speech.test.kit.ts';
import { SAMPLE_RATE } from './frame.ts';
import type { Tape } from './tape.ts';
import { createVoice, type Voice } from './voice.ts';

describe('the music of somebody who waits', () => {
  let voice: Voice;
  let tape: Tape;
  let samples: Float32Array;

  beforeAll(async () => {
    voice = createVoice({ speech: new FakeSpeech() });
    tape = voice.holdMusic();
    samples = await listenTo(tape);
  });
  afterAll(() => voice[Symbol.asyncDispose]());

  it('[TN11] lasts more than half a minute, and is made once for everybody', () => {
    expect(tape.durationMs).toBeGreaterThan(30_000);
    expect(tape.durationMs).toBeLessThan(60_000);
    expect(voice.holdMusic()).toBe(tape);
  });

  it('[TN11] is as loud as people are, and nowhere silent for longer than a breath', () => {
    expect(lufs(samples)).toBeGreaterThan(-23);
    expect(lufs(samples)).toBeLessThan(-17);
    const second = SAMPLE_RATE;
    for (let at = 0; at + second <= samples.length; at += second) {
      expect(lufs(samples.subarray(at, at + second))).toBeGreaterThan(-35);
    }
  });

  it('[TN11] is music: notes of C, and other ones in other bars', () => {
    const bar = Math.round(2.4 * SAMPLE_RATE);
    // The second half of each, when the bar before has died away.
    const noteOf = (index: number, hertz: number) =>
      shareAt(samples.subarray((index + 0.5) * bar, (index + 1) * bar), hertz);
    // E of the first bar, F of the third.
    expect(noteOf(0, 329.63)).toBeGreaterThan(3 * noteOf(0, 349.23));
    expect(noteOf(2, 349.23)).toBeGreaterThan(3 * noteOf(2, 329.63));
  });

  it('[TN11] leads back to its beginning: where it is joined nothing jumps', async () => {
    const frames = await framesOf(tape);
    const joint = await heard([...frames.slice(-50), ...frames.slice(0, 50)]);
    const jump = (sound: Float32Array): number =>
      sound.reduce((most, sample, at) => Math.max(most, Math.abs(sample - (sound[at - 1] ?? sample))), 0);
    expect(jump(joint)).toBeLessThanOrEqual(1.5 * jump(samples));
  });
});
