import { WIRE_LIMITS } from '@parley/protocol';
import type { ConnectOptions } from '../api.ts';
import { ClientError } from '../errors.ts';

/** What the gateway would refuse is refused here, where the developer sees which line did it. */
export function checkParams({ to, params = {} }: ConnectOptions): void {
  const entries = Object.entries(to === undefined ? params : { ...params, To: to });
  const length = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const isFine = entries.every(
    ([key, value]) => key !== '' && key.length <= 128 && typeof value === 'string',
  );
  if (isFine && length <= WIRE_LIMITS.paramBytesMax && entries.length <= WIRE_LIMITS.paramCountMax) return;
  throw new ClientError(
    'invalid-argument',
    'params: strings, at most 64 of them and 4 KiB in all, keys of 1 to 128',
  );
}
