import type { Call } from '@parley/client';
import { isDialpadKey, watchShortcuts, type CallShortcuts } from '@parley/client/bindings';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useCall } from './calls.ts';

/** Keys a person has pressed in a call. */
export interface Dialpad {
  /** What was pressed, in order; empty again with the next call. */
  readonly digits: string;
  /** Presses one or more keys: `0`–`9 * # A`–`D`, `w` for half a second. */
  readonly press: (keys: string) => void;
  /** For an element's `onKeyDown`: takes what a dialpad has, and leaves the rest. */
  readonly onKeyDown: (event: { readonly key: string; preventDefault(): void }) => void;
}

/** A dialpad for a call. Keys that are pressed without a call are not sent, and not shown. */
export function useDialpad(call: Call | null): Dialpad {
  const [pressed, setPressed] = useState<{ readonly call: Call; readonly digits: string } | null>(null);
  const press = useCallback(
    (keys: string) => {
      if (call === null) return;
      setPressed((before) => ({ call, digits: (before?.call === call ? before.digits : '') + keys }));
      // What cannot be sent any more was pressed too late: the call says how it ended.
      call.sendDigits(keys).catch(() => undefined);
    },
    [call],
  );
  const onKeyDown = useCallback<Dialpad['onKeyDown']>(
    (event) => {
      if (!isDialpadKey(event.key)) return;
      event.preventDefault();
      press(event.key);
    },
    [press],
  );
  return { digits: pressed !== null && pressed.call === call ? pressed.digits : '', press, onKeyDown };
}

/** Keyboard shortcuts for the call of `useCall()`, wherever the focus is. */
export function useCallShortcuts({ answer, hangUp, mute }: CallShortcuts = {}): void {
  const call = useCall();
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  }, [call]);
  useEffect(() => watchShortcuts(() => latest.current, { answer, hangUp, mute }), [answer, hangUp, mute]);
}
