import { describe, expect, it } from 'vitest';
import { Cell, switchWith, watch } from './view.ts';

describe('a view', () => {
  it('[RY60] hears nothing more from the moment its scope ends, not even what is being told just then', () => {
    const scope = new AbortController();
    const cell = new Cell(0);
    const heard: number[] = [];
    cell.subscribe(() => scope.abort());
    watch(
      cell,
      (value) => value,
      (value) => heard.push(value),
      scope.signal,
    );
    cell.set(1);
    expect(heard).toEqual([0]);
  });

  it('[RY60] of what is no longer shown follows nothing of it', () => {
    const scope = new AbortController();
    const shown = new Cell<Cell<string> | null>(null);
    const written: string[] = [];
    const call = new Cell('talking');
    // As in the softphone: the end of a call is what takes its view away, and the view listens to the call as well.
    call.subscribe(() => shown.set(null));
    switchWith(
      shown,
      (current, inner) => {
        if (current !== null)
          watch(
            current,
            (value) => value,
            (value) => written.push(value),
            inner,
          );
      },
      scope.signal,
    );
    shown.set(call);
    call.set('over');
    expect(written).toEqual(['talking']);
  });
});
