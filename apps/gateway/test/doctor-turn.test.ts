import { createHash, createHmac } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, expect, it } from 'vitest';
import { turnPassword } from '../src/calls/turn.ts';
import { turnFindings } from '../src/cli/doctor-turn.ts';

const COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** Attributes of a message, as RFC 8489 lays them out; written here a second time, so that a mistake is not shared. */
function attributesOf(message: Buffer): Map<number, { readonly value: Buffer; readonly at: number }> {
  const found = new Map<number, { value: Buffer; at: number }>();
  for (let at = 20; at < message.length;) {
    const length = message.readUInt16BE(at + 2);
    found.set(message.readUInt16BE(at), { value: message.subarray(at + 4, at + 4 + length), at });
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}

function answer(request: Buffer, type: number, attributes: readonly (readonly [number, Buffer])[]): Buffer {
  const body = attributes.map(([name, value]) => {
    const padded = Buffer.alloc(Math.ceil(value.length / 4) * 4);
    value.copy(padded);
    const head = Buffer.alloc(4);
    head.writeUInt16BE(name, 0);
    head.writeUInt16BE(value.length, 2);
    return Buffer.concat([head, padded]);
  });
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(Buffer.concat(body).length, 2);
  return Buffer.concat([head, COOKIE, request.subarray(8, 20), ...body]);
}

/** A TURN server that shares this secret; answers with its URL and the methods it was asked. */
async function turnServer(
  secret: string | null,
): Promise<{ readonly url: string; readonly asked: string[] }> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  const asked: string[] = [];
  socket.on('message', (request, from) => {
    const method = request.readUInt16BE(0) === 3 ? 'allocate' : 'refresh';
    const attributes = attributesOf(request);
    const username = attributes.get(0x0006)?.value.toString();
    const integrity = attributes.get(0x0008);
    asked.push(username === undefined ? `${method} of a stranger` : method);
    const refusal = [
      [0x0009, Buffer.from([0, 0, 4, 1])],
      [0x0014, Buffer.from('realm')],
      [0x0015, Buffer.from('nonce')],
    ] as const;
    const isRight = (): boolean => {
      if (username === undefined || integrity === undefined || secret === null) return false;
      const key = createHash('md5')
        .update(`${username}:realm:${turnPassword(username, secret)}`)
        .digest();
      return createHmac('sha1', key)
        .update(request.subarray(0, integrity.at))
        .digest()
        .equals(integrity.value);
    };
    const granted = (method === 'allocate' ? 3 : 4) | 0x0100;
    const said =
      secret === null || isRight() ? answer(request, granted, []) : answer(request, 0x0113, refusal);
    socket.send(said, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { url: `turn:127.0.0.1:${socket.address().port}`, asked };
}

const look = (url: string, secret: string) =>
  turnFindings({ turn: { urls: [url], secret, ttlSeconds: 600 } });

it('[QY5] a server that takes our credentials is well, and gets its allocation back', async () => {
  const { url, asked } = await turnServer('shared');
  expect(await look(url, 'shared')).toEqual([
    { is: 'well', what: expect.stringContaining('takes our credentials') },
  ]);
  await expect.poll(() => asked).toEqual(['allocate of a stranger', 'allocate', 'refresh']);
});

it('[QY5] another secret, no secret at all, and nobody there are told apart', async () => {
  const theirs = await turnServer('theirs');
  expect(await look(theirs.url, 'ours')).toMatchObject([
    { is: 'wrong', what: expect.stringContaining('does not take our credentials (401)') },
  ]);
  const open = await turnServer(null);
  expect(await look(open.url, 'ours')).toMatchObject([
    { is: 'odd', what: expect.stringContaining('asks for no credential') },
  ]);
  expect(await look('turn:127.0.0.1:1?transport=tcp', 'ours')).toMatchObject([
    { is: 'wrong', what: expect.stringContaining('cannot be reached') },
  ]);
});

it('[QY5] none is no fault', async () => {
  expect(await turnFindings({ turn: undefined })).toMatchObject([{ is: 'well' }]);
});
