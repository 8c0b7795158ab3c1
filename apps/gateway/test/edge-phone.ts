import { once } from 'node:events';
import {
  decodeServerMessage,
  SUBPROTOCOL,
  WIRE_VERSION,
  type CallSnapshot,
  type ReplyData,
  type RtpCapabilities,
  type ServerMessage,
  type ServerMessageOf,
} from '@parley/protocol';
import { WebSocket, type ClientOptions } from 'ws';
import type { CallDoor, CallMessage, CallRequest } from '../src/edge/call-door.ts';
import { DeviceRegistry } from '../src/edge/device-registry.ts';
import type { DeviceGoneHow, DeviceSession } from '../src/edge/device-session.ts';
import type { EdgeLog } from '../src/edge/edge-log.ts';
import { createHttpEdge } from '../src/edge/http-edge.ts';
import { mintToken, type TokenOrder } from '../src/edge/token.ts';
import { createWsEdge, type WsEdge, type WsEdgeOptions } from '../src/edge/ws-edge.ts';

export const ACCOUNT = 'AC00000000000000000000000000000001';
export const OTHER_ACCOUNT = 'AC00000000000000000000000000000002';
export const KEY = 'SK00000000000000000000000000000001';
export const SECRET = 'a secret of the first account, long enough';
export const OTHER_SECRET = 'a secret of the second account, long enough';

export const KEYS = {
  secretFor(issuer: string) {
    if (issuer === ACCOUNT || issuer === KEY) return { accountSid: ACCOUNT, secret: SECRET };
    if (issuer === OTHER_ACCOUNT) return { accountSid: OTHER_ACCOUNT, secret: OTHER_SECRET };
    if (issuer === 'SKshort') return { accountSid: ACCOUNT, secret: 'short' };
    return undefined;
  },
};

export function tokenFor(identity: string, order: Partial<TokenOrder> = {}): Promise<string> {
  const base = { issuer: ACCOUNT, secret: SECRET, ttlSeconds: 3600, incoming: true, outgoing: true };
  return mintToken({ ...base, identity, ...order });
}

/** Something that happened behind the door, in words a test can compare. */
export type DoorEvent =
  | { readonly type: 'request'; readonly device: DeviceSession; readonly message: CallRequest }
  | { readonly type: 'message'; readonly device: DeviceSession; readonly message: CallMessage }
  | { readonly type: 'registered' | 'capabilities' | 'back'; readonly device: DeviceSession }
  | { readonly type: 'away'; readonly device: DeviceSession; readonly how: DeviceSession['away'] }
  | { readonly type: 'gone'; readonly device: DeviceSession; readonly how: DeviceGoneHow };

/** A host of calls that writes down what it hears. */
export class FakeDoor implements CallDoor {
  readonly events: DoorEvent[] = [];
  answer: (message: CallRequest) => Promise<ReplyData> = async () => ({});
  calls: readonly CallSnapshot[] = [];
  readonly #waiting: (() => void)[] = [];

  async request(device: DeviceSession, message: CallRequest): Promise<ReplyData> {
    this.#happened({ type: 'request', device, message });
    return this.answer(message);
  }
  message(device: DeviceSession, message: CallMessage): void {
    this.#happened({ type: 'message', device, message });
  }
  snapshots(): readonly CallSnapshot[] {
    return this.calls;
  }
  deviceAway(device: DeviceSession): void {
    this.#happened({ type: 'away', device, how: device.away });
  }
  deviceBack(device: DeviceSession): void {
    this.#happened({ type: 'back', device });
  }
  deviceRegistered(device: DeviceSession): void {
    this.#happened({ type: 'registered', device });
  }
  deviceGone(device: DeviceSession, how: DeviceGoneHow): void {
    this.#happened({ type: 'gone', device, how });
  }
  capabilitiesKnown(device: DeviceSession): void {
    this.#happened({ type: 'capabilities', device });
  }

  of<T extends DoorEvent['type']>(type: T): readonly Extract<DoorEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<DoorEvent, { type: T }> => event.type === type);
  }

  /** Resolves with the events of a kind once there are so many. */
  async heard<T extends DoorEvent['type']>(
    type: T,
    count = 1,
  ): Promise<readonly Extract<DoorEvent, { type: T }>[]> {
    while (this.of(type).length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.of(type);
  }

  #happened(event: DoorEvent): void {
    this.events.push(event);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** What was logged above `debug`. */
export class KeptLog implements EdgeLog {
  readonly lines: string[] = [];
  debug(): void {}
  info = (fields: object, message: string): void => this.#keep('info', fields, message);
  warn = (fields: object, message: string): void => this.#keep('warn', fields, message);
  error = (fields: object, message: string): void => this.#keep('error', fields, message);

  #keep(level: string, fields: object, message: string): void {
    const plain = Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? value.message : value,
    ]);
    this.lines.push(`${level} ${message} ${JSON.stringify(plain)}`);
  }
}

/** An edge with real sockets and a door that writes down what it hears. */
export class TestEdge {
  readonly door = new FakeDoor();
  readonly log = new KeptLog();
  readonly registry = new DeviceRegistry(this.log);
  readonly ws: WsEdge;
  readonly phones: Phone[] = [];
  url = '';
  #closeHttp: () => Promise<void> = async () => undefined;

  private constructor(options: Partial<WsEdgeOptions>) {
    this.ws = createWsEdge({
      registry: this.registry,
      door: this.door,
      keys: KEYS,
      rtpCapabilities: { codecs: ['opus'] },
      log: this.log,
      ...options,
      limits: { sweepMs: 5, closeTimeoutMs: 500, ...options.limits },
    });
  }

  static async open(options: Partial<WsEdgeOptions> = {}): Promise<TestEdge> {
    const edge = new TestEdge(options);
    const http = await createHttpEdge({
      host: '127.0.0.1',
      port: 0,
      log: edge.log,
      health: () => ({ ok: true }),
      metrics: () => '',
      upgrade: (request, socket, head) => edge.ws.handleUpgrade(request, socket, head),
    });
    edge.url = http.url.replace('http', 'ws');
    edge.#closeHttp = () => http.close();
    return edge;
  }

  async phone(options: ClientOptions = {}, path = '/parley'): Promise<Phone> {
    const phone = await Phone.open(`${this.url}${path}`, options);
    this.phones.push(phone);
    return phone;
  }

  /** A phone that has been welcomed. */
  async welcomed(identity: string, hello: object = {}): Promise<Phone> {
    const phone = await this.phone();
    await phone.hello(await tokenFor(identity), hello);
    return phone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const phone of this.phones) phone.socket.terminate();
    await this.ws.close();
    await this.#closeHttp();
  }
}

/** The other end of a socket, as plain as it can be. */
export class Phone {
  readonly socket: WebSocket;
  readonly frames: ServerMessage[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #waiting: (() => void)[] = [];
  #read = 0;
  #ids = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const decoded = decodeServerMessage(Buffer.isBuffer(data) ? data.toString('utf8') : '');
      if (!decoded.ok) throw new Error(decoded.error.message);
      this.frames.push(decoded.message);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
  }

  static async open(url: string, options: ClientOptions): Promise<Phone> {
    const phone = new Phone(new WebSocket(url, SUBPROTOCOL, options));
    await once(phone.socket, 'open');
    return phone;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next frame nobody has looked at. Rejects when the socket closes first. */
  async next(): Promise<ServerMessage> {
    for (;;) {
      const frame = this.frames[this.#read];
      if (frame !== undefined) {
        this.#read += 1;
        return frame;
      }
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new Error('the socket closed before the next frame');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The next frame of a type; the frames before it are passed over. */
  async nextOf<T extends ServerMessage['type']>(type: T): Promise<ServerMessageOf<T>> {
    for (;;) {
      const frame = await this.next();
      if (isOf(frame, type)) return frame;
    }
  }

  sayHello(token: string, rest: object = {}): void {
    this.say({ type: 'hello', version: WIRE_VERSION, token, register: true, device: {}, ...rest });
  }

  async hello(token: string, rest: object = {}): Promise<ServerMessageOf<'welcome'>> {
    this.sayHello(token, rest);
    return this.nextOf('welcome');
  }

  async ask(request: object): Promise<ServerMessageOf<'reply'> | ServerMessageOf<'refusal'>> {
    const id = `r${(this.#ids += 1)}`;
    this.say({ id, ...request });
    for (;;) {
      const frame = await this.next();
      if ((frame.type === 'reply' || frame.type === 'refusal') && frame.re === id) return frame;
    }
  }

  /** Everything sent before has been read, and everything told before has arrived. */
  async inStep(lastSeq = 0): Promise<void> {
    this.say({ type: 'ping', lastSeq });
    await this.nextOf('pong');
  }

  get welcome(): ServerMessageOf<'welcome'> {
    const welcome = this.frames.find((frame) => isOf(frame, 'welcome'));
    if (welcome === undefined) throw new Error('not welcomed yet');
    return welcome;
  }

  resumption(lastSeq: number): { readonly resume: object } {
    const { sessionId, resumeToken } = this.welcome;
    return { resume: { sessionId, resumeToken, lastSeq } };
  }

  /** Cuts the wire without a closing handshake, as a network does. */
  cut(): void {
    this.socket.terminate();
  }
}

function isOf<T extends ServerMessage['type']>(frame: ServerMessage, type: T): frame is ServerMessageOf<T> {
  return frame.type === type;
}

export const CAPABILITIES: RtpCapabilities = { codecs: [{ kind: 'audio', mimeType: 'audio/opus' }] };
