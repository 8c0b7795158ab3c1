import { parseCookie } from 'undici';

const COOKIES_MAX = 50;
const COOKIE_BYTES_MAX = 4096;

interface KeptCookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  readonly isSecure: boolean;
  readonly expiresAtMs: number;
}

/**
 * The cookies of one call. A cookie goes back to the very host that set it: its `Domain` is not honoured, because
 * without a list of public suffixes one application could plant cookies for another.
 */
export class CookieJar {
  readonly #cookies = new Map<string, KeptCookie>();

  get size(): number {
    return this.#cookies.size;
  }

  /** Keeps what an answer of this URL set. What is too large, and what comes when the jar is full, is dropped. */
  take(setCookie: readonly string[], url: URL, nowMs: number): void {
    for (const written of setCookie) {
      const cookie = written.length <= COOKIE_BYTES_MAX ? parseCookie(written) : null;
      if (cookie === null || cookie.name === '') continue;
      const path = cookie.path?.startsWith('/') === true ? cookie.path : defaultPath(url.pathname);
      const id = `${url.hostname};${path};${cookie.name}`;
      const expiresAtMs = expiry(cookie, nowMs);
      if (expiresAtMs <= nowMs) this.#cookies.delete(id);
      else if (this.#cookies.has(id) || this.#cookies.size < COOKIES_MAX) {
        const { name, value } = cookie;
        const isSecure = cookie.secure === true;
        this.#cookies.set(id, { name, value, host: url.hostname, path, isSecure, expiresAtMs });
      }
    }
  }

  /** The value of the header `Cookie` for this URL, or undefined when there is none to send. */
  header(url: URL, nowMs: number): string | undefined {
    if (this.#cookies.size === 0) return undefined;
    const sent = [...this.#cookies.values()]
      .filter(
        (cookie) =>
          cookie.host === url.hostname &&
          cookie.expiresAtMs > nowMs &&
          (!cookie.isSecure || url.protocol === 'https:') &&
          isWithin(url.pathname, cookie.path),
      )
      // RFC 6265 §5.4: the longer path first.
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`);
    return sent.length === 0 ? undefined : sent.join('; ');
  }
}

function expiry(cookie: { maxAge?: number; expires?: Date | number }, nowMs: number): number {
  if (cookie.maxAge !== undefined) return nowMs + cookie.maxAge * 1000;
  const expires = cookie.expires === undefined ? Infinity : Number(cookie.expires);
  return Number.isNaN(expires) ? Infinity : expires;
}

/** RFC 6265 §5.1.4. */
function defaultPath(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

function isWithin(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/';
}
