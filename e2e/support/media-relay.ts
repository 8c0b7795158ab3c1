import { createSocket, type Socket } from 'node:dgram';

/** How it is on a network at the moment; changed by its owner while packets are under way. */
export interface Weather {
  /** One way. */
  readonly delayMs: number;
  /** So many of a hundred packets are lost. */
  lossPercent: number;
  /** All of them are. */
  isDark: boolean;
  /** What is done with media itself. Null: nothing; a firewall otherwise. */
  firewall: Firewall | null;
}

/** Says of a packet whether it is stopped, up and down alike. Whoever asks for a way is always answered. */
export type Firewall = (packet: MediaPacket) => boolean;

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface MediaPacket {
  /** Where it comes from or goes to in the browser. */
  readonly browserPort: number;
  /** Which stream of RTP it belongs to; null for a handshake and for reports. */
  readonly stream: number | null;
}

/** Where media has passed so far. */
export interface Passed {
  /** Ports of browsers. */
  readonly ports: Set<number>;
  /** Those of them from which RTP came. */
  readonly sendingPorts: Set<number>;
  readonly streams: Set<number>;
}

/** Where a server takes packets of media. */
export interface MediaAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * One UDP port of the server's, seen from behind the network: another port on the same address. The address matters: a
 * Firefox reaches no loopback address, and pairs a candidate only with answers from where it has asked. Every browser
 * port gets one of its own towards the server.
 */
export class MediaRelay {
  readonly #near: Socket;
  readonly #far = new Map<string, Promise<Socket>>();
  readonly #weather: Weather;
  readonly #server: MediaAddress;
  readonly passed: Passed = { ports: new Set(), sendingPorts: new Set(), streams: new Set() };
  #isClosed = false;

  private constructor(near: Socket, server: MediaAddress, weather: Weather) {
    this.#near = near;
    this.#server = server;
    this.#weather = weather;
    near.on('message', (packet, { address, port }) => {
      if (this.#isStopped(packet, port)) return;
      if (streamOf(packet) !== null) this.passed.sendingPorts.add(port);
      void this.#farOf(address, port).then((far) =>
        this.#pass(() => far.send(packet, this.#server.port, this.#server.address)),
      );
    });
  }

  static async start(server: MediaAddress, weather: Weather): Promise<MediaRelay> {
    return new MediaRelay(await bound(server.address), server, weather);
  }

  get port(): number {
    return this.#near.address().port;
  }

  #farOf(address: string, port: number): Promise<Socket> {
    const key = `${address}:${port}`;
    const known = this.#far.get(key);
    if (known !== undefined) return known;
    const opening = bound(this.#server.address).then((far) => {
      far.on('message', (packet) => {
        if (!this.#isStopped(packet, port)) this.#pass(() => this.#near.send(packet, port, address));
      });
      return far;
    });
    this.#far.set(key, opening);
    return opening;
  }

  #isStopped(packet: Buffer, browserPort: number): boolean {
    if (isStun(packet)) return false;
    const stream = streamOf(packet);
    if (this.#weather.firewall?.({ browserPort, stream }) === true) return true;
    this.passed.ports.add(browserPort);
    if (stream !== null) this.passed.streams.add(stream);
    return false;
  }

  #pass(send: () => void): void {
    const { delayMs, lossPercent, isDark } = this.#weather;
    if (isDark || Math.random() * 100 < lossPercent) return;
    const arrive = (): void => {
      // What is still under way when the network is taken down is lost.
      if (!this.#isClosed && !this.#weather.isDark) send();
    };
    if (delayMs === 0) arrive();
    else setTimeout(arrive, delayMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#near.close();
    for (const far of this.#far.values()) void far.then((socket) => socket.close());
  }
}

/** Whether a packet asks for a way or answers that; everything else is handshake or media (RFC 7983). */
function isStun(packet: Buffer): boolean {
  return (packet[0] ?? 0) < 4;
}

/** RTP and reports share a range of first bytes; what the second says tells them apart (RFC 5761). */
function streamOf(packet: Buffer): number | null {
  const [first = 0, second = 0] = packet;
  const isMedia = first >= 128 && first <= 191 && packet.length >= 12;
  return isMedia && !(second >= 192 && second <= 223) ? packet.readUInt32BE(8) : null;
}

async function bound(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, address, resolve);
  });
  return socket;
}
