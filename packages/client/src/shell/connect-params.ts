import type { ConnectOptions } from '../api.ts';
import { ClientError } from '../errors.ts';

/** The wire's limits, which an application need not carry all of. Kept equal to the protocol's by a test. */
export const PARAM_LIMITS = { count: 64, bytes: 4096, keyLength: 128 } as const;

/** What the gateway would refuse is refused here, where the developer sees which line did it. */
export function checkParams({ to, params = {} }: ConnectOptions): void {
  const entries = Object.entries(to === undefined ? params : { ...params, To: to });
  const length = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const isFine = entries.every(
    ([key, value]) => key !== '' && key.length <= PARAM_LIMITS.keyLength && typeof value === 'string',
  );
  if (isFine && length <= PARAM_LIMITS.bytes && entries.length <= PARAM_LIMITS.count) return;
  throw new ClientError(
    'invalid-argument',
    'params: strings, at most 64 of them and 4 KiB in all, keys of 1 to 128',
  );
}
