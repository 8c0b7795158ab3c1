import type { SQLInputValue } from 'node:sqlite';

/** Conditions of a list, gathered one by one; each names the values it holds with `?`. */
export class Where {
  readonly #conditions: string[] = [];
  readonly values: SQLInputValue[] = [];

  /** Adds the condition, unless there is no value to compare with. */
  and(condition: string, value: SQLInputValue | undefined): this {
    if (value !== undefined) {
      this.#conditions.push(condition);
      this.values.push(value);
    }
    return this;
  }

  get sql(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.#conditions.join(' AND ')}`;
  }
}

/** A pattern for `LIKE … ESCAPE '\'` that finds the piece as it is written. */
export function containing(piece: string): string {
  return `%${piece.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
