import { randomUUID } from 'node:crypto';
import {
  createSfuEngine,
  type Platform,
  type PlatformSocket,
  type PlatformSounds,
  type PlatformSpeaker,
  type SocketHandlers,
} from '@parley/client/platform';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import { WebSocket } from 'ws';

export interface HeadlessOptions {
  /** What opening this source meets; absent: it opens. The name is that of a `getUserMedia` error. */
  readonly refuse?: { readonly audio?: string; readonly video?: string };
  /** Told whenever a source is opened, so that a test can say that none was. */
  readonly onOpenSource?: (kind: 'audio' | 'video') => void;
  /** Told of every socket, and how to lose it as a network does. */
  readonly onSocket?: (lose: () => void) => void;
}

/**
 * A browser without a page: a real socket, the SDK's own media engine over mediasoup-client's `FakeHandler`, tracks that
 * carry nothing, and no sound. What the gateway sees of it is what it sees of a browser, up to the first packet.
 */
export function headlessPlatform(options: HeadlessOptions = {}): Platform {
  return {
    nowMs: () => Date.now(),
    setTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    randomId: () => randomUUID(),
    agent: `headless phone, Node ${process.versions.node}`,
    resolveUrl(url) {
      if (url === undefined)
        throw new TypeError('a headless phone has no page to take its URL from: give it one');
      return url;
    },
    openSocket: (url, subprotocol, handlers) => openSocket(url, subprotocol, handlers, options.onSocket),
    watchLifecycle: () => () => {},
    loadMediaEngine: (gatewayCapabilities) =>
      createSfuEngine(FakeHandler.createFactory(fakeParameters), gatewayCapabilities),
    async openSource(kind) {
      options.onOpenSource?.(kind);
      const refusal = options.refuse?.[kind];
      if (refusal !== undefined) throw new DOMException(`this phone refuses its ${kind} source`, refusal);
      return fakeTrack(kind);
    },
    queryPermission: async () => 'granted',
    createStream: () => new HeadlessStream() as unknown as MediaStream,
    createPlaceholder(kind) {
      const track = fakeTrack(kind);
      return { track, paint: () => {}, close: () => track.stop() };
    },
    createSounds: () => SILENCE,
    createSpeaker: () => NO_SPEAKER,
  };
}

function openSocket(
  url: string,
  subprotocol: string,
  handlers: SocketHandlers,
  onSocket: HeadlessOptions['onSocket'],
): PlatformSocket {
  const socket = new WebSocket(url, subprotocol, {
    perMessageDeflate: false,
    // As in a browser: what follows from one frame is done before the next is there.
    allowSynchronousEvents: false,
  });
  let isClosed = false;
  socket.on('open', () => !isClosed && handlers.onOpen());
  socket.on('message', (data) => {
    // Text frames only: that is all this wire has.
    if (!isClosed && Buffer.isBuffer(data)) handlers.onFrame(data.toString('utf8'));
  });
  socket.on('close', (code, reason) => {
    if (isClosed) return;
    isClosed = true;
    handlers.onClose(code, reason.toString());
  });
  // `close` follows; without a listener an error would end the process.
  socket.on('error', () => {});
  onSocket?.(() => socket.terminate());
  return {
    send: (frame) => socket.send(frame),
    close(code, reason) {
      isClosed = true;
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close(code, reason);
    },
  };
}

function fakeTrack(kind: 'audio' | 'video'): MediaStreamTrack {
  return new FakeMediaStreamTrack({ kind });
}

/** As much of a MediaStream as the SDK looks at. */
class HeadlessStream extends EventTarget {
  readonly id = randomUUID();
  readonly #tracks = new Set<MediaStreamTrack>();

  addTrack(track: MediaStreamTrack): void {
    this.#tracks.add(track);
  }

  removeTrack(track: MediaStreamTrack): void {
    this.#tracks.delete(track);
  }

  getTracks(): MediaStreamTrack[] {
    return Array.from(this.#tracks);
  }

  getAudioTracks(): MediaStreamTrack[] {
    return this.getTracks().filter((track) => track.kind === 'audio');
  }

  getVideoTracks(): MediaStreamTrack[] {
    return this.getTracks().filter((track) => track.kind === 'video');
  }
}

const SILENCE: PlatformSounds = {
  start: () => {},
  stop: () => {},
  once: () => {},
  tone: () => {},
  digit: () => {},
  unlock: async () => true,
  close: () => {},
};

const NO_SPEAKER: PlatformSpeaker = {
  play: (_stream, onBlocked) => onBlocked(false),
  unlock: async () => true,
  close: () => {},
};
