import { describe, expect, it } from 'vitest';
import { Store } from '../store.ts';

const fail = (thrown: unknown): never => {
  throw thrown;
};

describe('whoever listens to a store', () => {
  it('[RY60] hears nothing more from the moment it stops, not even what is being told just then', () => {
    const store = new Store({ count: 0 }, fail);
    const heard: string[] = [];
    store.subscribe(() => {
      heard.push('first');
      stopSecond();
    });
    const stopSecond = store.subscribe(() => void heard.push('second'));
    store.subscribe(() => void heard.push('third'));
    store.update({ count: 1 });
    expect(heard).toEqual(['first', 'third']);
  });

  it('[RY60] who begins meanwhile hears from the next change on', () => {
    const store = new Store({ count: 0 }, fail);
    const heard: number[] = [];
    let hasBegun = false;
    store.subscribe(() => {
      if (!hasBegun) store.subscribe(() => void heard.push(store.getSnapshot().count));
      hasBegun = true;
    });
    store.update({ count: 1 });
    expect(heard).toEqual([]);
    store.update({ count: 2 });
    expect(heard).toEqual([2]);
  });
});
