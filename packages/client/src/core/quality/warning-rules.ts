import type { QualityWarning, Sample, WarningName } from './quality.ts';

/** What the call was meant to be like when a sample was taken: what is silent on purpose is no fault. */
export interface QualityFacts {
  /** Two or more people are joined; during an announcement a silence is the document's. */
  readonly isJoined: boolean;
  readonly isHeld: boolean;
  readonly isMuted: boolean;
  readonly microphone: 'off' | 'opening' | 'on' | 'muted' | 'failed';
  readonly remoteAudio: 'none' | 'held' | 'muted' | 'on';
  readonly remoteVideo: 'none' | 'held' | 'muted' | 'on';
  readonly transport: 'none' | 'connecting' | 'connected' | 'disconnected' | 'failed';
  /** How loud the microphone would be if it were not muted, 0 to 1; null where nobody listens to it. */
  readonly mutedLevel: number | null;
  readonly isSinkLost: boolean;
}

/** One second of a call: what was measured, and what was meant. */
export interface Tick {
  readonly sample: Sample;
  readonly facts: QualityFacts;
  /** Tells one way of the packets from another; null while there is none. */
  readonly pathKey: string | null;
  /** Something of the other side has been heard since they were joined. */
  readonly hasHeard: boolean;
  /** The packets went another way one second before. */
  readonly hasPathChanged: boolean;
}

/** What a rule makes of the last seconds: whether it is to be raised, cleared, or left as it stands. */
export interface Judgement {
  readonly verdict: 'raise' | 'clear' | 'stay';
  readonly value: number | null;
}

export interface WarningRule {
  readonly name: WarningName;
  readonly level: QualityWarning['level'];
  readonly direction: QualityWarning['direction'];
  readonly threshold: number | null;
  /** The newest tick is the last. */
  judge(ticks: readonly Tick[]): Judgement;
}

/** How many seconds the rules look back. */
export const TICKS_KEPT = 12;

const NOT_SPOKEN_OF: Judgement = { verdict: 'clear', value: null };

const isSpeakable = ({ facts }: Tick): boolean =>
  facts.isJoined && !facts.isHeld && !facts.isMuted && facts.microphone === 'on';
const isAudible = ({ facts }: Tick): boolean => facts.isJoined && !facts.isHeld && facts.remoteAudio === 'on';
const isVisible = ({ facts }: Tick): boolean => facts.isJoined && !facts.isHeld && facts.remoteVideo === 'on';
const isTalk = ({ facts }: Tick): boolean => facts.isJoined && !facts.isHeld;

interface Counted {
  readonly name: WarningName;
  readonly level: QualityWarning['level'];
  readonly direction: QualityWarning['direction'];
  readonly threshold: number;
  /** Where it is not so, the rule says nothing, and what it said is taken back. */
  readonly applies: (tick: Tick) => boolean;
  readonly value: (sample: Sample, facts: QualityFacts) => number | null;
  readonly isBeyond: (value: number, threshold: number) => boolean;
  /** Of so many seconds, so many beyond raise it … */
  readonly of: number;
  readonly raiseAt: number;
  /** … and no more than so many clear it. */
  readonly clearAt: number;
}

const isAbove = (value: number, threshold: number): boolean => value > threshold;
const isBelow = (value: number, threshold: number): boolean => value < threshold;

/** Counts how many of the last seconds were beyond a threshold. Seconds in which nobody knew count for neither side. */
function counted(rule: Counted): WarningRule {
  const { name, level, direction, threshold, applies, value, isBeyond } = rule;
  return {
    name,
    level,
    direction,
    threshold,
    judge(ticks) {
      const newest = ticks.at(-1);
      if (newest === undefined || !applies(newest)) return NOT_SPOKEN_OF;
      // What was measured before the rule began to apply is about something else.
      const since = ticks.findLastIndex((tick) => !applies(tick));
      const values = ticks
        .slice(since + 1)
        .slice(-rule.of)
        .map(({ sample, facts }) => value(sample, facts));
      const last = values.at(-1) ?? null;
      const beyond = values.filter((one) => one !== null && isBeyond(one, threshold)).length;
      if (beyond >= rule.raiseAt) return { verdict: 'raise', value: last };
      return { verdict: beyond <= rule.clearAt ? 'clear' : 'stay', value: last };
    },
  };
}

/** Twilio's usual measure: three of five seconds raise it, five good ones clear it. */
const USUALLY = { of: 5, raiseAt: 3, clearAt: 0 } as const;
/** Three seconds in a row raise it, one good one clears it. */
const IN_A_ROW = { of: 3, raiseAt: 3, clearAt: 2 } as const;

const percent = (fraction: number | null | undefined): number | null =>
  fraction === null || fraction === undefined ? null : fraction * 100;

/** Every rule. Names, thresholds and counts of the first nine are Twilio's (`statsMonitor`), so that figures compare. */
export const WARNING_RULES: readonly WarningRule[] = [
  counted({
    name: 'high-rtt',
    level: 'warning',
    direction: null,
    threshold: 400,
    applies: isTalk,
    value: (sample) => sample.rttMs,
    isBeyond: isAbove,
    ...USUALLY,
  }),
  counted({
    name: 'high-jitter',
    level: 'warning',
    direction: 'received',
    threshold: 30,
    applies: isAudible,
    value: (sample) => sample.received.audio?.jitterMs ?? null,
    isBeyond: isAbove,
    ...USUALLY,
  }),
  counted({
    name: 'low-mos',
    level: 'warning',
    direction: 'received',
    threshold: 3,
    applies: isAudible,
    value: (sample) => sample.mos,
    isBeyond: isBelow,
    ...USUALLY,
  }),
  counted({
    name: 'high-packet-loss',
    level: 'warning',
    direction: 'received',
    threshold: 1,
    applies: isAudible,
    value: (sample) => percent(sample.received.audio?.lossFraction),
    isBeyond: isAbove,
    ...USUALLY,
  }),
  {
    name: 'high-packets-lost-fraction',
    level: 'warning',
    direction: 'received',
    threshold: 3,
    judge(ticks) {
      const newest = ticks.at(-1);
      if (newest === undefined || !isAudible(newest)) return NOT_SPOKEN_OF;
      const seen = ticks
        .slice(-7)
        .flatMap(({ sample }) => percent(sample.received.audio?.lossFraction) ?? []);
      if (seen.length < 7) return { verdict: 'stay', value: null };
      const value = mean(seen);
      if (value > 3) return { verdict: 'raise', value };
      return { verdict: value <= 1 ? 'clear' : 'stay', value };
    },
  },
  counted({
    name: 'low-bytes-sent',
    level: 'critical',
    direction: 'sent',
    threshold: 1,
    applies: isSpeakable,
    value: (sample) => sample.sent.audio?.bytes ?? null,
    isBeyond: isBelow,
    ...IN_A_ROW,
  }),
  counted({
    name: 'low-bytes-received',
    level: 'critical',
    direction: 'received',
    threshold: 1,
    applies: isAudible,
    value: (sample) => sample.received.audio?.bytes ?? null,
    isBeyond: isBelow,
    ...IN_A_ROW,
  }),
  {
    name: 'constant-audio-input-level',
    level: 'notice',
    direction: 'sent',
    threshold: 0.01,
    judge(ticks) {
      const newest = ticks.at(-1);
      if (newest === undefined || !isSpeakable(newest)) return NOT_SPOKEN_OF;
      const last = ticks.slice(-10).filter(isSpeakable);
      const levels = last.flatMap(({ sample }) => sample.sent.audio?.level ?? []);
      if (levels.length < 10) return { verdict: 'stay', value: null };
      const value = deviation(levels);
      return { verdict: value < 0.01 ? 'raise' : 'clear', value };
    },
  },
  {
    name: 'ice-connectivity-lost',
    level: 'critical',
    direction: null,
    threshold: null,
    judge: (ticks) => {
      const transport = ticks.at(-1)?.facts.transport;
      if (transport === 'disconnected' || transport === 'failed') return { verdict: 'raise', value: null };
      return { verdict: transport === 'connected' ? 'clear' : 'stay', value: null };
    },
  },
  {
    name: 'one-way-audio',
    level: 'critical',
    direction: 'received',
    threshold: null,
    judge(ticks) {
      const newest = ticks.at(-1);
      if (newest === undefined || !isAudible(newest) || newest.hasHeard) return NOT_SPOKEN_OF;
      const unheard = ticks.filter(
        (tick) => isAudible(tick) && (tick.sample.received.audio?.packets ?? 0) > 0,
      );
      // Two who are both silent are two who have nothing to say.
      const spoken = unheard.filter(({ sample }) => (sample.sent.audio?.level ?? 0) > SPEECH_LEVEL).length;
      return { verdict: unheard.length >= TICKS_KEPT && spoken >= 2 ? 'raise' : 'stay', value: null };
    },
  },
  counted({
    name: 'low-local-audio',
    level: 'warning',
    direction: 'sent',
    // Below every microphone's own noise, also behind a noise suppressor: the switch on the headset, or another device.
    threshold: 0.0001,
    applies: isSpeakable,
    value: (sample) => sample.sent.audio?.level ?? null,
    isBeyond: isBelow,
    of: 10,
    raiseAt: 10,
    clearAt: 9,
  }),
  counted({
    name: 'speaking-while-muted',
    level: 'notice',
    direction: 'sent',
    threshold: 0.03,
    applies: (tick) => isTalk(tick) && tick.facts.isMuted,
    value: (_sample, facts) => facts.mutedLevel,
    isBeyond: isAbove,
    of: 4,
    raiseAt: 2,
    clearAt: 0,
  }),
  {
    name: 'relay-in-use',
    level: 'notice',
    direction: null,
    threshold: null,
    judge: (ticks) => {
      const path = ticks.at(-1)?.sample.path ?? null;
      if (path === null) return { verdict: 'stay', value: null };
      return { verdict: path.localType === 'relay' ? 'raise' : 'clear', value: null };
    },
  },
  {
    name: 'path-changed',
    level: 'notice',
    direction: null,
    threshold: null,
    // News for as long as it is looked back.
    judge: (ticks) => ({
      verdict: ticks.some(({ hasPathChanged }) => hasPathChanged) ? 'raise' : 'clear',
      value: null,
    }),
  },
  counted({
    name: 'cpu-limited',
    level: 'warning',
    direction: 'sent',
    threshold: 0,
    applies: isTalk,
    value: (sample) => (sample.sent.video === null ? null : Number(sample.sent.video.limitedBy === 'cpu')),
    isBeyond: isAbove,
    ...USUALLY,
  }),
  counted({
    name: 'frozen-video',
    level: 'warning',
    direction: 'received',
    threshold: 1,
    applies: isVisible,
    value: (sample) => sample.received.video?.framesPerSecond ?? null,
    isBeyond: (framesPerSecond) => framesPerSecond === 0,
    ...IN_A_ROW,
  }),
  {
    name: 'sink-lost',
    level: 'notice',
    direction: 'received',
    threshold: null,
    judge: (ticks) => ({
      verdict: ticks.at(-1)?.facts.isSinkLost === true ? 'raise' : 'clear',
      value: null,
    }),
  },
];

/** A person speaks, and does not merely breathe. */
export const SPEECH_LEVEL = 0.02;
/** Something is heard, be it the noise of a room. */
export const HEARD_LEVEL = 0.0003;

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
