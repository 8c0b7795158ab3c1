import type { Call } from '@parley/client';
import { isDialpadKey, watchShortcuts, type CallShortcuts } from '@parley/client/bindings';
import { computed, onScopeDispose, shallowRef, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue';
import { useCall } from './calls.ts';

/** Keys a person has pressed in a call. */
export interface Dialpad {
  /** What was pressed, in order; empty again with the next call. */
  readonly digits: ComputedRef<string>;
  /** Presses one or more keys: `0`–`9 * # A`–`D`, `w` for half a second. */
  readonly press: (keys: string) => void;
  /** For an element's `@keydown`: takes what a dialpad has, and leaves the rest. */
  readonly onKeydown: (event: KeyboardEvent) => void;
}

/** A dialpad for a call. Keys that are pressed without a call are not sent, and not shown. */
export function useDialpad(call: MaybeRefOrGetter<Call | null>): Dialpad {
  const pressed = shallowRef<{ readonly call: Call; readonly digits: string } | null>(null);
  const digits = computed(() => (pressed.value?.call === toValue(call) ? (pressed.value?.digits ?? '') : ''));
  const press = (keys: string): void => {
    const current = toValue(call);
    if (current === null) return;
    pressed.value = { call: current, digits: digits.value + keys };
    // What cannot be sent any more was pressed too late: the call says how it ended.
    current.sendDigits(keys).catch(() => undefined);
  };
  const onKeydown = (event: KeyboardEvent): void => {
    if (!isDialpadKey(event.key)) return;
    event.preventDefault();
    press(event.key);
  };
  return { digits, press, onKeydown };
}

/** Keyboard shortcuts for the call of `useCall()`, wherever the focus is. */
export function useCallShortcuts(keys: CallShortcuts = {}): void {
  const call = useCall();
  if (typeof window === 'undefined') return;
  onScopeDispose(watchShortcuts(() => call.value, keys));
}
