import type {
  ClientMessageOf,
  IceParameters,
  MediaOffer,
  ServerMessageOf,
  TransportOffer,
} from '@parley/protocol';
import type { CallMediaSnapshot, CallStats } from '../api.ts';
import { asClientError, type ClientError } from '../errors.ts';
import type { EngineTransport, MediaEngine, TransportState } from '../media-engine.ts';
import type { Platform } from '../platform.ts';
import { readStats } from './call-stats.ts';
import { LocalSource, type SourceMessage } from './local-source.ts';
import { RemoteMedia, type ConsumerMessage } from './remote-media.ts';

/** What the media of a call tells the gateway, before the call has put its name on it. */
export type MediaMessage =
  | SourceMessage
  | Omit<ClientMessageOf<'transportConnect'>, 'callId'>
  | Omit<ClientMessageOf<'consuming'>, 'callId'>;

export interface CallMediaOptions {
  readonly platform: Platform;
  readonly loadEngine: () => Promise<MediaEngine>;
  readonly tell: (message: MediaMessage) => void;
  readonly onChange: () => void;
  readonly onTransport: (state: CallMediaSnapshot['transport']) => void;
  readonly onBlocked: (isBlocked: boolean) => void;
  /** One of the person's own sources failed after it had worked. */
  readonly onSourceError: (error: ClientError) => void;
  /** No media can be had at all. */
  readonly onFailed: (error: ClientError) => void;
}

interface Transports {
  readonly engine: MediaEngine;
  readonly send: EngineTransport;
  readonly recv: EngineTransport;
  readonly sendOffer: TransportOffer;
}

/**
 * The media of one call: two transports, what goes up, what comes down. It does as it is told, at once and without
 * waiting for the gateway: the order of the socket is enough.
 */
export class CallMediaSession {
  readonly microphone: LocalSource;
  readonly camera: LocalSource;
  readonly #options: CallMediaOptions;
  readonly #remote: RemoteMedia;
  readonly #local: MediaStream;
  #transports: Promise<Transports | null> = Promise.resolve(null);
  #current: Transports | null = null;
  #states: Record<'send' | 'recv', TransportState> = { send: 'new', recv: 'new' };
  /** Which sources go up in this call, open or not. */
  #sends = { audio: false, video: false };
  #isClosed = false;

  constructor(options: CallMediaOptions) {
    this.#options = options;
    const { platform, tell, onBlocked } = options;
    const onChange = (): void => this.#changed();
    const onError = options.onSourceError;
    this.#local = platform.createStream();
    this.microphone = new LocalSource({ kind: 'audio', platform, tell, onChange, onError });
    this.camera = new LocalSource({ kind: 'video', platform, tell, onChange, onError });
    this.#remote = new RemoteMedia({
      platform,
      tell,
      onChange,
      onBlocked,
      onTrouble: (thrown) => {
        if (!this.#isClosed) options.onSourceError(asClientError(thrown, 'media-failed'));
      },
    });
  }

  get snapshot(): CallMediaSnapshot {
    return {
      local: this.#local.getTracks().length === 0 ? null : this.#local,
      remote: this.#remote.stream,
      microphone: this.microphone.state,
      camera: this.camera.state,
      remoteAudio: this.#remote.stateOf('audio'),
      remoteVideo: this.#remote.stateOf('video'),
      transport: this.#transportState(),
    };
  }

  /** Brings both directions up, and sends the given sources: open ones as they are, others as silence or black. */
  start(offer: MediaOffer, sends: { readonly audio: boolean; readonly video: boolean }): void {
    this.#sends = { ...sends };
    this.#transports = this.#open(offer);
  }

  /** New transports in place of the old ones; tracks, and what the person has muted, stay. */
  restart(offer: MediaOffer): void {
    this.#closeTransports();
    this.#remote.reset();
    this.#transports = this.#open(offer);
  }

  async #open(offer: MediaOffer): Promise<Transports | null> {
    try {
      const engine = await this.#options.loadEngine();
      if (this.#isClosed) return null;
      const transports: Transports = {
        engine,
        send: this.#transport(engine, 'send', offer),
        recv: this.#transport(engine, 'recv', offer),
        sendOffer: offer.send,
      };
      this.#current = transports;
      this.#publish('audio', transports);
      this.#publish('video', transports);
      return transports;
    } catch (thrown) {
      if (!this.#isClosed) this.#options.onFailed(asClientError(thrown, 'no-media-engine'));
      return null;
    }
  }

  #transport(engine: MediaEngine, direction: 'send' | 'recv', { send, recv, iceServers }: MediaOffer): EngineTransport {
    const offer = direction === 'send' ? send : recv;
    const transport: EngineTransport = engine.createTransport({
      direction,
      offer,
      iceServers: iceServers ?? [],
      onConnect: (dtlsParameters) =>
        this.#options.tell({ type: 'transportConnect', transportId: offer.id, dtlsParameters }),
      onState: (state) => {
        if (this.#current?.[direction] === transport) this.#onTransportState(direction, state);
      },
    });
    return transport;
  }

  #onTransportState(direction: 'send' | 'recv', state: TransportState): void {
    const before = this.#transportState();
    this.#states[direction] = state;
    const after = this.#transportState();
    if (before === after) return;
    this.#options.onTransport(after);
    this.#changed();
  }

  /** The worse of the two; a direction nothing has gone through yet does not count. */
  #transportState(): CallMediaSnapshot['transport'] {
    const states = Object.values(this.#states).filter((state) => state !== 'new' && state !== 'closed');
    if (states.length === 0) return 'none';
    return (['failed', 'disconnected', 'connecting'] as const).find((state) => states.includes(state)) ?? 'connected';
  }

  #publish(kind: 'audio' | 'video', { engine, send, sendOffer }: Transports): void {
    if (!this.#sends[kind] || !engine.canSend(kind)) return;
    this.#source(kind)
      .publish(send, sendOffer.id)
      .catch((thrown: unknown) => {
        if (this.#current?.send === send) this.#options.onSourceError(asClientError(thrown, 'media-failed'));
      });
  }

  #source(kind: 'audio' | 'video'): LocalSource {
    return kind === 'audio' ? this.microphone : this.camera;
  }

  /** Takes a source out of the call, for good or until `bring`. */
  withdraw(kind: 'audio' | 'video'): void {
    this.#sends[kind] = false;
    this.#source(kind).withdraw();
  }

  /** Puts a source into a running call that it was not part of, or was taken out of. */
  bring(kind: 'audio' | 'video'): void {
    if (this.#sends[kind]) return;
    this.#sends[kind] = true;
    if (this.#current !== null) this.#publish(kind, this.#current);
  }

  consume(message: ConsumerMessage): void {
    this.#remote.handle(message, this.#transports.then((transports) => transports?.recv ?? null));
  }

  async restartIce(ice: { readonly send: IceParameters; readonly recv: IceParameters }): Promise<void> {
    const transports = this.#current;
    if (transports === null) return;
    await Promise.all([transports.send.restartIce(ice.send), transports.recv.restartIce(ice.recv)]);
  }

  unlock(): Promise<boolean> {
    return this.#remote.unlock();
  }

  async getStats(): Promise<CallStats> {
    const transports = this.#current;
    const read = (transport: EngineTransport | undefined): Promise<RTCStatsReport | null> =>
      transport?.getStats().catch(() => null) ?? Promise.resolve(null);
    return readStats(await read(transports?.send), await read(transports?.recv));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.microphone.close();
    this.camera.close();
    for (const track of this.#local.getTracks()) this.#local.removeTrack(track);
    this.#remote.close();
    this.#closeTransports();
    this.#options.onChange();
  }

  #closeTransports(): void {
    const transports = this.#current;
    this.#current = null;
    this.#states = { send: 'new', recv: 'new' };
    transports?.send.close();
    transports?.recv.close();
  }

  #changed(): void {
    if (this.#isClosed) return;
    this.#showLocal();
    this.#options.onChange();
  }

  /** The self-view holds what is open, and nothing that is not. */
  #showLocal(): void {
    const open = [this.microphone.track, this.camera.track].filter((track) => track !== null);
    for (const track of this.#local.getTracks()) if (!open.includes(track)) this.#local.removeTrack(track);
    for (const track of open) if (!this.#local.getTracks().includes(track)) this.#local.addTrack(track);
  }
}

/** Whether the message is about what the gateway sends us. */
export function isConsumerMessage(message: { readonly type: string }): message is ServerMessageOf<ConsumerMessage['type']> {
  return message.type === 'consume' || message.type.startsWith('consumer');
}
