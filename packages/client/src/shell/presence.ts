import type { PresenceEntry, ServerMessageOf } from '@parley/protocol';
import type { CallHost } from './call-runner.ts';

/** Who can be called, for a device that has asked. Loaded with what a call needs; nothing of it is told before. */
export class Presence {
  readonly #host: CallHost;
  #isWatched = false;

  constructor(host: CallHost, isWatched: boolean) {
    this.#host = host;
    if (isWatched) this.watch(true);
  }

  watch(on: boolean): void {
    const { store, link } = this.#host;
    this.#isWatched = on;
    if (!on) store.update({ presence: [] });
    if (link.state.session !== null) void link.request({ type: 'watchPresence', on });
  }

  /** A new session begins with nobody, and is told everybody again. */
  onWelcome({ resumed }: ServerMessageOf<'welcome'>): void {
    const { store, link } = this.#host;
    if (resumed) return;
    if (store.getSnapshot().presence.length > 0) store.update({ presence: [] });
    if (this.#isWatched) void link.request({ type: 'watchPresence', on: true });
  }

  heard(changes: readonly PresenceEntry[]): void {
    const { store, emit } = this.#host;
    const presence = withChanges(store.getSnapshot().presence, changes);
    store.update({ presence });
    emit('presence', presence);
  }
}

/**
 * The people one sees, by name, with what has changed put in its place: the gateway tells differences, and somebody
 * without a device is no longer there.
 */
function withChanges(
  people: readonly PresenceEntry[],
  changes: readonly PresenceEntry[],
): readonly PresenceEntry[] {
  const byName = new Map(people.map((person) => [person.identity, person]));
  for (const change of changes) {
    if (change.devices > 0) byName.set(change.identity, change);
    else byName.delete(change.identity);
  }
  return Array.from(byName.values()).toSorted((a, b) => a.identity.localeCompare(b.identity));
}
