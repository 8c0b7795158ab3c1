import { createDecoder } from 'libopus-wasm';
import { HEARING_RATE } from './recognizer.ts';

/** What an ear hands on at a time: 20 ms. */
const PIECE_SAMPLES = HEARING_RATE / 50;
/** RTP counts Opus at 48 kHz, whatever is in it (RFC 7587). */
const TICKS_PER_PIECE = 960;
/** Up to so many pieces that were lost are guessed by the codec; a longer gap is silence. */
const GUESSED_PIECES_MAX = 5;
/** Who sends nothing for so long is silent, and not late. */
const SILENT_AFTER_MS = 100;
/** Longer than any Opus packet is. */
const PACKET_SAMPLES_MAX = HEARING_RATE * 0.12;

/** Hears what somebody says who is sent as Opus. */
export interface OpusEar {
  /** Takes one packet in the order it came; one that is too late, or is no Opus, is left out. */
  take(packet: { readonly payload: Uint8Array; readonly timestamp: number }, nowMs: number): void;
  /** Time has passed. Where nothing came, it was silent. Told every 100 ms or so. */
  pass(nowMs: number): void;
  /** Frees what it holds. Nothing is heard after that. */
  close(): void;
}

/** An ear that hands on pieces of 20 ms at {@link HEARING_RATE}, without gaps, as they become known. */
export async function createOpusEar(onPiece: (samples: Int16Array) => void, nowMs: number): Promise<OpusEar> {
  const decoder = await createDecoder({ sampleRate: HEARING_RATE, channels: 1 });
  let rest = new Int16Array(0);
  let expected: number | undefined;
  let heardUntilMs = nowMs;
  let isClosed = false;

  const hand = (samples: Int16Array): void => {
    const joined = new Int16Array(rest.length + samples.length);
    joined.set(rest);
    joined.set(samples, rest.length);
    let at = 0;
    for (; at + PIECE_SAMPLES <= joined.length; at += PIECE_SAMPLES)
      onPiece(joined.slice(at, at + PIECE_SAMPLES));
    rest = joined.slice(at);
  };
  const fill = (lost: number): void => {
    for (let i = 0; i < lost; i++) hand(decoder.decodePacketLoss(PIECE_SAMPLES).slice());
  };

  return {
    take({ payload, timestamp }, atMs) {
      if (isClosed || payload.length === 0) return;
      const ahead = expected === undefined ? 0 : (timestamp - expected) | 0;
      // Too late: what comes after it has been heard already.
      if (ahead < 0 && ahead > -TICKS_PER_PIECE * 500) return;
      const lost = ahead / TICKS_PER_PIECE;
      if (lost > 0 && lost <= GUESSED_PIECES_MAX) fill(Math.floor(lost));
      let samples: Int16Array;
      try {
        samples = decoder.decode(payload).slice();
      } catch {
        return;
      }
      if (samples.length > PACKET_SAMPLES_MAX) return;
      expected = (timestamp + (samples.length / PIECE_SAMPLES) * TICKS_PER_PIECE) >>> 0;
      heardUntilMs = atMs;
      hand(samples);
    },
    pass(atMs) {
      if (isClosed || atMs - heardUntilMs < SILENT_AFTER_MS) return;
      const pieces = Math.floor((atMs - heardUntilMs) / 20);
      heardUntilMs += pieces * 20;
      for (let i = 0; i < pieces; i++) hand(new Int16Array(PIECE_SAMPLES));
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      decoder.free();
    },
  };
}
