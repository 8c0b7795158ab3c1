import type { ReadableStore } from '@parley/client';
import { isSameSelection, type Selector } from '@parley/client/bindings';
import { computed, shallowRef, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue';

/**
 * Reads a store of the SDK. It is different only when what was picked is: an object or a list made by the selector counts
 * as the same while its fields are, so `(s) => ({ name: s.identity })` is fine. A selector may read refs as well.
 */
export function useStore<Snapshot, Selected>(
  store: MaybeRefOrGetter<ReadableStore<Snapshot>>,
  select: Selector<Snapshot, Selected>,
): ComputedRef<Selected> {
  return useSelection(store, () => select(toValue(store).getSnapshot()));
}

/** The same where there may be no store yet: null then. */
export function useMaybeStore<Snapshot, Selected>(
  store: MaybeRefOrGetter<ReadableStore<Snapshot> | null>,
  select: Selector<Snapshot, Selected>,
): ComputedRef<Selected | null> {
  return useSelection(store, () => {
    const current = toValue(store);
    return current === null ? null : select(current.getSnapshot());
  });
}

function useSelection<Selected>(
  store: MaybeRefOrGetter<ReadableStore<unknown> | null>,
  read: () => Selected,
): ComputedRef<Selected> {
  const changes = shallowRef(0);
  // A server renders once, and nobody there would end the subscription.
  if (typeof window !== 'undefined') {
    watch(
      () => toValue(store),
      (current, _before, onCleanup) => {
        if (current === null) return;
        onCleanup(current.subscribe(() => (changes.value += 1)));
      },
      { immediate: true, flush: 'sync' },
    );
  }
  let last: { readonly value: Selected } | null = null;
  return computed(() => {
    void changes.value;
    const value = read();
    if (last === null || !isSameSelection(last.value, value)) last = { value };
    return last.value;
  });
}
