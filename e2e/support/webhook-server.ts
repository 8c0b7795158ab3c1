import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the gateway asked, or told, an application. */
export interface WebhookRequest {
  readonly path: string;
  readonly method: string;
  /** The form, or the query of a GET. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What the application answers. A string is an RCML document. */
export type WebhookAnswer =
  | string
  | { readonly status?: number; readonly contentType?: string; readonly body: string };
export type WebhookHandler = (request: WebhookRequest) => WebhookAnswer | Promise<WebhookAnswer>;

const REQUEST_WAIT_MS = 15_000;
const BODY_BYTES_MAX = 1024 * 1024;

/**
 * The web application behind the telephone: answers the gateway's requests with the documents of a test, and keeps
 * what it was asked. A path nobody has given an answer for is 404, as on any web server.
 */
export class WebhookServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #handlers = new Map<string, WebhookHandler>();
  readonly #received: WebhookRequest[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<WebhookServer> {
    const server = createServer();
    const webhooks = new WebhookServer(server);
    server.on('request', (request, response) => void webhooks.#serve(request, response));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return webhooks;
  }

  /** `127.0.0.1:…` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  /** From now on this path answers so. */
  on(path: string, answer: WebhookAnswer | WebhookHandler): void {
    this.#handlers.set(path, typeof answer === 'function' ? answer : () => answer);
  }

  /** Everything asked at this path, oldest first. */
  requests(path: string): readonly WebhookRequest[] {
    return this.#received.filter((request) => request.path === path);
  }

  /** The `count`th request to this path, as soon as it is there; rejects when it does not come. */
  async request(path: string, count = 1): Promise<WebhookRequest> {
    const deadlineMs = Date.now() + REQUEST_WAIT_MS;
    for (;;) {
      const found = this.requests(path)[count - 1];
      if (found !== undefined) return found;
      const leftMs = deadlineMs - Date.now();
      if (leftMs <= 0) {
        const paths = this.#received.map((request) => request.path).join(', ') || 'nothing';
        throw new Error(
          `request ${count} to ${path} did not come within ${REQUEST_WAIT_MS} ms; asked was: ${paths}`,
        );
      }
      await this.#nextRequest(leftMs);
    }
  }

  #nextRequest(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(done);
    });
  }

  /** Forgets the documents and requests of the last test. */
  reset(): void {
    this.#handlers.clear();
    this.#received.length = 0;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${this.host}`);
    const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : url.searchParams;
    const received: WebhookRequest = {
      path: url.pathname,
      method: request.method ?? '',
      params: Object.fromEntries(form),
      headers: request.headers,
    };
    this.#received.push(received);
    for (const wake of Array.from(this.#waiting)) wake();
    const handler = this.#handlers.get(url.pathname);
    const answer = handler === undefined ? { status: 404, body: 'no such page' } : await handler(received);
    const {
      status = 200,
      contentType = 'text/xml',
      body,
    } = typeof answer === 'string' ? { body: answer } : answer;
    response.writeHead(status, { 'content-type': `${contentType}; charset=utf-8` }).end(body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > BODY_BYTES_MAX) break;
  }
  return body;
}
