import type { ClientMessageOf, MediaId, RtpParameters } from '@parley/protocol';
import type { SourceState } from '../api.ts';
import { ClientError } from '../errors.ts';
import type { EngineSender, EngineTransport, SendOptions } from '../media-engine.ts';
import type { PlaceholderTrack, Platform } from '../platform.ts';
import { sourceError } from './source-error.ts';
import { StandIn } from './stand-in.ts';

type Without<Message, Field extends PropertyKey> = Message extends unknown ? Omit<Message, Field> : never;
/** What a source tells the gateway about itself, before the call has put its name on it. */
export type SourceMessage = Without<
  ClientMessageOf<'produce' | 'producerMuted' | 'producerClosed'>,
  'callId'
>;

export interface LocalSourceOptions {
  readonly kind: 'audio' | 'video';
  readonly platform: Platform;
  readonly tell: (message: SourceMessage) => void;
  readonly onChange: () => void;
  readonly onError: (error: ClientError) => void;
  /** Opens the device that is wanted. Rejects as `getUserMedia` does. */
  readonly openSource: Platform['openSource'];
  /** The open device is gone. Settles when another has been opened in its place, or will not be. */
  readonly rescue: (track: MediaStreamTrack) => Promise<void> | undefined;
}

/** A picture is drawn so often while the encoder warms up … */
const PAINT_EVERY_MS = 100;
/** … until it has encoded so many frames … */
const WARM_FRAMES = 3;
/** … or nobody can tell, or the way up takes for ever. */
const PAINTS_MAX = 60;

/**
 * A person's microphone or camera in one call: what is asked of the browser, what is sent, and what the gateway is
 * told. It can be sent before it is open: as silence, or as black, which the gateway holds back anyway. That is
 * what lets a call be ready before anybody has said yes to it.
 */
export class LocalSource {
  readonly #options: LocalSourceOptions;
  #state: SourceState = 'off';
  #track: MediaStreamTrack | null = null;
  #isMuted = false;
  #isInterrupted = false;
  /** What the next opening asks for. */
  constraints: MediaTrackConstraints | true = true;
  #isClosed = false;
  #placeholder: PlaceholderTrack | null = null;
  #sender: EngineSender | null = null;
  #producerId: MediaId | null = null;
  /** What the sender was last given, so that it is given nothing twice. */
  #sent: MediaStreamTrack | null = null;
  /** Counts what was asked for; what comes for an earlier asking is not wanted any more. */
  #asked = 0;
  /** Nobody may see it yet: a stand-in goes up in its place. */
  #isHeld = false;
  #standIn: StandIn | null = null;
  #stopPainting = (): void => undefined;

  constructor(options: LocalSourceOptions) {
    this.#options = options;
  }

  get state(): SourceState {
    return this.#state;
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  get sender(): EngineSender | null {
    return this.#sender;
  }

  get producerId(): MediaId | null {
    return this.#producerId;
  }

  /** The system has taken it away for now, or given it back; the other side is told that nothing comes. */
  setInterrupted(isInterrupted: boolean): void {
    if (this.#isInterrupted === isInterrupted) return;
    this.#isInterrupted = isInterrupted;
    this.#tellMuted();
    this.#options.onChange();
  }

  /**
   * Opens it anew, because another device or other constraints are wanted. The old one is closed first: many systems
   * give out one at a time. Where none is open, the wish is kept.
   */
  async reopen(constraints: MediaTrackConstraints | true = this.constraints): Promise<void> {
    this.constraints = constraints;
    if (this.#state === 'off' || (this.#isMuted && this.#track === null)) return;
    this.#release();
    await this.open();
  }

  /** Opens the device behind it and sends it from the moment it is there. Rejects with a ClientError. */
  async open(constraints: MediaTrackConstraints | true = this.constraints): Promise<void> {
    if (this.#isClosed) throw new ClientError('call-ended');
    const asked = (this.#asked += 1);
    this.constraints = constraints;
    this.#become('opening');
    const { kind, openSource } = this.#options;
    let track: MediaStreamTrack;
    try {
      track = await openSource(kind, constraints);
    } catch (thrown) {
      const error = sourceError(kind, thrown);
      if (asked === this.#asked) this.#fail();
      throw error;
    }
    if (asked !== this.#asked) {
      // Muted, closed or asked for anew meanwhile: the light must go out.
      track.stop();
      return;
    }
    this.#take(track);
    await this.#apply();
  }

  #take(track: MediaStreamTrack): void {
    this.#track?.stop();
    this.#track = track;
    track.enabled = !this.#isMuted;
    track.addEventListener('ended', () => void this.#onTrackEnded(track), { once: true });
    this.#openStandIn(track);
    this.#become(this.#isMuted ? 'muted' : 'on');
  }

  /** Somebody pulled the plug, for which there may be a remedy; or took the permission back, which is a wish. */
  async #onTrackEnded(track: MediaStreamTrack): Promise<void> {
    if (this.#track !== track) return;
    this.#track = null;
    const asked = this.#asked;
    const { kind, onError, rescue } = this.#options;
    await rescue(track);
    // Opened anew meanwhile, muted, or over.
    if (asked !== this.#asked || this.#isClosed) return;
    this.#fail();
    onError(
      new ClientError(kind === 'audio' ? 'microphone-failed' : 'camera-failed', 'the device went away'),
    );
  }

  /** The other side is told that there is nothing to hear or see, rather than left with silence or black. */
  #fail(): void {
    this.#become('failed');
    this.#tellMuted();
    void this.#apply();
  }

  /** Whether nothing is to be forwarded: by the person's wish, or because the device failed. */
  get #isQuiet(): boolean {
    return this.#isMuted || this.#isInterrupted || this.#state === 'failed';
  }

  /** Sends it through this transport: the real thing where it is open, a placeholder otherwise. */
  async publish(transport: EngineTransport, transportId: MediaId, options?: SendOptions): Promise<void> {
    if (this.#isClosed) return;
    const { kind, platform, tell } = this.#options;
    const producerId = platform.randomId() as MediaId;
    this.#producerId = producerId;
    this.#sender = null;
    const real = this.#standIn === null ? this.#track : null;
    const track = real ?? this.#openPlaceholder().track;
    const sender = await transport.send(track, options);
    if (this.#producerId !== producerId) return;
    this.#sender = sender;
    this.#sent = track;
    tell({ type: 'produce', ...this.#description(producerId, transportId, sender.rtpParameters) });
    if (kind === 'video' && this.#track === null && !this.#isQuiet) this.#warmUp(sender);
    await this.#apply();
  }

  #description(producerId: MediaId, transportId: MediaId, rtpParameters: RtpParameters) {
    const { kind } = this.#options;
    const source = kind === 'audio' ? 'microphone' : 'camera';
    return { transportId, producerId, kind, source, rtpParameters, muted: this.#isQuiet } as const;
  }

  #openPlaceholder(): PlaceholderTrack {
    return (this.#placeholder ??= this.#options.platform.createPlaceholder(this.#options.kind));
  }

  /** Keeps a camera back until `letThrough`: the gateway holds what is sent anyway. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Somebody may see it now. */
  letThrough(): void {
    this.#isHeld = false;
    this.#standIn?.leave(() => {
      this.#standIn = null;
      void this.#apply();
    });
  }

  #openStandIn(camera: MediaStreamTrack): void {
    const { kind, platform } = this.#options;
    if (!this.#isHeld || kind !== 'video') return;
    const picture = this.#openPlaceholder();
    if (picture.show === undefined) return;
    this.#stopPainting();
    picture.show(camera);
    this.#standIn?.close();
    this.#standIn = new StandIn(platform, picture);
  }

  /** A warm encoder answers 40 to 50 ms sooner. Three frames do; painting for longer would cost and gain nothing. */
  #warmUp(sender: EngineSender): void {
    this.#stopPainting();
    let paints = 0;
    const paint = (): void => {
      this.#placeholder?.paint();
      paints += 1;
      this.#stopPainting = this.#options.platform.setTimer(() => void check(), PAINT_EVERY_MS);
    };
    const check = async (): Promise<void> => {
      if (this.#sender !== sender || this.#track !== null || paints >= PAINTS_MAX) return;
      const frames = await sender.framesEncoded().catch(() => undefined);
      if (frames !== undefined && frames < WARM_FRAMES && this.#sender === sender) paint();
    };
    paint();
  }

  /** Gives the sender what should be sent now. */
  async #apply(): Promise<void> {
    const sender = this.#sender;
    const track = this.#wantedTrack();
    if (sender === null || this.#sent === track) return;
    this.#sent = track;
    try {
      await sender.replaceTrack(track);
      if (track !== null && this.#options.kind === 'video') await sender.requestKeyFrame();
    } catch {
      // The transport is being closed or replaced; what comes after it publishes anew.
    }
    if (this.#track !== null && this.#standIn === null) this.#closePlaceholder();
  }

  #wantedTrack(): MediaStreamTrack | null {
    if (this.#track !== null && this.#standIn === null) return this.#track;
    // Black stays in the sender, with nobody painting it: the encoder stays warm. Silence is taken out.
    return this.#options.kind === 'video' && !this.#isQuiet ? (this.#placeholder?.track ?? null) : null;
  }

  #closePlaceholder(): void {
    this.#standIn?.close();
    this.#standIn = null;
    this.#stopPainting();
    this.#placeholder?.close();
    this.#placeholder = null;
  }

  /** Silences it. A microphone stays open, so that it is back at once; a camera is closed, so that its light goes out. */
  mute(): void {
    this.#isMuted = true;
    if (this.#options.kind === 'audio') {
      if (this.#track !== null) this.#track.enabled = false;
    } else {
      this.#release();
    }
    if (this.#state !== 'off') this.#become('muted');
    this.#tellMuted();
    void this.#apply();
  }

  /** Lets it be heard or seen again; opens the device where it is not open. Rejects with a ClientError. */
  async unmute(): Promise<void> {
    this.#isMuted = false;
    if (this.#track === null) await this.open();
    if (this.#isMuted || this.#track === null) return;
    this.#track.enabled = true;
    this.#become('on');
    this.#tellMuted();
  }

  /** Closes the device, without a word to the gateway; it may be opened again. */
  shut(): void {
    this.#release();
    this.#become('off');
    void this.#apply();
  }

  /** Remembers the intention for when it will be opened. */
  presetMuted(isMuted: boolean): void {
    this.#isMuted = isMuted;
  }

  #tellMuted(): void {
    if (this.#producerId === null || this.#sender === null) return;
    this.#options.tell({ type: 'producerMuted', producerId: this.#producerId, muted: this.#isQuiet });
  }

  /** Takes it out of the call; `open` and `publish` may bring it back. */
  withdraw(): void {
    const [producerId, sender] = [this.#producerId, this.#sender];
    this.#release();
    this.#closePlaceholder();
    this.#producerId = null;
    this.#sender = null;
    this.#become('off');
    if (producerId === null) return;
    this.#options.tell({ type: 'producerClosed', producerId });
    sender?.close().catch(() => undefined);
  }

  /** The call is over: the light goes out now. */
  close(): void {
    this.#isClosed = true;
    this.#release();
    this.#closePlaceholder();
    this.#producerId = null;
    this.#sender = null;
    this.#state = 'off';
  }

  #release(): void {
    // A drawing of a camera that is closed must not be what is sent next.
    if (this.#standIn !== null) this.#closePlaceholder();
    this.#asked += 1;
    this.#track?.stop();
    this.#track = null;
    this.#isInterrupted = false;
  }

  #become(state: SourceState): void {
    if (this.#isClosed || this.#state === state) return;
    this.#state = state;
    this.#options.onChange();
  }
}
