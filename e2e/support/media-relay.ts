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

/** One that answers whoever asks for a way, and then lets nothing but these ports send and receive anything. */
export interface Firewall {
  readonly open: PortRange;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
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
  #isClosed = false;

  private constructor(near: Socket, server: MediaAddress, weather: Weather) {
    this.#near = near;
    this.#server = server;
    this.#weather = weather;
    near.on('message', (packet, { address, port }) => {
      if (this.#isStopped(packet, port)) return;
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
    const open = this.#weather.firewall?.open;
    const isOpen = open === undefined || (browserPort >= open.from && browserPort <= open.to);
    return !isOpen && !isStun(packet);
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

async function bound(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, address, resolve);
  });
  return socket;
}
