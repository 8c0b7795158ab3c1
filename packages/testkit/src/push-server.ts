import { createDecipheriv, createECDH, hkdfSync, randomBytes, type ECDH } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What `pushManager.subscribe` gives, as JSON. */
export interface PushSubscriptionFacts {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** A message as the browser would have it: decrypted. */
export interface PushedMessage {
  readonly endpoint: string;
  readonly payload: unknown;
  readonly ttlSeconds: number;
  readonly urgency: string;
  readonly topic: string;
  /** The JWT and the key it can be checked with (RFC 8292 §3). */
  readonly vapid: { readonly token: string; readonly publicKey: string };
}

interface Subscribed {
  readonly keys: ECDH;
  readonly auth: Buffer;
}

/** A push service, and the browsers behind it, for tests: takes messages (RFC 8030) and decrypts them (RFC 8291). */
export class PushServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #subscribed = new Map<string, Subscribed>();
  readonly received: PushedMessage[] = [];
  /** Told of each message, as it comes. */
  onMessage: (message: PushedMessage) => void = () => undefined;
  /** Answered instead of 201 to whatever comes. */
  refusal: number | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#take(request).then(
        (status) => response.writeHead(status).end(),
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
    });
  }

  static async start(): Promise<PushServer> {
    const service = new PushServer();
    await new Promise<void>((resolve) => void service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Another browser. */
  subscribe(): PushSubscriptionFacts {
    const keys = createECDH('prime256v1');
    keys.generateKeys();
    const auth = randomBytes(16);
    const endpoint = `${this.url}/${randomBytes(12).toString('hex')}`;
    this.#subscribed.set(endpoint, { keys, auth });
    return {
      endpoint,
      keys: { p256dh: keys.getPublicKey().toString('base64url'), auth: auth.toString('base64url') },
    };
  }

  /** This browser is reached no more. */
  unsubscribe({ endpoint }: Pick<PushSubscriptionFacts, 'endpoint'>): void {
    this.#subscribed.delete(endpoint);
  }

  async #take(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const endpoint = `${this.url}${request.url ?? ''}`;
    const subscribed = this.#subscribed.get(endpoint);
    if (this.refusal !== undefined) return this.refusal;
    if (subscribed === undefined) return 410;
    const { headers } = request;
    const vapid = /^vapid t=([^,\s]+), ?k=(\S+)$/.exec(headers.authorization ?? '');
    if (vapid === null || headers['content-encoding'] !== 'aes128gcm') return 401;
    const message: PushedMessage = {
      endpoint,
      payload: JSON.parse(decrypted(Buffer.concat(chunks), subscribed).toString('utf8')) as unknown,
      ttlSeconds: Number(headers['ttl']),
      urgency: String(headers['urgency']),
      topic: String(headers['topic']),
      vapid: { token: vapid[1] ?? '', publicKey: vapid[2] ?? '' },
    };
    this.received.push(message);
    this.onMessage(message);
    return 201;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}

/** RFC 8291 §3.4, RFC 8188 §2: one record. */
function decrypted(body: Buffer, { keys, auth }: Subscribed): Buffer {
  const salt = body.subarray(0, 16);
  const idLength = body.readUInt8(20);
  const theirs = body.subarray(21, 21 + idLength);
  const sealed = body.subarray(21 + idLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), theirs]);
  const secret = Buffer.from(hkdfSync('sha256', keys.computeSecret(theirs), auth, info, 32));
  const derived = (what: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${what}\0`, length));
  const decipher = createDecipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12));
  decipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2));
}
