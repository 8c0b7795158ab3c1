import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { portraitY4m, type Portrait } from './portrait.ts';

/**
 * Who is in the tests. Each has a voice and a face that nobody else has: a tone from the microphone and one colour
 * from the camera. Whoever hears 560 Hz hears jenny, and nobody else: the telephone's own sounds (425 Hz, 660 and
 * 830 Hz, the keys) are kept clear of.
 */
export const PEOPLE = {
  alice: { toneHz: 300, colour: 'red' },
  jenny: { toneHz: 560, colour: 'green' },
  bob: { toneHz: 1100, colour: 'blue' },
} as const;
export type Person = keyof typeof PEOPLE;
export type Colour = (typeof PEOPLE)[Person]['colour'];

/** The tone of Firefox's own fake microphone. */
export const FIREFOX_TONE_HZ = 1000;

/** The same people as a photographer would want them. */
const PORTRAITS: Readonly<Record<Person, Portrait>> = {
  alice: { wall: [214, 196, 176], hair: [74, 48, 36], skin: [232, 188, 160], shirt: [168, 58, 62] },
  jenny: { wall: [164, 190, 186], hair: [142, 74, 40], skin: [240, 200, 176], shirt: [38, 104, 92] },
  bob: { wall: [178, 186, 204], hair: [40, 38, 42], skin: [176, 124, 92], shirt: [52, 72, 128] },
};
const PORTRAIT_SIZE = { width: 1280, height: 720 };

export interface FakeMedia {
  /** A WAV file with the person's tone. */
  readonly voice: string;
  /** A Y4M file in the person's colour. */
  readonly face: string;
}

/** Writes everybody's files into a folder of its own, which is gone with the object. */
export class FakeMediaFolder implements Disposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'parley-e2e-media-'));
  readonly #made = new Map<Person, FakeMedia>();

  of(person: Person): FakeMedia {
    const made = this.#made.get(person);
    if (made !== undefined) return made;
    const { toneHz, colour } = PEOPLE[person];
    const media = {
      voice: path.join(this.#folder, `${person}.wav`),
      face: path.join(this.#folder, `${person}.y4m`),
    };
    writeFileSync(media.voice, toneWav(toneHz));
    writeFileSync(media.face, colourY4m(colour));
    this.#made.set(person, media);
    return media;
  }

  /** Their voice, and a face to look at. */
  pictureOf(person: Person): FakeMedia {
    const face = path.join(this.#folder, `${person}-portrait.y4m`);
    if (!existsSync(face)) writeFileSync(face, portraitY4m(PORTRAITS[person], PORTRAIT_SIZE));
    return { ...this.of(person), face };
  }

  /** Their face, and a voice that beeps once a second, in their tone. */
  tickingOf(person: Person): FakeMedia {
    const voice = path.join(this.#folder, `${person}-ticking.wav`);
    if (!existsSync(voice)) writeFileSync(voice, toneWav(PEOPLE[person].toneHz, TICK_MS));
    return { ...this.of(person), voice };
  }

  /** Their voice, and a face that becomes lighter and darker all the time. */
  movingOf(person: Person): FakeMedia {
    const face = path.join(this.#folder, `${person}-moving.y4m`);
    if (!existsSync(face)) writeFileSync(face, movingY4m(PEOPLE[person].colour));
    return { ...this.of(person), face };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const SAMPLE_RATE_HZ = 48_000;
const TONE_SECONDS = 2;
const TONE_AMPLITUDE = 0.5;
/** How long each tick lasts of a voice that ticks. */
const TICK_MS = 200;

/** A tone that can be played round and round: both ends of the file are at the beginning of a wave. */
function toneWav(toneHz: number, soundingMsPerSecond = 1000): Buffer {
  const sounding = (SAMPLE_RATE_HZ * soundingMsPerSecond) / 1000;
  const samples = SAMPLE_RATE_HZ * TONE_SECONDS;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0, 'ascii');
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8, 'ascii');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(1, 22); // one channel
  wav.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  wav.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'ascii');
  wav.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    const isSounding = index % SAMPLE_RATE_HZ < sounding;
    const sample =
      (isSounding ? TONE_AMPLITUDE : 0) * Math.sin((2 * Math.PI * toneHz * index) / SAMPLE_RATE_HZ);
    wav.writeInt16LE(Math.round(sample * 32_767), 44 + index * 2);
  }
  return wav;
}

/** Luma and the two colour differences (BT.601, limited range). */
const YUV = {
  red: [81, 90, 240],
  green: [145, 54, 34],
  blue: [41, 240, 110],
} as const satisfies Record<Colour, readonly [number, number, number]>;

const WIDTH = 640;
const HEIGHT = 360;
const FRAMES = 2;

function colourY4m(colour: Colour): Buffer {
  const [y, u, v] = YUV[colour];
  const pixels = WIDTH * HEIGHT;
  const frame = Buffer.concat([
    Buffer.from('FRAME\n'),
    Buffer.alloc(pixels, y),
    Buffer.alloc(pixels / 4, u),
    Buffer.alloc(pixels / 4, v),
  ]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F20:1 Ip A1:1 C420jpeg\n`);
  return Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame)]);
}

/** Two seconds round and round, from dark to light and back. */
function movingY4m(colour: Colour): Buffer {
  const [, u, v] = YUV[colour];
  const pixels = WIDTH * HEIGHT;
  const frames = Array.from({ length: 40 }, (_, index) => {
    const luma = 40 + Math.abs(20 - index) * 8;
    return Buffer.concat([
      Buffer.from('FRAME\n'),
      Buffer.alloc(pixels, luma),
      Buffer.alloc(pixels / 4, u),
      Buffer.alloc(pixels / 4, v),
    ]);
  });
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F20:1 Ip A1:1 C420jpeg\n`), ...frames]);
}
