import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
const cost = { N: 16_384, r: 8, p: 1 };

/** What is kept of a password: enough to recognise it, not to know it. Takes some tens of milliseconds, elsewhere. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password.normalize(), salt, 32, cost);
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Whether this is the password; false for a hash that cannot be read. */
export async function verifyPassword(password: string, kept: string): Promise<boolean> {
  const [scheme, n, r, p, salt, hash] = kept.split('$');
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  const numbers = { N: Number(n), r: Number(r), p: Number(p) };
  const found = await derive(password.normalize(), Buffer.from(salt, 'base64'), 32, numbers).catch(
    () => undefined,
  );
  return found !== undefined && found.length === expected.length && timingSafeEqual(found, expected);
}
