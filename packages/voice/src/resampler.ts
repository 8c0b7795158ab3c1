/** Input samples on each side of an output sample that count for it. */
const HALF_WIDTH = 16;
/** Kaiser's β: what is beyond the new band is 80 dB down. */
const BETA = 8;
const PHASES_MAX = 1280;

/**
 * Changes the rate of a sound that comes in pieces: a windowed sinc, of which each phase is computed once. It keeps the
 * place in time: what comes out begins where what went in began.
 */
export class Resampler {
  readonly #isSame: boolean;
  /** Input samples a step of one output sample takes. */
  readonly #step: number;
  readonly #half: number;
  readonly #phases: readonly Float32Array[];
  /** What is still needed of the input, beginning with silence before the first sample. */
  #held: Float32Array;
  /** Where in `#held` the next output sample is. */
  #position: number;

  constructor(options: { readonly from: number; readonly to: number }) {
    const { from, to } = options;
    this.#isSame = from === to;
    this.#step = from / to;
    // Going down, the filter must be as much longer as the band is narrower.
    const narrowing = Math.max(1, from / to);
    this.#half = Math.ceil(HALF_WIDTH * narrowing);
    const exact = to / greatestCommonDivisor(from, to);
    this.#phases = this.#isSame ? [] : filters(Math.min(exact, PHASES_MAX), this.#half, narrowing);
    this.#held = new Float32Array(this.#half);
    this.#position = this.#half;
  }

  process(samples: Float32Array): Float32Array {
    if (this.#isSame) return samples;
    const input = new Float32Array(this.#held.length + samples.length);
    input.set(this.#held);
    input.set(samples, this.#held.length);
    const last = input.length - this.#half - 1;
    const count = Math.max(0, Math.floor((last - this.#position) / this.#step) + 1);
    const output = new Float32Array(count);
    const phases = this.#phases.length;
    const taps = this.#half * 2;
    for (let i = 0; i < count; i++) {
      const position = this.#position + i * this.#step;
      // To the nearest phase, because fractions of a rate are not exact in binary.
      const ticks = Math.round(position * phases);
      const whole = Math.floor(ticks / phases);
      const filter = this.#phases[ticks - whole * phases] as Float32Array;
      const first = whole - this.#half + 1;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += (filter[tap] as number) * (input[first + tap] as number);
      output[i] = sum;
    }
    const next = this.#position + count * this.#step;
    const drop = Math.max(0, Math.floor(next) - this.#half);
    this.#held = input.slice(drop);
    this.#position = next - drop;
    return output;
  }

  /** What is left at the end. */
  flush(): Float32Array {
    return this.#isSame ? new Float32Array(0) : this.process(new Float32Array(this.#half));
  }
}

/** For each phase the weights of the input samples from `half - 1` before it to `half` after. */
function filters(phases: number, half: number, narrowing: number): readonly Float32Array[] {
  // A little below the new band's edge, because a filter of this length falls over a tenth of the band.
  const cutoff = 0.92 / narrowing;
  return Array.from({ length: phases }, (_, phase) => {
    const filter = new Float32Array(half * 2);
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap++) {
      const distance = tap - (half - 1) - phase / phases;
      const weight = sinc(distance * cutoff) * kaiser(distance / half);
      filter[tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < filter.length; tap++) filter[tap] = (filter[tap] ?? 0) / sum;
    return filter;
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** The modified Bessel function of order zero. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
