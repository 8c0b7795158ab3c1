import type { Call } from '../call.ts';

/** Which keys do what, as `KeyboardEvent.key` names them; all with Ctrl (or ⌘) and Shift. `null` for none. */
export interface CallShortcuts {
  /** Answers what rings. Default `A`. */
  readonly answer?: string | null | undefined;
  /** Hangs up, gives up or refuses. Default `H`. */
  readonly hangUp?: string | null | undefined;
  /** Mutes, and lets be heard again. Default `M`. */
  readonly mute?: string | null | undefined;
}

/** Takes these keys wherever the focus is, for the call that there is then; until the answer is called. */
export function watchShortcuts(
  currentCall: () => Call | null,
  { answer = 'A', hangUp = 'H', mute = 'M' }: CallShortcuts = {},
): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    const call = currentCall();
    if (call === null || !event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toUpperCase();
    if (key === answer && call.status() === 'pending') call.accept().catch(() => undefined);
    else if (key === hangUp) void call.disconnect();
    else if (key === mute) call.mute(!call.isMuted());
    else return;
    event.preventDefault();
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}

/** Whether a dialpad has this key. */
export function isDialpadKey(key: string): boolean {
  return /^[0-9*#]$/.test(key);
}
