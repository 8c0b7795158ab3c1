/** What may go wrong with an attempt, in the words of the override `rp`. */
export type RetryCause = '4xx' | '5xx' | 'ct' | 'rt';

/** How one URL wants to be asked. Written after `#`, with Twilio's names and ceilings. */
export interface UrlOverrides {
  /** `ct`: the time to connect. */
  readonly connectTimeoutMs: number;
  /** `rt`: the longest silence of the server. */
  readonly readTimeoutMs: number;
  /** `tt`: everything together, redirects and retries included. */
  readonly totalTimeoutMs: number;
  /** `rc`: how often it is tried again. */
  readonly retries: number;
  /** `rp`: after what. */
  readonly retryAfter: ReadonlySet<RetryCause>;
}

const CAUSES: readonly RetryCause[] = ['4xx', '5xx', 'ct', 'rt'];

/** 15 s in all, 5 s to connect, one more attempt after a connection that failed. */
export const DEFAULT_OVERRIDES: UrlOverrides = {
  connectTimeoutMs: 5000,
  readTimeoutMs: 15_000,
  totalTimeoutMs: 15_000,
  retries: 1,
  retryAfter: new Set<RetryCause>(['ct']),
};

/** Reads what follows `#`. What cannot be read, or is beyond its ceiling, counts as not written. */
export function readOverrides(hash: string): UrlOverrides {
  if (hash.length < 2) return DEFAULT_OVERRIDES;
  const written = new URLSearchParams(hash.slice(1));
  return {
    connectTimeoutMs: within(written.get('ct'), 100, 10_000) ?? DEFAULT_OVERRIDES.connectTimeoutMs,
    readTimeoutMs: within(written.get('rt'), 100, 15_000) ?? DEFAULT_OVERRIDES.readTimeoutMs,
    totalTimeoutMs: within(written.get('tt'), 100, 15_000) ?? DEFAULT_OVERRIDES.totalTimeoutMs,
    retries: within(written.get('rc'), 0, 5) ?? DEFAULT_OVERRIDES.retries,
    retryAfter: readCauses(written.get('rp')) ?? DEFAULT_OVERRIDES.retryAfter,
  };
}

function within(written: string | null, least: number, most: number): number | undefined {
  if (written === null || !/^\d+$/.test(written)) return undefined;
  const value = Number(written);
  return value < least || value > most ? undefined : value;
}

function readCauses(written: string | null): ReadonlySet<RetryCause> | undefined {
  if (written === null) return undefined;
  const words = written.toLowerCase().split(',');
  const causes = words.includes('all') ? CAUSES : CAUSES.filter((cause) => words.includes(cause));
  return causes.length === 0 ? undefined : new Set(causes);
}
