import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddress } from '../edge/client-address.ts';
import type { HttpExchange, HttpMount } from '../edge/http-edge.ts';
import { ALWAYS_HEADERS, answerJson } from '../edge/json-answer.ts';
import { RateByKey, type Rate } from '../edge/rate-by-key.ts';
import type { Logger } from '../log.ts';
import { accountOperations } from './account.ts';
import { applicationOperations } from './applications.ts';
import { callbackOperations } from './callbacks.ts';
import { callOperations } from './calls.ts';
import { clientOperations } from './clients.ts';
import { conferenceOperations } from './conferences.ts';
import { authenticate, type Credentials } from './credentials.ts';
import { feedbackOperations } from './feedback.ts';
import { rawFields } from './fields.ts';
import { keyOperations } from './keys.ts';
import { notificationOperations } from './notifications.ts';
import type { Operation, RestAnswer, RestMethod, RestRequest } from './operation.ts';
import { answerMedia, askedMedia, isAllowedByLink, type AskedMedia } from './recording-media.ts';
import { recordingOperations } from './recordings.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';
import { Router } from './router.ts';
import { userDefinedMessageOperations } from './user-defined-messages.ts';

export interface RestApiOptions extends RestServices {
  readonly log: Pick<Logger, 'error'>;
  readonly trustProxy?: boolean;
  readonly limits?: Partial<RestLimits>;
}

export interface RestLimits {
  readonly bodyBytesMax: number;
  /** Requests of one account. */
  readonly accountRate: Rate;
  /** Requests with wrong credentials from one address. */
  readonly strangerRate: Rate;
}

export const REST_LIMITS: RestLimits = {
  // A document may come with a call, and form-encoding makes it longer.
  bodyBytesMax: 256 * 1024,
  accountRate: { perMinute: 6000, burst: 1000 },
  strangerRate: { perMinute: 60, burst: 60 },
};

/** Where the same API is found: its own version, and the two under which programs know it already. */
export const REST_PREFIXES: readonly string[] = ['/2012-04-24', '/restcomm/2012-04-24', '/2010-04-01'];

/** Everything that can be asked, in the order of the description. */
export function restOperations(services: RestServices): readonly Operation[] {
  return [
    ...accountOperations(services),
    ...callOperations(services),
    ...feedbackOperations(services),
    ...userDefinedMessageOperations(services),
    ...conferenceOperations(services),
    ...clientOperations(services),
    ...applicationOperations(services),
    ...recordingOperations(services),
    ...notificationOperations(services),
    ...callbackOperations(services),
    ...keyOperations(services),
  ];
}

/** The REST API, as mounts of the HTTP edge. */
export function createRestApi(options: RestApiOptions): readonly HttpMount[] {
  const api = new RestApi(options);
  return REST_PREFIXES.map((prefix) => ({
    prefix,
    bodyBytesMax: api.limits.bodyBytesMax,
    handle: (exchange) => api.handle(exchange, prefix),
  }));
}

class RestApi {
  readonly limits: RestLimits;
  readonly #options: RestApiOptions;
  readonly #router: Router;
  readonly #accountRate: RateByKey;
  readonly #strangerRate: RateByKey;

  constructor(options: RestApiOptions) {
    this.limits = { ...REST_LIMITS, ...options.limits };
    this.#options = options;
    this.#router = new Router(restOperations(options));
    this.#accountRate = new RateByKey(this.limits.accountRate);
    this.#strangerRate = new RateByKey(this.limits.strangerRate);
  }

  async handle({ request, response, url, body }: HttpExchange, prefix: string): Promise<void> {
    try {
      const media = askedMedia(request, url, prefix);
      if (media !== undefined) {
        this.#admitToMedia(request, media);
        await answerMedia({ request, response }, media, this.#options);
        return;
      }
      const answer = await this.#answer(request, url, body, prefix);
      send(response, request, answer);
    } catch (error) {
      const refused = error instanceof RestRefusal ? error : this.#failure(error, request);
      answerJson(response, refused.status, refused.body, refused.headers);
    }
  }

  async #answer(request: IncomingMessage, url: URL, body: Buffer, prefix: string): Promise<RestAnswer> {
    refuseOtherSites(request);
    const { accountSid } = this.#authenticate(request);
    const { accountPath, rest } = splitPath(url.pathname, prefix);
    if (accountPath !== accountSid) throw otherAccount();
    const method = methodOf(request);
    const found = this.#router.find(method, rest);
    const asked: RestRequest = {
      accountSid,
      root: `${prefix}/Accounts/${accountSid}`,
      apiVersion: prefix.slice(prefix.lastIndexOf('/') + 1),
      names: found.names,
      fields: rawFields(method === 'POST' ? readForm(request, body) : url.searchParams),
    };
    return found.operation.run(asked);
  }

  /** Media need a link or credentials (D28). */
  #admitToMedia(request: IncomingMessage, media: AskedMedia): void {
    try {
      if (isAllowedByLink(media, this.#options.store, Date.now())) return;
    } catch (error) {
      this.#countStranger(request, 'wrong links were followed too often');
      throw error;
    }
    refuseOtherSites(request);
    if (this.#authenticate(request).accountSid !== media.accountSid) throw otherAccount();
  }

  #authenticate(request: IncomingMessage): Credentials {
    const nowMs = performance.now();
    const credentials = authenticate(request.headers.authorization, this.#options.store);
    if (credentials !== undefined) {
      const waitMs = this.#accountRate.take(credentials.accountSid, nowMs);
      if (waitMs > 0) throw tooMany('the account asks too often', waitMs);
      return credentials;
    }
    // Who has sent nothing yet is a browser that is about to ask its person.
    if (request.headers.authorization !== undefined) {
      this.#countStranger(request, 'wrong credentials were sent too often');
    }
    throw new RestRefusal(
      'notAuthenticated',
      'Authenticate: send the account’s sid and token, or an API key’s sid and secret, as Basic authorization',
      { 'WWW-Authenticate': 'Basic realm="Parley", charset="UTF-8"' },
    );
  }

  #countStranger(request: IncomingMessage, message: string): void {
    const address = clientAddress(request, this.#options.trustProxy ?? false);
    const waitMs = this.#strangerRate.take(address, performance.now());
    if (waitMs > 0) throw tooMany(message, waitMs);
  }

  #failure(error: unknown, request: IncomingMessage): RestRefusal {
    this.#options.log.error({ err: error, method: request.method }, 'a REST request failed');
    return new RestRefusal('failed', 'the gateway failed; see its log');
  }
}

/** A browser that knows the credentials would send them along with a form of any page. */
function refuseOtherSites(request: IncomingMessage): void {
  const site = request.headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  throw new RestRefusal('forbidden', 'a page of another site may not ask this');
}

interface SplitPath {
  readonly accountPath: string;
  /** Below the account, without `.json`: `/Calls/CA…`. */
  readonly rest: string;
}

function splitPath(path: string, prefix: string): SplitPath {
  // RestComm's clients write the suffix in the middle, too: `/Calls.json/CA…`.
  const plain = path.slice(prefix.length).replaceAll(/\.json(?=\/|$)/g, '');
  const [, accountPath, rest = ''] = /^\/Accounts\/([^/]+)((?:\/[^/]+)*)\/?$/.exec(plain) ?? [];
  if (accountPath === undefined)
    throw new RestRefusal('notFound', 'the path begins with /Accounts/ and a sid');
  return { accountPath, rest };
}

function methodOf(request: IncomingMessage): RestMethod {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return 'GET';
    case 'POST':
    case 'PUT':
      return 'POST';
    case 'DELETE':
      return 'DELETE';
    default:
      throw new RestRefusal('methodNotAllowed', `${request.method} is not answered here`, {
        Allow: 'GET, HEAD, POST, PUT, DELETE',
      });
  }
}

function readForm(request: IncomingMessage, body: Buffer): URLSearchParams {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (body.length > 0 && type !== '' && type !== 'application/x-www-form-urlencoded') {
    throw new RestRefusal(
      'invalidParameter',
      'the body is a form: Content-Type application/x-www-form-urlencoded',
    );
  }
  return new URLSearchParams(body.toString('utf8'));
}

function otherAccount(): RestRefusal {
  return new RestRefusal('forbidden', 'these credentials are of another account than the path names');
}

function tooMany(message: string, waitMs: number): RestRefusal {
  return new RestRefusal('tooManyRequests', message, { 'Retry-After': String(Math.ceil(waitMs / 1000)) });
}

function send(response: ServerResponse, request: IncomingMessage, { status, body }: RestAnswer): void {
  if (body === undefined) {
    response.writeHead(status, { ...ALWAYS_HEADERS, 'Cache-Control': 'no-store' }).end();
    return;
  }
  if (request.method !== 'HEAD') return answerJson(response, status, body);
  response.writeHead(status, { ...ALWAYS_HEADERS, 'Content-Type': 'application/json; charset=utf-8' }).end();
}
