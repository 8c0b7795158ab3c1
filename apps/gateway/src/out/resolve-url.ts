/**
 * The absolute form of a URL written in a document that was found at `base`; undefined when it cannot be read, or is
 * neither http nor https. A document that came with a request was found nowhere: its base is empty, and it can only
 * name absolute URLs. What follows `#` is kept: it holds the overrides of the request.
 */
export function resolveUrl(base: string, written: string): string | undefined {
  const url = URL.parse(written.trim(), base === '' ? undefined : base);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    return undefined;
  return url.href;
}
