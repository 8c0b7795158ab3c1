import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a recogniser was asked, and heard. */
export interface HeardUtterance {
  readonly language: string | null;
  readonly hints: readonly string[];
  readonly contentType: string | undefined;
  readonly durationMs: number;
  /** Of the strongest wave in it. */
  readonly frequencyHz: number;
}

const RATE = 16_000;
/** It says what it makes of it so far as often. */
const SO_FAR_BYTES = RATE;
/** Having heard so much, a second and a half, it knows: sooner than somebody has stopped speaking. */
const ENOUGH_BYTES = RATE * 3;

/** A recogniser that knows people by their tone: it answers with the frequency it heard, in words. */
export class RecognizerServer implements AsyncDisposable {
  readonly heard: HeardUtterance[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<RecognizerServer> {
    const server = createServer();
    const recognizer = new RecognizerServer(server);
    server.on('request', (request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://recognizer');
      const pieces: Buffer[] = [];
      let bytes = 0;
      const say = (text: string, more: object): void =>
        void response.write(`${JSON.stringify({ text, ...more })}\n`);
      const conclude = (): void => {
        request.removeAllListeners();
        const { durationMs, frequencyHz } = listen(Buffer.concat(pieces));
        const language = searchParams.get('language');
        const hints = searchParams.getAll('hint');
        const contentType = request.headers['content-type'];
        recognizer.heard.push({ language, hints, contentType, durationMs, frequencyHz });
        say(`a tone of ${frequencyHz} hertz`, { confidence: 0.75, final: true });
        response.end();
      };
      request.on('data', (piece: Buffer) => {
        const before = Math.floor(bytes / SO_FAR_BYTES);
        pieces.push(piece);
        bytes += piece.length;
        if (bytes >= ENOUGH_BYTES) conclude();
        else if (Math.floor(bytes / SO_FAR_BYTES) > before) {
          say(`${listen(Buffer.concat(pieces)).frequencyHz} so far`, { final: false });
        }
      });
      request.on('end', conclude);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return recognizer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hear`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** To the nearest ten hertz, by the power at each (Goertzel), over all that was heard. */
function listen(sound: Buffer): { readonly durationMs: number; readonly frequencyHz: number } {
  const samples = Float32Array.from({ length: Math.floor(sound.length / 2) }, (_, i) =>
    sound.readInt16BE(i * 2),
  );
  let frequencyHz = 0;
  let strongest = 0;
  for (let hertz = 100; hertz <= 2000; hertz += 10) {
    const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
    let [before, last] = [0, 0];
    for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
    const power = before * before + last * last - coefficient * before * last;
    if (power > strongest) [frequencyHz, strongest] = [hertz, power];
  }
  return { durationMs: (samples.length * 1000) / RATE, frequencyHz };
}
