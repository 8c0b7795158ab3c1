import { Application, createEncoder, Signal } from 'libopus-wasm';
import { FRAME_SAMPLES, SAMPLE_RATE, type Frame } from './frame.ts';

/** What a sound is made of; the codec spends its bits accordingly. */
export type Texture = 'speech' | 'music';

/** Turns samples at 48 kHz into frames. One encoder makes one tape. */
export interface FrameEncoder {
  /** Takes exactly one frame of samples. */
  encode(samples: Float32Array): Frame;
  /** How many samples the sound comes later out of a decoder than it went in. */
  readonly delaySamples: number;
  free(): void;
}

/** Opus, mono. In-band error correction costs once, here, and helps every listener who loses packets. */
export async function createFrameEncoder(texture: Texture): Promise<FrameEncoder> {
  const encoder = await createEncoder({
    sampleRate: SAMPLE_RATE,
    channels: 1,
    frameSize: FRAME_SAMPLES,
    application: texture === 'speech' ? Application.Voip : Application.Audio,
    signal: texture === 'speech' ? Signal.Voice : Signal.Auto,
    bitrate: texture === 'speech' ? 32_000 : 48_000,
    complexity: 5,
    vbr: true,
    fec: true,
    packetLossPercent: 5,
  });
  return {
    // A copy: the encoder answers with a view into memory it uses again.
    encode: (samples) => encoder.encodeFloat(samples).slice(),
    delaySamples: encoder.getLookahead(),
    free: () => encoder.free(),
  };
}
