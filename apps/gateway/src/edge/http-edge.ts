import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Identity } from '@parley/protocol';
import * as v from 'valibot';
import { clientAddress } from './client-address.ts';
import type { EdgeLog } from './edge-log.ts';
import { answerComplaint, answerJson, ALWAYS_HEADERS } from './json-answer.ts';
import { RateByKey, type Rate } from './rate-by-key.ts';
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
  /** Where to listen. Port 0 asks for a free one. */
  readonly host: string;
  readonly port: number;
  readonly log: EdgeLog;
  readonly health: () => HealthReport;
  /** Text in the Prometheus exposition format. */
  readonly metrics: () => string | Promise<string>;
  /** Takes upgrades; the WebSocket edge. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** The built softphone. Absent: `/` is not found. */
  readonly softphoneDir?: string;
  /** Mints a token for any name anybody asks for at `/demo/token`. For demonstrations only; absent, there is none. */
  /** Shows whoever placed a call what was recorded of it; absent where there is no demo. */
  readonly demoRecording?: (callSid: string) => string | undefined;
  readonly demoToken?: (identity: Identity) => string | Promise<string>;
  readonly mounts?: readonly HttpMount[];
  readonly trustProxy?: boolean;
  readonly limits?: Partial<HttpLimits>;
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

export interface HttpEdge extends AsyncDisposable {
  readonly port: number;
  /** Where it is reached from this machine. */
  readonly url: string;
  /** Takes no new requests, and resolves when the running ones are answered or have had their time. Sockets stay open. */
  close(): Promise<void>;
}

/** Listens, and resolves when requests are answered. Rejects when the softphone or the port cannot be had. */
export async function createHttpEdge(options: HttpEdgeOptions): Promise<HttpEdge> {
  const { softphoneDir } = options;
  const softphone = softphoneDir === undefined ? undefined : await StaticFiles.load(softphoneDir);
  const edge = new Edge(options, softphone);
  await edge.listen();
  return edge;
}

type DemoMint = NonNullable<HttpEdgeOptions['demoToken']>;
type Route = (exchange: Omit<HttpExchange, 'body'>) => void | Promise<void>;

class Edge implements HttpEdge {
  readonly #options: HttpEdgeOptions;
  readonly #limits: HttpLimits;
  readonly #softphone: StaticFiles | undefined;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #demoRate: RateByKey;
  #port: number | undefined;
  readonly #server: Server;
  #running = 0;
  #whenAnswered: (() => void) | undefined;

  constructor(options: HttpEdgeOptions, softphone: StaticFiles | undefined) {
    this.#options = options;
    this.#limits = { ...HTTP_LIMITS, ...options.limits };
    this.#softphone = softphone;
    this.#demoRate = new RateByKey(this.#limits.demoRate);
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

  /** The port it listens on; as configured before it does. Asked for with every webhook, so it is kept. */
  get port(): number {
    return this.#port ?? this.#options.port;
  }

  get url(): string {
    const { host } = this.#options;
    const everywhere = host === '0.0.0.0' || host === '::' || host === '';
    const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
    return `http://${name}:${this.port}`;
  }

  async listen(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        if (address !== null && typeof address !== 'string') this.#port = address.port;
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    if (this.#server.listening) this.#server.close();
    this.#server.closeIdleConnections();
    // Node would wait for sockets that were upgraded too; they are not ours to wait for.
    if (this.#running > 0) {
      const answered = new Promise<void>((resolve) => (this.#whenAnswered = resolve));
      await Promise.race([answered, delay(this.#limits.closeTimeoutMs, undefined, { ref: false })]);
    }
    this.#server.closeAllConnections();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ownRoutes(): ReadonlyMap<string, Route> {
    const { health, metrics, demoToken, demoRecording } = this.#options;
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
    if (demoRecording !== undefined) {
      routes.set('/demo/recording', ({ response, url }) => {
        const found = demoRecording(url.searchParams.get('call') ?? '');
        answerJson(response, 200, { url: found ?? null });
      });
    }
    if (demoToken !== undefined)
      routes.set('/demo/token', (exchange) => this.#demoToken(exchange, demoToken));
    return routes;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#running += 1;
    response.once('close', () => {
      this.#running -= 1;
      if (this.#running === 0) this.#whenAnswered?.();
    });
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

  async #demoToken({ request, response, url }: Omit<HttpExchange, 'body'>, mint: DemoMint): Promise<void> {
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
    answerJson(response, 200, { token: await mint(identity.output), identity: identity.output });
  }
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
