import { SLOT_TICKS } from './opus-packet.ts';
import { createSoundDecoder, type SoundDecoder } from './sound-codec.ts';
import type { SoundStream } from './sound-stream.ts';

/** After so many in a row, what was lost is silent: a decoder's guesses fade by then. */
const CONCEALED_MAX = 5;
/** More than the longest packet; what is beyond came from a clock that makes no sense. */
const AHEAD_SAMPLES_MAX = 5760;

/** One stream, decoded a slot at a time: what was lost is repaired, what was never said is silent. */
export class DecodedVoice {
  readonly stream: SoundStream;
  #decoder: SoundDecoder | undefined;
  /** Samples of packets that are longer than a slot, and belong to those after. */
  #ahead = new Float32Array(0);
  #concealed = 0;
  #isFreed = false;

  constructor(stream: SoundStream) {
    this.stream = stream;
    void createSoundDecoder().then((decoder) => {
      if (this.#isFreed) decoder.free();
      else this.#decoder = decoder;
    });
  }

  /** The samples of this slot; undefined where there are none. */
  take(slot: number): Float32Array | undefined {
    const said = this.stream.take(slot);
    const decoder = this.#decoder;
    if (decoder === undefined) return undefined;
    if (said === undefined) return this.#ahead.length > 0 ? this.#cut() : this.#repair(decoder, slot);
    this.#concealed = 0;
    for (const packet of said.packets) this.#append(decode(decoder, packet));
    return this.#cut();
  }

  free(): void {
    this.#isFreed = true;
    this.#decoder?.free();
    this.#decoder = undefined;
  }

  #append(samples: Float32Array): void {
    const whole = new Float32Array(Math.min(AHEAD_SAMPLES_MAX, this.#ahead.length + samples.length));
    whole.set(this.#ahead.subarray(0, whole.length));
    whole.set(samples.subarray(0, whole.length - this.#ahead.length), this.#ahead.length);
    this.#ahead = whole;
  }

  #cut(): Float32Array {
    const samples = new Float32Array(SLOT_TICKS);
    samples.set(this.#ahead.subarray(0, SLOT_TICKS));
    this.#ahead = this.#ahead.slice(SLOT_TICKS);
    return samples;
  }

  #repair(decoder: SoundDecoder, slot: number): Float32Array | undefined {
    if (!this.stream.goesOn(slot) || this.#concealed >= CONCEALED_MAX) return undefined;
    this.#concealed += 1;
    const after = this.stream.peek(slot + 1);
    try {
      return after === undefined ? decoder.conceal().slice() : decoder.recover(after).slice();
    } catch {
      return undefined;
    }
  }
}

/** A packet that says it is Opus and is not is as good as none. */
function decode(decoder: SoundDecoder, packet: Uint8Array): Float32Array {
  try {
    return decoder.decode(packet);
  } catch {
    return new Float32Array(SLOT_TICKS);
  }
}
