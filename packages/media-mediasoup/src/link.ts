import type { MediaId, PictureQuality } from '@parley/protocol';
import type { PartyOptions } from '@parley/switchboard';
import type { types } from 'mediasoup';
import type { MediaLog } from './options.ts';
import { mediaId } from './media-id.ts';
import type { Source } from './source.ts';

/** Says something to the browser of the listening party. */
export type Tell = PartyOptions['tell'];

/** Which of the sizes of a picture is sent: a quarter, half, or all of its height. */
const LAYER = { low: 0, medium: 1, high: 2 } as const satisfies Record<PictureQuality, number>;

/** The receiving end of a link: where its packets go, and who hears about it. */
export interface Ear {
  readonly transport: types.WebRtcTransport;
  readonly rtpCapabilities: types.RtpCapabilities;
  readonly tell: Tell;
  readonly log: MediaLog;
  /** The link has a name now, by which the browser will speak of it. */
  readonly named: (consumerId: MediaId, link: Link) => void;
  /** The link is over, whoever ended it. */
  readonly closed: (link: Link) => void;
}

/**
 * One source on its way to one listener.
 *
 * ```
 * making ──SFU has it, browser is told──▶ offered ──browser has it──▶ ready ⇄ flowing
 * ```
 *
 * It flows if and only if it may (the parties are joined), the browser is ready, and the source is not muted. It
 * is made held, whatever the case: a picture that begins before its browser is ready loses its key frame, and the
 * next is asked for a second later.
 */
export class Link {
  readonly source: Source;
  readonly #ear: Ear;
  #consumer: types.Consumer | undefined;
  #mayFlow: boolean;
  #quality: PictureQuality = 'high';
  #isReady = false;
  #isFlowing = false;
  #isClosed = false;

  constructor(source: Source, ear: Ear, options: { readonly mayFlow: boolean }) {
    this.source = source;
    this.#ear = ear;
    this.#mayFlow = options.mayFlow;
    source.attach(this);
    void this.#make();
  }

  get isFlowing(): boolean {
    return this.#isFlowing;
  }

  get consumerId(): MediaId | undefined {
    return this.#consumer === undefined ? undefined : mediaId(this.#consumer.id);
  }

  /** Whether the parties are joined. */
  allow(mayFlow: boolean): void {
    this.#mayFlow = mayFlow;
    this.#settle();
  }

  /** The browser has it and can play it. */
  ready(): void {
    this.#isReady = true;
    this.#settle();
  }

  sourceMuted(): void {
    if (this.#consumer === undefined || this.#isClosed) return;
    this.#ear.tell({
      type: 'consumerMuted',
      consumerId: mediaId(this.#consumer.id),
      muted: this.source.isMuted,
    });
    this.#settle();
  }

  get quality(): PictureQuality {
    return this.#quality;
  }

  /**
   * The listener shows it in this size. Where it is sent in several, the listener gets that one; in any case its sender
   * learns what is the most that anybody wants.
   */
  prefer(quality: PictureQuality): void {
    if (quality === this.#quality) return;
    this.#quality = quality;
    this.source.wantedChanged();
    this.#chooseLayer();
  }

  #chooseLayer(): void {
    if (this.#consumer?.type !== 'simulcast') return;
    this.#consumer
      .setPreferredLayers({ spatialLayer: LAYER[this.#quality] })
      .catch((error: unknown) => this.#complain('choosing a size', error));
  }

  /** The browser lost the picture and cannot wait for the next one that stands alone. */
  requestKeyFrame(): void {
    if (this.#consumer?.kind !== 'video' || !this.#isFlowing) return;
    this.#consumer
      .requestKeyFrame()
      .catch((error: unknown) => this.#complain('asking for a key frame', error));
  }

  /** Without `tell` where the listener itself is gone, or has been given new transports. */
  close(options: { readonly tell: boolean }): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.source.detach(this);
    this.#ear.closed(this);
    if (this.#consumer === undefined) return;
    // A transport that died with its worker took the consumer along; new transports are told instead.
    const isWorthTelling = options.tell && !this.#ear.transport.closed;
    // What listens to a source that is closed has been closed by the SFU, with the same request.
    if (!this.source.producer.closed) this.#consumer.close();
    if (isWorthTelling) this.#ear.tell({ type: 'consumerClosed', consumerId: mediaId(this.#consumer.id) });
  }

  async #make(): Promise<void> {
    const { transport, rtpCapabilities, tell, named } = this.#ear;
    let consumer: types.Consumer;
    try {
      consumer = await transport.consume({
        producerId: this.source.producer.id,
        rtpCapabilities,
        paused: true,
      });
    } catch (error) {
      this.#complain('making a consumer', error);
      return;
    }
    if (this.#isClosed) {
      consumer.close();
      return;
    }
    this.#consumer = consumer;
    named(mediaId(consumer.id), this);
    tell({
      type: 'consume',
      consumerId: mediaId(consumer.id),
      producerId: this.source.id,
      kind: consumer.kind,
      source: this.source.origin,
      rtpParameters: consumer.rtpParameters,
      muted: this.source.isMuted,
      ...(this.source.speaker === undefined ? {} : { speaker: this.source.speaker }),
    });
  }

  #settle(): void {
    const shallFlow = this.#mayFlow && this.#isReady && !this.source.isMuted && !this.#isClosed;
    if (this.#consumer === undefined || shallFlow === this.#isFlowing) return;
    this.#isFlowing = shallFlow;
    // The answer is not waited for: requests reach the worker in the order they are made, and what is asked of
    // many links in one turn shall be done in one turn. Resuming asks the sender for a key frame.
    const done = shallFlow ? this.#consumer.resume() : this.#consumer.pause();
    const told = shallFlow ? done.then(() => this.source.onFlowing?.()) : done;
    told.catch((error: unknown) => this.#complain(shallFlow ? 'resuming' : 'holding', error));
    if (shallFlow) this.#ear.tell({ type: 'consumerResumed', consumerId: mediaId(this.#consumer.id) });
  }

  #complain(doing: string, error: unknown): void {
    // What fails because it is over has not failed.
    if (this.#isClosed || this.#ear.transport.closed || this.source.isClosed) return;
    this.#ear.log('warn', 'a link between two parties failed', {
      doing,
      why: String(error),
      kind: this.source.kind,
    });
  }
}
