import { createSocket, type Socket } from 'node:dgram';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/**
 * A network between browsers and a server, in user space: it hands on pages, socket frames and packets of media, each
 * after the same delay. The server's media ports are found in the frames that tell them to the browser, and replaced
 * there by ports of this network. Media over TCP does not pass.
 */
export class SlowPath implements AsyncDisposable {
  readonly #delayMs: number;
  readonly #target: URL;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #relays = new Map<number, Promise<MediaRelay>>();

  private constructor(target: string, delayMs: number) {
    this.#target = new URL(target);
    this.#delayMs = delayMs;
    this.#http = createServer((request, response) => {
      const { hostname, port } = this.#target;
      const headers = { ...request.headers, host: this.#target.host };
      const onward = httpRequest(
        { hostname, port, path: request.url, method: request.method, headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    this.#sockets = new WebSocketServer({
      server: this.#http,
      handleProtocols: ([first]) => first ?? false,
    });
    this.#sockets.on('connection', (near, request) => this.#carry(near, request));
  }

  /** Puts a network in front of the server at this address. `delayMs` is one way: half a round trip. */
  static async start(target: string, delayMs: number): Promise<SlowPath> {
    const path = new SlowPath(target, delayMs);
    await new Promise<void>((resolve) => {
      path.#http.listen(0, '127.0.0.1', resolve);
    });
    return path;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  #carry(near: WebSocket, { url, headers }: IncomingMessage): void {
    const protocols = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
    const far = new WebSocket(new URL(url ?? '/', this.#target.href.replace('http', 'ws')), protocols, {
      headers: { origin: this.#target.origin },
    });
    const later = (action: () => void): void => void setTimeout(action, this.#delayMs);
    const opened = new Promise<void>((resolve) => {
      far.on('open', () => resolve());
    });
    near.on('message', (frame: Buffer) =>
      later(() => void opened.then(() => sendIfOpen(far, frame.toString()))),
    );
    // Frames wait for their turn even where a new port has to be opened for one of them.
    let turn: Promise<void> = Promise.resolve();
    far.on('message', (frame: Buffer) => {
      turn = turn.then(async () => {
        const text = await this.#withOurPorts(frame.toString());
        later(() => sendIfOpen(near, text));
      });
    });
    near.on('close', () => far.close());
    far.on('close', (code) => near.close(code === 1005 || code === 1006 ? 1000 : code));
    far.on('error', () => near.terminate());
  }

  async #withOurPorts(frame: string): Promise<string> {
    const ports = new Set(Array.from(frame.matchAll(/"port":(\d+)/g), ([, port]) => Number(port)));
    let text = frame;
    for (const port of ports) {
      const relay = this.#relays.get(port) ?? MediaRelay.start(port, this.#delayMs);
      this.#relays.set(port, relay);
      text = text.replaceAll(`"port":${port}`, `"port":${(await relay).port}`);
    }
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const relay of this.#relays.values()) (await relay).close();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
    });
  }
}

function sendIfOpen(socket: WebSocket, frame: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(frame);
}

/** One UDP port of the server's, seen from behind the delay. Every browser port gets one of its own towards the server. */
class MediaRelay {
  readonly #near: Socket;
  readonly #far = new Map<string, Socket>();
  #isClosed = false;

  private constructor(near: Socket) {
    this.#near = near;
  }

  static async start(serverPort: number, delayMs: number): Promise<MediaRelay> {
    const near = await bound();
    const relay = new MediaRelay(near);
    near.on('message', (packet, { address, port }) => {
      void relay.#farOf(address, port, delayMs).then((far) => {
        setTimeout(() => relay.#send(far, packet, serverPort), delayMs);
      });
    });
    return relay;
  }

  get port(): number {
    return this.#near.address().port;
  }

  async #farOf(address: string, port: number, delayMs: number): Promise<Socket> {
    const key = `${address}:${port}`;
    const known = this.#far.get(key);
    if (known !== undefined) return known;
    const far = createSocket('udp4');
    this.#far.set(key, far);
    far.on('message', (packet) => setTimeout(() => this.#send(this.#near, packet, port, address), delayMs));
    return far;
  }

  #send(through: Socket, packet: Buffer, port: number, address = '127.0.0.1'): void {
    // What is still under way when the network is taken down is lost.
    if (!this.#isClosed) through.send(packet, port, address);
  }

  close(): void {
    this.#isClosed = true;
    this.#near.close();
    for (const far of this.#far.values()) far.close();
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  return socket;
}
