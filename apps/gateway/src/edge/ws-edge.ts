import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  SUBPROTOCOL,
  SUSPENDED_CLOSE_CODE,
  type ClientRequest,
  type ReplyData,
  type RtpCapabilities,
  type ServerMessageOf,
} from '@parley/protocol';
import type { SessionLimits } from '@parley/switchboard';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { CallDoor } from './call-door.ts';
import { clientAddress } from './client-address.ts';
import { carryOut, dismiss, readFrame, type DeskWorld } from './desk.ts';
import type { Device, HowSocketClosed } from './device.ts';
import type { DeviceRegistry } from './device-registry.ts';
import { EDGE_LIMITS, sessionLimits, type EdgeLimits } from './edge-limits.ts';
import type { EdgeLog } from './edge-log.ts';
import type { KeyRing } from './key-ring.ts';
import { isOriginAllowed } from './origin.ts';
import { ParleySocket } from './parley-socket.ts';
import { Presence } from './presence.ts';
import { ResumeTokens } from './resume-token.ts';
import { SharedContent } from './shared-content.ts';
import type { TokenGrants, VerifiedToken } from './token-grants.ts';

/** Where sockets are opened. */
export const SOCKET_PATH = '/parley';

export interface WsEdgeOptions {
  readonly registry: DeviceRegistry;
  readonly door: CallDoor;
  readonly keys: KeyRing;
  /** What any browser must be able to receive; told in every welcome. */
  readonly rtpCapabilities: RtpCapabilities;
  readonly log: EdgeLog;
  /** Web pages of other origins that may open sockets; `*` for all. The gateway's own origin always may. */
  readonly allowedOrigins?: readonly string[];
  /** Believe `X-Forwarded-For` and `X-Forwarded-Host`: only where every request passes a proxy of ours. */
  readonly trustProxy?: boolean;
  readonly limits?: Partial<EdgeLimits>;
}

/** What the edge holds and has seen. The first thing to read when looking for a leak. */
export interface WsEdgeCounts {
  readonly sockets: number;
  /** Sockets that have not said a valid hello yet. */
  readonly strangers: number;
  readonly addresses: number;
  readonly framesRead: number;
  /** Upgrades refused before a socket was opened. */
  readonly upgradesRefused: number;
}

export interface WsEdge {
  /** Takes an HTTP upgrade to {@link SOCKET_PATH}; answers any other with an error. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes no new devices and no new calls from now on, and tells every device how long it has (D32). */
  drain(inMs: number): void;
  /** Closes every socket, and resolves when none is left. */
  close(): Promise<void>;
  readonly counts: WsEdgeCounts;
}

/** Opens the gateway to browsers. It listens nowhere itself: the HTTP edge hands it upgrades. */
export function createWsEdge(options: WsEdgeOptions): WsEdge {
  return new Edge(options);
}

class Edge implements WsEdge, DeskWorld {
  readonly door: CallDoor;
  readonly registry: DeviceRegistry;
  readonly keys: KeyRing;
  readonly log: EdgeLog;
  readonly limits: EdgeLimits;
  readonly session: SessionLimits;
  readonly presence: Presence;
  readonly resumeTokens = new ResumeTokens();
  readonly sharedCapabilities = new SharedContent<RtpCapabilities>(256);
  readonly sharedGrants = new SharedContent<TokenGrants>(1024);
  readonly unreadBytesMax: number;
  readonly devicesPerIdentityMax: number;
  isDraining = false;

  readonly #options: WsEdgeOptions;
  readonly #server: WebSocketServer;
  readonly #sockets = new Set<ParleySocket>();
  readonly #strangers = new Set<ParleySocket>();
  readonly #socketsOfAddress = new Map<string, number>();
  readonly #sweeper: NodeJS.Timeout;
  readonly #stopPresence: () => void;
  #framesRead = 0;
  #upgradesRefused = 0;
  #whenEmpty: (() => void) | undefined;
  #isClosed = false;

  constructor(options: WsEdgeOptions) {
    this.#options = options;
    this.door = options.door;
    this.registry = options.registry;
    this.keys = options.keys;
    this.log = options.log;
    this.limits = { ...EDGE_LIMITS, ...options.limits };
    this.session = sessionLimits(this.limits);
    this.unreadBytesMax = this.limits.unreadBytesMax;
    this.devicesPerIdentityMax = this.limits.devicesPerIdentityMax;
    this.presence = new Presence(this.registry, this.limits.presencePeriodMs, () => this.nowMs());
    this.#stopPresence = this.registry.listen(this.presence);
    this.#server = new WebSocketServer(serverOptions(this.limits));
    this.#sweeper = setInterval(() => this.#sweep(), this.limits.sweepMs);
    this.#sweeper.unref();
  }

  get counts(): WsEdgeCounts {
    return {
      sockets: this.#sockets.size,
      strangers: this.#strangers.size,
      addresses: this.#socketsOfAddress.size,
      framesRead: this.#framesRead,
      upgradesRefused: this.#upgradesRefused,
    };
  }

  /** A clock that only goes forward, so that a corrected system clock does not end sessions. */
  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  deadlineOf(token: VerifiedToken): number {
    return this.nowMs() + (token.expiresAtMs - this.wallMs());
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = clientAddress(request, this.#options.trustProxy ?? false);
    const refused = this.#refusalOf(request, address);
    if (refused !== undefined) {
      this.#upgradesRefused += 1;
      return refuseUpgrade(socket, refused);
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      // What the server was told to make of it; its types cannot say so.
      if (opened instanceof ParleySocket) this.#open(opened, address, request);
    });
  }

  drain(inMs: number): void {
    this.isDraining = true;
    for (const device of this.registry.devices()) device.tell({ type: 'goAway', inMs });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopPresence();
    this.presence.stop();
    clearInterval(this.#sweeper);
    if (this.#sockets.size === 0) return;
    const emptied = new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    for (const socket of Array.from(this.#sockets)) dismiss(socket, 'draining');
    await emptied;
  }

  welcome(device: Device, isResumed: boolean): ServerMessageOf<'welcome'> {
    return {
      type: 'welcome',
      sessionId: device.id,
      resumeToken: this.resumeTokens.tokenFor(device.id),
      resumed: isResumed,
      identity: device.identity,
      registered: device.registered,
      heartbeatMs: this.limits.heartbeatMs,
      graceMs: this.limits.graceMs,
      tokenExpiresInMs: device.tokenExpiresInMs,
      rtpCapabilities: this.#options.rtpCapabilities,
      calls: isResumed ? [...this.#snapshots(device)] : [],
      lastSeq: device.lastSeq,
    };
  }

  carryOut(device: Device, message: ClientRequest): Promise<ReplyData> {
    return carryOut(device, message, this);
  }

  welcomed(socket: ParleySocket): void {
    this.#strangers.delete(socket);
  }

  #snapshots(device: Device): ReturnType<CallDoor['snapshots']> {
    try {
      return this.door.snapshots(device);
    } catch (err) {
      this.log.error({ session: device.id, err }, 'the host of calls failed');
      return [];
    }
  }

  #refusalOf(request: IncomingMessage, address: string): UpgradeRefusal | undefined {
    const [path] = (request.url ?? '').split('?', 1);
    if (path !== SOCKET_PATH) return { status: 404, message: `sockets are opened at ${SOCKET_PATH}` };
    if (this.#isClosed) return { status: 503, message: 'the gateway is going out of service' };
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!offered.includes(SUBPROTOCOL)) return { status: 400, message: `the subprotocol is ${SUBPROTOCOL}` };
    if (this.#sockets.size >= this.limits.socketsMax || this.#strangers.size >= this.limits.strangersMax) {
      return { status: 503, message: 'too many sockets' };
    }
    if ((this.#socketsOfAddress.get(address) ?? 0) >= this.limits.socketsPerAddressMax) {
      return { status: 429, message: 'too many sockets from this address' };
    }
    return undefined;
  }

  #open(socket: ParleySocket, address: string, request: IncomingMessage): void {
    const nowMs = this.nowMs();
    socket.address = address;
    socket.connection = request.socket;
    socket.allowance = this.limits.frameBurst;
    socket.allowanceAtMs = nowMs;
    socket.stage = { name: 'stranger', helloByMs: nowMs + this.limits.helloTimeoutMs };
    this.#sockets.add(socket);
    this.#strangers.add(socket);
    this.#socketsOfAddress.set(address, (this.#socketsOfAddress.get(address) ?? 0) + 1);
    socket.on('message', this.#onMessage);
    socket.on('close', this.#onClose);
    socket.on('error', this.#onError);
    // Told over the socket, because a page cannot see why an upgrade failed. No cookie is read, so nothing is at risk.
    if (!isOriginAllowed(request, this.#originRule())) socket.dismiss('forbidden');
  }

  #originRule(): { readonly allowedOrigins: readonly string[]; readonly trustProxy: boolean } {
    const { allowedOrigins = [], trustProxy = false } = this.#options;
    return { allowedOrigins, trustProxy };
  }

  // One listener for all sockets, called with the socket as `this`.
  readonly #onMessage = this.#listener((socket, data: RawData, isBinary: boolean) => {
    this.#framesRead += 1;
    readFrame(socket, isBinary || !Buffer.isBuffer(data) ? undefined : data.toString('utf8'), this);
  });

  readonly #onClose = this.#listener((socket, code: number) => {
    this.#sockets.delete(socket);
    this.#strangers.delete(socket);
    const left = (this.#socketsOfAddress.get(socket.address) ?? 1) - 1;
    if (left > 0) this.#socketsOfAddress.set(socket.address, left);
    else this.#socketsOfAddress.delete(socket.address);
    lose(socket, { isLeaving: CLOSED_BY_BROWSER.has(code), isSuspended: code === SUSPENDED_CLOSE_CODE });
    if (this.#sockets.size === 0) this.#whenEmpty?.();
  });

  // `ws` has sent the close code; nothing more will be read, and `close` follows when the peer has agreed.
  readonly #onError = this.#listener((socket, err: Error) => {
    this.log.debug({ err }, 'a socket failed');
    lose(socket, { isLeaving: false, isSuspended: false });
  });

  #listener<Args extends unknown[]>(
    listen: (socket: ParleySocket, ...args: Args) => void,
  ): (this: WebSocket, ...args: Args) => void {
    return function listener(this: WebSocket, ...args: Args): void {
      if (this instanceof ParleySocket) listen(this, ...args);
    };
  }

  /** One look at everybody in place of a timer for each. */
  #sweep(): void {
    const nowMs = this.nowMs();
    for (const socket of this.#strangers) {
      if (socket.stage.name === 'stranger') {
        // They came in this order, so the rest has more time left.
        if (socket.stage.helloByMs > nowMs) break;
        socket.dismiss('helloTimeout');
      }
    }
    for (const device of this.registry.devices()) {
      if (device.deadlineMs <= nowMs) device.feed({ type: 'clock' });
    }
  }
}

/** What a browser closes with when a page goes away. A network that is lost closes with nothing. */
const CLOSED_BY_BROWSER: ReadonlySet<number> = new Set([1000, 1001]);

/** Whatever the socket was, it is no more; a device goes into its grace period. */
function lose(socket: ParleySocket, how: HowSocketClosed): void {
  const { stage } = socket;
  socket.stage = { name: 'closed' };
  if (stage.name === 'device') stage.device.socketClosed(socket, how);
}

function serverOptions(
  limits: EdgeLimits,
): ConstructorParameters<typeof WebSocketServer<typeof ParleySocket>>[0] {
  const options = {
    noServer: true,
    clientTracking: false,
    // Compression costs 123 KB for each phone that has spoken once.
    perMessageDeflate: false,
    maxPayload: limits.frameBytesMax,
    // A frame of ours comes in one piece; a peer that cuts it into thousands wants us to hold them.
    maxFragments: 64,
    maxBufferedChunks: 256,
    // Not yet in the types of `ws`.
    closeTimeout: limits.closeTimeoutMs,
    handleProtocols: () => SUBPROTOCOL,
    WebSocket: ParleySocket,
  };
  return options;
}

interface UpgradeRefusal {
  readonly status: number;
  readonly message: string;
}

function refuseUpgrade(socket: Duplex, { status, message }: UpgradeRefusal): void {
  // Nobody listens to the answer of an upgrade that breaks off.
  socket.on('error', () => undefined);
  const body = JSON.stringify({ status, message });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
