import { afterAll, expect, it } from 'vitest';
import { createAddressGuard } from '../src/out/address-guard.ts';
import { createSoundClient, SOUND_BYTES_MAX, type FetchedSound } from '../src/out/sound-client.ts';
import { startApplication } from './out-application.ts';

const client = createSoundClient({
  guard: createAddressGuard({ allow: ['127.0.0.1'], isOwnUrl: (url) => url.pathname.startsWith('/own/') }),
});
const guarded = createSoundClient({ guard: createAddressGuard() });
afterAll(() => Promise.all([client.close(), guarded.close()]));

const SOUND = Buffer.from('RIFF and so on');

function faultOf(fetched: FetchedSound) {
  if (fetched.type !== 'fault') throw new Error('a fault was expected');
  return fetched.fault;
}

it('[VO13] a sound is asked for with GET, and without a form or a signature', async () => {
  await using application = await startApplication((_, response) => {
    response.setHeader('content-type', 'audio/wav');
    response.end(SOUND);
  });
  const fetched = await client.fetchSound(`${application.origin}/a.wav?x=1#rt=5000`);
  expect(fetched).toMatchObject({ type: 'sound', bytes: SOUND, freshMs: 0 });
  const [seen] = application.seen;
  expect(seen).toMatchObject({ method: 'GET', path: '/a.wav?x=1', body: '' });
  expect(seen?.headers['x-twilio-signature']).toBeUndefined();
});

it('[VO13] addresses are guarded, also behind a redirect, and the gateway’s own paths are never asked', async () => {
  await using application = await startApplication(({ path }, response) => {
    response.writeHead(302, { location: path === '/a' ? 'http://10.1.2.3/x.wav' : '/own/x.wav' }).end();
  });
  expect(faultOf(await guarded.fetchSound(`${application.origin}/a`))).toMatchObject({ code: 11001 });
  expect(application.seen).toHaveLength(0);
  expect(faultOf(await client.fetchSound(`${application.origin}/a`))).toMatchObject({ code: 11001 });
  expect(faultOf(await client.fetchSound(`${application.origin}/b`))).toMatchObject({ code: 11001 });
  expect(faultOf(await client.fetchSound('ftp://example.com/x.wav'))).toMatchObject({ code: 11001 });
});

it('[VO13] three redirects are followed, and no more', async () => {
  await using application = await startApplication(({ path }, response) => {
    const left = Number(path.slice(1));
    if (left === 0) response.writeHead(200, { 'content-type': 'audio/wav' }).end(SOUND);
    else response.writeHead(307, { location: `/${left - 1}` }).end();
  });
  expect((await client.fetchSound(`${application.origin}/3`)).type).toBe('sound');
  expect(faultOf(await client.fetchSound(`${application.origin}/4`))).toMatchObject({ code: 11215 });
});

it('[VO13] what is too large is left, with and without an announced length', async () => {
  let sent = 0;
  await using application = await startApplication(({ path }, response) => {
    response.setHeader('content-type', 'audio/wav');
    if (path === '/announced') response.setHeader('content-length', SOUND_BYTES_MAX + 1);
    const chunk = Buffer.alloc(1024 * 1024);
    const send = (): void => {
      sent += 1;
      response.write(chunk, (error) => error == null && sent < 100 && send());
    };
    send();
  });
  expect(faultOf(await client.fetchSound(`${application.origin}/announced`))).toMatchObject({ code: 11750 });
  sent = 0;
  expect(faultOf(await client.fetchSound(`${application.origin}/endless`))).toMatchObject({ code: 11750 });
});

it('[VO13] what calls itself something else than a sound is left; what does not say is tried', async () => {
  await using application = await startApplication(({ path }, response) => {
    if (path !== '/') response.setHeader('content-type', decodeURIComponent(path.slice(1)));
    response.end(SOUND);
  });
  const typeOf = async (type: string): Promise<string | number> => {
    const fetched = await client.fetchSound(`${application.origin}/${encodeURIComponent(type)}`);
    return fetched.type === 'fault' ? fetched.fault.code : fetched.type;
  };
  expect(await typeOf('text/html; charset=utf-8')).toBe(12300);
  expect(await typeOf('image/png')).toBe(12300);
  for (const type of ['', 'audio/mpeg', 'application/ogg', 'application/octet-stream']) {
    expect(await typeOf(type)).toBe('sound');
  }
});

it('[VO12] [VO13] what answers otherwise, or not in time, is a fault with a number', async () => {
  await using application = await startApplication(({ path }, response) => {
    if (path !== '/slow') response.writeHead(Number(path.slice(1))).end();
  });
  const codeOf = async (path: string): Promise<number> =>
    faultOf(await client.fetchSound(`${application.origin}${path}`)).code;
  expect(await codeOf('/404')).toBe(21402);
  expect(await codeOf('/500')).toBe(11200);
  expect(await codeOf('/slow#tt=200')).toBe(11205);
  expect(faultOf(await client.fetchSound('http://127.0.0.1:1/x.wav')).code).toBe(11205);
  expect(faultOf(await client.fetchSound('not a URL')).code).toBe(11100);
});

it('[VO14] validators are sent back, and what is unchanged is not sent again', async () => {
  await using application = await startApplication(({ headers }, response) => {
    response.setHeader('cache-control', 'public, max-age=60');
    if (headers['if-none-match'] === '"one"') response.writeHead(304).end();
    else
      response
        .writeHead(200, { 'content-type': 'audio/wav', etag: '"one"', 'last-modified': 'then' })
        .end(SOUND);
  });
  const first = await client.fetchSound(application.origin);
  if (first.type !== 'sound') throw new Error('a sound was expected');
  expect(first).toMatchObject({ validators: { etag: '"one"', lastModified: 'then' }, freshMs: 60_000 });
  expect(await client.fetchSound(application.origin, first.validators)).toEqual({
    type: 'unchanged',
    freshMs: 60_000,
  });
  expect(application.seen[1]?.headers['if-modified-since']).toBe('then');
});
