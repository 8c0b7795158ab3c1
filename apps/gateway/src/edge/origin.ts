import type { IncomingMessage } from 'node:http';

/** Which web pages may open a socket: this gateway's own, and these. `*` lets every page in. */
export interface OriginRule {
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean;
}

/**
 * Whether the page behind a request may talk to us. A request without `Origin` does not come from a page: browsers
 * always send it with a WebSocket (RFC 6455 §10.2), and whoever writes the header by hand needs a token all the same.
 */
export function isOriginAllowed(request: IncomingMessage, rule: OriginRule): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (rule.allowedOrigins.includes('*') || rule.allowedOrigins.includes(origin)) return true;
  const forwarded = rule.trustProxy ? request.headers['x-forwarded-host'] : undefined;
  const host = typeof forwarded === 'string' ? forwarded : request.headers.host;
  // The scheme is left out: whether TLS ends here or at a proxy is not for the page to know.
  return host !== undefined && URL.parse(origin)?.host === normalized(host);
}

/** `host:80` and `host:443` as a browser writes them in `Origin`: without the port that goes without saying. */
function normalized(host: string): string {
  return host.toLowerCase().replace(/:(80|443)$/, '');
}
