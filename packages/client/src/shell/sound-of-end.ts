import type { CallEnd } from '../core/call-end.ts';
import type { CallState } from '../core/call-state.ts';
import type { PlatformSounds } from '../platform.ts';

/** How outgoing calls that nobody took are answered, without words. */
const TONES: Readonly<Record<string, 'busy' | 'unavailable'>> = {
  busy: 'busy',
  rejected: 'busy',
  'no-answer': 'busy',
  declined: 'busy',
  'not-registered': 'unavailable',
  forbidden: 'unavailable',
};

/** What is to be heard when a call is over; nothing after what this person did. */
export function soundOfEnd(end: CallEnd, state: CallState): ((sounds: PlatformSounds) => void) | null {
  if (end.by === 'local') return null;
  const { tone } = end;
  if (tone !== undefined) return (sounds) => sounds.tone(tone);
  const isAnswered = state.answeredAtMs !== null;
  const own = isAnswered ? 'hangup' : state.direction === 'outgoing' ? TONES[end.reason] : undefined;
  return own === undefined ? null : (sounds) => sounds.once(own);
}
