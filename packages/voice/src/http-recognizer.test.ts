import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpRecognizer } from './http-recognizer.ts';
import { HEARING_RATE, type Recognizer } from './recognizer.ts';

/** A second of samples that count up, so that their order can be seen. */
const SECOND = Int16Array.from({ length: HEARING_RATE }, (_, i) => i - 8000);

type Behaviour = (request: IncomingMessage, response: ServerResponse, sound: () => Buffer) => void;

describe('a recogniser that is a server', () => {
  let server: Server;
  let behaviour: Behaviour;
  let asked: { url: string | undefined; method: string | undefined; headers: IncomingMessage['headers'] }[];
  let recognizer: Recognizer;
  let closed: number;

  beforeEach(async () => {
    asked = [];
    closed = 0;
    server = createServer((request, response) => {
      asked.push({ url: request.url, method: request.method, headers: request.headers });
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      const mine = server;
      request.on('close', () => {
        if (mine === server) closed += 1;
      });
      behaviour(request, response, () => Buffer.concat(pieces));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    recognizer = createHttpRecognizer({ url: `http://127.0.0.1:${port}/hear?model=small`, token: 'secret' });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  const answersAtTheEnd =
    (body: string, status = 200): Behaviour =>
    (request, response) =>
      request.on('end', () => response.writeHead(status).end(body));

  it('[TN37] streams what is said as L16, with the language and the hints, and answers what was understood', async () => {
    let sound: Buffer = Buffer.alloc(0);
    behaviour = (request, response, heard) =>
      request.on('end', () => {
        sound = heard();
        response.end('{"text":"two bills","confidence":0.5}');
      });
    const recognition = recognizer.listen({ language: 'en-GB', hints: ['bill', 'post & parcel'] });
    recognition.push(SECOND.subarray(0, 5000));
    recognition.push(SECOND.subarray(5000));
    recognition.end();
    recognition.push(SECOND);
    expect(await recognition.result).toEqual({ text: 'two bills', confidence: 0.5 });
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: '/hear?model=small&language=en-GB&hint=bill&hint=post+%26+parcel',
        headers: {
          'content-type': 'audio/l16; rate=16000; channels=1',
          authorization: 'Bearer secret',
          'transfer-encoding': 'chunked',
        },
      },
    ]);
    expect(sound).toHaveLength(SECOND.length * 2);
    expect(SECOND.every((sample, i) => sound.readInt16BE(i * 2) === sample)).toBe(true);
  });

  it('[TN37] tells what is understood so far, and may end before she does', async () => {
    behaviour = (_request, response) => {
      response.write('{"text":"a","final":false}\n{"text":"a bi');
      response.write('ll","final":false}\n');
      setTimeout(() => response.write('{"text":"a bill, please","confidence":0.9,"final":true}\n'), 20);
    };
    const partials: string[] = [];
    const recognition = recognizer.listen({
      language: 'en',
      hints: [],
      onPartial: (text) => partials.push(text),
    });
    recognition.push(SECOND);
    expect(await recognition.result).toEqual({ text: 'a bill, please', confidence: 0.9 });
    expect(partials).toEqual(['a', 'a bill']);
    await vi.waitFor(() => expect(closed).toBe(1));
  });

  it('[TN37] takes the last line where none says that it is final, and no confidence that is none', async () => {
    behaviour = answersAtTheEnd('{"text":"one"}\n{"text":"one two","confidence":7}\n');
    const recognition = recognizer.listen({ language: 'en', hints: [] });
    recognition.end();
    expect(await recognition.result).toEqual({ text: 'one two' });
  });

  it.each([
    ['a status', answersAtTheEnd('', 503), 'the speech recogniser answered with status 503'],
    ['a page', answersAtTheEnd('<html>'), 'what the speech recogniser answered cannot be read'],
    ['something else', answersAtTheEnd('{"words":[]}'), 'what the speech recogniser answered cannot be read'],
    ['nothing', answersAtTheEnd(''), 'the speech recogniser answered nothing'],
    ['too much', answersAtTheEnd('x'.repeat(300_000)), 'what the speech recogniser answered is too large'],
    ['a redirect', answersAtTheEnd('', 307), 'the speech recogniser answered with status 307'],
    [
      'a closed connection',
      ((request) => request.socket.destroy()) satisfies Behaviour,
      'the speech recogniser could not be asked',
    ],
  ])('[TN38] %s is a failure that says so', async (_, given, message) => {
    behaviour = given;
    const recognition = recognizer.listen({ language: 'en', hints: [] });
    recognition.end();
    await expect(recognition.result).rejects.toMatchObject({
      name: 'VoiceError',
      fault: 'recognition-failed',
      message: expect.stringContaining(message) as string,
    });
  });

  it('[TN38] a server that is not there, and one that says nothing for ten seconds after the last word', async () => {
    const nobody = createHttpRecognizer({ url: 'http://127.0.0.1:9/' }).listen({ language: 'en', hints: [] });
    await expect(nobody.result).rejects.toThrow('the speech recogniser could not be asked');
    behaviour = () => {};
    const recognition = recognizer.listen({ language: 'en', hints: [] });
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    vi.useFakeTimers();
    try {
      recognition.end();
      vi.advanceTimersByTime(9999);
      recognition.push(SECOND);
      vi.advanceTimersByTime(1);
    } finally {
      vi.useRealTimers();
    }
    await expect(recognition.result).rejects.toThrow('the speech recogniser took too long');
  });

  it('[TN38] a server that does not keep up with a person is given up', async () => {
    behaviour = (request) => request.pause();
    const recognition = recognizer.listen({ language: 'en', hints: [] });
    for (let second = 0; second < 600; second++) recognition.push(SECOND);
    await expect(recognition.result).rejects.toThrow('more slowly than it is said');
  });

  it('[TN36] aborted, it is closed at once; and no more than a hundred are listened to', async () => {
    behaviour = () => {};
    const all = Array.from({ length: 100 }, () => recognizer.listen({ language: 'en', hints: [] }));
    await expect(recognizer.listen({ language: 'en', hints: [] }).result).rejects.toMatchObject({
      fault: 'too-busy',
    });
    await vi.waitFor(() => expect(asked).toHaveLength(100));
    for (const each of all) each.abort();
    await Promise.allSettled(all.map(({ result }) => result));
    await vi.waitFor(() => expect(closed).toBe(100));
    const next = recognizer.listen({ language: 'en', hints: [] });
    await vi.waitFor(() => expect(asked).toHaveLength(101));
    next.abort();
  });
});
