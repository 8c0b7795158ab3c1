import { notifications, type HttpMethod } from '@parley/rcml';
import { Agent, Pool, type Dispatcher } from 'undici';
import { portOf, type AddressGuard } from './address-guard.ts';
import type { CookieJar } from './cookie-jar.ts';
import { Ending, exchange, type AnswerHead, type ExchangedAnswer } from './exchange.ts';
import type { FormParams } from './form-params.ts';
import { signatureHeaders } from './request-signature.ts';
import { readOverrides, type UrlOverrides } from './url-overrides.ts';
import type { WebhookAccount } from './webhook-account.ts';
import { readFault, type WebhookFault } from './webhook-fault.ts';

/** Something to be asked or told. */
export interface WebhookRequest {
  /** Absolute; what follows `#` are overrides and is not sent. */
  readonly url: string;
  readonly method: HttpMethod;
  readonly params: FormParams;
  readonly account: WebhookAccount;
  /** The same whenever the same thing is asked or told again. */
  readonly idempotencyKey: string;
  /** W3C Trace Context, sent as it is. */
  readonly traceparent?: string;
  readonly cookies?: CookieJar;
  readonly signal?: AbortSignal;
}

/** An answer with a status of 200 to 299. */
export interface WebhookAnswer {
  readonly status: number;
  readonly headers: FormParams;
  readonly contentType: string | undefined;
  /** Empty for an answer that is a sound: nobody reads it here. */
  readonly body: Buffer;
  /** Where it was found, after redirects. */
  readonly url: string;
}

/** What became of a request. */
export type WebhookResult =
  | { readonly ok: true; readonly answer: WebhookAnswer }
  | { readonly ok: false; readonly fault: WebhookFault };

/** What a client is told. */
export interface WebhookClientOptions {
  readonly guard: AddressGuard;
  readonly nowMs?: () => number;
}

const BODY_BYTES_MAX = 64 * 1024;
const REDIRECTS_MAX = 3;
/** Beyond it, requests to one origin wait for one another. */
const CONNECTIONS_PER_ORIGIN_MAX = 256;
/** Connections are pooled by how long they may take to open, in steps of this. */
const CONNECT_TIMEOUT_STEP_MS = 500;

/** One step of a request: what is asked where, before redirects lead on. */
interface Hop {
  readonly url: URL;
  readonly method: HttpMethod;
  readonly params: FormParams;
}

type HopResult = WebhookResult | { readonly ok: 'redirect'; readonly next: Hop };

/** Sends signed requests, follows redirects, and gives up in time. */
export class WebhookClient {
  readonly #guard: AddressGuard;
  readonly #nowMs: () => number;
  readonly #agents = new Map<number, Agent>();

  constructor({ guard, nowMs = Date.now }: WebhookClientOptions) {
    this.#guard = guard;
    this.#nowMs = nowMs;
  }

  /** Never rejects: whatever goes wrong is a fault with a number. Settles within the total time of the URL. */
  async send(request: WebhookRequest): Promise<WebhookResult> {
    const url = URL.parse(request.url);
    if (url === null) {
      const message = 'The URL cannot be read.';
      return { ok: false, fault: { code: notifications.urlInvalid.code, message, url: request.url } };
    }
    const overrides = readOverrides(url.hash);
    const ending = new Ending();
    const end = (): void => ending.end();
    const deadline = setTimeout(end, overrides.totalTimeoutMs);
    request.signal?.addEventListener('abort', end);
    if (request.signal?.aborted === true) end();
    try {
      return await this.#sendWithRetries(request, url, { overrides, ending });
    } catch (error) {
      return { ok: false, fault: { ...readFault(error), url: shown(url) } };
    } finally {
      clearTimeout(deadline);
      request.signal?.removeEventListener('abort', end);
    }
  }

  /** Ends all exchanges. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#agents.values(), (agent) => agent.destroy()));
  }

  async #sendWithRetries(request: WebhookRequest, url: URL, limits: Limits): Promise<WebhookResult> {
    const { retries, retryAfter } = limits.overrides;
    for (let retry = 0; ; retry++) {
      const result = await this.#followRedirects(request, url, limits);
      if (result.ok || limits.ending.isOver || retry >= retries) return result;
      if (result.fault.cause === undefined || !retryAfter.has(result.fault.cause)) return result;
    }
  }

  async #followRedirects(request: WebhookRequest, url: URL, limits: Limits): Promise<WebhookResult> {
    let hop: Hop = { url, method: request.method, params: request.params };
    for (let redirects = 0; ; redirects++) {
      const refused = this.#guard.check(hop.url);
      if (refused !== undefined) return { ok: false, fault: { ...readFault(refused), url: shown(hop.url) } };
      const result = await this.#exchange(request, hop, limits);
      if (result.ok !== 'redirect') return result;
      if (redirects === REDIRECTS_MAX) {
        const message = `The server redirected more than ${REDIRECTS_MAX} times.`;
        return {
          ok: false,
          fault: { code: notifications.redirectsTooMany.code, message, url: shown(hop.url) },
        };
      }
      hop = result.next;
    }
  }

  async #exchange(request: WebhookRequest, hop: Hop, { overrides, ending }: Limits): Promise<HopResult> {
    const asked = askedUrl(hop);
    const body = hop.method === 'POST' ? encodeForm(hop.params) : '';
    const nowMs = this.#nowMs();
    const cookie = request.cookies?.header(asked, nowMs);
    let answer: ExchangedAnswer;
    try {
      answer = await exchange(this.#agentFor(overrides.connectTimeoutMs), {
        request: {
          origin: asked.origin,
          path: asked.pathname + asked.search,
          method: hop.method,
          headers: {
            accept: 'text/xml, application/xml, text/plain, audio/*, */*;q=0.5',
            'accept-encoding': 'identity',
            'user-agent': 'Parley/0.1',
            ...(hop.method === 'POST' && {
              'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
            }),
            ...(hop.url.username !== '' && { authorization: basicAuthorization(hop.url) }),
            ...(cookie !== undefined && { cookie }),
            ...(request.traceparent !== undefined && { traceparent: request.traceparent }),
            ...signatureHeaders(request.account, {
              url: asked.href,
              form: hop.method === 'POST' ? hop.params : [],
              body,
              idempotencyKey: request.idempotencyKey,
              atMs: nowMs,
            }),
          },
          body: hop.method === 'POST' ? body : null,
          headersTimeout: overrides.readTimeoutMs,
          bodyTimeout: overrides.readTimeoutMs,
        },
        isWanted,
        bodyBytesMax: BODY_BYTES_MAX,
        ending,
      });
    } catch (error) {
      return { ok: false, fault: { ...this.#readEnding(error, ending), url: asked.href } };
    }
    request.cookies?.take(valuesOf(answer.headers, 'set-cookie'), asked, nowMs);
    return this.#readAnswer(answer, hop, asked, ending);
  }

  #readAnswer(read: ExchangedAnswer, hop: Hop, asked: URL, ending: Ending): HopResult {
    const { status, body } = read;
    const next = redirectHop(status, valuesOf(read.headers, 'location')[0], hop, asked);
    if (next !== undefined) return { ok: 'redirect', next };
    const answer = { status, headers: shownHeaders(read.headers), url: asked.href };
    const contentType = valuesOf(read.headers, 'content-type')[0];
    const isSuccess = status >= 200 && status < 300;
    if (isSuccess && isSound(read)) return { ok: true, answer: { ...answer, contentType, body } };
    if (isSuccess && !isPlain(read)) {
      const message = `The answer is encoded as ${encodingOf(read)}, which was not asked for.`;
      return { ok: false, fault: { ...answer, code: notifications.contentTypeUnusable.code, message } };
    }
    if (!isSuccess) return { ok: false, fault: { ...answer, ...statusReading(status), body } };
    if (read.end === 'too-large') {
      const message = `The answer is larger than ${BODY_BYTES_MAX / 1024} KiB.`;
      return { ok: false, fault: { ...answer, code: notifications.documentTooLarge.code, message, body } };
    }
    if (read.end === 'broken') {
      // What began to be answered is not asked again: only a silence of the server may be (`rt`).
      const { code, message, cause } = this.#readEnding(read.error, ending);
      const again = cause === 'rt' ? { cause } : {};
      return { ok: false, fault: { ...answer, code, message, ...again, body } };
    }
    return { ok: true, answer: { ...answer, contentType, body } };
  }

  /** Our own deadline and the caller's signal end an exchange in the same way; both are a server that was too slow. */
  #readEnding(error: unknown, ending: Ending): Pick<WebhookFault, 'code' | 'message' | 'cause'> {
    if (!ending.isOver) return readFault(error);
    return { code: notifications.connectionFailed.code, message: 'The server did not answer in time.' };
  }

  #agentFor(connectTimeoutMs: number): Agent {
    const timeout = Math.ceil(connectTimeoutMs / CONNECT_TIMEOUT_STEP_MS) * CONNECT_TIMEOUT_STEP_MS;
    const existing = this.#agents.get(timeout);
    if (existing !== undefined) return existing;
    const agent = new Agent({
      // One pool for each origin, because the guard judges a host together with its port.
      factory: (origin) =>
        new Pool(origin, {
          connections: CONNECTIONS_PER_ORIGIN_MAX,
          allowH2: false,
          connect: { timeout, lookup: this.#guard.lookupFor(portOf(new URL(origin))) },
        }),
    });
    this.#agents.set(timeout, agent);
    return agent;
  }
}

interface Limits {
  readonly overrides: UrlOverrides;
  readonly ending: Ending;
}

/** The URL as it goes over the wire: without credentials and fragment, with the parameters of a GET. */
function askedUrl({ url, method, params }: Hop): URL {
  const asked = new URL(url);
  asked.hash = '';
  // A lone `?` is not sent, and must not be signed.
  asked.search = url.search;
  asked.username = '';
  asked.password = '';
  if (method === 'GET' && params.length > 0) {
    // Appended as text, so that what was written stays as it was written. A redirect may have kept them.
    const known = asked.searchParams;
    const missing = encodeForm(params.filter(([name]) => !known.has(name)));
    if (missing !== '') asked.search += (asked.search === '' ? '?' : '&') + missing;
  }
  return asked;
}

/** Where a redirect leads (D20): 303 asks with GET and without the form, the others as before. */
function redirectHop(status: number, location: string | undefined, hop: Hop, asked: URL): Hop | undefined {
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const url = URL.parse(location, asked.href);
  if (url === null) return undefined;
  return status === 303 ? { url, method: 'GET', params: [] } : { ...hop, url };
}

function statusReading(status: number): Pick<WebhookFault, 'code' | 'message' | 'cause'> {
  const kind = status === 404 ? notifications.documentNotFound : notifications.fetchFailed;
  const message = `The server answered with status ${status}.`;
  if (status >= 400 && status < 600) return { code: kind.code, message, cause: status < 500 ? '4xx' : '5xx' };
  return { code: kind.code, message };
}

/** Of a success, a sound is fetched by who plays it, and may be larger than any document; and what was compressed is refused. */
function isWanted(head: AnswerHead): boolean {
  const isSuccess = head.status >= 200 && head.status < 300;
  return !isSuccess || (!isSound(head) && isPlain(head));
}

function isSound({ headers }: AnswerHead): boolean {
  return valuesOf(headers, 'content-type')[0]?.toLowerCase().startsWith('audio/') === true;
}

function isPlain(head: AnswerHead): boolean {
  return encodingOf(head) === 'identity';
}

function encodingOf({ headers }: AnswerHead): string {
  return valuesOf(headers, 'content-encoding')[0] ?? 'identity';
}

function encodeForm(params: FormParams): string {
  let form = '';
  for (const [name, value] of params) {
    form += `${form === '' ? '' : '&'}${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`;
  }
  return form;
}

function basicAuthorization(url: URL): string {
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

function valuesOf(headers: Dispatcher.ResponseData['headers'], name: string): readonly string[] {
  const value = headers[name];
  return value === undefined ? [] : [value].flat();
}

/** The headers as they are kept with a notification. Cookies are the application's own affair. */
function shownHeaders(headers: Dispatcher.ResponseData['headers']): FormParams {
  const shown: (readonly [string, string])[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (name === 'set-cookie' || value === undefined) continue;
    if (typeof value === 'string') shown.push([name, value]);
    else for (const one of value) shown.push([name, one]);
  }
  return shown;
}

function shown(url: URL): string {
  const bare = new URL(url);
  bare.hash = '';
  bare.username = '';
  bare.password = '';
  return bare.href;
}
