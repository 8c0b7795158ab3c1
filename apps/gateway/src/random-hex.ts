import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4096);
let used = pool.length;

/**
 * So many bytes that nobody can guess, in hex; at most 4096. Chance is asked for in bulk: a question costs more than
 * thousands of bytes, and a call needs some twenty names.
 */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const digits = pool.toString('hex', used, used + bytes);
  used += bytes;
  return digits;
}
