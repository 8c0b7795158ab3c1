import type { Registry } from '../edge/registry.ts';
import type { Part } from './part.ts';

/** Who is busy: everybody who takes part in a call that she has placed or answered, until the last of them is over. */
export class BusyPeople {
  readonly #registry: Pick<Registry, 'setBusy'>;
  /** By account and name. */
  readonly #parts = new Map<string, Set<Part>>();

  constructor(registry: Pick<Registry, 'setBusy'>) {
    this.#registry = registry;
  }

  /** Saying it twice is fine. */
  enter(part: Part): void {
    const { accountSid, identity } = part.device;
    const key = `${accountSid}/${identity}`;
    const parts = this.#parts.get(key) ?? new Set<Part>();
    this.#parts.set(key, parts.add(part));
    if (parts.size === 1) this.#registry.setBusy(accountSid, identity, true);
  }

  /** Does nothing for a part that has not entered. */
  leave(part: Part): void {
    const { accountSid, identity } = part.device;
    const key = `${accountSid}/${identity}`;
    const parts = this.#parts.get(key);
    if (parts?.delete(part) !== true || parts.size > 0) return;
    this.#parts.delete(key);
    this.#registry.setBusy(accountSid, identity, false);
  }
}
