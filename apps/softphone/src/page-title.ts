import type { CallSnapshot } from '@parley/client';
import { callWords } from './call-words.ts';
import { otherOf, type Calls } from './calls.ts';
import { switchWith, watch, type Scope } from './view.ts';

type TitledCall = Pick<CallSnapshot, 'phase' | 'direction' | 'other' | 'parameters'>;

/** The title of the page, so that a tab among many shows the call. */
export function pageTitle(self: string, current: TitledCall | null, waiting: TitledCall | null): string {
  if (waiting !== null) return `${otherOf(waiting)} is calling – Parley`;
  if (current === null) return `${self} – Parley`;
  const words = callWords(current);
  return words === ''
    ? `In a call with ${otherOf(current)} – Parley`
    : `${otherOf(current)}: ${words} – Parley`;
}

/** Keeps the title of the page current. */
export function titlePage(self: string, calls: Calls, scope: Scope): void {
  const write = (): void => {
    const current = calls.current.getSnapshot()?.store.getSnapshot() ?? null;
    const waiting = calls.waiting.getSnapshot()[0]?.store.getSnapshot() ?? null;
    document.title = pageTitle(self, current, waiting);
  };
  watch(calls.waiting, (waiting) => waiting, write, scope);
  switchWith(
    calls.current,
    (current, inner) => {
      write();
      if (current !== null) watch(current.store, (snapshot) => snapshot, write, inner);
    },
    scope,
  );
}
