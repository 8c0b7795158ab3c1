import { once } from 'node:events';
import { mkdtemp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHttpEdge, type HttpEdge, type HttpEdgeOptions } from '../src/edge/http-edge.ts';
import { KeptLog } from './edge-phone.ts';

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2000))});`;

/** A built page, with a neighbour it must not give away. */
async function builtPage(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'parley-page-'));
  const page = join(parent, 'page');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(parent, 'secret.txt'), 'secret');
  await writeFile(join(page, 'index.html'), '<!doctype html><title>Parley</title>');
  await writeFile(join(page, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(page, 'assets', 'index-B2c3D4e5.js'), SCRIPT);
  await writeFile(join(page, '.env'), 'SECRET=1');
  await symlink(join(parent, 'secret.txt'), join(page, 'link.txt'));
  return page;
}

interface Opened extends AsyncDisposable {
  readonly edge: HttpEdge;
  readonly log: KeptLog;
  get(path: string, init?: RequestInit): Promise<Response>;
}

async function open(options: Partial<HttpEdgeOptions> = {}): Promise<Opened> {
  const log = new KeptLog();
  const edge = await createHttpEdge({
    host: '127.0.0.1',
    port: 0,
    log,
    health: () => ({ ok: true, calls: 3 }),
    metrics: () => 'parley_calls 3\n',
    upgrade: (_, socket) => socket.destroy(),
    ...options,
  });
  return {
    edge,
    log,
    get: (path, init) => fetch(`${edge.url}${path}`, init),
    [Symbol.asyncDispose]: () => edge.close(),
  };
}

/** Asks for a path as it is written; `fetch` would tidy it up first. */
async function rawStatus(port: number, path: string): Promise<number> {
  const asked = request({ host: '127.0.0.1', port, path, agent: false }).end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

describe('the softphone', () => {
  it('[AC29] is served with types, policies and an ETag', async () => {
    await using gateway = await open({ softphoneDir: await builtPage() });
    for (const path of ['/', '/index.html']) {
      const response = await gateway.get(path);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('<title>Parley</title>');
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      const permissions = response.headers.get('permissions-policy') ?? '';
      expect(permissions).toContain('microphone=(self)');
      expect(permissions).toContain('camera=(self)');
      const etag = response.headers.get('etag') ?? '';
      const again = await gateway.get(path, { headers: { 'If-None-Match': etag } });
      expect(again.status).toBe(304);
      expect(await again.text()).toBe('');
    }
    expect((await gateway.get('/favicon.svg')).headers.get('content-type')).toBe('image/svg+xml');
  });

  it('[AC29] keeps names with a hash for a year, packed where the browser reads that', async () => {
    await using gateway = await open({ softphoneDir: await builtPage() });
    const packed = await gateway.get('/assets/index-B2c3D4e5.js');
    expect(packed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect(packed.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await packed.text()).toBe(SCRIPT);
    for (const encoding of ['identity', 'gzip;q=0', 'br']) {
      const plain = await gateway.get('/assets/index-B2c3D4e5.js', {
        headers: { 'Accept-Encoding': encoding },
      });
      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(await plain.text()).toBe(SCRIPT);
    }
  });

  it('[AC29] is all there is: nothing beside it, nothing hidden, nothing linked', async () => {
    await using gateway = await open({ softphoneDir: await builtPage() });
    const paths = [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '/..%2fsecret.txt',
      '/%00',
      '/.env',
      '/link.txt',
      '/assets',
      '/assets/',
      '//secret.txt',
      '/constructor',
      '/__proto__',
    ];
    for (const path of paths) expect([path, await rawStatus(gateway.edge.port, path)]).toEqual([path, 404]);
  });

  it('[AC29] that cannot be read keeps the gateway from starting', async () => {
    await expect(open({ softphoneDir: '/nowhere/at/all' })).rejects.toThrow('ENOENT');
  });
});

describe('paths of our own', () => {
  it('[AC30] health says whether the gateway can work', async () => {
    let isOk = true;
    await using gateway = await open({ health: () => ({ ok: isOk, calls: 3 }) });
    const well = await gateway.get('/health');
    expect(well.status).toBe(200);
    expect(well.headers.get('cache-control')).toBe('no-store');
    expect(await well.json()).toEqual({ ok: true, calls: 3 });
    isOk = false;
    expect((await gateway.get('/health')).status).toBe(503);
  });

  it('[AC30] metrics are text', async () => {
    await using gateway = await open();
    const response = await gateway.get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toBe('parley_calls 3\n');
  });

  it('[AC31] a demo token is for any name that is one', async () => {
    await using gateway = await open({ demoToken: async (identity) => `token of ${identity}` });
    expect(await (await gateway.get('/demo/token?identity=J%C3%BCrgen%20G')).json()).toEqual({
      token: 'token of Jürgen G',
      identity: 'Jürgen G',
    });
    for (const query of [
      '',
      '?identity=',
      '?identity=client:jenny',
      '?identity=a%3Fb',
      '?identity=%20a',
      `?identity=${'x'.repeat(129)}`,
    ]) {
      const refused = await gateway.get(`/demo/token${query}`);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ status: 400, name: 'bad-identity' });
    }
    expect(
      (await gateway.get('/demo/token?identity=jenny')).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });

  it('[AC31] a demo token is only there in a demo', async () => {
    await using gateway = await open();
    expect((await gateway.get('/demo/token?identity=jenny')).status).toBe(404);
  });

  it('[AC31] demo tokens are limited per address', async () => {
    await using gateway = await open({
      demoToken: () => 'token',
      trustProxy: true,
      limits: { demoRate: { perMinute: 1, burst: 2 } },
    });
    const from = (address: string): Promise<Response> =>
      gateway.get('/demo/token?identity=jenny', { headers: { 'X-Forwarded-For': address } });
    expect((await from('203.0.113.1')).status).toBe(200);
    expect((await from('203.0.113.1')).status).toBe(200);
    const refused = await from('203.0.113.1');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await from('203.0.113.2')).status).toBe(200);
  });

  it('[AC32] what is not there, and what is there for another method', async () => {
    await using gateway = await open({ softphoneDir: await builtPage() });
    const missing = await gateway.get('/nothing');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ status: 404, name: 'not-found' });
    for (const path of ['/health', '/']) {
      const wrong = await gateway.get(path, { method: 'POST', body: 'x' });
      expect(wrong.status).toBe(405);
      expect(wrong.headers.get('allow')).toBe('GET, HEAD');
      expect(await wrong.json()).toMatchObject({ status: 405, name: 'method-not-allowed' });
      const head = await gateway.get(path, { method: 'HEAD' });
      expect(head.status).toBe(200);
      expect(await head.text()).toBe('');
    }
    expect(await rawStatus(gateway.edge.port, 'http://elsewhere/health')).toBe(400);
  });
});

describe('a mounted part', () => {
  it('[AC33] has its prefix and what is below, with the body read', async () => {
    const heard: string[] = [];
    await using gateway = await open({
      mounts: [
        {
          prefix: '/2012-04-24',
          bodyBytesMax: 10,
          async handle({ request: { method }, response, url, body }) {
            heard.push(`${method} ${url.pathname} ${body.toString('utf8')}`);
            response.end('fine');
          },
        },
      ],
    });
    expect(await (await gateway.get('/2012-04-24/Accounts', { method: 'POST', body: 'a=1' })).text()).toBe(
      'fine',
    );
    expect((await gateway.get('/2012-04-24')).status).toBe(200);
    expect((await gateway.get('/2012-04-24x')).status).toBe(404);
    expect(heard).toEqual(['POST /2012-04-24/Accounts a=1', 'GET /2012-04-24 ']);

    const tooLarge = await gateway.get('/2012-04-24/Accounts', { method: 'POST', body: 'x'.repeat(11) });
    expect(tooLarge.status).toBe(413);
    expect(await tooLarge.json()).toMatchObject({ name: 'too-large' });
    const streamed = ReadableStream.from([new Uint8Array(6), new Uint8Array(6)]);
    const chunked = { method: 'POST', body: streamed, duplex: 'half' } as RequestInit;
    expect((await gateway.get('/2012-04-24/Accounts', chunked)).status).toBe(413);
    expect(heard).toHaveLength(2);
  });

  it('[AC33] that fails is answered without details, and logged', async () => {
    await using gateway = await open({
      mounts: [
        {
          prefix: '/rest',
          bodyBytesMax: 10,
          handle: () => Promise.reject(new Error('the password is 1234')),
        },
      ],
    });
    const response = await gateway.get('/rest');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('1234');
    expect(gateway.log.lines).toHaveLength(1);
    expect((await gateway.get('/health')).status).toBe(200);
  });
});

describe('closing', () => {
  it('[AC33] waits for requests that are being answered, and not for sockets', async () => {
    const { promise: mayAnswer, resolve } = Promise.withResolvers<void>();
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
    const gateway = await open({
      upgrade: (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
      mounts: [
        {
          prefix: '/slow',
          bodyBytesMax: 0,
          async handle({ response }) {
            isAsked();
            await mayAnswer;
            response.end('at last');
          },
        },
      ],
    });
    const socket = connect(gateway.edge.port, '127.0.0.1');
    socket.write('GET /parley HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(socket, 'data');
    const answer = gateway.get('/slow');
    await asked;
    const closed = gateway.edge.close();
    await expect(gateway.get('/health')).rejects.toThrow('fetch failed');
    resolve();
    expect(await (await answer).text()).toBe('at last');
    await closed;
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });
});
