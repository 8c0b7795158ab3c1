import type { Position } from './document.ts';

/** Answers where an index of a text is, with CRLF, LF and a lone CR each ending a line. */
export type Locate = (index: number) => Position;

/** Prepares `Locate` for one text. The lines are found on the first question, because most texts are never asked about. */
export function locator(text: string): Locate {
  let lineStarts: number[] | undefined;
  return (index) => {
    lineStarts ??= findLineStarts(text);
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((lineStarts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: index - (lineStarts[low] ?? 0) + 1 };
  };
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (const lineEnd of text.matchAll(/\r\n?|\n/g)) starts.push(lineEnd.index + lineEnd[0].length);
  return starts;
}
