/** How long to wait before trying again. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
  /** From 0 up to 1; spreads what failed together. */
  readonly random: () => number;
}

/** The wait after so many failures in a row: twice as long each time up to the longest, and the last half of it by chance. */
export function backOffMs(failures: number, { firstMs, longestMs, random }: BackOff): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
