import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { createAddressGuard } from '../src/out/address-guard.ts';
import { CookieJar } from '../src/out/cookie-jar.ts';
import { createDocumentFetcher, type FetchedDocument } from '../src/out/document-fetcher.ts';
import { resolveUrl } from '../src/out/resolve-url.ts';
import { readOverrides, DEFAULT_OVERRIDES } from '../src/out/url-overrides.ts';
import { WebhookClient } from '../src/out/webhook-client.ts';
import { account, answerXml, startApplication } from './out-application.ts';

const dialJenny = '<Response><Dial><Client>jenny</Client></Dial></Response>';
const client = new WebhookClient({
  guard: createAddressGuard({ allow: ['127.0.0.1'], isOwnUrl: (url) => url.pathname.startsWith('/own/') }),
});
const fetcher = createDocumentFetcher({ client });
afterAll(() => client.close());

function fetchDocument(
  url: string,
  more: { method?: 'GET' | 'POST'; cookies?: CookieJar; signal?: AbortSignal } = {},
) {
  const { method = 'POST', cookies = new CookieJar(), signal } = more;
  const params = [
    ['From', 'client:alice'],
    ['To', 'client:jenny & co'],
  ] as const;
  return fetcher.fetchDocument({
    url,
    method,
    params,
    account,
    cookies,
    ...(signal !== undefined && { signal }),
  });
}

function failureOf(fetched: FetchedDocument) {
  if (fetched.ok) throw new Error('a failure was expected');
  return fetched.failure;
}

it('[WH1] POST sends the form in the body, and leaves the query of the URL where it is', async () => {
  await using application = await startApplication((_, response) => answerXml(response, dialJenny));
  const fetched = await fetchDocument(`${application.origin}/voice?tenant=1`);
  expect(fetched).toMatchObject({ ok: true, document: { verbs: [{ verb: 'Dial' }] } });
  expect(application.seen[0]).toMatchObject({ method: 'POST', path: '/voice?tenant=1' });
  expect(application.seen[0]?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  expect(application.seen[0]?.form.get('To')).toBe('client:jenny & co');
});

it('[WH1] GET appends the form to the query of the URL', async () => {
  await using application = await startApplication((_, response) => answerXml(response, dialJenny));
  await fetchDocument(`${application.origin}/voice?tenant=1`, { method: 'GET' });
  expect(application.seen[0]).toMatchObject({
    method: 'GET',
    path: '/voice?tenant=1&From=client%3Aalice&To=client%3Ajenny%20%26%20co',
    body: '',
  });
});

it('[WH2] every status of 200 to 299 is success', async () => {
  await using application = await startApplication((_, response) => answerXml(response, dialJenny, 203));
  expect(await fetchDocument(application.origin)).toMatchObject({ ok: true });
});

it('[WH2] another status is a failure that shows the answer', async () => {
  await using application = await startApplication(({ path }, response) => {
    response.writeHead(path === '/missing' ? 404 : 500, { 'x-trace': 'T1' }).end('oh '.repeat(2000));
  });
  expect(failureOf(await fetchDocument(`${application.origin}/missing#rc=0`))).toMatchObject({
    code: 21402,
    status: 404,
    requestUrl: `${application.origin}/missing`,
  });
  const failure = failureOf(await fetchDocument(`${application.origin}/broken`));
  expect(failure).toMatchObject({ code: 11200, status: 500 });
  expect(failure.responseBody).toHaveLength(2048);
  expect(failure.responseHeaders).toContainEqual(['x-trace', 'T1']);
});

it('[WH3] a server that never answers is given up in time', async () => {
  await using application = await startApplication(() => {});
  const began = performance.now();
  const failure = failureOf(await fetchDocument(`${application.origin}/#tt=300`));
  expect(failure).toMatchObject({ code: 11205, message: expect.stringContaining('in time') });
  expect(performance.now() - began).toBeLessThan(3000);
});

it('[WH3] a body that trickles is given up in time', async () => {
  await using application = await startApplication((_, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' });
    const trickle = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(trickle));
  });
  expect(failureOf(await fetchDocument(`${application.origin}/#tt=300`))).toMatchObject({
    code: 11205,
    status: 200,
  });
});

it('[WH3] who asked can end the exchange', async () => {
  await using application = await startApplication(() => {});
  const ending = new AbortController();
  const fetching = fetchDocument(application.origin, { signal: ending.signal });
  setTimeout(() => ending.abort(), 50);
  expect(failureOf(await fetching)).toMatchObject({ code: 11205 });
  expect(failureOf(await fetchDocument(application.origin, { signal: AbortSignal.abort() }))).toMatchObject({
    code: 11205,
  });
});

it('[WH3] the time in all is over also while a connection is being made', async () => {
  const silent = new WebhookClient({ guard: createAddressGuard({ lookup: () => {} }) });
  const url = 'http://silent.example.com/#tt=100&ct=10000';
  const result = await silent.send({ url, method: 'POST', params: [], account, idempotencyKey: 'key' });
  const message = 'The server did not answer in time.';
  expect(result).toMatchObject({ ok: false, fault: { code: 11205, message } });
  await silent.close();
});

it('[WH4] 70 KiB are too much, with and without an announced length', async () => {
  const large = `<Response><!--${'x'.repeat(70 * 1024)}--></Response>`;
  await using application = await startApplication(({ path }, response) => {
    if (path === '/announced') response.setHeader('content-length', large.length);
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(large);
  });
  expect(failureOf(await fetchDocument(`${application.origin}/announced`))).toMatchObject({ code: 11750 });
  expect(failureOf(await fetchDocument(`${application.origin}/chunked`))).toMatchObject({ code: 11750 });
});

it('[WH4] a body without end is ended at the ceiling, and so is its connection', async () => {
  let sent = 0;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using application = await startApplication((_, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' });
    const pour = (): void => {
      if (response.destroyed) return;
      sent += 16_384;
      response.write('x'.repeat(16_384));
      setTimeout(pour, 1);
    };
    response.on('close', resolve);
    pour();
  });
  expect(failureOf(await fetchDocument(application.origin))).toMatchObject({ code: 11750 });
  await closed;
  expect(sent).toBeLessThan(4 * 1024 * 1024);
});

it('[WH5] overrides after # have the names and ceilings of Twilio', () => {
  expect(readOverrides('#ct=100&rt=200&tt=300&rc=3&rp=4xx,5xx')).toEqual({
    connectTimeoutMs: 100,
    readTimeoutMs: 200,
    totalTimeoutMs: 300,
    retries: 3,
    retryAfter: new Set(['4xx', '5xx']),
  });
  expect(readOverrides('#rp=all').retryAfter).toEqual(new Set(['4xx', '5xx', 'ct', 'rt']));
  expect(readOverrides('#ct=99999&rt=-1&tt=1e3&rc=6&rp=nonsense')).toEqual(DEFAULT_OVERRIDES);
  expect(readOverrides('')).toEqual({
    connectTimeoutMs: 5000,
    readTimeoutMs: 15_000,
    totalTimeoutMs: 15_000,
    retries: 1,
    retryAfter: new Set(['ct']),
  });
});

it('[WH5] overrides are obeyed and not sent', async () => {
  let asked = 0;
  await using application = await startApplication((_, response) => {
    if (asked++ < 2) response.writeHead(503).end();
    else answerXml(response, dialJenny);
  });
  expect(await fetchDocument(`${application.origin}/voice?a=1#rc=2&rp=5xx`)).toMatchObject({ ok: true });
  expect(application.seen.map(({ path }) => path)).toEqual(['/voice?a=1', '/voice?a=1', '/voice?a=1']);
  const keys = new Set(application.seen.map(({ headers }) => headers['i-twilio-idempotency-token']));
  expect(keys.size).toBe(1);
});

it('[WH5] a name that is not resolved within the time to connect is given up', async () => {
  const silent = new WebhookClient({ guard: createAddressGuard({ lookup: () => {} }) });
  const url = 'http://silent.example.com/#ct=100&rc=0';
  const result = await silent.send({ url, method: 'POST', params: [], account, idempotencyKey: 'key' });
  expect(result).toMatchObject({
    ok: false,
    fault: { code: 11205, message: expect.stringContaining('reached in time') },
  });
  await silent.close();
});

it.each([301, 302, 307, 308])('[WH6] a redirect with %d keeps method and form', async (status) => {
  await using application = await startApplication(({ path }, response) => {
    if (path === '/old') response.writeHead(status, { location: 'new' }).end();
    else answerXml(response, dialJenny);
  });
  const fetched = await fetchDocument(`${application.origin}/old`);
  expect(fetched).toMatchObject({ ok: true, foundAt: `${application.origin}/new` });
  expect(application.seen[1]).toMatchObject({ method: 'POST', path: '/new' });
  expect(application.seen[1]?.form.get('From')).toBe('client:alice');
});

it('[WH6] a redirect with 303 asks with GET and without the form', async () => {
  await using application = await startApplication(({ path }, response) => {
    if (path === '/old') response.writeHead(303, { location: '/new' }).end();
    else answerXml(response, dialJenny);
  });
  expect(await fetchDocument(`${application.origin}/old`)).toMatchObject({ ok: true });
  expect(application.seen[1]).toMatchObject({ method: 'GET', path: '/new', body: '' });
});

it('[WH6] a redirected GET has every parameter once', async () => {
  await using application = await startApplication(({ path }, response) => {
    if (path.startsWith('/old')) response.writeHead(302, { location: `/new?From=client%3Aalice` }).end();
    else answerXml(response, dialJenny);
  });
  await fetchDocument(`${application.origin}/old`, { method: 'GET' });
  expect(application.seen[1]?.path).toBe('/new?From=client%3Aalice&To=client%3Ajenny%20%26%20co');
});

it('[WH6] three redirects are followed and the fourth is not', async () => {
  await using application = await startApplication(({ path }, response) => {
    const left = Number(path.slice(1));
    if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
    else answerXml(response, dialJenny);
  });
  expect(await fetchDocument(`${application.origin}/3`)).toMatchObject({ ok: true });
  expect(failureOf(await fetchDocument(`${application.origin}/4`))).toMatchObject({ code: 11215 });
  expect(failureOf(await fetchDocument(`${application.origin}/400`))).toMatchObject({ code: 11215 });
});

it('[WH7] where a redirect leads is checked like the URL itself', async () => {
  for (const location of [
    'http://169.254.169.254/latest',
    'http://127.0.0.2:1/',
    'file:///etc/passwd',
    '/own/path',
  ]) {
    await using application = await startApplication((_, response) => {
      response.writeHead(302, { location }).end();
    });
    expect(failureOf(await fetchDocument(application.origin))).toMatchObject({ code: 11001 });
    expect(application.seen).toHaveLength(1);
  }
});

it('[WH7] what a redirect leads to is signed for itself', async () => {
  await using application = await startApplication(({ path }, response) => {
    if (path === '/old') response.writeHead(307, { location: '/new' }).end();
    else answerXml(response, dialJenny);
  });
  await fetchDocument(`${application.origin}/old`);
  const [first, second] = application.seen;
  expect(second?.headers['x-twilio-signature']).not.toBe(first?.headers['x-twilio-signature']);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
});

it('[WH8] a connection that is closed before a byte of answer is tried once more', async () => {
  let asked = 0;
  await using application = await startApplication((_, response, raw) => {
    if (asked++ === 0) raw.socket.destroy();
    else answerXml(response, dialJenny);
  });
  expect(await fetchDocument(application.origin)).toMatchObject({ ok: true });
  expect(application.seen[1]?.headers['webhook-id']).toBe(application.seen[0]?.headers['webhook-id']);
});

it('[WH8] it is tried once more, not for ever; and not at all when the answer had begun', async () => {
  await using closing = await startApplication((_, _response, raw) => raw.socket.destroy());
  expect(failureOf(await fetchDocument(closing.origin))).toMatchObject({ code: 11205 });
  expect(closing.seen).toHaveLength(2);
  await using breaking = await startApplication((_, response, raw) => {
    response.writeHead(200, { 'content-type': 'text/xml', 'content-length': 500 });
    response.write('<Response>');
    setTimeout(() => raw.socket.destroy(), 20);
  });
  expect(failureOf(await fetchDocument(breaking.origin))).toMatchObject({ code: 11205, status: 200 });
  expect(breaking.seen).toHaveLength(1);
});

it('[WH8] a port where nobody listens is a failure that says so', async () => {
  const application = await startApplication(() => {});
  await application[Symbol.asyncDispose]();
  expect(failureOf(await fetchDocument(application.origin))).toMatchObject({
    code: 11205,
    message: 'The server refused the connection.',
  });
});

it('[WH11] cookies live as long as the call and no longer', async () => {
  await using application = await startApplication((_, response) => {
    response.setHeader('set-cookie', [
      'session=abc; Path=/; HttpOnly',
      'gone=1; Max-Age=0',
      'https=1; Secure',
    ]);
    answerXml(response, dialJenny);
  });
  const cookies = new CookieJar();
  await fetchDocument(`${application.origin}/one`, { cookies });
  await fetchDocument(`${application.origin}/two`, { cookies });
  await fetchDocument(`${application.origin}/three`);
  expect(application.seen.map(({ headers }) => headers.cookie)).toEqual([
    undefined,
    'session=abc',
    undefined,
  ]);
});

it('[WH11] a cookie goes back to its host and path only, and the jar has a ceiling', () => {
  const jar = new CookieJar();
  const url = new URL('https://app.example.com/calls/voice');
  jar.take(
    ['a=1; Domain=example.com', 'b=2; Path=/calls', 'c=3; Path=/other', `d=${'x'.repeat(5000)}`],
    url,
    0,
  );
  expect(jar.header(url, 0)).toBe('a=1; b=2');
  expect(jar.header(new URL('https://example.com/calls/voice'), 0)).toBeUndefined();
  expect(jar.header(new URL('https://app.example.com/callsign'), 0)).toBeUndefined();
  jar.take(['e=1; Max-Age=10'], url, 0);
  expect(jar.header(url, 9999)).toContain('e=1');
  expect(jar.header(url, 10_000)).not.toContain('e=1');
  jar.take(
    Array.from({ length: 100 }, (_, index) => `n${index}=1`),
    url,
    0,
  );
  expect(jar.size).toBe(50);
});

it('[WH12] a relative URL resolves where the document was found', () => {
  const base = 'https://app.example.com/calls/voice?tenant=1';
  expect(resolveUrl(base, 'after-dial')).toBe('https://app.example.com/calls/after-dial');
  expect(resolveUrl(base, '/after')).toBe('https://app.example.com/after');
  expect(resolveUrl(base, '?x=1')).toBe('https://app.example.com/calls/voice?x=1');
  expect(resolveUrl(base, ' http://other.example.com/a#rc=2 ')).toBe('http://other.example.com/a#rc=2');
  expect(resolveUrl(base, 'javascript:alert(1)')).toBeUndefined();
  expect(resolveUrl(base, 'http://')).toBeUndefined();
  expect(resolveUrl('nonsense', 'after')).toBeUndefined();
});

it('[WH13] credentials in a URL are sent as Basic authorization, and appear nowhere else', async () => {
  await using application = await startApplication((_, response) => response.writeHead(500).end());
  const failure = failureOf(await fetchDocument(`http://us%20er:p%40ss@127.0.0.1:${application.port}/voice`));
  const authorization = application.seen[0]?.headers.authorization ?? '';
  expect(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()).toBe('us er:p@ss');
  expect(failure.requestUrl).toBe(`${application.origin}/voice`);
  expect(JSON.stringify(failure)).not.toContain('p%40ss');
});

it('[WH13] credentials do not follow a redirect', async () => {
  await using application = await startApplication(({ path }, response) => {
    if (path === '/old') response.writeHead(302, { location: '/new' }).end();
    else answerXml(response, dialJenny);
  });
  await fetchDocument(`http://user:pass@127.0.0.1:${application.port}/old`);
  expect(application.seen[1]?.headers.authorization).toBeUndefined();
});

it('[WH14] what is no document is refused with what it looks like', async () => {
  await using application = await startApplication(({ path }, response) => {
    const answers = new Map<string, [number, string, string]>(
      Object.entries({
        '/html': [200, 'text/html', '<!doctype html><html><body>It works!</body></html>'],
        '/empty': [200, 'text/xml', ''],
        '/nothing': [204, 'text/xml', ''],
        '/image': [200, 'image/png', 'png'],
        '/root': [200, 'text/xml', '<Answer/>'],
      }),
    );
    const [status, type, body] = answers.get(path) ?? [500, '', ''];
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  const looks = async (path: string) => failureOf(await fetchDocument(application.origin + path)).looksLike;
  expect(await looks('/html')).toBe('html-page');
  expect(await looks('/empty')).toBe('empty');
  expect(await looks('/nothing')).toBe('empty');
  expect(await looks('/image')).toBe('wrong-content-type');
  expect(await looks('/root')).toBe('wrong-root');
});

it('[WH14] an answer that was compressed without being asked to is refused', async () => {
  await using application = await startApplication((_, response) => {
    response
      .writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' })
      .end(gzipSync(dialJenny));
  });
  expect(failureOf(await fetchDocument(application.origin))).toMatchObject({ code: 12300, status: 200 });
  expect(application.seen[0]?.headers['accept-encoding']).toBe('identity');
});

it('[WH14] a document broken at line 7 is refused at line 7', async () => {
  const broken =
    '<Response>\n  <Say>\n    Hello\n  </Say>\n  <Dial>\n    <Client>jenny</Client>\n  </Dail>\n</Response>';
  await using application = await startApplication((_, response) => answerXml(response, broken));
  const failure = failureOf(await fetchDocument(application.origin));
  expect(failure).toMatchObject({
    code: 12100,
    line: 7,
    looksLike: 'broken-xml',
    status: 200,
    responseBody: broken,
  });
});

it('[WH15] text/plain is spoken, and a sound is played from where it was found without being read', async () => {
  await using application = await startApplication(({ path }, response) => {
    if (path === '/text') response.writeHead(200, { 'content-type': 'text/plain' }).end('Hello Jenny');
    else response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(Buffer.alloc(1024 * 1024));
  });
  expect(await fetchDocument(`${application.origin}/text`)).toMatchObject({
    document: { verbs: [{ verb: 'Say', text: 'Hello Jenny' }] },
  });
  expect(await fetchDocument(`${application.origin}/sound`)).toMatchObject({
    document: { verbs: [{ verb: 'Play', url: `${application.origin}/sound` }] },
  });
});

it('[WH16] whatever comes back, the answer is a value with a number', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('220 mail.example.com ESMTP\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(failureOf(await fetchDocument(`http://127.0.0.1:${port}/`))).toMatchObject({ code: 11206 });
  expect(failureOf(await fetchDocument(`https://127.0.0.1:${port}/`))).toMatchObject({ code: 11220 });
  server.close();
  expect(failureOf(await fetchDocument('nonsense'))).toMatchObject({ code: 11100 });
  expect(failureOf(await fetchDocument('http://does-not-exist.invalid/'))).toMatchObject({ code: 11210 });
  expect(failureOf(await fetchDocument('mailto:x@example.com'))).toMatchObject({ code: 11001 });
});
