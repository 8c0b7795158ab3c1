import type { CallId, MediaId, MediaSource, MediaWish, Party, Unnumbered } from '@parley/protocol';
import type { FakeSession } from './fake-session.ts';
import type { Side } from './fake-talk.ts';

/** Names of what is sent: never the same twice, whatever calls a device comes through. */
let made = 0;

/** One device's part in a fake call. It may go from one call to another, when it is handed over. */
export class FakeLeg {
  readonly session: FakeSession;
  readonly callId: CallId;
  side: Side;
  media: MediaWish;
  /** What this device sends. */
  readonly producers: Map<MediaId, MediaSource> = new Map<MediaId, MediaSource>();
  /** What comes from the other end, by kind. */
  readonly #consumers = new Map<'audio' | 'video', MediaId>();

  constructor(session: FakeSession, callId: CallId, side: Side, media: MediaWish) {
    this.session = session;
    this.callId = callId;
    this.side = side;
    this.media = media;
  }

  tell(message: (callId: CallId) => Unnumbered): void {
    this.session.notify(message(this.callId));
  }

  joined(other: Party, video: boolean): void {
    this.tell((callId) => ({ type: 'joined', callId, other, video }));
  }

  /** Something comes from the other end from now on. */
  receive(kind: 'audio' | 'video'): void {
    if (this.#consumers.has(kind)) return;
    made += 1;
    const consumerId = `consumer-${made}` as MediaId;
    const producerId = `producer-${made}` as MediaId;
    this.#consumers.set(kind, consumerId);
    const source = kind === 'audio' ? 'microphone' : 'camera';
    const sent = { consumerId, producerId, kind, source, rtpParameters: {}, muted: false } as const;
    this.tell((callId) => ({ type: 'consume', callId, ...sent }));
    this.tell((callId) => ({ type: 'consumerResumed', callId, consumerId }));
  }

  /** It does not come any more. */
  lose(kind: 'audio' | 'video'): void {
    const consumerId = this.#consumers.get(kind);
    if (consumerId === undefined) return;
    this.#consumers.delete(kind);
    this.tell((callId) => ({ type: 'consumerClosed', callId, consumerId }));
  }

  /** The other end is muted, or is not any more. */
  silence(kind: 'audio' | 'video', muted: boolean): void {
    const consumerId = this.#consumers.get(kind);
    if (consumerId !== undefined)
      this.tell((callId) => ({ type: 'consumerMuted', callId, consumerId, muted }));
  }
}
