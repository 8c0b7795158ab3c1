import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server with files of one tone each: `/440.wav` is a second of 440 Hz. */
export class SoundServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<SoundServer> {
    const server = createServer((request, response) => {
      const frequencyHz = Number(/^\/(\d+)\.wav$/.exec(request.url ?? '')?.[1] ?? 0);
      if (frequencyHz === 0) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': 'audio/wav' }).end(wav(frequencyHz));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new SoundServer(server);
  }

  /** Where a tone is to be had. */
  tone(frequencyHz: number): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${frequencyHz}.wav`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** A second of a tone, 16 bits, 8 kHz. */
function wav(frequencyHz: number): Buffer {
  const rate = 8000;
  const bytes = Buffer.alloc(44 + rate * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(rate * 2, 40);
  for (let i = 0; i < rate; i++) {
    bytes.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * frequencyHz * i) / rate)), 44 + i * 2);
  }
  return bytes;
}
