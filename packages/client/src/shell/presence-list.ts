import type { PresenceEntry } from '@parley/protocol';

/**
 * The people one sees, by name, with what has changed put in its place: the gateway tells differences, and somebody
 * without a device is no longer there.
 */
export function withChanges(
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
