// pnpm refusals
//
// Tries what can be done wrong at every door of a gateway, and prints what whoever did it gets to see: the names, codes,
// numbers and places are those of the answers. Fails when something that was tried got no answer.
import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { CLOSE_CODES, SUBPROTOCOL, WIRE_LIMITS, type WireError } from '@parley/protocol';
import { notifications } from '@parley/rcml';
import { SignJWT } from 'jose';
import { WebSocket, type ClientOptions } from 'ws';
import type { Answer } from '../test/conformance/application.ts';
import { soon } from '../test/conformance/soon.ts';
import { ACCOUNT, Stage } from '../test/conformance/stage.ts';
import { ended, reached } from '../test/conformance/test-phone.ts';
import { Phone, TestEdge } from '../test/edge-phone.ts';

interface Row {
  readonly tried: string;
  readonly got: string | undefined;
}

const ROW_DEADLINE_MS = 15_000;
const KIB = 1024;
const MEDIA = { audio: true, video: false };
const rows: Row[] = [];

const endless = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/xml' });
  const more = (): void => {
    while (!response.destroyed && response.write('<!-- and so on -->'.repeat(64)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
};
const html = (body: string): Answer => ({
  type: 'text/html',
  body: `<!doctype html>\n<html><body>${body}</body></html>`,
});

/** What `/voice` answers, by what was tried; who calls, calls that. */
const documents = new Map<string, (stage: Stage) => Answer>([
  ['an HTML page', () => html('<h1>It works!</h1>')],
  ['a redirect to a login page', () => ({ status: 302, headers: { location: '/login' } })],
  ['a 404', () => ({ status: 404, type: 'text/html', body: '<h1>Not here</h1>' })],
  ['a 500', () => ({ status: 500, body: 'oops' })],
  ['a document of 70 KiB', () => ({ body: `<Response><!--${'x'.repeat(70 * KIB)}--></Response>` })],
  ['a document without end', () => ({ raw: endless })],
  ['a server that is silent (`#rt=200&rc=0`)', () => '<Redirect>/silent#rt=200&amp;rc=0</Redirect>'],
  ['zero bytes', () => ({ body: '' })],
  ['JSON', () => ({ type: 'application/json', body: '{"dial":"jenny"}' })],
  [
    'a DOCTYPE with an entity',
    () => ({ body: '<!DOCTYPE r [<!ENTITY a "b">]>\n<Response><Say>&a;</Say></Response>' }),
  ],
  [
    'a document that is broken at line 7',
    () => ({ body: '<Response>\n\n\n\n\n\n  <Dial><Client>jenny</Dial>\n</Response>' }),
  ],
  ['text after `</Response>`', () => ({ body: '<Response><Hangup/></Response>\nThank you!' })],
  [
    'a Latin-1 document that says it is UTF-8',
    () => ({ body: latin1('<Response><Say>Grüße</Say></Response>') }),
  ],
  ['a compressed answer', () => ({ headers: { 'content-encoding': 'gzip' }, body: '<Response/>' })],
  ['a redirect loop', () => ({ status: 302, headers: { location: '/voice' } })],
  ['25 documents that lead to the next', () => '<Redirect/>'],
  ['a private address', () => '<Redirect>http://10.0.0.1/voice</Redirect>'],
  ['the cloud’s metadata address', () => '<Redirect>http://169.254.169.254/latest/</Redirect>'],
  ['a scheme that is not http', () => '<Redirect>file:///etc/passwd</Redirect>'],
  [
    'the gateway’s own REST path',
    (stage) => `<Redirect>${stage.gateway.url}/2012-04-24/Accounts/${ACCOUNT.sid}/Calls.json</Redirect>`,
  ],
]);

{
  await using stage = await Stage.open(
    ({ params }) => documents.get(params['To'] ?? '')?.(stage) ?? '<Hangup/>',
    { leavesCallbacks: true },
  );
  await tryTheSocket(stage);
  await tryDocuments(stage);
  await tryRest(stage);
  await tryRcml(stage);
}
console.log('| what was tried | what it got |\n|---|---|');
for (const { tried, got } of rows) console.log(`| ${cell(tried)} | ${cell(got ?? 'NOTHING')} |`);
const unanswered = rows.filter(({ got }) => got === undefined).length;
console.log(`\n${rows.length} tried, ${unanswered} without an answer`);
process.exitCode = unanswered === 0 ? 0 : 1;

async function tryTheSocket(stage: Stage): Promise<void> {
  const url = stage.socketUrl;
  await row('a web page of another origin', () => closing(url, { origin: 'https://elsewhere.example' }));
  await row('a socket without the subprotocol', () => upgrade(url));
  await row('a socket at another path', () => upgrade(url.replace('/parley', '/sip'), SUBPROTOCOL));
  await row('no hello in time (10 s as it is, 100 ms here)', async () => {
    await using edge = await TestEdge.open({ limits: { helloTimeoutMs: 100 } });
    return await closing(`${edge.url}/parley`);
  });
  await row('a frame that is not JSON', () => closing(url, {}, (phone) => phone.socket.send('hello?')));
  await row('a frame that is not text', () =>
    closing(url, {}, (phone) => phone.socket.send(Buffer.alloc(9))),
  );
  await row('a frame of 70 KiB', () => closing(url, {}, (phone) => phone.socket.send('x'.repeat(70 * KIB))));
  await row('a request before hello', () => asking(url, undefined, { type: 'watchPresence', on: true }));
  await row('a hello of another version of the wire', async () => {
    const token = await stage.token('mallory');
    return closing(url, {}, (phone) => phone.sayHello(token, { version: 99 }));
  });
  const tokens: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['a token that is none', () => 'abc'],
    ['a token signed with another secret', () => stage.token('mallory', { secret: 's'.repeat(32) })],
    ['a token of a key nobody knows', () => stage.token('mallory', { issuer: `SK${'0'.repeat(32)}` })],
    ['an expired token', () => stage.token('mallory', { wallMs: Date.now() - 3_600_000 })],
    ['a token that is not valid yet', () => signed('HS256', nowSeconds() + 600)],
    ['a token signed with HS512', () => signed('HS512', nowSeconds())],
  ];
  for (const [tried, mint] of tokens) {
    await row(tried, async () => {
      const token = await mint();
      return closing(url, {}, (phone) => phone.sayHello(token));
    });
  }
  const connect = { type: 'connect', callId: 'a-call-of-mine', params: { To: 'jenny' }, media: MEDIA };
  const all = await stage.token('mallory');
  await row('a message nobody knows', () => asking(url, all, { type: 'sing' }));
  await row('`connect` with a token without the outgoing grant', async () =>
    asking(url, await stage.token('mallory', { outgoing: false }), connect),
  );
  await row('`register` with a token without the incoming grant', async () =>
    asking(url, await stage.token('mallory', { incoming: false }), { type: 'register', on: true }),
  );
  await row(`\`connect\` with ${WIRE_LIMITS.paramCountMax + 1} params`, () => {
    const names = Array.from({ length: WIRE_LIMITS.paramCountMax + 1 }, (_, index) => [`X-${index}`, 'x']);
    return asking(url, all, { ...connect, params: Object.fromEntries(names) as object });
  });
  await row('`hangup` of a call that is not hers', () =>
    asking(url, all, { type: 'hangup', callId: 'a-call-of-nobody' }),
  );
  await row('too many sockets from one address (1024 as it is, 1 here)', async () => {
    await using edge = await TestEdge.open({ limits: { socketsPerAddressMax: 1 } });
    await edge.phone();
    return await upgrade(`${edge.url}/parley`, SUBPROTOCOL);
  });
}

async function tryDocuments(stage: Stage): Promise<void> {
  stage.application.on('/login', html('<form action="/login"><input type="password"/></form>'));
  stage.application.on('/silent', { raw: () => undefined });
  for (const tried of documents.keys()) {
    await row(`document: ${tried}`, () => told(stage, async () => calling(stage, tried)));
  }
}

async function tryRcml(stage: Stage): Promise<void> {
  const clients = Array.from({ length: 11 }, (_, index) => `  <Client>nobody-${index}</Client>\n`).join('');
  const cases = {
    'an 11th noun in a `<Dial>`': `<Dial>\n${clients}</Dial>`,
    'an unknown verb': '<Response>\n  <Smile/>\n  <Hangup/>\n</Response>',
    'a misspelled attribute': '<Response>\n  <Dial timout="3"><Client>nobody</Client></Dial>\n</Response>',
    'an attribute with a wrong value':
      '<Response>\n  <Dial timeout="soon"><Client>nobody</Client></Dial>\n</Response>',
    '`<Number>` without a SIP trunk': '<Dial>\n  <Number>+493012345</Number>\n</Dial>',
  };
  for (const [tried, document] of Object.entries(cases)) {
    documents.set(tried, () => document);
    await row(`RCML: ${tried}`, () => told(stage, async () => calling(stage, tried)));
  }
  documents.set('screening', () => '<Dial><Client url="/screen">jenny</Client></Dial>');
  stage.application.on('/screen', { body: '<Response>\n  <Dial><Client>bob</Client></Dial>\n</Response>' });
  const jenny = await stage.phone('jenny');
  await row('RCML: `<Dial>` in a screening document', () =>
    told(stage, async () => {
      const call = await stage.alice('screening');
      const hers = await jenny.rings();
      await hers.accept().catch(() => undefined);
      return `for her: ${ending(await ended(hers))}; for the caller: ${ending(await ended(call))}`;
    }),
  );
}

async function tryRest(stage: Stage): Promise<void> {
  const calls = `/2012-04-24/Accounts/${ACCOUNT.sid}/Calls`;
  const ask = (path: string, form?: Readonly<Record<string, string>>, credentials?: string) => () =>
    rest(stage, path, form, credentials);
  const order = { To: 'client:jenny', From: 'client:alice', Url: stage.application.url('/voice') };
  await row('REST: no credentials', ask(`${calls}.json`, undefined, ''));
  await row('REST: a wrong token', ask(`${calls}.json`, undefined, `${ACCOUNT.sid}:guessed`));
  await row('REST: a sid nobody has', ask(`${calls}/CA${'0'.repeat(32)}.json`));
  await row('REST: a path that is none', ask(`/2012-04-24/Accounts/${ACCOUNT.sid}/Faxes.json`));
  await row('REST: `PageSize=0`', ask(`${calls}.json?PageSize=0`));
  await row('REST: a call without `To`', ask(`${calls}.json`, { From: order.From, Url: order.Url }));
  await row('REST: a call to a telephone', ask(`${calls}.json`, { ...order, To: '+493012345' }));
  await row('REST: `Timeout=soon`', ask(`${calls}.json`, { ...order, Timeout: 'soon' }));
  await row('REST: `Url=voice`', ask(`${calls}.json`, { ...order, Url: 'voice' }));
  await row('REST: a body of 300 KiB', ask(`${calls}.json`, { ...order, Text: 'x'.repeat(300 * KIB) }));

  documents.set('talk', () => '<Dial><Client>carol</Client></Dial>');
  const carol = await stage.phone('carol');
  const call = await stage.alice('talk');
  const hers = await carol.rings();
  const child = `${calls}/${hers.parameters.CallSid}.json`;
  await row('REST: `Url` for a child that rings', ask(child, { Url: order.Url }));
  await hers.accept();
  await reached(call, 'joined');
  const parent = `${calls}/${call.parameters.CallSid}.json`;
  await row('REST: `Status=canceled` for a call that talks', ask(parent, { Status: 'canceled' }));
  await row('REST: `Status=paused`', ask(parent, { Status: 'paused' }));
  await call.disconnect();
  await stage.quiet();
  await row('REST: `Url` for a call that is over', ask(parent, { Url: order.Url }));
}

/** One thing that is tried. What it does not get within the deadline, it does not get. */
async function row(tried: string, attempt: () => Promise<string>): Promise<void> {
  const late = new AbortController();
  const nothing = pause(ROW_DEADLINE_MS, undefined, { signal: late.signal }).catch(() => undefined);
  const failed = (error: unknown): undefined => {
    console.error(`${tried}:`, error);
    return undefined;
  };
  const got = await Promise.race([attempt().catch(failed), nothing]);
  late.abort();
  rows.push({ tried, got: got === '' ? undefined : got });
}

/** What a socket is told before it is closed, and with which code that is. */
async function closing(
  url: string,
  options: ClientOptions = {},
  act: (phone: Phone) => void = () => undefined,
): Promise<string> {
  const phone = await Phone.open(url, options);
  act(phone);
  const { code, reason } = await phone.closed;
  const name = Object.entries(CLOSE_CODES).find(([, close]) => close.code === code)?.[0] ?? 'no name';
  const refused = phone.frames.flatMap((frame) => (frame.type === 'refusal' ? [refusal(frame.error)] : []));
  return [...refused, `closed with ${code} \`${name}\`: ${reason}`].join('; ');
}

/** What a request gets over a socket that was welcomed with this token, or was not. */
async function asking(url: string, token: string | undefined, request: object): Promise<string> {
  const phone = await Phone.open(url, {});
  try {
    if (token !== undefined) await phone.hello(token);
    const answer = await phone.ask(request);
    if (answer.type === 'refusal') return refusal(answer.error);
    const over = await phone.nextOf('ended');
    return `ended \`${over.reason}\` by ${over.by}`;
  } finally {
    phone.cut();
  }
}

/** What an upgrade is answered that does not become a socket. */
async function upgrade(url: string, subprotocol?: string): Promise<string> {
  const socket = new WebSocket(url, subprotocol === undefined ? [] : [subprotocol]);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const { message } = JSON.parse(await text(response)) as { readonly message: string };
  return `HTTP ${response.statusCode ?? ''}: ${message}`;
}

async function calling(stage: Stage, to: string): Promise<string> {
  return ending(await ended(await stage.alice(to)));
}

function ending({ reason, fault }: Awaited<ReturnType<typeof ended>>): string {
  const place = fault?.line === undefined ? '' : ` at ${fault.line}:${fault.column ?? ''}`;
  const numbered =
    fault === undefined ? '' : `, ${fault.code} \`${kindOf(fault.code)}\`${place}: ${fault.message}`;
  return `ended \`${reason}\`${numbered}`;
}

/** How the call ended, and what the application's author reads in the notifications where she has not read it there. */
async function told(stage: Stage, attempt: () => Promise<string>): Promise<string> {
  const before = new Set((await notes(stage)).map(({ sid }) => sid));
  const end = await attempt();
  await stage.quiet();
  const fresh = await soon(
    async () => {
      const found = (await notes(stage)).filter(({ sid }) => !before.has(sid));
      return found.length > 0 ? found : undefined;
    },
    () => 'a notification',
  );
  const others = fresh.toReversed().filter(({ message_text }) => !end.includes(message_text));
  const more = Array.from(Map.groupBy(others, ({ error_code }) => error_code).values(), (ofOneKind) => {
    const times = ofOneKind.length === 1 ? '' : ` (and ${ofOneKind.length - 1} more of this number)`;
    return `${ofOneKind.slice(0, 1).map(noticed).join('')}${times}`;
  });
  return [end, ...more].join('; ');
}

function noticed({ error_code, line, column, message_text }: Note): string {
  const place = line === null ? '' : ` at ${line}:${column ?? ''}`;
  return `notified ${error_code} \`${kindOf(Number(error_code))}\`${place}: ${message_text}`;
}

interface Note {
  readonly sid: string;
  readonly error_code: string;
  readonly message_text: string;
  readonly line: number | null;
  readonly column: number | null;
}

async function notes(stage: Stage): Promise<readonly Note[]> {
  const path = `/2012-04-24/Accounts/${ACCOUNT.sid}/Notifications.json?PageSize=1000`;
  const response = await fetch(`${stage.gateway.url}${path}`, { headers: basic() });
  return ((await response.json()) as { readonly notifications: readonly Note[] }).notifications;
}

async function rest(
  stage: Stage,
  path: string,
  form: Readonly<Record<string, string>> | undefined,
  credentials?: string,
): Promise<string> {
  const response = await fetch(`${stage.gateway.url}${path}`, {
    method: form === undefined ? 'GET' : 'POST',
    headers: basic(credentials),
    body: form === undefined ? null : new URLSearchParams(form),
  });
  const said = (await response.json()) as { code?: number; name?: string; message?: string };
  if (response.ok) throw new Error(`it was answered with ${response.status}`);
  const name = said.code === undefined ? ` \`${said.name ?? ''}\`` : `, code ${said.code}`;
  return `HTTP ${response.status}${name}: ${said.message ?? ''}`;
}

function basic(credentials = `${ACCOUNT.sid}:${ACCOUNT.authToken}`): Readonly<Record<string, string>> {
  return credentials === '' ? {} : { authorization: `Basic ${btoa(credentials)}` };
}

function refusal({ name, code, message }: WireError): string {
  return `refused \`${name}\` ${code}: ${message}`;
}

/** The name of a notification's number. */
function kindOf(code: number): string {
  return Object.entries(notifications).find(([, kind]) => kind.code === code)?.[0] ?? 'no name';
}

function signed(algorithm: string, notBefore: number): Promise<string> {
  return new SignJWT({ parley: { incoming: { allow: true }, outgoing: {} } })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setIssuer(ACCOUNT.sid)
    .setSubject('mallory')
    .setNotBefore(notBefore)
    .setExpirationTime(nowSeconds() + 3600)
    .sign(createSecretKey(ACCOUNT.authToken, 'utf8'));
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function latin1(document: string): Buffer {
  return Buffer.from(document, 'latin1');
}

/** Safe in a table: what looks like a tag is shown, and not swallowed. */
function cell(written: string): string {
  return written
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .split('`')
    .map((piece, index) => (index % 2 === 0 ? piece.replaceAll('<', '\\<') : piece))
    .join('`');
}
