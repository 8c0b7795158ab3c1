import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';

/** How it is on a network at the moment; changed by its owner while packets are under way. */
export interface Weather {
  /** One way. */
  readonly delayMs: number;
  /** So many of a hundred packets are lost. */
  lossPercent: number;
  /** All of them are. */
  isDark: boolean;
}

/**
 * One UDP port of the server's, seen from behind the network, on every address the server may be reached at. Every
 * browser port gets one of its own towards the server.
 */
export class MediaRelay {
  readonly #near: readonly Socket[];
  readonly #far = new Map<string, Promise<Socket>>();
  readonly #weather: Weather;
  readonly #serverPort: number;
  #isClosed = false;

  private constructor(near: readonly Socket[], serverPort: number, weather: Weather) {
    this.#near = near;
    this.#serverPort = serverPort;
    this.#weather = weather;
    for (const socket of near)
      socket.on('message', (packet, { address, port }) => {
        void this.#farOf(socket, address, port).then((far) =>
          this.#pass(() => far.send(packet, this.#serverPort, '127.0.0.1')),
        );
      });
  }

  static async start(serverPort: number, weather: Weather): Promise<MediaRelay> {
    const near = [await bound('127.0.0.1', 0)];
    const port = near[0]?.address().port ?? 0;
    // A Firefox does not reach a loopback address.
    const outside = outsideAddress();
    if (outside !== undefined) near.push(await bound(outside, port));
    return new MediaRelay(near, serverPort, weather);
  }

  get port(): number {
    return this.#near[0]?.address().port ?? 0;
  }

  #farOf(near: Socket, address: string, port: number): Promise<Socket> {
    const key = `${address}:${port}`;
    const known = this.#far.get(key);
    if (known !== undefined) return known;
    const opening = bound('127.0.0.1', 0).then((far) => {
      far.on('message', (packet) => this.#pass(() => near.send(packet, port, address)));
      return far;
    });
    this.#far.set(key, opening);
    return opening;
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
    for (const socket of this.#near) socket.close();
    for (const far of this.#far.values()) void far.then((socket) => socket.close());
  }
}

/** The first address of this machine that others see: where the SFU listens too. */
function outsideAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, resolve);
  });
  return socket;
}
