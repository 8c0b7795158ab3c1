import { FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, SILENT_FRAME, type Frame } from './frame.ts';
import { Leveller } from './leveller.ts';
import { createFrameEncoder, type FrameEncoder, type Texture } from './opus-encoder.ts';
import { Resampler } from './resampler.ts';
import type { Samples } from './samples.ts';
import { readSound } from './sound-file.ts';

/** Frames are handed on in batches of half a second. */
const BATCH_FRAMES = 500 / FRAME_MS;

/** What is to become frames. */
export interface RecordingOrder {
  /** A file: WAV, MP3 or Ogg Opus. */
  readonly sound: Uint8Array;
  readonly texture: Texture;
  /** Where it is cut off. */
  readonly durationMsMax: number;
}

/**
 * Makes a file into frames, batch by batch: read, mixed to one channel, brought to 48 kHz, made as loud as everything
 * else, encoded. Throws a {@link VoiceError} where the file cannot be read.
 */
export async function* record(order: RecordingOrder): AsyncGenerator<readonly Frame[], void, void> {
  const encoder = await createFrameEncoder(order.texture);
  const framesMax = Math.floor(order.durationMsMax / FRAME_MS);
  let frames = 0;
  try {
    for await (const batch of batches(levelled(readSound(order.sound)), encoder)) {
      const wanted = batch.slice(0, framesMax - frames);
      frames += wanted.length;
      yield wanted;
      if (frames >= framesMax) break;
    }
    // So that the next tape, which begins from nothing, follows upon nothing.
    yield [SILENT_FRAME];
  } finally {
    encoder.free();
  }
}

async function* levelled(sound: AsyncIterable<Samples>): AsyncGenerator<Float32Array, void, void> {
  const leveller = new Leveller();
  let resampler: Resampler | undefined;
  let rateBefore = 0;
  for await (const { rate, samples } of sound) {
    // Files that change their rate half-way exist: somebody has glued two MP3s together.
    if (resampler === undefined || rate !== rateBefore) {
      if (resampler !== undefined) yield leveller.process(resampler.flush());
      resampler = new Resampler({ from: rate, to: SAMPLE_RATE });
      rateBefore = rate;
    }
    yield leveller.process(resampler.process(samples));
  }
  if (resampler !== undefined) yield leveller.process(resampler.flush());
  yield leveller.flush();
}

async function* batches(
  sound: AsyncIterable<Float32Array>,
  encoder: FrameEncoder,
): AsyncGenerator<readonly Frame[], void, void> {
  const frame = new Float32Array(FRAME_SAMPLES);
  let filled = 0;
  let batch: Frame[] = [];
  const encode = function* (samples: Float32Array): Generator<readonly Frame[], void, void> {
    for (let at = 0; at < samples.length;) {
      const count = Math.min(FRAME_SAMPLES - filled, samples.length - at);
      frame.set(samples.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < FRAME_SAMPLES) return;
      filled = 0;
      batch.push(encoder.encode(frame));
      if (batch.length < BATCH_FRAMES) continue;
      yield batch;
      batch = [];
    }
  };
  for await (const samples of sound) yield* encode(samples);
  // The codec lags behind by so much, and the last frame must be a whole one.
  const lag = encoder.delaySamples;
  const missing = (FRAME_SAMPLES - ((filled + lag) % FRAME_SAMPLES)) % FRAME_SAMPLES;
  yield* encode(new Float32Array(lag + missing));
  if (batch.length > 0) yield batch;
}
