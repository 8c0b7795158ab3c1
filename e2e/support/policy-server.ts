import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/**
 * A customer's own web server: it serves a folder under a policy without inline scripts, in which the one exception is the
 * import map of the page, by its hash; and gets tokens where the gateway is.
 */
export class PolicyServer implements AsyncDisposable {
  readonly #server: Server;
  /** Where tokens come from, and what the page may connect to. Known once the gateway is there. */
  gateway = '';

  private constructor(folder: string) {
    this.#server = createServer((request, response) => {
      this.#answer(folder, request, response).catch(() => response.writeHead(404).end());
    });
  }

  static async start(folder: string): Promise<PolicyServer> {
    const server = new PolicyServer(folder);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', this.url);
    if (pathname === '/demo/token') {
      const answer = await fetch(`${this.gateway}${pathname}${search}`);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      return;
    }
    const file = await readFile(path.join(folder, path.normalize(pathname)));
    response
      .writeHead(200, {
        'content-type': TYPES[path.extname(pathname)] ?? 'application/octet-stream',
        'content-security-policy': this.#policy(file.toString('utf8')),
      })
      .end(file);
  }

  #policy(page: string): string {
    const map = /<script type="importmap">(?<text>[\s\S]*?)<\/script>/.exec(page)?.groups?.['text'];
    const hash = map === undefined ? '' : ` 'sha256-${createHash('sha256').update(map).digest('base64')}'`;
    return [
      "default-src 'none'",
      `script-src 'self'${hash}`,
      "media-src 'self' blob: mediastream:",
      'img-src data:',
      `connect-src 'self' ${this.gateway.replace('http', 'ws')}`,
    ].join('; ');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
