import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Identity } from '@parley/protocol';
import * as v from 'valibot';
import { clientAddress } from './client-address.ts';
import type { EdgeLog } from './edge-log.ts';
import { answerComplaint, answerJson, ALWAYS_HEADERS } from './json-answer.ts';
import { RateByAddress, type Rate } from './rate-by-address.ts';
import { readBody } from './request-body.ts';
import { StaticFiles } from './static-files.ts';

/** What `GET /health` answers: 200 while `ok`, 503 otherwise. The other fields are for people. */
export interface HealthReport {
  readonly ok: boolean;
  readonly [field: string]: unknown;
}

/** A part of the paths that somebody else answers, such as the REST API. */
export interface HttpMount {
  /** `/2012-04-24` takes that path and everything below it. */
  readonly prefix: string;
  /** A longer body is refused with 413 before the mount hears of it. */
  readonly bodyBytesMax: number;
  /** Answers. Rejecting is a failure of ours: logged, and answered with 500. */
  handle(exchange: HttpExchange): Promise<void>;
}

export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly body: Buffer;
}

export interface HttpEdgeOptions {
  readonly log: EdgeLog;
  readonly health: () => HealthReport;
  /** Text in the Prometheus exposition format. */
  readonly metrics: () => string | Promise<string>;
  /** Takes upgrades; the WebSocket edge. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** The built softphone. Absent: `/` is not found. */
  readonly softphoneDirectory?: string;
  /** Present: whoever asks gets a token for any name. For demonstrations only. */
  readonly demo?: DemoTokens;
  readonly mounts?: readonly HttpMount[];
  readonly trustProxy?: boolean;
  readonly limits?: Partial<HttpLimits>;
}

export interface DemoTokens {
  mint(identity: Identity): Promise<string>;
}

export interface HttpLimits {
  /** A request that has not been read by then is answered with 408. */
  readonly requestTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly headerBytesMax: number;
  /** How long requests may go on after `close`. */
  readonly closeTimeoutMs: number;
  /** Demo tokens for one address. */
  readonly demoRate: Rate;
}

export const HTTP_LIMITS: HttpLimits = {
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  headerBytesMax: 16 * 1024,
  closeTimeoutMs: 5_000,
  demoRate: { perMinute: 120, burst: 60 },
};

export interface HttpEdge {
  /** Listens, and resolves with the port; 0 asks for a free one. */
  listen(at: { readonly host: string; readonly port: number }): Promise<AddressInfo>;
  /** Takes no new requests, and resolves when the running ones are answered or have had their time. */
  close(): Promise<void>;
}

/** Makes the HTTP server of the gateway. Rejects when the softphone cannot be read. */
export async function createHttpEdge(options: HttpEdgeOptions): Promise<HttpEdge> {
  const { softphoneDirectory } = options;
  const softphone = softphoneDirectory === undefined ? undefined : await StaticFiles.load(softphoneDirectory);
  return new Edge(options, softphone);
}

type Route = (exchange: Omit<HttpExchange, 'body'>) => void | Promise<void>;

class Edge implements HttpEdge {
  readonly #options: HttpEdgeOptions;
  readonly #limits: HttpLimits;
  readonly #softphone: StaticFiles | undefined;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #demoRate: RateByAddress;
  readonly #server: Server;

  constructor(options: HttpEdgeOptions, softphone: StaticFiles | undefined) {
    this.#options = options;
    this.#limits = { ...HTTP_LIMITS, ...options.limits };
    this.#softphone = softphone;
    this.#demoRate = new RateByAddress(this.#limits.demoRate);
    this.#routes = this.#ownRoutes();
    const { requestTimeoutMs, headersTimeoutMs, keepAliveTimeoutMs, headerBytesMax } = this.#limits;
    this.#server = createServer(
      {
        requestTimeout: requestTimeoutMs,
        headersTimeout: headersTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        maxHeaderSize: headerBytesMax,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxHeadersCount = 100;
    this.#server.on('upgrade', options.upgrade);
  }

  async listen(at: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(at, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('an HTTP server listens on a port');
    return address;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const { promise: timeUp, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => resolve(), this.#limits.closeTimeoutMs);
    await Promise.race([closed, timeUp]);
    clearTimeout(timer);
    this.#server.closeAllConnections();
  }

  #ownRoutes(): ReadonlyMap<string, Route> {
    const { health, metrics, demo } = this.#options;
    const routes = new Map<string, Route>();
    routes.set('/health', ({ response }) => {
      const report = health();
      answerJson(response, report.ok ? 200 : 503, report);
    });
    routes.set('/metrics', async ({ response }) => {
      const text = await metrics();
      response.writeHead(200, {
        ...ALWAYS_HEADERS,
        'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
        'Cache-Control': 'no-store',
      });
      response.end(text);
    });
    if (demo !== undefined) routes.set('/demo/token', (exchange) => this.#demoToken(exchange, demo));
    return routes;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (err) {
      this.#options.log.error({ err, method: request.method }, 'an HTTP request failed');
      if (response.headersSent) response.destroy();
      else
        answerComplaint(response, {
          status: 500,
          name: 'internal',
          message: 'the gateway failed; see its log',
        });
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The host is never looked at, so that nobody can steer us with it.
    const url = URL.parse(`http://gateway${request.url ?? ''}`);
    if (url === null || !request.url?.startsWith('/')) {
      return answerComplaint(response, {
        status: 400,
        name: 'bad-url',
        message: 'the request has no valid path',
      });
    }
    const mount = this.#options.mounts?.find(({ prefix }) => isBelow(url.pathname, prefix));
    if (mount !== undefined) return this.#mounted(mount, request, response, url);
    const route = this.#routes.get(url.pathname);
    const isFile = this.#softphone?.has(url.pathname) ?? false;
    if (route === undefined && !isFile) {
      return answerComplaint(response, {
        status: 404,
        name: 'not-found',
        message: 'there is nothing at this path',
      });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const complaint = {
        status: 405,
        name: 'method-not-allowed',
        message: 'only GET and HEAD are answered here',
      };
      return answerComplaint(response, complaint, { Allow: 'GET, HEAD' });
    }
    if (route !== undefined) await route({ request, response, url });
    else this.#softphone?.answer(request, response, url.pathname);
  }

  async #mounted(
    mount: HttpMount,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    const body = await readBody(request, mount.bodyBytesMax);
    if (body === undefined) {
      const message = `a body here has at most ${mount.bodyBytesMax} bytes`;
      return answerComplaint(response, { status: 413, name: 'too-large', message }, { Connection: 'close' });
    }
    await mount.handle({ request, response, url, body });
  }

  async #demoToken({ request, response, url }: Omit<HttpExchange, 'body'>, demo: DemoTokens): Promise<void> {
    const address = clientAddress(request, this.#options.trustProxy ?? false);
    const waitMs = this.#demoRate.take(address, performance.now());
    if (waitMs > 0) {
      const complaint = { status: 429, name: 'rate-limited', message: 'too many tokens were asked for' };
      return answerComplaint(response, complaint, { 'Retry-After': String(Math.ceil(waitMs / 1000)) });
    }
    const identity = v.safeParse(Identity, url.searchParams.get('identity') ?? '');
    if (!identity.success) {
      const message = 'identity: 1 to 128 characters, no ? and no control characters, no blank at either end';
      return answerComplaint(response, { status: 400, name: 'bad-identity', message });
    }
    answerJson(response, 200, { token: await demo.mint(identity.output), identity: identity.output });
  }
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
