import type { ReadableStore } from '@parley/client';
import { isSameSelection, type Selector } from '@parley/client/bindings';
import { useCallback, useRef, useSyncExternalStore } from 'react';

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
    if (last.current === null || !isSameSelection(last.current.value, value)) last.current = { value };
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
