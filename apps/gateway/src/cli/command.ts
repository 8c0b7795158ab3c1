/** Where a command says things, and what it knows of its surroundings. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  error(text: string): void;
  /** All that is piped in. */
  readInput(): Promise<Buffer>;
}

/** One command of the program. Answers its exit code: 0 done, 1 something is wrong, 2 it was not asked rightly. */
export interface Command {
  readonly name: string;
  /** Behind the name: `FILE…`. */
  readonly usage: string;
  readonly summary: string;
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** It was not asked rightly (exit code 2), or cannot go on: the message says what to do. */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
