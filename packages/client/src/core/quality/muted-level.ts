/** Of a second, so much has to be as loud: speech fills more of it, a key or a cough less. */
const SUSTAINED = 0.25;

/**
 * How loud somebody is who speaks, from what was measured within a second: the level that a quarter of the time was at
 * least as loud as. Null where nothing was measured.
 */
export function sustainedLevel(levels: readonly number[]): number | null {
  const loudestFirst = levels.toSorted((a, b) => b - a);
  return loudestFirst[Math.ceil(levels.length * SUSTAINED) - 1] ?? null;
}
