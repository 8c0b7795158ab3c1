/** A connection without delay and loss, with the codec's own impairment taken off. */
const R_BEST = 94.768;
/** Above that, a conversation becomes a taking of turns: delay costs four times as much. */
const EASY_DELAY_MS = 160;
const CODEC_DELAY_MS = 10;

/**
 * What a listener would give the sound, 1 to about 4.4, by the simplified E-model that Twilio's SDKs use too, so that
 * figures can be compared: the round trip, twice the jitter and ten milliseconds for the codec count as delay; each
 * percent of loss takes 2.5 off. `lossFraction` is 0 to 1.
 */
export function mosOf(heard: {
  readonly rttMs: number;
  readonly jitterMs: number;
  readonly lossFraction: number;
}): number {
  const delayMs = heard.rttMs + 2 * heard.jitterMs + CODEC_DELAY_MS;
  const delayed = R_BEST - (delayMs < EASY_DELAY_MS ? delayMs / 40 : (delayMs - 120) / 10);
  const r = Math.min(100, Math.max(0, delayed - 2.5 * 100 * heard.lossFraction));
  return Math.max(1, 1 + 0.035 * r + 0.000007 * r * (r - 60) * (100 - r));
}
