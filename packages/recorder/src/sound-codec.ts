import { Application, createDecoder, createEncoder, Signal } from 'libopus-wasm';
import { OPUS_CLOCK_RATE, SLOT_TICKS } from './opus-packet.ts';

/** Longer than any packet. */
const DECODED_SAMPLES_MAX = 5760;
/** What a voice needs to be kept well. */
const BITRATE = 32_000;
/** Between the cheapest and what a prompt is encoded with once: this is paid for every 20 ms of every mix. */
const COMPLEXITY = 3;

/** Turns packets of one sender into samples, mono, at 48 kHz. */
export interface SoundDecoder {
  /** Everything that is in the packet. Throws on one that is broken. */
  decode(packet: Uint8Array): Float32Array;
  /** One slot that was lost, from what the packet after it repeats of it. */
  recover(packetAfter: Uint8Array): Float32Array;
  /** One slot that was lost, as it may have sounded. */
  conceal(): Float32Array;
  free(): void;
}

/** Turns one slot of samples into a packet. */
export interface SoundEncoder {
  encode(samples: Float32Array): Uint8Array;
  free(): void;
}

export async function createSoundDecoder(): Promise<SoundDecoder> {
  const decoder = await createDecoder({
    sampleRate: OPUS_CLOCK_RATE,
    channels: 1,
    maxFrameSize: DECODED_SAMPLES_MAX,
  });
  return {
    decode: (packet) => decoder.decodeFloat(packet),
    recover: (packetAfter) => decoder.decodeFloat(packetAfter, { decodeFec: true, frameSize: SLOT_TICKS }),
    conceal: () => decoder.decodePacketLossFloat(SLOT_TICKS),
    free: () => decoder.free(),
  };
}

export async function createSoundEncoder(): Promise<SoundEncoder> {
  const encoder = await createEncoder({
    sampleRate: OPUS_CLOCK_RATE,
    channels: 1,
    frameSize: SLOT_TICKS,
    application: Application.Voip,
    signal: Signal.Voice,
    bitrate: BITRATE,
    complexity: COMPLEXITY,
    vbr: true,
  });
  return {
    // A copy: the encoder answers with a view into memory it uses again.
    encode: (samples) => encoder.encodeFloat(samples).slice(),
    free: () => encoder.free(),
  };
}
