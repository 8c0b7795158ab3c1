import type { ClientMessageOf, MediaOffer, ReplyData, TransportOffer } from '@parley/protocol';
import type { CallMediaSnapshot, CallStats, IceTransportPolicy, SourceOption } from '../api.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { EngineTransport, MediaEngine, TransportState } from '../media-engine.ts';
import type { Platform } from '../platform.ts';
import { readStats } from './call-stats.ts';
import { LocalSource, type SourceMessage } from './local-source.ts';
import { MediaPath, type SignalingNews } from './media-path.ts';
import { RemoteMedia, type ConsumerMessage, type PeopleMessage } from './remote-media.ts';

/** What the media of a call tells the gateway, before the call has put its name on it. */
export type MediaMessage =
  | SourceMessage
  | Omit<ClientMessageOf<'transportConnect'>, 'callId'>
  | Omit<ClientMessageOf<'consuming'>, 'callId'>;

export interface CallMediaOptions {
  readonly platform: Platform;
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
  /** One of the person's own sources could not be opened, or failed after it had worked. */
  readonly onSourceError: (kind: 'audio' | 'video', error: ClientError) => void;
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
  readonly #microphone: LocalSource;
  readonly #camera: LocalSource;
  readonly #path: MediaPath;
  readonly #options: CallMediaOptions;
  readonly #remote: RemoteMedia;
  readonly #local: MediaStream;
  /** What comes from the other side waits for this: the first words about it may be here before our half is. */
  #transports: Promise<Transports | null>;
  #begin: (transports: Promise<Transports | null> | null) => void = () => undefined;
  #current: Transports | null = null;
  #states: Record<'send' | 'recv', TransportState> = { send: 'new', recv: 'new' };
  /** Which sources go up in this call, open or not. */
  #sends = { audio: false, video: false };
  readonly #isOut = { audio: false, video: false };
  /** Every other way has been tried, and the application wants it so. */
  #isEscalated = false;
  #snapshot: CallMediaSnapshot | null = null;
  #isClosed = false;

  constructor(options: CallMediaOptions) {
    this.#options = options;
    const { platform, tell, onBlocked } = options;
    const onChange = (): void => this.#changed();
    const source = (kind: 'audio' | 'video'): LocalSource =>
      new LocalSource({
        kind,
        platform,
        tell,
        onChange,
        onError: (error) => options.onSourceError(kind, error),
      });
    this.#transports = new Promise((resolve) => (this.#begin = resolve));
    this.#local = platform.createStream();
    this.#microphone = source('audio');
    this.#camera = source('video');
    this.#remote = new RemoteMedia({
      platform,
      tell,
      onChange,
      onBlocked,
      onTrouble: (thrown) => {
        if (!this.#isClosed) options.onSourceError('audio', asClientError(thrown, 'media-failed'));
      },
    });
    this.#path = new MediaPath({
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
      local: this.#local.getTracks().length === 0 ? null : this.#local,
      remote: this.#remote.stream,
      microphone: this.#microphone.state,
      camera: this.#camera.state,
      remoteAudio: this.#remote.stateOf('audio'),
      remoteVideo: this.#remote.stateOf('video'),
      remotes: this.#remote.people,
      transport: this.#transportState(),
    };
  }

  /** Brings both directions up, and sends the given sources: open ones as they are, others as silence or black. */
  start(offer: MediaOffer, sends: { readonly audio: boolean; readonly video: boolean }): void {
    // What was taken out of the call before it began stays out.
    this.#sends = { audio: sends.audio && !this.#isOut.audio, video: sends.video && !this.#isOut.video };
    this.#begin(this.#open(offer));
  }

  /** The gateway gave new transports in place of the old ones; tracks, and what the person has muted, stay. */
  reset(offer: MediaOffer): void {
    this.#path.onRenewed();
    this.#replace(offer);
  }

  #replace(offer: MediaOffer): void {
    this.#closeTransports();
    this.#remote.reset();
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
    try {
      if (this.#options.iceTransportPolicy === 'relay' && !hasRelay(offer)) throw new ClientError('no-relay');
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
    this.#path.onTransport(after);
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

  #publish(kind: 'audio' | 'video', { engine, send, sendOffer }: Transports): void {
    if (!this.#sends[kind] || !engine.canSend(kind)) return;
    this.#source(kind)
      .publish(send, sendOffer.id)
      .catch((thrown: unknown) => {
        if (this.#current?.send === send)
          this.#options.onSourceError(kind, asClientError(thrown, 'media-failed'));
      });
  }

  #source(kind: 'audio' | 'video'): LocalSource {
    return kind === 'audio' ? this.#microphone : this.#camera;
  }

  /** Opens what the person answered or called with, and takes out what she did not. */
  openSources(microphone: SourceOption, video: SourceOption): void {
    this.#openOrWithdraw('audio', microphone);
    this.#openOrWithdraw('video', video);
  }

  #openOrWithdraw(kind: 'audio' | 'video', option: SourceOption): void {
    const source = this.#source(kind);
    if (option === false) {
      this.withdraw(kind);
    } else if (source.track === null && !(kind === 'video' && source.isMuted)) {
      source.open(constraintsOf(option)).catch((thrown: unknown) => this.#complain(kind, thrown));
    }
  }

  #complain(kind: 'audio' | 'video', thrown: unknown): void {
    if (this.#isClosed) return;
    this.#options.onSourceError(
      kind,
      asClientError(thrown, kind === 'audio' ? 'microphone-failed' : 'camera-failed'),
    );
  }

  /** Opens the microphone before the call is answered with it. */
  openMicrophone(option: SourceOption): Promise<void> {
    return this.#microphone.open(constraintsOf(option));
  }

  /** The person has thought better of it: the microphone is closed, the call rings on. */
  closeMicrophone(): void {
    this.#microphone.shut();
  }

  /** `mayOpen`: the person has agreed to be heard; before that, only her wish is kept. */
  mute(isMuted: boolean, mayOpen: boolean): void {
    const microphone = this.#microphone;
    microphone.presetMuted(isMuted);
    if (!mayOpen || microphone.state === 'opening') return;
    if (isMuted) {
      microphone.mute();
    } else {
      this.#bring('audio');
      microphone.unmute().catch((thrown: unknown) => this.#complain('audio', thrown));
    }
  }

  async muteVideo(isMuted: boolean, mayOpen: boolean): Promise<void> {
    const camera = this.#camera;
    camera.presetMuted(isMuted);
    if (!mayOpen) return;
    if (isMuted) {
      camera.mute();
    } else if (camera.track === null) {
      this.#bring('video');
      await camera.unmute();
    }
  }

  /** Takes a source out of the call, for good or until it is unmuted. */
  withdraw(kind: 'audio' | 'video'): void {
    this.#isOut[kind] = true;
    this.#sends[kind] = false;
    this.#source(kind).withdraw();
  }

  /** Puts a source into a running call that it was not part of, or was taken out of. */
  #bring(kind: 'audio' | 'video'): void {
    this.#isOut[kind] = false;
    if (this.#sends[kind]) return;
    this.#sends[kind] = true;
    if (this.#current !== null) this.#publish(kind, this.#current);
  }

  /** A call that is placed: until it is joined, the gateway forwards nothing, and the camera need not work for it. */
  holdCamera(): void {
    this.#camera.hold();
  }

  joined(): void {
    this.#camera.letThrough();
  }

  consume(message: ConsumerMessage): void {
    this.#remote.handle(
      message,
      this.#transports.then((transports) => transports?.recv ?? null),
    );
  }

  peopleChanged(message: PeopleMessage): void {
    this.#remote.peopleChanged(message);
  }

  signaling(news: SignalingNews): void {
    this.#path.onSignaling(news);
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
    this.#begin(null);
    this.#path.stop();
    this.#microphone.close();
    this.#camera.close();
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
    const open = [this.#microphone.track, this.#camera.track].filter((track) => track !== null);
    for (const track of this.#local.getTracks()) if (!open.includes(track)) this.#local.removeTrack(track);
    for (const track of open) if (!this.#local.getTracks().includes(track)) this.#local.addTrack(track);
  }
}

function hasRelay({ iceServers }: MediaOffer): boolean {
  return iceServers?.some(({ urls }) => urls.some((url) => url.startsWith('turn'))) ?? false;
}

function constraintsOf(option: SourceOption): MediaTrackConstraints | true {
  return typeof option === 'object' ? option : true;
}
