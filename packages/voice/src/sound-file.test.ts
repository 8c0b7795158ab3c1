import { describe, expect, it } from 'vitest';
import { heard, lufs, shareAt, sine, sineWav } from './ear.test.kit.ts';
import type { Frame } from './frame.ts';
import { TARGET_LUFS } from './leveller.ts';
import { record } from './recording.ts';
import { soundKindOf } from './sound-file.ts';
import { ALAW_TONE, MP3_TONE, MULAW_TONE, OGG_OPUS_TONE } from './tone-files.test.kit.ts';

async function recorded(sound: Uint8Array): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for await (const batch of record({ sound, texture: 'music', durationMsMax: 60_000 })) frames.push(...batch);
  return frames;
}

/** A WAV file of any format, holding what `write` puts for each sample. */
function wav(options: {
  readonly format: number;
  readonly bits: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly samples: Float32Array;
  readonly write: (view: DataView, at: number, sample: number) => void;
}): Uint8Array {
  const { format, bits, channels = 1, rate = 16_000, samples, write } = options;
  const bytes = bits / 8;
  const file = new Uint8Array(44 + samples.length * bytes * channels);
  const view = new DataView(file.buffer);
  Buffer.from(file.buffer).write('RIFF....WAVEfmt ', 'latin1');
  view.setUint32(16, 16, true);
  view.setUint16(20, format, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * bytes, true);
  view.setUint16(32, channels * bytes, true);
  view.setUint16(34, bits, true);
  Buffer.from(file.buffer).write('data', 36, 'latin1');
  view.setUint32(40, samples.length * bytes * channels, true);
  samples.forEach((sample, i) => {
    for (let channel = 0; channel < channels; channel++) {
      write(view, 44 + (i * channels + channel) * bytes, sample);
    }
  });
  return file;
}

const TONE = sine({ frequencyHz: 700, ms: 1000, rate: 16_000 });
const FORMATS: [string, Uint8Array][] = [
  ['8 bits', wav({ format: 1, bits: 8, samples: TONE, write: (v, at, s) => v.setUint8(at, 128 + s * 127) })],
  [
    '16 bits, stereo',
    wav({
      format: 1,
      bits: 16,
      channels: 2,
      samples: TONE,
      write: (v, at, s) => v.setInt16(at, s * 32_767, true),
    }),
  ],
  [
    '24 bits',
    wav({
      format: 1,
      bits: 24,
      samples: TONE,
      write: (v, at, s) => {
        const value = Math.round(s * 8_388_607);
        v.setUint8(at, value & 0xff);
        v.setInt16(at + 1, value >> 8, true);
      },
    }),
  ],
  [
    '32 bits',
    wav({
      format: 1,
      bits: 32,
      samples: TONE,
      write: (v, at, s) => v.setInt32(at, s * 2_147_483_647, true),
    }),
  ],
  ['float', wav({ format: 3, bits: 32, samples: TONE, write: (v, at, s) => v.setFloat32(at, s, true) })],
  ['µ-law', MULAW_TONE],
  ['A-law', ALAW_TONE],
  ['MP3', MP3_TONE],
  ['Ogg Opus', OGG_OPUS_TONE],
];

describe('a sound file', () => {
  it.each(FORMATS)('[VO9] is read: %s', async (_name, file) => {
    const samples = await heard(await recorded(file));
    const [begin, end] = [samples.length / 4, samples.length / 2];
    expect(shareAt(samples.subarray(begin, end), 700)).toBeGreaterThan(0.95);
    // A second of tone; compressed files begin and end with a frame of their own.
    expect(samples.length / 48).toBeGreaterThan(990);
    expect(samples.length / 48).toBeLessThan(1130);
  });

  it.each([8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])(
    '[VO9] is read at %d Hz, with its pitch and its length',
    async (rate) => {
      const samples = await heard(await recorded(sineWav({ frequencyHz: 1000, ms: 1000, rate })));
      expect(shareAt(samples.subarray(12_000, 36_000), 1000)).toBeGreaterThan(0.97);
      expect(samples.length / 48).toBeGreaterThanOrEqual(1000);
      expect(samples.length / 48).toBeLessThan(1060);
    },
  );

  it('[VO9] is read to its end when it says no length, as one that was written to a pipe', async () => {
    const file = sineWav({ frequencyHz: 700, ms: 500, rate: 8000 });
    new DataView(file.buffer, file.byteOffset).setUint32(40, 0x7fff_f000, true);
    expect((await recorded(file)).length).toBeGreaterThanOrEqual(25);
  });

  it('[VO10] is what its bytes say, and the complaint says what they look like', async () => {
    const file = sineWav({ frequencyHz: 700, ms: 10, rate: 8000 });
    expect(soundKindOf(file)).toBe('wav');
    const failing = async (bytes: Uint8Array): Promise<string> =>
      recorded(bytes).then(
        () => 'it was read',
        (error: Error) => error.message,
      );
    expect(await failing(Buffer.from('<!DOCTYPE html><p>Not here'))).toContain('HTML');
    expect(await failing(new Uint8Array(0))).toContain('empty');
    expect(await failing(file.subarray(0, 30))).toContain('WAV');
    expect(await failing(Buffer.from('OggS and something else'))).toContain('Ogg');
    const odd = file.slice();
    odd[20] = 0x50;
    expect(await failing(odd)).toContain('format is number 80');
  });

  it('[VO10] that is noise is refused and nothing breaks', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * i * seed + seed * 31) & 0xff);
      const heads = ['', 'RIFF____WAVEfmt ', 'OggS', 'ID3'];
      Buffer.from(bytes.buffer).write(heads[seed % heads.length] as string, 'latin1');
      await recorded(bytes).catch((error: Error) => expect(error.name).toBe('VoiceError'));
    }
  });

  it.each([0.003, 0.05, 0.25, 0.95])(
    '[VO16] is as loud as every other, whatever its peak: %d',
    async (peak) => {
      const file = sineWav({ frequencyHz: 500, ms: 3000, rate: 16_000, peak });
      const loudness = lufs(await heard(await recorded(file)));
      // What is hardly there is raised by 20 dB at most.
      const most = 20 + 20 * Math.log10(peak) - 3;
      expect(loudness).toBeGreaterThan(Math.min(TARGET_LUFS, most) - 1.5);
      expect(loudness).toBeLessThan(TARGET_LUFS + 1.5);
    },
  );

  it('[VO16] keeps its peaks below the ceiling', async () => {
    const clicks = sine({ frequencyHz: 300, ms: 3000, rate: 16_000, peak: 0.02 });
    for (let i = 0; i < clicks.length; i += 4000) for (let k = 0; k < 40; k++) clicks[i + k] = 0.99;
    const file = wav({
      format: 1,
      bits: 16,
      samples: clicks,
      write: (v, at, s) => v.setInt16(at, s * 32_767, true),
    });
    const samples = await heard(await recorded(file));
    expect(samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)).toBeLessThan(0.999);
  });

  it('[VO16] that is silent stays silent', async () => {
    const samples = await heard(await recorded(sineWav({ frequencyHz: 500, ms: 500, rate: 8000, peak: 0 })));
    expect(samples.every((sample) => Math.abs(sample) < 0.001)).toBe(true);
  });
});
