import type { MediaId, MediaKind, MediaSource, PictureQuality } from '@parley/protocol';
import type { PartyId } from '@parley/switchboard';
import type { types } from 'mediasoup';
import type { Link } from './link.ts';

export interface SourceOptions {
  readonly id: MediaId;
  readonly kind: MediaKind;
  readonly origin: MediaSource;
  readonly muted: boolean;
  readonly producer: types.Producer;
  /** Who sends it; absent for an announcement. */
  readonly speaker?: PartyId;
  /** Nobody may hear it for now, whether its maker has muted it or not. */
  readonly isSilenced?: boolean;
  /** Its packets have begun to reach a listener. */
  readonly onFlowing?: () => void;
  /** The largest picture that anybody wants of it has changed. */
  readonly onWanted?: (quality: PictureQuality) => void;
}

const BY_SIZE = ['high', 'medium', 'low'] as const;

/** Who wants to know how a source is, and is no listener. */
export interface SourceObserver {
  readonly muted: () => void;
  readonly closed: () => void;
}

/** Something that can be heard or seen: one producer, and the links on which it goes to listeners. */
export class Source {
  /** The name its maker gave it. It is unique within its maker only, so nobody can take another's. */
  readonly id: MediaId;
  readonly kind: MediaKind;
  readonly origin: MediaSource;
  readonly producer: types.Producer;
  readonly speaker: PartyId | undefined;
  readonly onFlowing: (() => void) | undefined;
  readonly #onWanted: SourceOptions['onWanted'];
  #wanted: PictureQuality = 'high';
  readonly #links = new Set<Link>();
  readonly #observers = new Set<SourceObserver>();
  #muted: boolean;
  #isSilenced: boolean;
  #closed = false;

  constructor(options: SourceOptions) {
    this.id = options.id;
    this.kind = options.kind;
    this.origin = options.origin;
    this.producer = options.producer;
    this.onFlowing = options.onFlowing;
    this.#onWanted = options.onWanted;
    this.speaker = options.speaker;
    this.#muted = options.muted;
    this.#isSilenced = options.isSilenced ?? false;
  }

  get isMuted(): boolean {
    return this.#muted || this.#isSilenced;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  attach(link: Link): void {
    this.#links.add(link);
    this.wantedChanged();
  }

  detach(link: Link): void {
    this.#links.delete(link);
    this.wantedChanged();
  }

  /** Its sender need not encode what nobody shows. Without listeners, all of it: the next one shall not wait. */
  wantedChanged(): void {
    const asked = new Set(Array.from(this.#links, ({ quality }) => quality));
    // Whoever copies it, for a recording perhaps, wants all of it.
    if (this.#observers.size > 0) asked.add('high');
    const wanted = BY_SIZE.find((quality) => asked.has(quality)) ?? 'high';
    if (wanted === this.#wanted || this.#closed) return;
    this.#wanted = wanted;
    this.#onWanted?.(wanted);
  }

  observe(observer: SourceObserver): void {
    this.#observers.add(observer);
    this.wantedChanged();
  }

  unobserve(observer: SourceObserver): void {
    this.#observers.delete(observer);
    this.wantedChanged();
  }

  setMuted(muted: boolean): void {
    this.#change({ muted, isSilenced: this.#isSilenced });
  }

  setSilenced(isSilenced: boolean): void {
    this.#change({ muted: this.#muted, isSilenced });
  }

  #change(to: { readonly muted: boolean; readonly isSilenced: boolean }): void {
    const wasMuted = this.isMuted;
    this.#muted = to.muted;
    this.#isSilenced = to.isSilenced;
    if (this.isMuted === wasMuted) return;
    for (const link of this.#links) link.sourceMuted();
    for (const observer of this.#observers) observer.muted();
  }

  /** Every listener is told that it is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // First, because the SFU then ends what listens to it by itself, and need not be asked for each.
    this.producer.close();
    // A copy, because a link that closes takes itself off.
    for (const link of Array.from(this.#links)) link.close({ tell: true });
    for (const observer of Array.from(this.#observers)) observer.closed();
  }
}
