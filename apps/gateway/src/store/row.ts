import type { SQLOutputValue } from 'node:sqlite';

/** One row as SQLite hands it out. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** A column that is always text. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} holds no text`);
  return value;
}

/** A column that is text or NULL. */
export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** A column that is always a number. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} holds no number`);
  return value;
}

/** A column that is a number or NULL. */
export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : number(row, column);
}

/** A column that is one of a few words; a word that is not among them is read as the first. */
export function oneOf<Word extends string>(
  row: Row,
  column: string,
  words: readonly [Word, ...Word[]],
): Word {
  const value = row[column];
  return words.find((word) => word === value) ?? words[0];
}
