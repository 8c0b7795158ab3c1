import type { MediaId, PictureQuality, ServerMessageOf, ClientMessageOf } from '@parley/protocol';
import type { CallSnapshot, PreferredQuality, ReadableStore, ScreenOptions } from '../api.ts';
import { chooseQuality } from '../core/picture-quality.ts';
import { ClientError } from '../errors.ts';
import type { EngineTransport, SendOptions } from '../media-engine.ts';
import type { Platform, PlatformDevices } from '../platform.ts';
import type { LocalSource, SourceMessage } from './local-source.ts';
import type { DeviceDesk } from './device-desk.ts';
import type { LateDevices } from './late-devices.ts';
import type { OwnSources } from './own-sources.ts';
import type { Consumer } from './remote-media.ts';
import { ScreenShare } from './screen-share.ts';

export interface StudioOptions {
  readonly platform: Platform;
  readonly surroundings: PlatformDevices;
  readonly tell: (message: SourceMessage | Omit<ClientMessageOf<'preferQuality'>, 'callId'>) => void;
  readonly onChange: () => void;
  readonly way: () => { readonly transport: EngineTransport; readonly transportId: MediaId } | null;
  readonly consumers: () => ReadonlyMap<MediaId, Consumer>;
  readonly onSourceError: (kind: 'video', error: ClientError) => void;
  readonly own: OwnSources;
  readonly devices: LateDevices;
  readonly loadDesk: (devices: LateDevices) => Promise<DeviceDesk>;
  readonly elements: ReadonlySet<ShownIn>;
}

/** An element in which the application shows the other side: everybody, or the one with this id. */
export interface ShownIn {
  readonly element: HTMLVideoElement;
  readonly id: string | undefined;
}

export type SourceName = 'microphone' | 'camera' | 'screen';

/** The call whose sources they are. */
export interface SourceHolder {
  /** The person has agreed to be heard. */
  readonly mayOpen: boolean;
  readonly store: ReadableStore<CallSnapshot>;
  mute(isMuted: boolean): void;
  muteVideo(isMuted: boolean): Promise<void>;
}

/** A picture that comes, and whose it is. */
interface RemotePicture extends Pick<Consumer, 'from' | 'isScreen'> {
  readonly consumerId: MediaId;
  readonly track: MediaStreamTrack;
}

/** How often it is looked whether a picture is shown in another size. */
const LOOK_EVERY_MS = 1000;
const SHRINK = { low: 4, medium: 2, high: 1 } as const satisfies Record<PictureQuality, number>;

/**
 * A camera in three sizes. The rates are what VP8 needs for a face that talks, at 640 × 360 and its half and quarter;
 * a larger camera is scaled down by the rate, which the browser does by itself.
 */
const LAYERS: readonly RTCRtpEncodingParameters[] = [
  { scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { scaleResolutionDownBy: 2, maxBitrate: 350_000 },
  { scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];

/** What a call can do with pictures beyond a face each way: screens, and the sizes in which they are sent and wanted. */
export class Studio {
  readonly screen: ScreenShare;
  /** How a camera is sent where many may look. */
  readonly layered: SendOptions = { encodings: LAYERS };
  readonly #options: StudioOptions;
  #preferred: PreferredQuality = 'auto';
  /** What was last asked for, by consumer. */
  readonly #asked = new Map<MediaId, PictureQuality>();
  readonly #fullHeights = new Map<MediaId, number>();
  #stopLooking = (): void => undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(options: StudioOptions) {
    this.#options = options;
    this.screen = new ScreenShare({ ...options, devices: options.surroundings });
  }

  /** A verb of `call.media.microphone`, `camera` or `screen`. */
  async use(call: SourceHolder, name: string, verb: string, argument: unknown): Promise<void> {
    const { own } = this.#options;
    if (verb === 'prefer') return this.setPreferredQuality(argument as PreferredQuality);
    if (verb === 'off') {
      if (name === 'screen') return this.screen.off();
      if (name === 'camera') return call.muteVideo(true);
      call.mute(true);
      return own.closeMicrophone();
    }
    // Nothing of a person is opened before they have answered.
    if (!call.mayOpen) throw new ClientError('wrong-state');
    if (name === 'screen') return this.screen.on(argument as ScreenOptions | undefined);
    if (verb === 'switch') return this.#switchCamera(argument as string | undefined);
    const kind = name === 'microphone' ? 'audio' : 'video';
    if (argument !== undefined) await own.of(kind).reopen(argument as MediaTrackConstraints);
    if (kind === 'video') return call.muteVideo(false);
    call.mute(false);
    await openedOf(own.of(kind), call.store);
  }

  async #switchCamera(to: string | undefined): Promise<void> {
    const { own, devices } = this.#options;
    const camera = own.of('video');
    const desk = await this.#options.loadDesk(devices);
    const current = camera.track?.getSettings().deviceId;
    const { deviceId: _, facingMode: __, ...kept } = camera.constraints === true ? {} : camera.constraints;
    camera.constraints = kept;
    const side = await desk.switchCamera(to, current);
    // A camera that was named has been opened by the desk; the side one looks to is a wish of this call alone.
    if (side !== null) await camera.reopen({ ...kept, facingMode: { ideal: side } });
  }

  setPreferredQuality(preferred: PreferredQuality): void {
    this.#preferred = preferred;
    this.picturesChanged();
  }

  /** Something comes or does not come any more, or what is wanted of it is different: says what is new to the gateway. */
  picturesChanged(): void {
    if (this.#isClosed) return;
    const pictures = [...this.#options.consumers()].flatMap(([consumerId, { kind, receiver, ...whose }]) =>
      kind === 'video' && receiver !== null ? [{ ...whose, consumerId, track: receiver.track }] : [],
    );
    const isHere = (consumerId: MediaId): boolean =>
      pictures.some((picture) => picture.consumerId === consumerId);
    for (const known of [this.#asked, this.#fullHeights])
      for (const consumerId of [...known.keys()]) if (!isHere(consumerId)) known.delete(consumerId);
    for (const picture of pictures) this.#ask(picture);
    this.#lookLater(pictures);
  }

  #ask(picture: RemotePicture): void {
    const { consumerId, isScreen, from, track } = picture;
    const height = track.getSettings().height ?? 0;
    const fullHeight = Math.max(height, this.#fullHeights.get(consumerId) ?? 0);
    this.#fullHeights.set(consumerId, fullHeight);
    const quality = chooseQuality(this.#preferred, {
      isScreen,
      isOfMany: from !== '',
      fullHeight,
      shownHeight: this.#shownHeight(picture),
    });
    if (quality === (this.#asked.get(consumerId) ?? 'high')) return;
    this.#asked.set(consumerId, quality);
    this.#options.tell({ type: 'preferQuality', consumerId, quality });
  }

  /** Of all the elements it is shown in, the tallest; null where none is to be seen. */
  #shownHeight({ from }: RemotePicture): number | null {
    const heights = [...this.#options.elements]
      .filter(({ id }) => id === undefined || id === from)
      .map(({ element }) => this.#options.surroundings.shownHeight(element))
      .filter((height) => height > 0);
    return heights.length === 0 ? null : Math.max(...heights);
  }

  /** Layouts change without a word, so where there are many it is looked at from time to time. */
  #lookLater(pictures: readonly RemotePicture[]): void {
    const isWorthIt = pictures.some(({ from, isScreen }) => from !== '' && !isScreen);
    if (this.#isLooking || !isWorthIt) return;
    this.#isLooking = true;
    this.#stopLooking = this.#options.platform.setTimer(() => {
      this.#isLooking = false;
      this.picturesChanged();
    }, LOOK_EVERY_MS);
  }

  /** The gateway says how much of what this device sends is wanted by anybody. */
  limit({ producerId, quality }: Pick<ServerMessageOf<'producerQuality'>, 'producerId' | 'quality'>): void {
    const { sender, producerId: own } = this.#options.own.of('video');
    if (own !== producerId || sender?.rtpSender === undefined) return;
    limitSender(sender.rtpSender, quality).catch(() => undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.#stopLooking();
    this.screen.close();
  }
}

/** Settles when the microphone is open, or will not be. */
function openedOf(source: LocalSource, store: ReadableStore<CallSnapshot>): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const isOver = store.getSnapshot().end !== null;
      if (source.state === 'opening' && !isOver) return;
      stop();
      if (source.state === 'failed') reject(new ClientError('microphone-failed'));
      else if (isOver) reject(new ClientError('call-ended'));
      else resolve();
    };
    const stop = store.subscribe(look);
    look();
  });
}

/** Of a picture in several sizes, those above are switched off; a single one is made smaller. */
async function limitSender(sender: RTCRtpSender, quality: PictureQuality): Promise<void> {
  const parameters = sender.getParameters();
  const { encodings } = parameters;
  const [only] = encodings;
  if (only !== undefined && encodings.length === 1) only.scaleResolutionDownBy = SHRINK[quality];
  else {
    const top = ['low', 'medium', 'high'].indexOf(quality);
    for (const [index, encoding] of encodings.entries()) encoding.active = index <= top;
  }
  await sender.setParameters(parameters);
}
