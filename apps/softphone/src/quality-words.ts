import type { CallQuality } from '@parley/client';

/** What a person can do about a bad connection, in plain language; empty while it is well. */
export function adviceFor({ level }: Pick<CallQuality, 'level'>): readonly string[] {
  if (level === 'lost') return ['Nothing gets through at the moment. Check your network.'];
  if (level === 'poor')
    return ['Your connection is poor. Moving closer to the router, or switching video off, helps.'];
  return [];
}
