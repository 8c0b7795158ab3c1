import type { ReadableStore } from '@parley/client';
import { useCallback, useRef, useSyncExternalStore } from 'react';

/** Picks what a component shows from a snapshot. Called often; must not have effects. */
export type Selector<Snapshot, Selected> = (snapshot: Snapshot) => Selected;

/**
 * Reads a store of the SDK, and renders again when what was picked is different. An object or a list made by the
 * selector counts as the same while its fields are, so `(s) => ({ name: s.identity })` is fine.
 */
export function useStore<Snapshot, Selected>(
  store: ReadableStore<Snapshot>,
  select: Selector<Snapshot, Selected>,
): Selected {
  const last = useRef<{ readonly value: Selected } | null>(null);
  const getSelected = (): Selected => {
    const value = select(store.getSnapshot());
    if (last.current === null || !isSame(last.current.value, value)) last.current = { value };
    return last.current.value;
  };
  return useSyncExternalStore(store.subscribe, getSelected, getSelected);
}

/** The same where there may be no store yet: null then. */
export function useMaybeStore<Snapshot, Selected>(
  store: ReadableStore<Snapshot> | null,
  select: Selector<Snapshot, Selected>,
): Selected | null {
  const subscribe = useCallback(
    (listener: () => void) => store?.subscribe(listener) ?? (() => undefined),
    [store],
  );
  const getSnapshot = useCallback(() => store?.getSnapshot() ?? null, [store]);
  return useStore<Snapshot | null, Selected | null>({ subscribe, getSnapshot }, (snapshot) =>
    snapshot === null ? null : select(snapshot),
  );
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && Object.is(a[key], b[key]))
  );
}

/** Made by a selector, as opposed to a call or a stream, which are themselves and nothing else. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}
