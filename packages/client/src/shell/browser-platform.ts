import { ClientError } from '../errors.ts';
import type { Platform, PlatformSocket, SocketHandlers } from '../platform.ts';

/** Where the gateway listens when the application names no other place. */
const DEFAULT_PATH = '/parley';

/** The surroundings of a web page. Touches no browser global until it is used. */
export function browserPlatform(): Platform {
  let page: typeof import('./page-life.ts') | null = null;
  const late = () => import('./browser-media.ts');
  let media: Awaited<ReturnType<typeof late>> | null = null;
  const prepared = () => {
    if (media === null) throw new ClientError('no-media-engine');
    return media;
  };
  return {
    nowMs: () => Date.now(),
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    randomId,
    get agent() {
      return describeBrowser(navigator.userAgent);
    },
    resolveUrl,
    openSocket,
    preparePage: async () => {
      page = await import('./page-life.ts');
    },
    watchLifecycle: (listener) => page?.watchLifecycle(listener) ?? (() => undefined),
    get holdLock() {
      return page?.holdLock;
    },
    get tabStorage() {
      return page?.tabStorage;
    },
    queryPermission: async (kind) => (await late()).queryPermission(kind),
    hasSource: (kind) => prepared().hasSource(kind),
    createSounds: async (onBlocked) => (await late()).createSounds(onBlocked),
    loadMediaEngine: async (gatewayCapabilities) => (await late()).loadBrowserEngine(gatewayCapabilities),
    prepareMedia: async () => {
      media = await late();
    },
    openSource: (kind, constraints) => prepared().openSource(kind, constraints),
    createStream: () => prepared().createStream(),
    createPlaceholder: (kind) => prepared().createPlaceholder(kind),
    createSpeaker: () => prepared().createSpeaker(),
    isHidden: () => document.hidden,
    hasChosenDevices: () => prepared().hasChosenDevices(),
    loadDevices: () => prepared().loadDevices(),
  };
}

/** 22 letters and digits, 128 bits of chance. `randomUUID` is not there on pages without https; this is. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function describeBrowser(userAgent: string): string {
  const browser = /(?:Firefox|Edg|OPR|Chrom(?:e|ium)|Version)\/\d+/.exec(userAgent)?.[0] ?? 'browser';
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux/.exec(userAgent)?.[0] ?? '';
  return `${browser.replace('Version', 'Safari').replace('/', ' ')} ${system}`.trim();
}

function resolveUrl(url: string | undefined): string {
  if (url === undefined && typeof location === 'undefined') {
    throw new ClientError('invalid-argument', 'url: needed outside a web page');
  }
  const absolute = new URL(url ?? DEFAULT_PATH, typeof location === 'undefined' ? undefined : location.href);
  // http and https are what people copy from their address bar.
  absolute.protocol = absolute.protocol.replace(/^http/, 'ws');
  if (!/^wss?:$/.test(absolute.protocol))
    throw new ClientError('invalid-argument', 'url: needs ws:// or wss://');
  return absolute.href;
}

function openSocket(url: string, subprotocol: string, handlers: SocketHandlers): PlatformSocket {
  const socket = new WebSocket(url, subprotocol);
  const deaf = new AbortController();
  const on = <Name extends keyof WebSocketEventMap>(
    name: Name,
    heard: (event: WebSocketEventMap[Name]) => void,
  ): void => socket.addEventListener(name, heard, { signal: deaf.signal });
  on('open', () => handlers.onOpen());
  on('message', ({ data }: MessageEvent<unknown>) => typeof data === 'string' && handlers.onFrame(data));
  on('close', ({ code, reason }) => handlers.onClose(code, reason));
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close: (code, reason) => {
      deaf.abort();
      socket.close(code, reason);
    },
  };
}
