import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sineWav } from './ear.test.kit.ts';
import { createHttpSpeech } from './http-speech.ts';

const ORDER = { text: 'Grüß Gott', ssml: '<p>Grüß Gott</p>', voice: 'anna', language: 'de-AT' };
const WAV = sineWav({ frequencyHz: 300, ms: 50, rate: 8000 });

const open: AsyncDisposable[] = [];
afterEach(() => Promise.all(open.splice(0).map((one) => one[Symbol.asyncDispose]())));

async function provider(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/speak`;
}

describe('a speech provider', () => {
  it('[VO7] is asked with everything the document says, and answers with a sound', async () => {
    let asked: unknown;
    const url = await provider(({ method, url: path, headers }, response, body) => {
      asked = { method, path, body: JSON.parse(body), token: headers.authorization };
      response.writeHead(200, { 'content-type': 'audio/wav' }).end(WAV);
    });
    const engine = createHttpSpeech({ url, token: 'hush' });
    const plan = await engine.plan(ORDER);
    expect(plan).toMatchObject({ tags: 'all', remarks: [], language: 'de-AT' });
    expect((await engine.speak(ORDER, plan)).sound).toEqual(Buffer.from(WAV));
    expect(asked).toEqual({ method: 'POST', path: '/speak', body: ORDER, token: 'Bearer hush' });
  });

  it('[VO7] that answers otherwise, leads elsewhere, sends too much or is not there has failed', async () => {
    const status = await provider((_request, response) => response.writeHead(503).end());
    const elsewhere = await provider((_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    const endless = await provider((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024);
      const send = (): void => void response.write(chunk, (error) => error == null && send());
      send();
    });
    for (const [url, message] of [
      [status, 'answered with status 503'],
      [elsewhere, 'could not be asked'],
      [endless, 'too large'],
      ['http://127.0.0.1:1/', 'could not be asked'],
    ] as const) {
      const engine = createHttpSpeech({ url });
      const failing = engine.speak(ORDER, await engine.plan(ORDER));
      await expect(failing).rejects.toMatchObject({ fault: 'speech-failed' });
      await expect(failing).rejects.toThrow(message);
    }
  });
});
