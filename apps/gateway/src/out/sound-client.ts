import { notifications } from '@parley/rcml';
import { Agent, Pool, type Dispatcher } from 'undici';
import { portOf, type AddressGuard } from './address-guard.ts';
import { readOverrides, type UrlOverrides } from './url-overrides.ts';
import { readFault, type WebhookFault } from './webhook-fault.ts';

/** What a server gave with a sound, so that one may ask whether it is still the same. */
export interface SoundValidators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What became of asking for a sound. */
export type FetchedSound =
  | {
      readonly type: 'sound';
      readonly bytes: Uint8Array;
      readonly validators: SoundValidators;
      /** For so long it need not be asked for again. */
      readonly freshMs: number;
    }
  | { readonly type: 'unchanged'; readonly freshMs: number }
  | { readonly type: 'fault'; readonly fault: Pick<WebhookFault, 'code' | 'message'> };

/** Fetches sounds under the guards of documents: addresses, redirects, time, size. */
export interface SoundClient {
  /** Never rejects. With validators the answer may be `unchanged`. */
  fetchSound(url: string, validators?: SoundValidators): Promise<FetchedSound>;
  close(): Promise<void>;
}

/** Three minutes of stereo at 48 kHz as a WAV file, half an hour of MP3. */
export const SOUND_BYTES_MAX = 32 * 1024 * 1024;
const REDIRECTS_MAX = 3;
const CONNECTIONS_PER_ORIGIN_MAX = 16;
/** Nobody's word that something never changes is taken for longer. */
const FRESH_MS_MAX = 24 * 3_600_000;

/** A client that obeys this guard. */
export function createSoundClient({ guard }: { readonly guard: AddressGuard }): SoundClient {
  const agent = new Agent({
    // One pool for each origin, because the guard judges a host together with its port.
    factory: (origin) =>
      new Pool(origin, {
        connections: CONNECTIONS_PER_ORIGIN_MAX,
        allowH2: false,
        connect: { timeout: 5000, lookup: guard.lookupFor(portOf(new URL(origin))) },
      }),
  });
  return {
    async fetchSound(written, validators = {}) {
      const url = URL.parse(written);
      if (url === null) return fault(notifications.urlInvalid.code, 'the URL cannot be read');
      const overrides = readOverrides(url.hash);
      const signal = AbortSignal.timeout(overrides.totalTimeoutMs);
      try {
        return await follow({ agent, guard, overrides, signal, validators }, url);
      } catch (error) {
        if (signal.aborted) {
          return fault(notifications.connectionFailed.code, 'the server did not send it in time');
        }
        const { code, message } = readFault(error);
        return fault(code, message);
      }
    },
    close: () => agent.destroy(),
  };
}

interface Asking {
  readonly agent: Agent;
  readonly guard: AddressGuard;
  readonly overrides: UrlOverrides;
  readonly signal: AbortSignal;
  readonly validators: SoundValidators;
}

async function follow(asking: Asking, first: URL): Promise<FetchedSound> {
  let url = first;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const refused = asking.guard.check(url);
    if (refused !== undefined) return fault(readFault(refused).code, refused.message);
    const response = await ask(asking, url);
    const location = one(response.headers, 'location');
    const next = location === undefined ? null : URL.parse(location, url.href);
    if (![301, 302, 303, 307, 308].includes(response.statusCode) || next === null) return read(response);
    response.body.on('error', ignore).destroy();
    url = next;
  }
  const message = `the server redirected more than ${REDIRECTS_MAX} times`;
  return fault(notifications.redirectsTooMany.code, message);
}

function ask({ agent, overrides, signal, validators }: Asking, url: URL): Promise<Dispatcher.ResponseData> {
  const { etag, lastModified } = validators;
  return agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'GET',
    headers: {
      accept: 'audio/wav, audio/mpeg, audio/ogg, audio/*, */*;q=0.1',
      'accept-encoding': 'identity',
      'user-agent': 'Parley/0.1',
      ...(url.username !== '' && { authorization: basicAuthorization(url) }),
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
    },
    headersTimeout: overrides.readTimeoutMs,
    bodyTimeout: overrides.readTimeoutMs,
    signal,
  });
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<FetchedSound> {
  const freshMs = freshnessOf(one(headers, 'cache-control') ?? '');
  const drop = (answer: FetchedSound): FetchedSound => {
    body.on('error', ignore).destroy();
    return answer;
  };
  if (statusCode === 304) return drop({ type: 'unchanged', freshMs });
  if (statusCode < 200 || statusCode > 299) {
    const kind = statusCode === 404 ? notifications.documentNotFound : notifications.fetchFailed;
    return drop(fault(kind.code, `the server answered with status ${statusCode}`));
  }
  const contentType = one(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (contentType !== undefined && !mayBeSound(contentType)) {
    return drop(fault(notifications.contentTypeUnusable.code, `it is ${contentType}, which is no sound`));
  }
  const tooLarge = fault(
    notifications.documentTooLarge.code,
    `it is larger than ${SOUND_BYTES_MAX / 1024 / 1024} MiB`,
  );
  if (Number(one(headers, 'content-length')) > SOUND_BYTES_MAX) return drop(tooLarge);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    chunks.push(chunk);
    // Leaving the loop destroys the body, and with it the connection of a server that would send for ever.
    if (length > SOUND_BYTES_MAX) return tooLarge;
  }
  const etag = one(headers, 'etag');
  const lastModified = one(headers, 'last-modified');
  const validators = {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
  return { type: 'sound', bytes: Buffer.concat(chunks), validators, freshMs };
}

/** What servers call sounds, and what they call everything they do not know. The bytes decide. */
function mayBeSound(contentType: string): boolean {
  return (
    contentType.startsWith('audio/') ||
    ['application/ogg', 'video/ogg', 'application/octet-stream', 'binary/octet-stream', ''].includes(
      contentType,
    )
  );
}

function freshnessOf(cacheControl: string): number {
  if (/\bno-(store|cache)\b/i.test(cacheControl)) return 0;
  const seconds = Number(/\bmax-age=(\d+)/i.exec(cacheControl)?.[1] ?? 0);
  return Math.min(FRESH_MS_MAX, seconds * 1000);
}

function basicAuthorization(url: URL): string {
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

function one(headers: Dispatcher.ResponseData['headers'], name: string): string | undefined {
  return [headers[name]].flat()[0];
}

function fault(code: number, message: string): FetchedSound {
  return { type: 'fault', fault: { code, message } };
}

function ignore(): void {}
