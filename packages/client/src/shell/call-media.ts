import type {
  ClientMessageOf,
  MediaOffer,
  ReplyData,
  ServerMessageOf,
  TransportOffer,
} from '@parley/protocol';
import type { CallMediaSnapshot, CallStats, IceTransportPolicy } from '../api.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { EngineTransport, MediaEngine, TransportState } from '../media-engine.ts';
import { loadDesk } from './call-devices.ts';
import { LateStudio } from './late-studio.ts';
import type { SourceMessage } from './local-source.ts';
import { MediaPath, type SignalingNews } from './media-path.ts';
import { OwnSources, type OwnSourcesOptions } from './own-sources.ts';
import { RemoteMedia, type ConsumerMessage, type PeopleMessage } from './remote-media.ts';
import type { ShownIn, SourceName, Studio } from './studio.ts';

/** What the media of a call tells the gateway, before the call has put its name on it. */
export type MediaMessage =
  | SourceMessage
  | Omit<ClientMessageOf<'preferQuality'>, 'callId'>
  | Omit<ClientMessageOf<'transportConnect'>, 'callId'>
  | Omit<ClientMessageOf<'consuming'>, 'callId'>;

export interface CallMediaOptions extends Pick<
  OwnSourcesOptions,
  'platform' | 'devices' | 'audio' | 'onSourceError'
> {
  readonly iceTransportPolicy: IceTransportPolicy;
  readonly loadEngine: () => Promise<MediaEngine>;
  readonly tell: (message: MediaMessage) => void;
  readonly request: (type: 'restartIce' | 'renewMedia') => Promise<ReplyData>;
  /** Asks whether the socket is alive, before the path is blamed. */
  readonly probe: () => void;
  readonly patienceMs: () => number;
  readonly onChange: () => void;
  /** Whether packets can flow, as far as anybody can tell. */
  readonly onHealth: (isWell: boolean) => void;
  readonly onBlocked: (isBlocked: boolean) => void;
  /** No media can be had at all, or any more. */
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
  /** The person's own microphone and camera. */
  readonly own: OwnSources;
  /** Elements the application shows the other side in: everybody, or the one with this id. */
  readonly elements = new Set<ShownIn>();
  readonly #studio: LateStudio;
  readonly path: MediaPath;
  readonly #options: CallMediaOptions;
  /** What comes from the other side. */
  readonly remote: RemoteMedia;
  /** What comes from the other side waits for this: the first words about it may be here before our half is. */
  #transports: Promise<Transports | null>;
  #begin: (transports: Promise<Transports | null> | null) => void = () => undefined;
  #current: Transports | null = null;
  /** The newest; for an earlier one, whose engine took its time, nothing is opened any more. Null once it is over. */
  #offer: MediaOffer | null = null;
  #states: Record<'send' | 'recv', TransportState> = { send: 'new', recv: 'new' };
  /** Every other way has been tried, and the application wants it so. */
  #isEscalated = false;
  #snapshot: CallMediaSnapshot | null = null;
  #isClosed = false;

  constructor(options: CallMediaOptions) {
    this.#options = options;
    const { platform, tell, onBlocked } = options;
    const onChange = (): void => this.#changed();
    this.#transports = new Promise((resolve) => (this.#begin = resolve));
    this.own = new OwnSources({ ...options, onChange });
    this.#studio = new LateStudio({
      platform,
      tell,
      onChange,
      elements: this.elements,
      way: () => this.#current && { transport: this.#current.send, transportId: this.#current.sendOffer.id },
      consumers: () => this.remote.consumers,
      own: this.own,
      devices: options.devices,
      loadDesk,
      onSourceError: options.onSourceError,
    });
    this.remote = new RemoteMedia({
      platform,
      tell,
      onChange,
      onBlocked,
      outputs: () => options.devices.desk?.outputs ?? [],
      onTrouble: (thrown) => {
        if (!this.#isClosed) options.onSourceError('audio', asClientError(thrown, 'media-failed'));
      },
    });
    this.path = new MediaPath({
      platform,
      probe: options.probe,
      patienceMs: options.patienceMs,
      restartIce: () => this.#restartIce(),
      renewMedia: (via) => this.#renew(via),
      giveUp: () => options.onFailed(new ClientError('media-failed')),
      onHealth: options.onHealth,
    });
  }

  /** The same object for as long as nothing in it is different. */
  get snapshot(): CallMediaSnapshot {
    const before = this.#snapshot;
    const now = this.#look();
    const isSame = (Object.keys(now) as (keyof CallMediaSnapshot)[]).every(
      (key) => now[key] === before?.[key],
    );
    return before !== null && isSame ? before : (this.#snapshot = Object.freeze(now));
  }

  #look(): CallMediaSnapshot {
    return {
      local: this.own.stream.getTracks().length === 0 ? null : this.own.stream,
      remote: this.remote.stream,
      microphone: this.own.of('audio').state,
      camera: this.own.of('video').state,
      screen: this.#studio.now?.screen.state ?? 'off',
      localScreen: this.#studio.now?.screen.stream ?? null,
      remoteScreen: this.remote.screenOf(),
      interrupted: this.own.interrupted,
      remoteAudio: this.remote.stateOf('audio'),
      remoteVideo: this.remote.stateOf('video'),
      remotes: this.remote.people,
      transport: this.#transportState(),
    };
  }

  /** Brings both directions up, and sends the given sources: open ones as they are, others as silence or black. */
  start(offer: MediaOffer, sends: { readonly audio: boolean; readonly video: boolean }): void {
    this.own.begin(sends);
    this.#begin((this.#transports = this.#open(offer)));
  }

  /** The gateway gave new transports in place of the old ones; tracks, and what the person has muted, stay. */
  reset(offer: MediaOffer): void {
    this.path.onRenewed();
    this.#replace(offer);
  }

  #replace(offer: MediaOffer): void {
    this.remote.reset();
    this.#transports = this.#open(offer);
  }

  async #renew(via: 'any' | 'relay'): Promise<void> {
    const { media } = await this.#options.request('renewMedia');
    if (media === undefined) throw new ClientError('media-failed');
    const mayEscalate = this.#options.iceTransportPolicy === 'auto-escalate' && hasRelay(media);
    this.#isEscalated = via === 'relay' && mayEscalate;
    if (!this.#isClosed) this.#replace(media);
  }

  async #open(offer: MediaOffer): Promise<Transports | null> {
    this.#closeTransports();
    this.#offer = offer;
    try {
      if (this.#options.iceTransportPolicy === 'relay' && !hasRelay(offer)) throw new ClientError('no-relay');
      const [engine, studio] = await Promise.all([
        this.#options.loadEngine(),
        // Only a conference asks for it, and it has connected already: no call is set up later for it.
        offer.layered === true ? this.#studio.load().catch(() => null) : null,
      ]);
      if (this.#offer !== offer) return null;
      const transports: Transports = {
        engine,
        send: this.#transport(engine, 'send', offer),
        recv: this.#transport(engine, 'recv', offer),
        sendOffer: offer.send,
      };
      this.#current = transports;
      const [transport, transportId] = [transports.send, offer.send.id];
      this.own.publish({ engine, transport, transportId, video: studio?.layered });
      void this.#studio.now?.screen.publish();
      return transports;
    } catch (thrown) {
      if (!this.#isClosed) this.#options.onFailed(asClientError(thrown, 'no-media-engine'));
      return null;
    }
  }

  #transport(
    engine: MediaEngine,
    direction: 'send' | 'recv',
    { send, recv, iceServers }: MediaOffer,
  ): EngineTransport {
    const offer = direction === 'send' ? send : recv;
    const isRelayed = this.#options.iceTransportPolicy === 'relay' || this.#isEscalated;
    const transport: EngineTransport = engine.createTransport({
      direction,
      offer,
      iceServers: iceServers ?? [],
      iceTransportPolicy: isRelayed ? 'relay' : 'all',
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
    this.path.onTransport(after);
    this.#changed();
  }

  /** The worse of the two; a direction nothing has gone through yet does not count. */
  #transportState(): CallMediaSnapshot['transport'] {
    const states = Object.values(this.#states).filter((state) => state !== 'new' && state !== 'closed');
    if (states.length === 0) return 'none';
    return (
      (['failed', 'disconnected', 'connecting'] as const).find((state) => states.includes(state)) ??
      'connected'
    );
  }

  /** What is open of it. */
  trackOf(name: SourceName): MediaStreamTrack | null {
    if (name === 'screen') return this.#studio.now?.screen.track ?? null;
    return this.own.of(name === 'microphone' ? 'audio' : 'video').track;
  }

  /** What a call can do with pictures beyond a face each way. */
  studio(): Promise<Studio> {
    return this.#studio.load();
  }

  /** Nobody shows what this device sends in a larger size. */
  limit(message: ServerMessageOf<'producerQuality'>): void {
    this.studio().then(
      (studio) => studio.limit(message),
      () => undefined,
    );
  }

  /** A call that is placed: until it is joined, the gateway forwards nothing, and the camera need not work for it. */
  holdCamera(): void {
    this.own.of('video').hold();
  }

  joined(): void {
    this.own.of('video').letThrough();
  }

  consume(message: ConsumerMessage): void {
    this.remote.handle(
      message,
      this.#transports.then((transports) => transports?.recv ?? null),
    );
  }

  peopleChanged(message: PeopleMessage): void {
    this.remote.peopleChanged(message);
  }

  signaling(news: SignalingNews): void {
    this.path.onSignaling(news);
  }

  async #restartIce(): Promise<void> {
    const { ice, iceServers } = await this.#options.request('restartIce');
    if (ice === undefined) throw new ClientError('media-failed');
    const transports = this.#current;
    if (transports === null) return;
    await Promise.all([
      transports.send.restartIce(ice.send, iceServers),
      transports.recv.restartIce(ice.recv, iceServers),
    ]);
  }

  unlock(): Promise<boolean> {
    return this.remote.unlock();
  }

  async getStats(): Promise<CallStats> {
    const transports = this.#current;
    const read = (transport: EngineTransport | undefined): Promise<RTCStatsReport | null> =>
      transport?.getStats().catch(() => null) ?? Promise.resolve(null);
    // Loaded when somebody wants figures: most calls never do.
    const { readStats } = await import('./call-stats.ts');
    return readStats(await read(transports?.send), await read(transports?.recv));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#offer = null;
    this.#begin(null);
    this.path.stop();
    this.own.close();
    this.#studio.close();
    this.remote.close();
    this.#closeTransports();
    this.#options.onChange();
  }

  #closeTransports(): void {
    const transports = this.#current;
    this.#current = null;
    this.#states = { send: 'new', recv: 'new' };
    this.own.lostWay();
    this.#studio.now?.screen.lostWay();
    transports?.send.close();
    transports?.recv.close();
  }

  #changed(): void {
    if (this.#isClosed) return;
    this.#studio.now?.picturesChanged();
    this.#options.onChange();
  }
}

function hasRelay({ iceServers }: MediaOffer): boolean {
  return iceServers?.some(({ urls }) => urls.some((url) => url.startsWith('turn'))) ?? false;
}
