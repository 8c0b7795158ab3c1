import type { PresenceEntry } from '@parley/client';

/** A line under the dial field. */
export interface Suggestion {
  readonly name: string;
  readonly note: string;
  readonly kind: 'free' | 'busy' | 'away' | 'demo';
}

/** Names that the gateway's own demo answers with more than a plain dial. */
export const DEMO_NAMES: readonly Suggestion[] = [
  { name: 'group', note: 'Demo: jenny, bob and carol ring at once', kind: 'demo' },
  { name: 'conference', note: 'Demo: everybody who calls this hears one another', kind: 'demo' },
  { name: 'echo', note: 'Demo: speak, and hear yourself', kind: 'demo' },
  { name: 'menu', note: 'Demo: press a key and see where it leads', kind: 'demo' },
  { name: 'record', note: 'Demo: jenny rings, and both of you are recorded', kind: 'demo' },
  { name: 'voicemail', note: 'Demo: leave a message after the tone', kind: 'demo' },
  { name: 'screen', note: 'Demo: jenny is asked first, accepts with 1', kind: 'demo' },
];

export const SUGGESTIONS_MAX = 10;

/** How a person stands, in a few words. */
export function presenceNote(person: PresenceEntry): string {
  if (person.busy) return 'In a call';
  if (person.devices === 0) return 'Away';
  return person.devices === 1 ? 'Available' : `Available on ${person.devices} devices`;
}

export function presenceKind(person: PresenceEntry): 'free' | 'busy' | 'away' {
  if (person.busy) return 'busy';
  return person.devices === 0 ? 'away' : 'free';
}

/**
 * What fits the letters typed so far: names that begin with them first, then names that hold them, each group with
 * the free before the busy before the away. Without letters, everybody. Case and accents do not matter here, although
 * they do when the call is made: this is help, not a decision.
 */
export function suggest(
  typed: string,
  people: readonly PresenceEntry[],
  self: string,
): readonly Suggestion[] {
  const needle = fold(typed.trim());
  const known = people.filter((person) => person.identity !== self).map(toSuggestion);
  const names = new Set(known.map((suggestion) => suggestion.name));
  const all = [...known, ...DEMO_NAMES.filter((demo) => !names.has(demo.name))];
  return all
    .filter((suggestion) => fold(suggestion.name).includes(needle))
    .toSorted((a, b) => rank(a, needle) - rank(b, needle) || a.name.localeCompare(b.name))
    .slice(0, SUGGESTIONS_MAX);
}

function toSuggestion(person: PresenceEntry): Suggestion {
  return { name: person.identity, note: presenceNote(person), kind: presenceKind(person) };
}

const KIND_RANK = { free: 0, busy: 1, away: 2, demo: 3 } as const satisfies Record<
  Suggestion['kind'],
  number
>;

function rank(suggestion: Suggestion, needle: string): number {
  return (fold(suggestion.name).startsWith(needle) ? 0 : 10) + KIND_RANK[suggestion.kind];
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
