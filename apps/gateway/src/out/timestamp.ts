let lastSecond = NaN;
let lastWritten = '';

/** A time as webhooks write it: RFC 2822, in UTC. */
export function formatTimestamp(atMs: number): string {
  const second = Math.floor(atMs / 1000);
  // Most are of the same second as the one before, and writing a date is as dear as signing one.
  if (second !== lastSecond) {
    // The platform's form ends in GMT, which RFC 2822 calls obsolete.
    lastWritten = new Date(atMs).toUTCString().replace('GMT', '+0000');
    lastSecond = second;
  }
  return lastWritten;
}
