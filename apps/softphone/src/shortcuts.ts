import { isDigit } from './keypad.ts';
import type { PanelName } from './panels.ts';

/** What a single key asks for. */
export type KeyWish =
  | { readonly type: 'accept'; readonly video: boolean }
  | { readonly type: 'decline' | 'ignore' | 'mute' | 'camera' | 'share' | 'hold' | 'hangUp' | 'closePanel' }
  | { readonly type: 'panel'; readonly panel: PanelName }
  | { readonly type: 'digit'; readonly digit: string };

/** What is on the screen when the key is pressed. */
export interface KeyContext {
  readonly isCallWaiting: boolean;
  /** Whether the call that waits is offered with video. */
  readonly isVideoOffered: boolean;
  readonly isInCall: boolean;
  readonly panel: PanelName | null;
}

/**
 * What a key means now; `undefined` when nothing. A call that waits is asked first: its card is on top. Escape closes
 * what is open before it hangs up.
 */
export function wishOf(
  key: string,
  { isCallWaiting, isVideoOffered, isInCall, panel }: KeyContext,
): KeyWish | undefined {
  if (isInCall && panel === 'keypad' && isDigit(key)) return { type: 'digit', digit: key };
  const letter = key.toLowerCase();
  if (isCallWaiting) {
    if (letter === 'a') return { type: 'accept', video: false };
    if (letter === 'v' && isVideoOffered) return { type: 'accept', video: true };
    if (letter === 'd') return { type: 'decline' };
    if (letter === 'i') return { type: 'ignore' };
  }
  if (!isInCall) return undefined;
  if (letter === 'escape') return { type: panel === null ? 'hangUp' : 'closePanel' };
  const wishes: Partial<Record<string, KeyWish>> = {
    m: { type: 'mute' },
    c: { type: 'camera' },
    s: { type: 'share' },
    p: { type: 'hold' },
    t: { type: 'panel', panel: 'transfer' },
    n: { type: 'panel', panel: 'chat' },
    k: { type: 'panel', panel: 'keypad' },
    h: { type: 'hangUp' },
  };
  return wishes[letter];
}
