import type { World } from './world.test.kit.ts';

/** The locks of one browser profile, which all its pages share. */
export class Locks {
  readonly #queues = new Map<string, { readonly onHeld: () => void }[]>();

  /** Gives a page of this profile its part in them. */
  giveTo(world: World): void {
    Object.assign(world.platform, {
      holdLock: (name: string, onHeld: () => void) => {
        const claim = { onHeld };
        const queue = this.#queues.get(name) ?? [];
        this.#queues.set(name, queue);
        queue.push(claim);
        if (queue[0] === claim) void Promise.resolve().then(() => queue[0] === claim && onHeld());
        return () => {
          const wasHolder = queue[0] === claim;
          const at = queue.indexOf(claim);
          if (at >= 0) queue.splice(at, 1);
          if (wasHolder) queue[0]?.onHeld();
        };
      },
    });
  }

  /** Names that are held or waited for, each as often as it is. */
  get names(): string[] {
    return [...this.#queues].flatMap(([name, queue]) => queue.map(() => name));
  }
}

/** What a tab keeps from one page to the next. */
export class TabStorage {
  readonly kept = new Map<string, string>();

  giveTo(world: World): void {
    const { kept } = this;
    Object.assign(world.platform, {
      tabStorage: {
        take: (name: string) => {
          const value = kept.get(name) ?? null;
          kept.delete(name);
          return value;
        },
        put: (name: string, value: string) => void kept.set(name, value),
      },
    });
  }
}
