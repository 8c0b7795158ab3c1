import type { MediaKind, MediaSource } from '@parley/protocol';
import type { types } from 'mediasoup';
import type { MediaLog } from './options.ts';
import type { Room } from './room.ts';
import type { Source } from './source.ts';
import { TappedSource } from './tapped-source.ts';

/** A stream of packets that is copied to whoever taps a party: one source, as long as it lasts. */
export interface TappedStream {
  /** Unique among all taps. */
  readonly id: string;
  readonly kind: MediaKind;
  readonly origin: MediaSource | 'announcement';
  readonly mimeType: string;
  readonly clockRate: number;
  /** Packets come from this port of 127.0.0.1, and carry this SSRC. */
  readonly fromPort: number;
  readonly ssrc: number;
  /** The header extension that says how loud a packet is (RFC 6464), where its sender says so. */
  readonly audioLevelId: number | undefined;
}

/** What the sender said about its clock: at this time of its wall clock it was at this RTP timestamp. */
export interface SenderReport {
  readonly ntpMs: number;
  readonly rtpTimestamp: number;
}

/** Told in order; a stream that is over is not spoken of again. None is told after `close`. */
export interface TapEvents {
  readonly onStream: (stream: TappedStream) => void;
  /** Its packets pause, or go on. */
  readonly onMuted: (id: string, isMuted: boolean) => void;
  readonly onSenderReport: (id: string, report: SenderReport) => void;
  readonly onStreamOver: (id: string) => void;
  /** The party is closed. There is nothing more to tap. */
  readonly onGone: () => void;
}

export interface TapOptions extends TapEvents {
  /** Where the packets go, on 127.0.0.1. */
  readonly port: number;
  readonly video: boolean;
  /** Whether what is played to the party is tapped, too. */
  readonly announcements: boolean;
}

/** A copy of what one party sends, as long as it is open. */
export interface Tap {
  /** Resolves when what the party sent at the beginning is being copied, or cannot be. Never rejects. */
  readonly ready: Promise<void>;
  /** Asks whoever sends this picture for one that stands alone. */
  requestKeyFrame(id: string): void;
  close(): void;
}

/** What a tap needs to know of the party. */
export interface TappedParty {
  readonly room: Room;
  readonly tappableSources: readonly Source[];
  readonly log: MediaLog;
  /** The tap is closed, whoever closed it. */
  readonly untapped: (tap: PartyTap) => void;
}

/** The way out of the SFU: a transport on the loopback address, in the router the party is in. */
interface WayOut {
  readonly router: types.Router;
  readonly transport: Promise<types.PlainTransport>;
}

/**
 * Copies what a party sends to a port of this machine. It follows the party: through mutes, other tracks, new
 * transports, another worker, another room. Packets leave by UDP, because a thread that is not the gateway's own can
 * receive them so.
 */
export class PartyTap implements Tap {
  readonly options: TapOptions;
  readonly #party: TappedParty;
  readonly #tapped = new Map<Source, TappedSource>();
  readonly ready: Promise<void>;
  #way: WayOut | undefined;
  #isClosed = false;

  constructor(party: TappedParty, options: TapOptions) {
    this.#party = party;
    this.options = options;
    this.ready = this.settle();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get log(): MediaLog {
    return this.#party.log;
  }

  /** The party sends something else than before. Resolves when that is being copied. */
  async settle(): Promise<void> {
    if (this.#isClosed) return;
    const made: Promise<void>[] = [];
    for (const source of this.#party.tappableSources) {
      if (this.#tapped.has(source) || source.isClosed || !this.#wants(source)) continue;
      const tapped = new TappedSource(this, source, { over: () => this.#tapped.delete(source) });
      this.#tapped.set(source, tapped);
      made.push(tapped.make());
    }
    await Promise.all(made);
  }

  requestKeyFrame(id: string): void {
    for (const tapped of this.#tapped.values()) if (tapped.id === id) tapped.requestKeyFrame();
  }

  /** The way out of where the party is now; made with its first stream. */
  async wayOut(): Promise<{ readonly router: types.Router; readonly transport: types.PlainTransport }> {
    const { router } = await this.#party.room.seat();
    if (this.#isClosed) throw new Error('the tap is closed');
    if (this.#way?.router !== router) {
      this.#leaveWay();
      this.#way = { router, transport: this.#createTransport(router) };
    }
    const way = this.#way;
    try {
      return { router, transport: await way.transport };
    } catch (error) {
      if (this.#way === way) this.#way = undefined;
      throw error;
    }
  }

  /** The party is closed. */
  partyGone(): void {
    if (this.#isClosed) return;
    this.close();
    this.options.onGone();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A copy, because one that is over is taken off while we iterate.
    for (const tapped of Array.from(this.#tapped.values())) tapped.close();
    this.#leaveWay();
    this.#party.untapped(this);
  }

  #wants(source: Source): boolean {
    if (source.speaker === undefined) return this.options.announcements;
    return source.kind === 'audio' || this.options.video;
  }

  #leaveWay(): void {
    this.#way?.transport.then(
      (transport) => transport.close(),
      () => {},
    );
    this.#way = undefined;
  }

  async #createTransport(router: types.Router): Promise<types.PlainTransport> {
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      rtcpMux: true,
      comedia: false,
    });
    try {
      await transport.connect({ ip: '127.0.0.1', port: this.options.port });
      return transport;
    } catch (error) {
      transport.close();
      throw error;
    }
  }
}
