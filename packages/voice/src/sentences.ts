/** A piece is not begun again before it has this many letters: `Mr.` is no sentence. */
const PIECE_MIN = 24;
/** Nobody waits longer for the first word than such a piece takes to be spoken and encoded. */
const PIECE_MAX = 300;

/**
 * A text in pieces of about a sentence, in order. Each is spoken and encoded by itself, so that the first is heard
 * while the others are made, and a sentence that many texts share is made once.
 */
export function sentencesOf(text: string, language: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of segmenterFor(language).segment(text.replaceAll(/\s+/g, ' ').trim())) {
    piece += segment;
    if (piece.trim().length < PIECE_MIN) continue;
    pieces.push(...divided(piece.trim()));
    piece = '';
  }
  if (piece.trim() !== '') pieces.push(...divided(piece.trim()));
  return pieces;
}

function segmenterFor(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language, { granularity: 'sentence' });
  } catch {
    return new Intl.Segmenter('en', { granularity: 'sentence' });
  }
}

/** A sentence that does not end is divided at a comma, at a blank, or anywhere. */
function divided(sentence: string): readonly string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > PIECE_MAX) {
    const head = rest.slice(0, PIECE_MAX);
    const comma = Math.max(head.lastIndexOf(', '), head.lastIndexOf('; '), head.lastIndexOf(': '));
    const blank = head.lastIndexOf(' ');
    const at = comma > PIECE_MAX / 3 ? comma + 1 : blank > 0 ? blank : surrogateSafe(rest, PIECE_MAX);
    pieces.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  return [...pieces, rest];
}

function surrogateSafe(text: string, at: number): number {
  return /[\uD800-\uDBFF]/.test(text[at - 1] ?? '') ? at - 1 : at;
}
