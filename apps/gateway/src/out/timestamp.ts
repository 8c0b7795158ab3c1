/** A time as webhooks write it: RFC 2822, in UTC. */
export function formatTimestamp(atMs: number): string {
  // The platform's form ends in GMT, which RFC 2822 calls obsolete.
  return new Date(atMs).toUTCString().replace('GMT', '+0000');
}
