import type { Announcement } from '@parley/media-mediasoup';
import type { Play, Say } from '@parley/rcml';
import { partyId } from '@parley/switchboard';
import { createVoice, VoiceError, type Speech, type Voice } from '@parley/voice';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Loop } from '../src/calls/announcer.ts';
import { createSoundShelf } from '../src/calls/sound-shelf.ts';
import { createVoiceAnnouncer } from '../src/calls/voice-announcer.ts';
import { heard, powerOf, shareAt } from './ear.ts';
import type { FetchedSound, SoundValidators } from '../src/out/sound-client.ts';

const AT = { line: 1, column: 1 };
const SAY: Say = { verb: 'Say', at: AT, text: 'Hello.', voice: 'man', language: 'en', loop: 1 };
const PLAY: Play = { verb: 'Play', at: AT, url: 'a.wav', loop: 1 };
/** A thread is started for each test, on a machine that may be busy. */
const WAIT = { timeout: 15_000 };
const BASE = 'https://example.com/voice/start';

/** A second of silence, as a WAV file. */
function wav(ms = 100): Uint8Array {
  const bytes = Buffer.alloc(44 + ms * 16);
  bytes.write('RIFF....WAVEfmt ', 'latin1');
  [16, 0x0001_0001, 8000, 16_000, 0x0010_0002].forEach((word, i) => bytes.writeUInt32LE(word, 16 + i * 4));
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(ms * 16, 40);
  return bytes;
}

/** The media plane's part, which takes everything at once and says that it is over when it is told so. */
class FakeEar implements Announcement {
  frames = 0;
  readonly taken: Uint8Array[] = [];
  isEnded = false;
  isStopped = false;
  /** Frames beyond which it wants no more. */
  framesMax = Infinity;
  readonly #onOver: () => void;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }
  push(frames: readonly Uint8Array[]): Promise<void> {
    this.frames += frames.length;
    this.taken.push(...frames);
    return this.frames < this.framesMax || this.isStopped ? Promise.resolve() : new Promise(() => {});
  }
  end(): void {
    this.isEnded = true;
    setImmediate(this.#onOver);
  }
  stop(): void {
    this.isStopped = true;
  }
}

describe('the announcer', () => {
  let speech: Speech;
  let voice: Voice;
  let ears: FakeEar[];
  let complaints: [number, string][];
  let asked: [string, SoundValidators | undefined][];
  let answer: (url: string) => Promise<FetchedSound>;
  let nowMs: number;
  let framesMax: number;

  beforeEach(() => {
    ears = [];
    complaints = [];
    asked = [];
    nowMs = 0;
    framesMax = Infinity;
    answer = async () => ({ type: 'sound', bytes: wav(), validators: { etag: '"1"' }, freshMs: 0 });
    speech = {
      plan: async () => ({ key: 'x', remarks: [], language: 'en', tags: 'safe' }),
      speak: async () => ({ sound: wav() }),
    };
    voice = createVoice({
      speech: { plan: (wanted) => speech.plan(wanted), speak: (order, plan) => speech.speak(order, plan) },
    });
    sounds = createSoundShelf({
      voice,
      client: {
        fetchSound: (url, validators) => {
          asked.push([url, validators]);
          return answer(url);
        },
      },
      nowMs: () => nowMs,
    });
  });
  let sounds: ReturnType<typeof createSoundShelf>;
  afterEach(() => voice[Symbol.asyncDispose]());

  const announcer = () =>
    createVoiceAnnouncer({
      voice,
      sounds,
      media: {
        announce: (_party, over) => {
          const ear = new FakeEar(over);
          ear.framesMax = framesMax;
          ears.push(ear);
          return ear;
        },
      },
    });
  const party = partyId('session', 'call');
  const complain = (code: number, message: string): void => void complaints.push([code, message]);
  const play = (said: Say | Play, onOver: () => void = () => {}): { stop: () => void; ear: FakeEar } => {
    const stop = announcer().play({ party, prompt: { said, base: BASE }, complain, onOver });
    return { stop, ear: ears.at(-1)! };
  };
  /** What of something without an end is heard in its first so many frames. */
  const looped = async (loop: Loop, frames: number): Promise<Float32Array> => {
    framesMax = frames;
    const stop = announcer().loop({ party, loop, complain, onOver: () => {} });
    const ear = ears.at(-1)!;
    await vi.waitFor(() => expect(ear.frames).toBeGreaterThanOrEqual(frames), WAIT);
    stop();
    expect(ear.isStopped).toBe(true);
    return heard(ear.taken.slice(0, frames));
  };
  const played = async (said: Say | Play): Promise<FakeEar> => {
    const over = Promise.withResolvers<void>();
    const { ear } = play(said, () => over.resolve());
    await over.promise;
    return ear;
  };

  it('[VO1] speaks, says that it ends, and is over once', async () => {
    const onOver = vi.fn();
    const { ear } = play(SAY, onOver);
    expect(onOver).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(onOver).toHaveBeenCalled(), WAIT);
    expect(ear).toMatchObject({ isEnded: true, isStopped: false });
    expect(ear.frames).toBeGreaterThanOrEqual(5);
    expect(onOver).toHaveBeenCalledOnce();
    expect(complaints).toEqual([]);
  });

  it('[VO8] repeats as often as it is told', async () => {
    const { frames } = await played(SAY);
    expect((await played({ ...SAY, loop: 3 })).frames).toBe(frames * 3);
    const sound = await played(PLAY);
    expect((await played({ ...PLAY, loop: 2 })).frames).toBe(sound.frames * 2);
    expect(asked).toHaveLength(2);
  });

  it('[VO8] [VO27] repeats for ever, no faster than frames are wanted, until it is stopped', async () => {
    framesMax = 50;
    const onOver = vi.fn();
    const { ear, stop } = play({ ...PLAY, loop: 0 }, onOver);
    await vi.waitFor(() => expect(ear.frames).toBeGreaterThanOrEqual(50), WAIT);
    const before = ear.frames;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ear.frames).toBe(before);
    stop();
    expect(ear.isStopped).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(onOver).not.toHaveBeenCalled();
  });

  it('[TN4] [VO17] rings back as the country of a ringTone does, over and over', async () => {
    // 425 Hz for a second in every five; and two frequencies for 0.4, 0.2 of silence, and 0.4 again.
    const german = await looped({ type: 'ringback', written: 'DE', base: BASE, at: AT }, 300);
    expect(shareAt(german.subarray(0, 48_000), 425)).toBeGreaterThan(0.8);
    expect(powerOf(german.subarray(60_000, 230_000))).toBeLessThan(1e-6);
    expect(shareAt(german.subarray(242_000, 285_000), 425)).toBeGreaterThan(0.8);
    const british = await looped({ type: 'ringback', written: 'gb', base: BASE, at: AT }, 60);
    expect(shareAt(british.subarray(0, 18_000), 400)).toBeGreaterThan(0.3);
    expect(shareAt(british.subarray(0, 18_000), 450)).toBeGreaterThan(0.3);
    expect(powerOf(british.subarray(21_000, 27_000))).toBeLessThan(1e-6);
    expect(asked).toEqual([]);
  });

  it('[TN4] plays what is no country as a sound, fetched as one', async () => {
    await looped({ type: 'ringback', written: '/ring.wav', base: BASE, at: AT }, 50);
    await looped({ type: 'sound', url: 'hold.wav', base: BASE, at: AT }, 50);
    expect(asked.map(([url]) => url)).toEqual([
      'https://example.com/ring.wav',
      'https://example.com/voice/hold.wav',
    ]);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['it cannot be had', async () => ({ type: 'fault', fault: { code: 21402, message: 'gone' } }), 21402],
    [
      'it is no sound',
      async () => ({ type: 'sound', bytes: Buffer.from('<html>'), validators: {}, freshMs: 0 }),
      12300,
    ],
  ] as const)(
    '[TN4] [TN15] is not silent where %s: it is told, and the gateway’s own is heard',
    async (_, given, code) => {
      answer = given as typeof answer;
      const ringing = await looped({ type: 'ringback', written: '/ring.wav', base: BASE, at: AT }, 100);
      // Twilio's default: that of the United States.
      expect(shareAt(ringing.subarray(0, 90_000), 440)).toBeGreaterThan(0.3);
      const music = await looped({ type: 'sound', url: '/hold.wav', base: BASE, at: AT }, 100);
      expect(powerOf(music)).toBeGreaterThan(1e-4);
      expect(complaints.map(([each]) => each)).toEqual([code, code]);
      expect(complaints[0]?.[1]).toContain('"/ring.wav" is not heard: ');
    },
  );

  it('[TN4] a word that names neither a country nor a place is told, and it rings', async () => {
    await looped({ type: 'ringback', written: 'tel:49', base: BASE, at: AT }, 50);
    expect(complaints).toEqual([[11100, '"tel:49" is not heard: "tel:49" is not a URL that can be asked']]);
  });

  it.each([
    ['enter', 523, 784],
    ['exit', 784, 523],
  ] as const)('[TN16] who would %s is two notes', async (beep, firstHz, secondHz) => {
    announcer().beep({ party, beep });
    const ear = ears.at(-1)!;
    await vi.waitFor(() => expect(ear.isEnded).toBe(true), WAIT);
    const sound = await heard(ear.taken);
    expect(shareAt(sound.subarray(1000, 5500), firstHz)).toBeGreaterThan(0.8);
    expect(shareAt(sound.subarray(7000, 14_000), secondHz)).toBeGreaterThan(0.8);
    expect(ear.frames).toBeLessThan(25);
  });

  it('[VO11] plays keys, alone or after a sound', async () => {
    const keys = await played({ verb: 'Play', at: AT, digits: '12', loop: 1 });
    const both = await played({ ...PLAY, digits: '12' });
    expect(keys.frames).toBeGreaterThanOrEqual(20);
    expect(both.frames).toBeGreaterThan(keys.frames);
    await played({ verb: 'Play', at: AT, digits: 'none', loop: 0 });
  });

  it('[VO12] leaves out a sound that cannot be fetched, says so, and is over at once', async () => {
    answer = async () => ({
      type: 'fault',
      fault: { code: 21402, message: 'the server answered with status 404' },
    });
    const ear = await played({ ...PLAY, loop: 0 });
    expect(ear).toMatchObject({ frames: 0, isStopped: true });
    expect(complaints).toEqual([[21402, '<Play> was skipped: the server answered with status 404']]);
  });

  it('[VO12] leaves out a sound that cannot be read, and one whose URL makes no sense', async () => {
    answer = async () => ({ type: 'sound', bytes: Buffer.from('<html>'), validators: {}, freshMs: 0 });
    await played(PLAY);
    await played({ ...PLAY, url: 'tel:123' });
    expect(complaints).toEqual([
      [12300, '<Play> was skipped: the sound is neither WAV nor MP3 nor Ogg Opus: it is an HTML page'],
      [11100, '<Play> was skipped: "tel:123" is not a URL that can be asked'],
    ]);
  });

  it('[VO6] leaves out a text where there is no engine, and says what to install', async () => {
    speech.plan = async () => {
      throw new VoiceError('no-engine', 'no speech engine is installed');
    };
    const ear = await played(SAY);
    expect(ear.frames).toBe(0);
    expect(complaints).toEqual([[13511, '<Say> was skipped: no speech engine is installed']]);
  });

  it('[VO2] [VO3] [VO5] notifies what was read differently', async () => {
    speech.plan = async () => ({
      key: 'y',
      remarks: [
        { about: 'voice', message: 'a' },
        { about: 'language', message: 'b' },
      ],
      language: 'en',
      tags: 'none',
    });
    await played({ ...SAY, ssml: '<p>Hello.</p>' });
    expect(complaints.map(([code]) => code)).toEqual([13511, 13512, 12200]);
  });

  it('[VO6] says of an engine that failed that the gateway could not, and nothing once it is stopped', async () => {
    speech.speak = async () => {
      throw new Error('the inside of the engine');
    };
    await played(SAY);
    expect(complaints).toEqual([[12400, '<Say> was skipped: the speech engine failed']]);
    const { stop } = play({ ...SAY, text: 'Something else.' });
    stop();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(complaints).toHaveLength(1);
  });

  it('[VO14] resolves URLs where the document was found, and asks once for all who want it', async () => {
    await Promise.all([played(PLAY), played(PLAY), played({ ...PLAY, url: '../voice/a.wav' })]);
    expect(asked).toEqual([['https://example.com/voice/a.wav', undefined]]);
  });

  it('[VO14] does not ask while it is fresh, and with its validators after that', async () => {
    answer = async () => ({ type: 'sound', bytes: wav(), validators: { etag: '"1"' }, freshMs: 1000 });
    await played(PLAY);
    nowMs = 999;
    await played(PLAY);
    expect(asked).toHaveLength(1);
    nowMs = 1000;
    answer = async () => ({ type: 'unchanged', freshMs: 500 });
    expect((await played(PLAY)).frames).toBeGreaterThan(0);
    expect(asked[1]).toEqual(['https://example.com/voice/a.wav', { etag: '"1"' }]);
    nowMs = 1499;
    await played(PLAY);
    expect(asked).toHaveLength(2);
  });

  it('[VO14] asks without validators for what is not kept any more', async () => {
    await voice[Symbol.asyncDispose]();
    voice = createVoice({ speech, cacheBytesMax: 1 });
    sounds = createSoundShelf({
      voice,
      client: {
        fetchSound: (url, validators) => {
          asked.push([url, validators]);
          return answer(url);
        },
      },
      nowMs: () => nowMs,
    });
    await played(PLAY);
    await played(PLAY);
    expect(asked.map(([, validators]) => validators)).toEqual([undefined, undefined]);
  });
});
