import { WIRE_LIMITS, type MediaId } from '@parley/protocol';
import type { types } from 'mediasoup';
import type { ReadCapabilities } from './browser-rtp.ts';
import { Link, type Tell } from './link.ts';
import type { MediaLog } from './options.ts';
import type { Source } from './source.ts';

/**
 * The receiving half of a party: what it can receive, where, and everything on its way to it. It does not know
 * why it listens to a source, so that an announcement can be one as well as a person.
 */
export class Listener {
  readonly #tell: Tell;
  readonly #log: MediaLog;
  readonly #links = new Map<Source, Link>();
  readonly #named = new Map<MediaId, Link>();
  #transport: types.WebRtcTransport | undefined;
  #rtpCapabilities: ReadCapabilities | undefined;

  constructor(tell: Tell, log: MediaLog) {
    this.#tell = tell;
    this.#log = log;
  }

  get isListening(): boolean {
    return this.#links.size > 0;
  }

  get hasCapabilities(): boolean {
    return this.#rtpCapabilities !== undefined;
  }

  setCapabilities(rtpCapabilities: ReadCapabilities): void {
    this.#rtpCapabilities = rtpCapabilities;
  }

  attach(transport: types.WebRtcTransport): void {
    this.#transport = transport;
  }

  /** The transport is gone, and with it everything on its way; the browser knows, or does not need to. */
  detach(): void {
    // A copy, because a link that closes is forgotten while we iterate.
    for (const link of Array.from(this.#links.values())) link.close({ tell: false });
    this.#transport = undefined;
  }

  /** Brings a source to this listener, once it can receive anything; asked again, only `mayFlow` may change. */
  listen(source: Source, options: { readonly mayFlow: boolean }): void {
    const link = this.#links.get(source);
    if (link !== undefined) {
      link.allow(options.mayFlow);
      return;
    }
    if (this.#transport === undefined || this.#rtpCapabilities === undefined) return;
    if (this.#links.size >= WIRE_LIMITS.consumersPerCallMax) {
      this.#log('warn', 'a party listens to as many sources as it may', { links: this.#links.size });
      return;
    }
    const ear = {
      transport: this.#transport,
      rtpCapabilities: this.#rtpCapabilities[source.kind],
      tell: this.#tell,
      log: this.#log,
      named: (consumerId: MediaId, made: Link) => this.#named.set(consumerId, made),
      closed: (over: Link) => this.#forget(over),
    };
    this.#links.set(source, new Link(source, ear, options));
  }

  stopListening(source: Source): void {
    this.#links.get(source)?.close({ tell: true });
  }

  /** Whether what the source sends reaches the browser. */
  hears(source: Source): boolean {
    return this.#links.get(source)?.isFlowing === true;
  }

  link(consumerId: MediaId): Link | undefined {
    return this.#named.get(consumerId);
  }

  #forget(link: Link): void {
    this.#links.delete(link.source);
    if (link.consumerId !== undefined) this.#named.delete(link.consumerId);
  }
}
