/** One or two letters that stand for a name: `JD` for "jane.doe" or "Jane Doe", `J` for "jenny". */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._\-@+:]+/u).filter((word) => word !== '');
  const [first, second] = words;
  if (first === undefined) return '?';
  return (letterOf(first) + (second === undefined ? '' : letterOf(second))).toUpperCase();
}

/** By code point, so that a letter outside the basic plane is not cut in half. */
function letterOf(word: string): string {
  return Array.from(word)[0] ?? '';
}

export const TONES = 6;

/** Always the same tone for the same name, from 0 up to {@link TONES}. */
export function toneOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % TONES;
}
