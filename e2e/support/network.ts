import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { MediaRelay, type Passed, type PortRange, type Weather } from './media-relay.ts';

/**
 * A network between browsers and a server, in user space: it hands on pages, socket frames and packets of media, and may
 * be slow, lose packets, go dark, or forget its connections. The server's media ports are found in the frames that tell
 * them to the browser, and replaced there by ports of this network. Media over TCP does not pass. Any browser will do.
 */
export class Network implements AsyncDisposable {
  readonly #target: URL;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #relays = new Map<string, Promise<MediaRelay>>();
  readonly #carried = new Set<Carried>();
  readonly #weather: Weather;
  /** What has to wait until it is light again. */
  #delayed: (() => void)[] = [];

  private constructor(target: string, delayMs: number) {
    this.#target = new URL(target);
    this.#weather = { delayMs, lossPercent: 0, isDark: false, firewall: null };
    this.#http = createServer((request, response) => {
      const { hostname, port } = this.#target;
      const headers = { ...request.headers, host: this.#target.host };
      this.#later(() => {
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
    });
    this.#sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false });
    this.#http.on('upgrade', (request, socket, head) => {
      this.#later(() =>
        this.#sockets.handleUpgrade(request, socket, head, (near) => this.#carry(near, request)),
      );
    });
  }

  /** Puts a network in front of the server at this address. `delayMs` is one way: half a round trip. */
  static async start(target: string, { delayMs = 0 }: { delayMs?: number } = {}): Promise<Network> {
    const network = new Network(target, delayMs);
    await new Promise<void>((resolve) => {
      network.#http.listen(0, '127.0.0.1', resolve);
    });
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Loses so many of a hundred packets of media, each way. Frames of sockets are only late on such a network. */
  set lossPercent(lossPercent: number) {
    this.#weather.lossPercent = lossPercent;
  }

  /** From now on a way is found by whoever asks, but media passes only for these ports: those of a TURN server, for one. */
  letMediaPassOnlyFrom({ from, to }: PortRange): void {
    this.#weather.firewall = ({ browserPort }) => browserPort < from || browserPort > to;
  }

  /** From now on a way is still found on the ports browsers use now, and nothing else passes there. Others are free. */
  async stopMediaOnPortsInUse(which: 'ports' | 'sendingPorts'): Promise<void> {
    const stopped = await this.#passed(which);
    this.#weather.firewall = ({ browserPort }) => stopped.has(browserPort);
  }

  /** From now on the streams that pass now do not any more, on whatever port; other ones do. */
  async stopStreamsInUse(): Promise<void> {
    const stopped = await this.#passed('streams');
    this.#weather.firewall = ({ stream }) => stream !== null && stopped.has(stream);
  }

  /** From now on a way is found by whoever asks, and no stream passes. */
  stopStreams(): void {
    this.#weather.firewall = ({ stream }) => stream !== null;
  }

  letMediaPass(): void {
    this.#weather.firewall = null;
  }

  async #passed(which: keyof Passed): Promise<ReadonlySet<number>> {
    const relays = await Promise.all(this.#relays.values());
    return new Set(relays.flatMap(({ passed }) => [...passed[which]]));
  }

  /** Nothing passes: packets are lost, what is on a connection waits, and so do new ones. */
  goDark(): void {
    this.#weather.isDark = true;
  }

  /** Everything passes again. */
  goLight(): void {
    this.#weather.isDark = false;
    for (const act of this.#delayed.splice(0)) act();
  }

  /** Cuts every socket, as a proxy does that is started again. Media goes on. */
  dropSockets(): void {
    for (const { near, far } of this.#carried) {
      near.terminate();
      far.terminate();
    }
  }

  /** Forgets every socket, as a router does: both ends think it open, and nothing said on it arrives. Media goes on. */
  forgetSockets(): void {
    for (const carried of this.#carried) carried.isForgotten = true;
  }

  /** Until then, no new socket is let through. */
  holdSockets(): void {
    this.#isHeld = true;
  }

  letSocketsThrough(): void {
    this.#isHeld = false;
  }

  #isHeld = false;

  #later(act: () => void): void {
    if (this.#weather.isDark) this.#delayed.push(act);
    else act();
  }

  #carry(near: WebSocket, { url, headers }: IncomingMessage): void {
    if (this.#isHeld) return near.terminate();
    const protocols = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
    const far = new WebSocket(new URL(url ?? '/', this.#target.href.replace('http', 'ws')), protocols, {
      headers: { origin: this.#target.origin },
    });
    const carried: Carried = { near, far, isForgotten: false };
    this.#carried.add(carried);
    const pass = (act: () => void): void => {
      const arrive = (): void => this.#later(() => carried.isForgotten || act());
      setTimeout(arrive, this.#weather.delayMs);
    };
    const opened = new Promise<void>((resolve) => {
      far.on('open', () => resolve());
    });
    near.on('message', (frame: Buffer) =>
      pass(() => void opened.then(() => sendIfOpen(far, frame.toString()))),
    );
    // Frames wait for their turn even where a new port has to be opened for one of them.
    let turn: Promise<void> = Promise.resolve();
    far.on('message', (frame: Buffer) => {
      turn = turn.then(async () => {
        const text = await this.#withOurPorts(frame.toString());
        pass(() => sendIfOpen(near, text));
      });
    });
    near.on('close', (code) => pass(() => closeWith(far, code)));
    far.on('close', (code) => {
      this.#carried.delete(carried);
      pass(() => closeWith(near, code));
    });
    near.on('error', () => far.terminate());
    far.on('error', () => near.terminate());
  }

  /** The frame, with our ports in place of the server's. Media over TCP does not pass, so none is offered. */
  async #withOurPorts(frame: string): Promise<string> {
    const offered: Candidate[] = [];
    const message: unknown = JSON.parse(frame, (name, value: unknown) => {
      if (name !== 'iceCandidates' || !Array.isArray(value)) return value;
      const carried = (value as Candidate[]).filter(({ protocol }) => protocol === 'udp');
      offered.push(...carried);
      return carried;
    });
    for (const candidate of offered) candidate.port = (await this.#relayTo(candidate)).port;
    return offered.length === 0 ? frame : JSON.stringify(message);
  }

  #relayTo({ ip: address, port }: Candidate): Promise<MediaRelay> {
    const key = `${address}:${port}`;
    const relay = this.#relays.get(key) ?? MediaRelay.start({ address, port }, this.#weather);
    this.#relays.set(key, relay);
    return relay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const relay of this.#relays.values()) (await relay).close();
    for (const { near, far } of this.#carried) {
      near.terminate();
      far.terminate();
    }
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
    });
  }
}

/** Where a server says it may be reached. One that listens on several addresses may have another port on each. */
interface Candidate {
  readonly protocol: string;
  readonly ip: string;
  port: number;
}

/** One socket of a browser's, and the one towards the server that stands for it. */
interface Carried {
  readonly near: WebSocket;
  readonly far: WebSocket;
  isForgotten: boolean;
}

function sendIfOpen(socket: WebSocket, frame: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(frame);
}

/** Hands a close code on. Two codes stand for the want of one, and may not be sent. */
function closeWith(socket: WebSocket, code: number): void {
  if (code === 1006) socket.terminate();
  else if (code === 1005) socket.close();
  else socket.close(code);
}
