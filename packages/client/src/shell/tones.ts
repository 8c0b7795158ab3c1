import type { CallEnd } from '../core/call-end.ts';
import type { PlatformSounds } from '../platform.ts';

/** A tone as telephones know it: frequencies heard together, and when, in seconds. */
interface Cadence {
  readonly hertz: readonly number[];
  /** Pairs of from and to, within one period. */
  readonly bursts: readonly (readonly [fromS: number, toS: number])[];
  readonly periodS: number;
  readonly volume: number;
}

const CADENCES = {
  incoming: {
    hertz: [660, 830],
    bursts: [
      [0, 0.4],
      [0.6, 1],
    ],
    periodS: 3,
    volume: 0.12,
  },
  // Beside a voice: short, soft and seldom.
  waiting: { hertz: [440], bursts: [[0, 0.2]], periodS: 6, volume: 0.03 },
  ringback: { hertz: [425], bursts: [[0, 1]], periodS: 4, volume: 0.06 },
  hangup: { hertz: [480, 360], bursts: [[0, 0.18]], periodS: 0.2, volume: 0.06 },
  busy: {
    hertz: [425],
    bursts: [
      [0, 0.25],
      [0.5, 0.75],
      [1, 1.25],
    ],
    periodS: 1.5,
    volume: 0.06,
  },
  unavailable: {
    hertz: [425],
    bursts: [
      [0, 0.2],
      [0.4, 0.6],
      [0.8, 1],
      [1.2, 1.4],
    ],
    periodS: 1.6,
    volume: 0.06,
  },
} as const satisfies Record<string, Cadence>;

const ROWS = [697, 770, 852, 941] as const;
const COLUMNS = [1209, 1336, 1477, 1633] as const;
const KEYS = '123A456B789C*0#D';

/** How far ahead a ringing tone is written into the audio clock, so that a throttled page does not stutter. */
const PERIODS_AHEAD = 20;

/** A tone that the gateway has named is repeated for so long. */
const TURNS_S = 1.5;
const TURNS_MAX = 8;
/** What a speaker and an ear have to do with; a gateway that says more is not believed. */
const HERTZ_MAX = 4000;

/** One turn, for each set of frequencies in it: most tones have one. */
function cadencesOf(turn: NonNullable<CallEnd['tone']>): Cadence[] {
  const byHertz = new Map<string, { hertz: readonly number[]; bursts: [number, number][] }>();
  let atS = 0;
  for (const { hertz, ms } of turn) {
    const untilS = atS + Math.max(0, ms) / 1000;
    if (hertz.length > 0 && hertz.every((each) => each > 0 && each < HERTZ_MAX)) {
      const key = hertz.join('+');
      const known = byHertz.get(key) ?? { hertz, bursts: [] };
      byHertz.set(key, known);
      known.bursts.push([atS, untilS]);
    }
    atS = untilS;
  }
  return [...byHertz.values()].map((cadence) => ({ ...cadence, periodS: atS, volume: 0.06 }));
}

/** A context that may play runs by then. One that may not says nothing. */
const BLOCKED_AFTER_MS = 300;
/** A Bluetooth headset takes a second or two to wake. In Firefox a machine with nothing to play on never says so. */
const UNLOCK_MAX_MS = 3000;

/** Ringing is for a person who may be anywhere in the room; the rest is for the one at the phone. */
type Role = 'ringtone' | 'speaker';

/**
 * Sounds made by WebAudio: nothing is downloaded. A browser that refuses to play them costs nothing but the sound, and
 * `onBlocked` hears of it.
 */
export function createSounds(onBlocked: (isBlocked: boolean) => void): PlatformSounds {
  let context: AudioContext | null = null;
  /** What tones leave by, and the outputs that were chosen for it. */
  const ways: Partial<Record<Role, GainNode>> = {};
  const outputs: Partial<Record<Role, readonly string[]>> = {};
  const running = new Map<string, () => void>();

  const look = (): void => onBlocked(running.size > 0 && context !== null && context.state !== 'running');

  const open = (): AudioContext | null => {
    try {
      if (context === null) {
        context = new AudioContext();
        context.addEventListener('statechange', look);
      }
      if (context.state === 'suspended') context.resume().catch(() => undefined);
    } catch {
      // No sound card, or too many contexts: a silent phone is still a phone.
    }
    return context;
  };

  /** Leads tones to the outputs that were chosen, once any are played. What has not been loaded cannot choose. */
  const lead = (role: Role): void => {
    const [way, deviceIds] = [ways[role], outputs[role]];
    if (way === undefined || deviceIds === undefined) return;
    import('./sinks.ts').then((sinks) => sinks.leadTo(way, deviceIds)).catch(() => undefined);
  };

  const wayOut = (audio: AudioContext, role: Role): GainNode => {
    const known = ways[role];
    if (known !== undefined) return known;
    const way = audio.createGain();
    way.connect(audio.destination);
    ways[role] = way;
    lead(role);
    return way;
  };

  const play = (cadence: Cadence, periods: number, role: Role = 'speaker'): (() => void) => {
    const audio = open();
    if (audio === null) return () => undefined;
    const gain = audio.createGain();
    gain.gain.value = 0;
    gain.connect(wayOut(audio, role));
    const oscillators = cadence.hertz.map((hertz) => {
      const oscillator = audio.createOscillator();
      oscillator.frequency.value = hertz;
      oscillator.connect(gain);
      oscillator.start();
      return oscillator;
    });
    const startS = audio.currentTime + 0.02;
    for (let period = 0; period < periods; period += 1) {
      for (const [fromS, toS] of cadence.bursts) {
        const atS = startS + period * cadence.periodS;
        // Ramps, not steps: a step is heard as a click.
        gain.gain.setTargetAtTime(cadence.volume, atS + fromS, 0.01);
        gain.gain.setTargetAtTime(0, atS + toS, 0.01);
      }
    }
    const stop = (): void => {
      for (const oscillator of oscillators) oscillator.stop();
      gain.disconnect();
    };
    for (const oscillator of oscillators) oscillator.stop(startS + periods * cadence.periodS);
    return stop;
  };

  const stop = (tone: string): void => {
    running.get(tone)?.();
    running.delete(tone);
  };

  return {
    start: (tone) => {
      stop(tone);
      running.set(tone, play(CADENCES[tone], PERIODS_AHEAD, tone === 'incoming' ? 'ringtone' : 'speaker'));
      setTimeout(look, BLOCKED_AFTER_MS);
    },
    stop: (tone) => {
      stop(tone);
      look();
    },
    once: (tone) => void play(CADENCES[tone], 1),
    tone: (turn) => {
      for (const cadence of cadencesOf(turn)) {
        play(cadence, Math.min(TURNS_MAX, Math.ceil(TURNS_S / Math.max(0.1, cadence.periodS))));
      }
    },
    digit: (key) => {
      const at = KEYS.indexOf(key);
      const [row, column] = [ROWS[Math.floor(at / 4)], COLUMNS[at % 4]];
      if (row === undefined || column === undefined) return;
      play({ hertz: [row, column], bursts: [[0, 0.12]], periodS: 0.2, volume: 0.05 }, 1);
    },
    setOutputs: (role, deviceIds) => {
      outputs[role] = deviceIds;
      lead(role);
    },
    unlock: async () => {
      if (context === null) return true;
      const audio = context;
      const late = new Promise((resolve) => setTimeout(resolve, UNLOCK_MAX_MS));
      await Promise.race([audio.resume(), late]).catch(() => undefined);
      return audio.state === 'running';
    },
    close: () => {
      for (const tone of [...running.keys()]) stop(tone);
      for (const role of ['ringtone', 'speaker'] as const) {
        if (outputs[role] !== undefined) outputs[role] = [];
        lead(role);
        delete ways[role];
      }
      context?.close().catch(() => undefined);
      context = null;
    },
  };
}
