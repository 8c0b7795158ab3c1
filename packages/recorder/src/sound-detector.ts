/** Nothing at all. */
export const NO_SOUND_DB = -127;
/** What is louder is a sound, whatever was before it; what is softer is none. */
const CERTAIN_DB = -35;
const INAUDIBLE_DB = -55;
/** A sound stands out from the noise of its room by so much. */
const ABOVE_NOISE_DB = 12;
/** The noise is the softest of so many slots, looked at in pieces. */
const PIECE_SLOTS = 50;
const PIECES = 6;
/** A click is no sound: so many of so many slots must be. */
const LOUD_SLOTS = 3;
const WINDOW_SLOTS = 6;

/**
 * Tells somebody who speaks from a room that is silent, 20 ms at a time. It follows the noise of the room between two
 * limits, so that a ventilator is silence and a steady tone is not.
 */
export class SoundDetector {
  /** The softest of each of the last pieces. */
  readonly #pieces: number[] = [];
  #slotsInPiece = 0;
  #softestDb = 0;
  #window = 0;

  /** Whether something is heard now. */
  hear(levelDb: number): boolean {
    const isLoud = levelDb > this.#thresholdDb();
    this.#follow(levelDb);
    this.#window = ((this.#window << 1) | (isLoud ? 1 : 0)) & ((1 << WINDOW_SLOTS) - 1);
    return bitsOf(this.#window) >= LOUD_SLOTS;
  }

  #thresholdDb(): number {
    const noiseDb = Math.min(...this.#pieces, INAUDIBLE_DB + 20);
    return Math.min(CERTAIN_DB, Math.max(INAUDIBLE_DB, noiseDb + ABOVE_NOISE_DB));
  }

  #follow(levelDb: number): void {
    this.#softestDb = Math.min(this.#softestDb, levelDb);
    this.#slotsInPiece += 1;
    if (this.#slotsInPiece < PIECE_SLOTS) return;
    this.#pieces.push(this.#softestDb);
    if (this.#pieces.length > PIECES) this.#pieces.shift();
    this.#softestDb = 0;
    this.#slotsInPiece = 0;
  }
}

function bitsOf(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

/** The level of samples between -1 and 1, in dBov. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return NO_SOUND_DB;
  return Math.max(NO_SOUND_DB, 10 * Math.log10(sum / samples.length));
}
