import { ClientError } from '../errors.ts';
import type { LifecycleEvent, Permission, Platform, PlatformSocket, SocketHandlers } from '../platform.ts';
import { createSpeaker } from './speaker.ts';
import { createSounds } from './tones.ts';

/** Where the gateway listens when the application names no other place. */
const DEFAULT_PATH = '/parley';

/** The surroundings of a web page. Touches no browser global until it is used. */
export function browserPlatform(): Platform {
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
    watchLifecycle,
    loadMediaEngine: async (gatewayCapabilities) => {
      const { createBrowserEngine } = await import('./sfu-handlers.ts');
      return createBrowserEngine(gatewayCapabilities);
    },
    openSource,
    queryPermission,
    createStream: () => new MediaStream(),
    createPlaceholder: (kind) => (kind === 'audio' ? silence() : black()),
    createSounds,
    createSpeaker,
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
  if (!/^wss?:$/.test(absolute.protocol)) throw new ClientError('invalid-argument', 'url: needs ws:// or wss://');
  return absolute.href;
}

function openSocket(url: string, subprotocol: string, handlers: SocketHandlers): PlatformSocket {
  const socket = new WebSocket(url, subprotocol);
  const deaf = new AbortController();
  const { signal } = deaf;
  socket.addEventListener('open', () => handlers.onOpen(), { signal });
  socket.addEventListener(
    'message',
    ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') handlers.onFrame(data);
    },
    { signal },
  );
  socket.addEventListener('close', ({ code, reason }) => handlers.onClose(code, reason), { signal });
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

function watchLifecycle(listener: (event: LifecycleEvent) => void): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  addEventListener('pagehide', ({ persisted }) => listener(persisted ? 'suspend' : 'leave'), options);
  addEventListener('pageshow', ({ persisted }) => persisted && listener('resume'), options);
  addEventListener('online', () => listener('online'), options);
  addEventListener('offline', () => listener('offline'), options);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && listener('wake'), options);
  document.addEventListener('resume', () => listener('wake'), options);
  return () => stop.abort();
}

async function openSource(kind: 'audio' | 'video', constraints: MediaTrackConstraints | true): Promise<MediaStreamTrack> {
  // Undefined on pages without https, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new ClientError('insecure-context');
  const stream = await devices.getUserMedia({ [kind]: kind === 'video' && constraints === true ? PICTURE : constraints });
  const [track] = stream.getTracks();
  if (track === undefined) throw new DOMException('no track', 'NotFoundError');
  return track;
}

/** What a call between two people needs, and every camera has. */
const PICTURE: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 30 } };

async function queryPermission(kind: 'audio' | 'video'): Promise<Permission> {
  const name = kind === 'audio' ? 'microphone' : 'camera';
  try {
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return 'unknown';
  }
}

function silence() {
  const context = new AudioContext();
  const [track] = context.createMediaStreamDestination().stream.getAudioTracks();
  if (track === undefined) throw new ClientError('unsupported-browser');
  return {
    track,
    paint: () => undefined,
    close: () => {
      track.stop();
      context.close().catch(() => undefined);
    },
  };
}

function black() {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  // Firefox captures nothing from a canvas that has no context yet.
  const context = canvas.getContext('2d');
  const [track] = canvas.captureStream(10).getVideoTracks();
  if (track === undefined || context === null) throw new ClientError('unsupported-browser');
  let paints = 0;
  return {
    track,
    paint: () => {
      // A frame is only captured when something was drawn, so the black alternates by what nobody can see.
      context.fillStyle = paints % 2 === 0 ? '#000000' : '#010101';
      paints += 1;
      context.fillRect(0, 0, canvas.width, canvas.height);
    },
    close: () => track.stop(),
  };
}
