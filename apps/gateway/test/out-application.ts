import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the application saw it. */
export interface SeenRequest {
  readonly method: string;
  /** The whole URL, as an application puts it together. */
  readonly url: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly form: URLSearchParams;
}

/** A customer's web application for tests: a real server that remembers what it was asked. */
export interface Application extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly seen: SeenRequest[];
}

/** Starts an application. The handler may answer in any way, also by not answering. */
export async function startApplication(
  handle: (request: SeenRequest, response: ServerResponse, raw: IncomingMessage) => void,
  port = 0,
): Promise<Application> {
  const seen: SeenRequest[] = [];
  const server = createServer((raw, response) => {
    const chunks: Buffer[] = [];
    raw.on('data', (chunk: Buffer) => chunks.push(chunk));
    raw.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const url = `http://${raw.headers.host ?? ''}${raw.url ?? ''}`;
      const request: SeenRequest = {
        method: raw.method ?? '',
        url,
        path: raw.url ?? '',
        headers: raw.headers,
        body,
        form: new URLSearchParams(raw.method === 'GET' ? new URL(url).search : body),
      };
      seen.push(request);
      handle(request, response, raw);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with a document. */
export function answerXml(response: ServerResponse, xml: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
}

/** The one at this place; a test that expects it and does not find it has failed. */
export function nth<T>(list: readonly T[], index = 0): T {
  const found = list.at(index);
  if (found === undefined) throw new Error(`there is nothing at ${index}`);
  return found;
}

export const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** An account that signs. */
export const account = {
  sid: 'AC00000000000000000000000000000001',
  authToken: '0123456789abcdef0123456789abcdef',
  webhookSecrets: [webhookSecret],
};
