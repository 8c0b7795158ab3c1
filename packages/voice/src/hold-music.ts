import { setImmediate as turn } from 'node:timers/promises';
import { wavOf } from './wav-writer.ts';

/** A third of what is encoded: nothing in it is higher than 3 kHz, and it is computed in a third of the time. */
const RATE = 16_000;
/** So that no string begins with a click. */
const ATTACK_SAMPLES = 0.008 * RATE;
/** By then a string is fifty times as quiet as at its beginning. */
const LENGTH_IN_DECAYS = 4;
const BEAT_S = 0.6;
/** Of the loudest moment. What it is levelled to is the leveller's. */
const PEAK = 0.5;

/** One bar: the notes that are plucked one after another, and the one below them that is held. */
interface Bar {
  readonly bass: number;
  /** As MIDI numbers keys. */
  readonly notes: readonly number[];
}

/** C, A minor, F, G; then D minor, E minor, F and G again, which leads back. */
const BARS: readonly Bar[] = [
  { bass: 48, notes: [64, 67, 72, 76, 74, 72, 67, 64] },
  { bass: 45, notes: [64, 69, 72, 76, 72, 69, 64, 69] },
  { bass: 41, notes: [65, 69, 72, 77, 76, 72, 69, 65] },
  { bass: 43, notes: [62, 67, 71, 74, 79, 74, 71, 67] },
  { bass: 50, notes: [65, 69, 74, 77, 74, 69, 65, 69] },
  { bass: 52, notes: [64, 67, 71, 76, 79, 76, 71, 67] },
  { bass: 53, notes: [69, 72, 77, 81, 79, 77, 72, 69] },
  { bass: 43, notes: [67, 71, 74, 79, 77, 74, 71, 67] },
];

/** How strong each multiple of a plucked string is, and how much sooner it has died away. */
const PARTIALS = [
  { multiple: 1, strength: 1, decayS: 1.1 },
  { multiple: 2, strength: 0.35, decayS: 0.6 },
  { multiple: 3, strength: 0.12, decayS: 0.35 },
] as const;

/**
 * A quiet piece for plucked strings, some forty seconds, that leads back to its beginning: what somebody hears who
 * waits, where nobody has named anything else. It is ours, and made here: there is no file to license or to lose.
 * Computed bar by bar, so that the thread that answers browsers is not held up.
 */
export async function holdMusicWav(): Promise<Uint8Array> {
  const barSamples = Math.round(8 * (BEAT_S / 2) * RATE);
  const samples = new Float32Array(barSamples * BARS.length * 2);
  for (const [index, bar] of [...BARS, ...BARS].entries()) {
    const beginS = (index * barSamples) / RATE;
    // Held under the whole bar, softly.
    pluck(samples, { key: bar.bass, beginS, strength: 0.5, slowness: 3 });
    // The second time through without every other note: it breathes.
    const isThin = index >= BARS.length;
    for (const [step, key] of bar.notes.entries()) {
      if (isThin && step % 2 === 1) continue;
      const strength = step === 0 ? 0.5 : 0.36;
      pluck(samples, { key, beginS: beginS + step * (BEAT_S / 2), strength, slowness: 1 });
    }
    await turn();
  }
  return wavOf(asLoudAs(samples, PEAK), RATE);
}

interface Pluck {
  readonly key: number;
  readonly beginS: number;
  readonly strength: number;
  /** How much longer than usual it sounds. */
  readonly slowness: number;
}

/** What reaches beyond the end begins again at the beginning, so that nobody hears where the piece is joined. */
function pluck(samples: Float32Array, { key, beginS, strength, slowness }: Pluck): void {
  const hertz = 440 * 2 ** ((key - 69) / 12);
  const begin = Math.round(beginS * RATE);
  for (const partial of PARTIALS) {
    const decayS = partial.decayS * slowness;
    const count = Math.round(decayS * LENGTH_IN_DECAYS * RATE);
    const perSample = Math.exp(-1 / (decayS * RATE));
    const angle = (2 * Math.PI * hertz * partial.multiple) / RATE;
    // A wave that dies away, each value from the two before it: a sine for each would cost ten times as much.
    const [once, twice] = [2 * perSample * Math.cos(angle), perSample * perSample];
    let before = 0;
    let now = strength * partial.strength * Math.sin(angle);
    let at = begin % samples.length;
    for (let i = 0; i < count; i++) {
      samples[at] = (samples[at] as number) + (i < ATTACK_SAMPLES ? (now * i) / ATTACK_SAMPLES : now);
      const next = once * now - twice * before;
      before = now;
      now = next;
      at = at + 1 === samples.length ? 0 : at + 1;
    }
  }
}

function asLoudAs(samples: Float32Array, peak: number): Int16Array {
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return Int16Array.from(samples, (sample) => Math.round((sample / loudest) * peak * 32_767));
}
