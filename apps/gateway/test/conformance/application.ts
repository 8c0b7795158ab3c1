import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { soon } from './soon.ts';

/** What the gateway asked, or told. */
export interface Asked {
  readonly path: string;
  readonly method: string;
  /** As it came over the wire, with its query. */
  readonly target: string;
  /** The form of a POST, the query of a GET. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
}

/** A string is an RCML document; `raw` answers in any way, also by not answering. */
export type Answer =
  | string
  | {
      readonly status?: number;
      readonly type?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
    }
  | { readonly raw: (response: ServerResponse) => void };
export type Handler = (asked: Asked) => Answer | Promise<Answer>;

/**
 * The web application behind the gateway: answers with the documents of a test, and keeps everything it was asked.
 * Callbacks (`…/events…`) are taken; another path that nobody has given an answer for is 404.
 */
export class Application implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  readonly #handlers = new Map<string, Handler>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port = 0): Promise<Application> {
    const server = createServer();
    const application = new Application(server);
    server.on('request', (request, response) => {
      application.#serve(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return application;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  /** From now on this path answers so. What is no document by itself is put into a `<Response>`. */
  on(path: string, answer: Answer | Handler): void {
    this.#handlers.set(path, typeof answer === 'function' ? answer : () => answer);
  }

  /** What was asked at this path, oldest first. */
  at(path: string): readonly Asked[] {
    return this.asked.filter((asked) => asked.path === path);
  }

  /** The `count`th request to a path, as soon as it is there. */
  request(path: string, count = 1): Promise<Asked> {
    const seen = (): string => this.asked.map((asked) => asked.path).join(' ') || 'nothing';
    return soon(
      () => this.at(path)[count - 1],
      () => `request ${count} to ${path}; asked was: ${seen()}`,
    );
  }

  /** The status callbacks, oldest first. */
  get callbacks(): readonly Asked[] {
    return this.asked.filter(({ params }) => params['CallbackSource'] === 'call-progress-events');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    const url = new URL(target, `http://${this.host}`);
    let body = '';
    request.setEncoding('utf8');
    for await (const piece of request) body += String(piece);
    const { method = '', headers } = request;
    const form = method === 'GET' ? url.searchParams : new URLSearchParams(body);
    const asked: Asked = { path: url.pathname, method, target, params: Object.fromEntries(form), headers };
    this.asked.push(asked);
    const handler = this.#handlers.get(url.pathname);
    if (handler === undefined) {
      response.writeHead(url.pathname.includes('/events') ? 204 : 404).end();
      return;
    }
    const answer = await handler(asked);
    if (typeof answer !== 'string' && 'raw' in answer) {
      answer.raw(response);
      return;
    }
    const given = typeof answer === 'string' ? { body: document(answer) } : answer;
    response
      .writeHead(given.status ?? 200, { 'content-type': given.type ?? 'text/xml', ...given.headers })
      .end(given.body ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Puts verbs into a document; a text that is one, or is to be a broken one, stays as it is. */
function document(text: string): string {
  return text === '' || /^<(?:Dial|Say|Play|Pause|Gather|Hangup|Reject|Redirect|Record)\b/.test(text)
    ? `<Response>${text}</Response>`
    : text;
}
