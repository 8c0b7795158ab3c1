import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { client, dial, gather, hangup, reject, response, say } from '@parley/rcml';
import { isSigned } from './webhook-signature.ts';

/** Whom `group` rings. */
export const DEMO_GROUP = ['jenny', 'bob', 'carol'] as const;

/** A running application. */
export interface DemoApplication extends AsyncDisposable {
  /** Where it answers: `http://127.0.0.1:40123`. */
  readonly url: string;
  /** The same without the scheme, as an allow-list writes it. */
  readonly host: string;
}

type Fields = ReadonlyMap<string, string>;

const BODY_BYTES_MAX = 64 * 1024;
/** Letters of any language, digits and what stands in names and addresses. */
const PLAUSIBLE_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,63}$/u;

/**
 * A web application as a customer would write one: it answers webhooks with documents and knows nothing of the gateway
 * but its signature. Read it as an example; it is all a backend has to do.
 */
export async function startDemoApplication(options: {
  readonly authToken: string;
}): Promise<DemoApplication> {
  const server = createServer((request, answer) => {
    void serve(request, answer, options.authToken);
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the demo application has no port');
  const host = `127.0.0.1:${address.port}`;
  return {
    host,
    url: `http://${host}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(request: IncomingMessage, answer: ServerResponse, authToken: string): Promise<void> {
  const form = await readForm(request);
  const url = `http://${request.headers.host ?? ''}${request.url ?? ''}`;
  const signature = request.headers['x-twilio-signature'];
  // Only the gateway may ask: it signs what it asks with the account's token.
  if (form === undefined || !isSigned({ authToken, url, form, signature })) {
    answer.writeHead(form === undefined ? 413 : 401).end();
    return;
  }
  const document = documentFor(new URL(url).pathname, new Map(form));
  if (document === undefined) {
    answer.writeHead(404).end();
    return;
  }
  answer.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' }).end(document);
}

/** The whole application: which document answers which question. */
function documentFor(path: string, fields: Fields): string | undefined {
  switch (path) {
    case '/voice':
      return answerCall(fields.get('To') ?? '', fields.get('Video') === 'true');
    case '/after-dial':
      return afterDial(fields);
    case '/whisper':
      return whisper(fields.get('From') ?? '');
    case '/whisper-choice':
      return response(...(fields.get('Digits') === '1' ? [] : [hangup()]));
    default:
      return undefined;
  }
}

/** Somebody calls: whom to ring. */
function answerCall(to: string, video: boolean): string {
  const name = to.replace(/^client:/, '').trim();
  const options = { action: '/after-dial', timeoutSeconds: 30 };
  if (name === 'group') return response(dial(options, ...DEMO_GROUP.map((each) => client(each, { video }))));
  const screened = /^screen(?:-(.+))?$/.exec(name);
  if (screened !== null) {
    return response(dial(options, client(screened[1] ?? DEMO_GROUP[0], { video, url: '/whisper' })));
  }
  if (!PLAUSIBLE_NAME.test(name)) {
    return response(
      say(name === '' ? 'You did not say whom to call.' : 'Nobody can have that name.'),
      reject(),
    );
  }
  return response(dial(options, client(name, { video })));
}

/** The dial is over: a caller whom nobody answered learns why from the end of her call; the others are done. */
function afterDial(fields: Fields): string {
  return fields.get('DialCallStatus') === 'busy' ? response(reject('busy')) : response(hangup());
}

/** Runs on the leg of the person who has picked up, before she is joined: she may still decline. */
function whisper(from: string): string {
  const caller = from.replace(/^client:/, '');
  return response(
    gather(
      { numDigits: 1, timeoutSeconds: 15, action: '/whisper-choice' },
      say(`${caller} is calling. Press 1 to take the call.`),
    ),
    hangup(),
  );
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let body = '';
  request.setEncoding('utf8');
  for await (const piece of request) {
    body += String(piece);
    if (body.length > BODY_BYTES_MAX) return undefined;
  }
  return new URLSearchParams(body);
}
