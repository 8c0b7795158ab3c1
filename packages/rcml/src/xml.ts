import { isCharacter } from './tree.ts';

/** Text as it may stand between tags. */
export function escapeText(text: string): string {
  return (
    expressible(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // A bare CR would be read as a line feed.
      .replaceAll('\r', '&#13;')
  );
}

/** Text as it may stand between double quotes. Blanks other than the space would be read as one. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** XML has no way at all to write some characters; they become U+FFFD. */
function expressible(text: string): string {
  return Array.from(text, (character) =>
    isCharacter(character.codePointAt(0) ?? 0) ? character : '\uFFFD',
  ).join('');
}
