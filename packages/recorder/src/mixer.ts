import { SLOT_TICKS } from './opus-packet.ts';

/** Below this nothing is changed. */
const CEILING = 0.97;
/** How much of the way back to full loudness is gone in each slot: 20 dB come back in about a second. */
const RECOVERY = 0.05;

/**
 * Adds up who speaks at the same time. Where the sum is louder than there is room for, all are made softer for a
 * moment, gradually within the slot, instead of being cut off.
 */
export class Mixer {
  #gain = 1;

  mix(voices: readonly Float32Array[]): Float32Array {
    const sum = new Float32Array(SLOT_TICKS);
    for (const voice of voices) {
      for (let index = 0; index < SLOT_TICKS; index += 1)
        sum[index] = (sum[index] ?? 0) + (voice[index] ?? 0);
    }
    let peak = 0;
    for (const sample of sum) peak = Math.max(peak, Math.abs(sample));
    const before = this.#gain;
    const wanted = peak > CEILING ? CEILING / peak : 1;
    this.#gain = Math.min(wanted, before + (1 - before) * RECOVERY);
    if (before === 1 && this.#gain === 1) return sum;
    for (let index = 0; index < SLOT_TICKS; index += 1) {
      const gain = before + ((this.#gain - before) * (index + 1)) / SLOT_TICKS;
      sum[index] = Math.max(-1, Math.min(1, (sum[index] ?? 0) * gain));
    }
    return sum;
  }
}
