const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When something was, as one would say it today: "just now", "12 min ago", "14:05", "yesterday", "3 Nov". */
export function whenWords(atMs: number, nowMs: number, locale?: string): string {
  const agoMs = nowMs - atMs;
  if (agoMs < MINUTE_MS) return 'just now';
  if (agoMs < HOUR_MS) return `${Math.floor(agoMs / MINUTE_MS)} min ago`;
  const days = dayOf(nowMs) - dayOf(atMs);
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(atMs);
  if (days === 0) return time;
  if (days === 1) return `yesterday, ${time}`;
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }).format(atMs);
}

/** The number of the day, as clocks on the wall count it. */
function dayOf(atMs: number): number {
  const date = new Date(atMs);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / (24 * HOUR_MS));
}
