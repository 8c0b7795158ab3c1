import process from 'node:process';

/** A failure whose message is meant for the person at the keyboard; `help` is the sentence that says what to do. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {{ help: string, cause?: unknown }} options
   */
  constructor(message, { help, cause }) {
    super(message, { cause });
    this.name = 'SetupError';
    this.help = help;
  }
}

/** Prints one line of progress. Everything goes to standard error, which keeps standard output for the job itself. */
export function say(/** @type {string} */ line) {
  process.stderr.write(`parley: ${line}\n`);
}

/**
 * Runs one step and says how long it took. A step that was quick says nothing at all, so that a second run is quiet.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const quietUntilMs = 1_000;
  const startedAtMs = Date.now();
  const announced = setTimeout(() => say(`${title} …`), quietUntilMs);
  try {
    const result = await work();
    const tookMs = Date.now() - startedAtMs;
    if (tookMs >= quietUntilMs) say(`${title}: took ${seconds(tookMs)}`);
    return result;
  } finally {
    clearTimeout(announced);
  }
}

/** `1234` → `1.2 s`, `83000` → `83 s`. */
export function seconds(/** @type {number} */ ms) {
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}
