import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { client, conference, dial, gather, hangup, response, say } from '@parley/rcml';
import {
  recordedCall,
  recordedName,
  recordingCall,
  recordingDocuments,
  type RecordingDesk,
} from './recording-documents.ts';
import { isSigned } from './webhook-signature.ts';

/** Whom `group` rings. */
export const DEMO_GROUP = ['jenny', 'bob', 'carol'] as const;

/** A running application. */
export interface DemoApplication extends AsyncDisposable {
  /** Where it answers: `http://127.0.0.1:40123`. */
  readonly url: string;
  /** The same without the scheme, as an allow-list writes it. */
  readonly host: string;
  /** Where what was recorded of a call can be heard; undefined for a call of which nothing was. */
  recordingOf(callSid: string): string | undefined;
}

const BODY_BYTES_MAX = 64 * 1024;
/** How many recordings are shown to those who made them; the files are kept as any others. */
const RECORDINGS_MAX = 100;
/** Letters of any language, digits and what stands in names and addresses. */
const PLAUSIBLE_NAME = /^[\p{L}\p{N}][\p{L}\p{N}\p{M} .@_'-]{0,63}$/u;

type DocumentOf = (fields: URLSearchParams) => string;

/** Every document of this application, by its path. */
function documentsOf(desk: RecordingDesk): ReadonlyMap<string, DocumentOf> {
  return new Map([
    ['/voice', answerCall],
    ['/after-dial', afterDial],
    ['/whisper', whisper],
    ['/whisper-choice', whisperChoice],
    ...recordingDocuments(desk),
  ]);
}

/** Somebody calls: whom to ring. */
function answerCall(fields: URLSearchParams): string {
  const to = calledName(fields);
  const video = fields.get('Video') === 'true';
  const recording = recordingCall(to);
  if (recording !== undefined) return recording;
  const recorded = recordedName(to);
  if (recorded !== undefined && PLAUSIBLE_NAME.test(recorded)) return recordedCall(recorded, video);
  const room = roomName(to);
  if (room !== undefined && PLAUSIBLE_NAME.test(room)) {
    return response(dial({ action: '/after-dial' }, conference(room, { video })));
  }
  const names = to === 'group' ? DEMO_GROUP : [screenedName(to) ?? to];
  if (to === '') return apologize('You did not say whom to call.');
  if (!names.every((name) => PLAUSIBLE_NAME.test(name))) return apologize('Nobody can have that name.');
  const options = { video, ...(screenedName(to) !== undefined && { url: '/whisper' }) };
  return response(dial({ action: '/after-dial' }, ...names.map((name) => client(name, options))));
}

/**
 * The dial is over. Whoever was not answered learns the true reason from the end of her call, which `<Hangup>` leaves as
 * it is; an application with a mailbox for everybody would go on as `voicemail` does.
 */
function afterDial(): string {
  return response(hangup());
}

/** Runs on the leg of the person who has picked up, before she is joined: she may still decline. */
function whisper(fields: URLSearchParams): string {
  const caller = withoutPrefix(fields.get('From') ?? 'somebody');
  return response(
    gather({ numDigits: 1, action: '/whisper-choice' }, say(`Call from ${caller}. Press 1 to accept.`)),
    hangup(),
  );
}

/** A document that comes to its end accepts; `<Hangup>` declines. */
function whisperChoice(fields: URLSearchParams): string {
  return fields.get('Digits') === '1' ? response() : response(hangup());
}

function apologize(words: string): string {
  return response(say(words), hangup());
}

/** Who is to be screened: `screen-bob` is bob, `screen` by itself the first of the group. */
function screenedName(to: string): string | undefined {
  const screened = /^screen(?:-(.*))?$/.exec(to);
  return screened === null ? undefined : (screened[1] ?? DEMO_GROUP[0]);
}

/** Which conference is meant: `room-blue` is blue, `conference` by itself one for everybody. */
function roomName(to: string): string | undefined {
  return to === 'conference' ? 'everybody' : /^room-(.+)$/.exec(to)?.[1];
}

function calledName(fields: URLSearchParams): string {
  return withoutPrefix(fields.get('To') ?? '').trim();
}

function withoutPrefix(party: string): string {
  return party.replace(/^client:/, '');
}

/**
 * A web application as a customer would write one: it answers webhooks with documents and knows nothing of the gateway
 * but its signature. Read it as an example; it is all a backend has to do. It is reached on loopback only.
 */
export async function startDemoApplication(options: {
  readonly authToken: string;
  /** Tells whoever runs the demo something. */
  readonly print?: (line: string) => void;
}): Promise<DemoApplication> {
  const { authToken, print = () => {} } = options;
  const recordings = new Map<string, string>();
  const documents = documentsOf({
    discard: (url) => void discard(url, authToken),
    announce: (what, url, callSid) => {
      print(`${what}: ${url}`);
      recordings.set(callSid, url);
      for (const oldest of recordings.keys()) {
        if (recordings.size <= RECORDINGS_MAX) break;
        recordings.delete(oldest);
      }
    },
  });
  const server = createServer((request, answer) => {
    // Only a connection that broke in the middle of a form comes to the catch.
    serve(request, answer, { authToken, documents }).catch(() => answer.destroy());
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
    recordingOf: (callSid) => recordings.get(callSid),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Deletes a recording by REST, as any program could that has the account's token. */
async function discard(recordingUrl: string, authToken: string): Promise<void> {
  const url = URL.parse(recordingUrl);
  const accountSid = /\/Accounts\/(AC[0-9a-f]{32})\//.exec(url?.pathname ?? '')?.[1];
  if (url === null || accountSid === undefined) return;
  url.search = '';
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  try {
    await fetch(url, { method: 'DELETE', headers: { authorization }, signal: AbortSignal.timeout(5000) });
  } catch {
    // It is kept, as any recording would be.
  }
}

async function serve(
  request: IncomingMessage,
  answer: ServerResponse,
  {
    authToken,
    documents,
  }: { readonly authToken: string; readonly documents: ReadonlyMap<string, DocumentOf> },
): Promise<void> {
  const path = request.url ?? '/';
  const [pathname = '', query] = path.split('?', 2);
  const document = documents.get(pathname);
  if (document === undefined) return void answer.writeHead(404).end();
  if (request.method !== 'POST') return void answer.writeHead(405, { allow: 'POST' }).end();
  const form = await readForm(request);
  if (form === undefined) return void answer.writeHead(413).end();
  // Only the gateway may ask: it signs what it asks with the account's token.
  const url = `http://${request.headers.host ?? ''}${path}`;
  const signature = request.headers['x-twilio-signature'];
  if (!isSigned({ authToken, url, form, signature })) return void answer.writeHead(401).end();
  answer.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' }).end(document(withQuery(form, query)));
}

/** What the application has put into its own address, beside what the gateway tells. */
function withQuery(form: URLSearchParams, query: string | undefined): URLSearchParams {
  const fields = new URLSearchParams(query);
  for (const [name, value] of form) fields.set(name, value);
  return fields;
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
