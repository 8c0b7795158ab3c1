import { randomHex } from '../random-hex.ts';

/** The kinds of thing that have a sid, by the two letters it begins with. */
export type SidPrefix = 'AC' | 'SK' | 'AP' | 'CL' | 'CA' | 'RE' | 'NO' | 'CF' | 'KX' | 'ZY';

/** A new sid: two letters and 32 hex digits that nobody can guess. */
export function newSid(prefix: SidPrefix): string {
  return prefix + randomHex(16);
}
