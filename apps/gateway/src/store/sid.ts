import { randomFillSync } from 'node:crypto';

/** The kinds of thing that have a sid, by the two letters it begins with. */
export type SidPrefix = 'AC' | 'SK' | 'AP' | 'CL' | 'CA' | 'RE' | 'NO' | 'CF' | 'KX' | 'ZY';

const pool = Buffer.alloc(16 * 256);
let used = pool.length;

/** A new sid: two letters and 32 hex digits that nobody can guess. */
export function newSid(prefix: SidPrefix): string {
  // Random bytes are asked for in bulk, because asking costs more than the bytes.
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const digits = pool.toString('hex', used, used + 16);
  used += 16;
  return prefix + digits;
}
