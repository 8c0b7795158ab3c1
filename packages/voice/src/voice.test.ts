import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesOf, listenTo, shareAt, sineWav } from './ear.test.kit.ts';
import { FakeSpeech } from './fake-speech.test.kit.ts';
import { FRAME_MS } from './frame.ts';
import type { Remark, SpeechOrder } from './speech.ts';
import type { Tape } from './tape.ts';
import { createVoice, type Voice } from './voice.ts';

const FIRST = 'This is the first sentence of three.';
const SECOND = 'This is the second one, and longer.';
const TEXT = `${FIRST} ${SECOND} And this one is the last.`;

describe('a voice', () => {
  let speech: FakeSpeech;
  let voice: Voice;
  let remarks: Remark[];

  beforeEach(() => {
    speech = new FakeSpeech();
    voice = createVoice({ speech });
    remarks = [];
  });
  afterEach(() => voice[Symbol.asyncDispose]());

  const say = (text: string, more: Partial<SpeechOrder> = {}): AsyncGenerator<Tape, void, void> =>
    voice.say({ text, voice: 'man', language: 'en', ...more }, (remark) => remarks.push(remark));
  const tapesOf = async (text: string, more: Partial<SpeechOrder> = {}): Promise<Tape[]> => {
    const tapes: Tape[] = [];
    for await (const tape of say(text, more)) tapes.push(tape);
    await Promise.all(tapes.map(framesOf));
    return tapes;
  };

  it('[VO1] speaks a text sentence by sentence, and one ahead of the one that is heard', async () => {
    const saying = say(TEXT);
    await saying.next();
    expect(speech.spoken.length).toBeLessThanOrEqual(2);
    await saying.next();
    await saying.next();
    expect((await saying.next()).done).toBe(true);
    expect(speech.spoken.map(({ text }) => text)).toEqual([FIRST, SECOND, 'And this one is the last.']);
  });

  it('[VO1] keeps the length and the pitch of what the engine spoke', async () => {
    const [tape] = await tapesOf(FIRST);
    expect(tape!.durationMs).toBeGreaterThanOrEqual(10 * FIRST.length);
    expect(tape!.durationMs).toBeLessThan(10 * FIRST.length + 4 * FRAME_MS);
    expect(shareAt(await listenTo(tape!), 300)).toBeGreaterThan(0.9);
  });

  it('[VO15] makes each sentence once, for whichever text it is in', async () => {
    await tapesOf(TEXT);
    const again = await tapesOf(`${SECOND} ${FIRST}`);
    expect(speech.spoken).toHaveLength(3);
    expect(again).toHaveLength(2);
    expect(voice.counts).toMatchObject({ cache: { tapes: 3, hits: 2, misses: 3 }, recordings: 0 });
  });

  it('[VO15] makes a sentence once for all who ask at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => tapesOf(FIRST)));
    expect(speech.spoken).toHaveLength(1);
  });

  it('[VO15] makes it again in another voice or language', async () => {
    await tapesOf(FIRST);
    await tapesOf(FIRST, { voice: 'woman' });
    await tapesOf(FIRST, { language: 'de' });
    expect(speech.spoken).toHaveLength(3);
  });

  it('[VO15] keeps no more than it may, and forgets first what was heard longest ago', async () => {
    const small = createVoice({ speech, cacheBytesMax: 12_000 });
    const sounds = [400, 500, 600, 700].map((frequencyHz) => sineWav({ frequencyHz, ms: 600, rate: 8000 }));
    const keys: string[] = [];
    for (const bytes of sounds) {
      const { key, tape } = small.sound(bytes);
      keys.push(key);
      await framesOf(tape);
      if (keys.length > 1) small.keptSound(keys[0]!);
    }
    expect(small.counts.cache.bytes).toBeLessThanOrEqual(12_000);
    expect(small.keptSound(keys[0]!)).toBeDefined();
    expect(small.keptSound(keys[3]!)).toBeDefined();
    expect(small.keptSound(keys[1]!)).toBeUndefined();
    await small[Symbol.asyncDispose]();
  });

  it('[VO2] passes on what the engine remarks', async () => {
    await tapesOf(FIRST, { voice: 'nobody' });
    expect(remarks).toEqual([{ about: 'voice', message: 'nobody is spoken by somebody' }]);
  });

  it('[VO5] speaks tags as one piece, and says which mean nothing', async () => {
    const ssml = `<p>${FIRST} ${SECOND}</p> <audio src="/etc/passwd"/><voice name="x">x</voice>`;
    await tapesOf(`${FIRST} ${SECOND} x`, { ssml });
    expect(speech.spoken).toMatchObject([{ ssml }]);
    expect(remarks).toMatchObject([{ about: 'ssml', message: expect.stringContaining('<audio>, <voice>') }]);
  });

  it('[VO5] speaks the words alone where the engine knows no tags, and says so', async () => {
    speech.tags = 'none';
    await tapesOf(FIRST, { ssml: `<p>${FIRST}</p>` });
    expect(speech.spoken).toEqual([{ text: FIRST, voice: 'man', language: 'en' }]);
    expect(remarks).toMatchObject([{ about: 'ssml' }]);
  });

  it('[VO6] says why it cannot go on, and tries again the next time', async () => {
    speech.cannotSay = SECOND;
    const saying = say(TEXT);
    await framesOf((await saying.next()).value!);
    const { value: second } = await saying.next();
    await expect(framesOf(second!)).rejects.toThrow('it stutters');
    speech.cannotSay = '';
    expect(await tapesOf(SECOND)).toHaveLength(1);
  });

  it('[VO1] says nothing of a text without words', async () => {
    expect(await tapesOf(' \n\t ')).toEqual([]);
  });

  it('[VO11] plays keys as the tones of a keypad, and waits where it is told to', async () => {
    const tape = voice.keys('5wx#')!;
    const samples = await listenTo(tape);
    const key = (fromMs: number): Float32Array => samples.subarray(fromMs * 48, (fromMs + 100) * 48);
    expect(shareAt(key(15), 770) + shareAt(key(15), 1336)).toBeGreaterThan(0.9);
    expect(shareAt(key(715), 941) + shareAt(key(715), 1477)).toBeGreaterThan(0.9);
    expect(tape.durationMs).toBeGreaterThanOrEqual(900);
    expect(voice.keys('xyz')).toBeUndefined();
  });

  it('[VO18] makes so many at a time, and refuses more', async () => {
    await voice[Symbol.asyncDispose]();
    voice = createVoice({ speech, recordingsMax: 1 });
    const first = voice.sound(sineWav({ frequencyHz: 400, ms: 60_000, rate: 8000 }));
    await new Promise((resolve) => setImmediate(resolve));
    const second = voice.sound(sineWav({ frequencyHz: 500, ms: 100, rate: 8000 }));
    await expect(framesOf(second.tape)).rejects.toMatchObject({ fault: 'too-busy' });
    expect((await framesOf(first.tape)).length).toBeGreaterThan(2900);
  });

  it('[VO18] lets a short prompt through while a long one is made', async () => {
    const long = voice.sound(sineWav({ frequencyHz: 400, ms: 300_000, rate: 16_000 }));
    await framesOf(voice.sound(sineWav({ frequencyHz: 500, ms: 200, rate: 8000 })).tape);
    expect(long.tape.isWhole).toBe(false);
  });

  it('[VO18] tells who listens when it is closed', async () => {
    const { tape } = voice.sound(sineWav({ frequencyHz: 400, ms: 60_000, rate: 8000 }));
    await new Promise((resolve) => setImmediate(resolve));
    await voice[Symbol.asyncDispose]();
    await expect(framesOf(tape)).rejects.toMatchObject({ fault: 'closed' });
  });

  it('[VO9] cuts a sound off where it becomes too long', async () => {
    await voice[Symbol.asyncDispose]();
    voice = createVoice({ speech, soundMsMax: 1000 });
    const { tape } = voice.sound(sineWav({ frequencyHz: 400, ms: 5000, rate: 8000 }));
    await framesOf(tape);
    expect(tape.durationMs).toBe(1000 + FRAME_MS);
  });
});
