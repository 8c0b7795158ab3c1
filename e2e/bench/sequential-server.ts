import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWorker, type types } from 'mediasoup';
import { WebSocketServer, type WebSocket } from 'ws';
import type { BuiltPage } from './page.ts';
import type {
  AnswerFrame,
  ConsumerFacts,
  Method,
  Notice,
  RequestFrame,
  Requests,
} from './sequential-wire.ts';

const CODECS: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];

/** One page's part: what the demo calls a peer. */
class Peer {
  readonly name: string;
  readonly socket: WebSocket;
  readonly transports = new Map<string, { transport: types.WebRtcTransport; direction: 'send' | 'recv' }>();
  readonly producers: types.Producer[] = [];
  readonly consumers = new Map<string, types.Consumer>();
  rtpCapabilities: types.RtpCapabilities | undefined;

  constructor(name: string, socket: WebSocket) {
    this.name = name;
    this.socket = socket;
  }

  tell(notice: Notice): void {
    this.socket.send(JSON.stringify(notice));
  }

  closeMedia(): void {
    for (const { transport } of this.transports.values()) transport.close();
    this.transports.clear();
    this.producers.length = 0;
    this.consumers.clear();
    this.rtpCapabilities = undefined;
  }
}

/** The server of the ordinary flow: two people, one call at a time, mediasoup as its demo uses it. */
export class SequentialServer implements AsyncDisposable {
  readonly #http: Server;
  readonly #worker: types.Worker;
  readonly #router: types.Router;
  readonly #webRtcServer: types.WebRtcServer;
  readonly #peers = new Map<string, Peer>();

  private constructor(
    http: Server,
    media: { worker: types.Worker; router: types.Router; webRtcServer: types.WebRtcServer },
  ) {
    this.#http = http;
    this.#worker = media.worker;
    this.#router = media.router;
    this.#webRtcServer = media.webRtcServer;
  }

  /** `page` is what it serves. */
  static async start(page: BuiltPage): Promise<SequentialServer> {
    const worker = await createWorker({ logLevel: 'warn' });
    const webRtcServer = await worker.createWebRtcServer({
      listenInfos: [
        { protocol: 'udp', ip: '127.0.0.1' },
        { protocol: 'tcp', ip: '127.0.0.1' },
      ],
    });
    const router = await worker.createRouter({ mediaCodecs: CODECS });
    const http = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
      response.end(isScript ? page.script : page.html);
    });
    const server = new SequentialServer(http, { worker, router, webRtcServer });
    new WebSocketServer({ server: http }).on('connection', (socket, request) => {
      const name = new URL(request.url ?? '', 'http://localhost').searchParams.get('as') ?? '';
      server.#welcome(new Peer(name, socket));
    });
    await new Promise<void>((resolve) => {
      http.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  #welcome(peer: Peer): void {
    this.#peers.set(peer.name, peer);
    peer.socket.on('message', (frame: Buffer) => {
      const { id, method, data } = JSON.parse(frame.toString()) as RequestFrame;
      void this.#handle(peer, method, data).then((answer) => {
        peer.socket.send(JSON.stringify({ id, answer } satisfies AnswerFrame));
      });
    });
  }

  #other(peer: Peer): Peer {
    const other = Array.from(this.#peers.values()).find(({ name }) => name !== peer.name);
    if (other === undefined) throw new Error('there is nobody else');
    return other;
  }

  async #handle(peer: Peer, method: Method, data: unknown): Promise<unknown> {
    switch (method) {
      case 'call':
        this.#other(peer).tell({ notice: 'incoming' });
        return {};
      case 'accept':
        this.#other(peer).tell({ notice: 'accepted' });
        return {};
      case 'hangUp':
        peer.closeMedia();
        this.#other(peer).closeMedia();
        this.#other(peer).tell({ notice: 'ended' });
        return {};
      case 'routerCapabilities':
        return this.#router.rtpCapabilities;
      case 'createTransport':
        return this.#createTransport(peer, data as Requests['createTransport']['data']);
      case 'connectTransport': {
        const { transportId, dtlsParameters } = data as Requests['connectTransport']['data'];
        await peer.transports.get(transportId)?.transport.connect({ dtlsParameters });
        return {};
      }
      case 'produce':
        return this.#produce(peer, data as Requests['produce']['data']);
      case 'joined': {
        peer.rtpCapabilities = (data as Requests['joined']['data']).rtpCapabilities;
        for (const producer of this.#other(peer).producers) void this.#consume(peer, producer);
        return {};
      }
      case 'resume': {
        await peer.consumers.get((data as Requests['resume']['data']).consumerId)?.resume();
        return {};
      }
    }
  }

  async #createTransport(
    peer: Peer,
    { direction }: Requests['createTransport']['data'],
  ): Promise<Requests['createTransport']['answer']> {
    const transport = await this.#router.createWebRtcTransport({
      webRtcServer: this.#webRtcServer,
      initialAvailableOutgoingBitrate: 1_000_000,
    });
    peer.transports.set(transport.id, { transport, direction });
    const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
    return { id, iceParameters, iceCandidates, dtlsParameters };
  }

  async #produce(peer: Peer, data: Requests['produce']['data']): Promise<{ id: string }> {
    const { transportId, kind, rtpParameters } = data;
    const producer = await peer.transports.get(transportId)?.transport.produce({ kind, rtpParameters });
    if (producer === undefined) throw new Error('no such transport');
    peer.producers.push(producer);
    void this.#consume(this.#other(peer), producer);
    return { id: producer.id };
  }

  /** Made paused, as mediasoup advises: resumed when the page says that it has it. */
  async #consume(peer: Peer, producer: types.Producer): Promise<void> {
    const recv = Array.from(peer.transports.values()).find(({ direction }) => direction === 'recv');
    const { rtpCapabilities } = peer;
    if (recv === undefined || rtpCapabilities === undefined) return;
    const consumer = await recv.transport.consume({ producerId: producer.id, rtpCapabilities, paused: true });
    peer.consumers.set(consumer.id, consumer);
    const { id, kind } = consumer;
    // Server and page have the same words for it, and each library its own types.
    const rtpParameters = consumer.rtpParameters as ConsumerFacts['rtpParameters'];
    peer.tell({ notice: 'newConsumer', consumer: { id, producerId: producer.id, kind, rtpParameters } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
    });
  }
}
