import { isDigit } from './keypad.ts';

/** What a single key asks for. */
export type KeyWish =
  | { readonly type: 'accept'; readonly video: boolean }
  | { readonly type: 'decline' | 'ignore' | 'mute' | 'camera' | 'keypad' | 'hangUp' }
  | { readonly type: 'digit'; readonly digit: string };

/** What is on the screen when the key is pressed. */
export interface KeyContext {
  readonly isCallWaiting: boolean;
  /** Whether the call that waits is offered with video. */
  readonly isVideoOffered: boolean;
  readonly isInCall: boolean;
  readonly isKeypadOpen: boolean;
}

/**
 * What a key means now; `undefined` when nothing. A call that waits is asked first: its card is on top. Escape closes
 * what is open before it hangs up.
 */
export function wishOf(
  key: string,
  { isCallWaiting, isVideoOffered, isInCall, isKeypadOpen }: KeyContext,
): KeyWish | undefined {
  if (isInCall && isKeypadOpen && isDigit(key)) return { type: 'digit', digit: key };
  const letter = key.toLowerCase();
  if (isCallWaiting) {
    if (letter === 'a') return { type: 'accept', video: false };
    if (letter === 'v' && isVideoOffered) return { type: 'accept', video: true };
    if (letter === 'd') return { type: 'decline' };
    if (letter === 'i') return { type: 'ignore' };
  }
  if (!isInCall) return undefined;
  if (letter === 'escape') return { type: isKeypadOpen ? 'keypad' : 'hangUp' };
  const wishes: Partial<Record<string, KeyWish>> = {
    m: { type: 'mute' },
    c: { type: 'camera' },
    k: { type: 'keypad' },
    h: { type: 'hangUp' },
  };
  return wishes[letter];
}
