/** Picks what a component shows from a snapshot. Called often; must not have effects. */
export type Selector<Snapshot, Selected> = (snapshot: Snapshot) => Selected;

/**
 * Whether what a selector picked is what it picked before. An object or a list made by the selector counts as the same
 * while its fields are, so that `(s) => ({ name: s.identity })` is fine; a call or a stream is itself and nothing else.
 */
export function isSameSelection(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && Object.is(a[key], b[key]))
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}
