import { randomBytes, randomUUID } from 'node:crypto';
import type { types } from 'mediasoup';
import type { Listener } from './listener.ts';
import { mediaId } from './media-id.ts';
import type { MediaLog } from './options.ts';
import type { PacerClient } from './pacer-client.ts';
import { OPUS_PAYLOAD_TYPE } from './pacer.ts';
import type { Room } from './room.ts';
import { Source } from './source.ts';

/** Frames that are silent, as RFC 6716 codes them. */
const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe);
/** Before the first word: browsers throw away what comes before their decoder runs. */
const LEAD_IN_FRAMES = 6;
/** After the last: what was said is heard to its end, though the call may be over right after. */
const TAIL_FRAMES = 6;
/** A browser that is not ready by then misses the beginning; the document does not wait for it. */
const READY_DEADLINE_MS = 5000;
/** Between two prompts in a row nothing is told. */
const LINGER_MS = 500;
/** How often the way is tried to be made for one announcement, which goes on without. */
const ATTEMPTS_MAX = 5;
const ATTEMPT_EVERY_MS = 250;
/** A worker that freezes for a moment loses nothing, where the system allows so much (`net.core.rmem_max`). */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** Something that is being played to one party. */
export interface Announcement {
  /** Adds Opus frames of 20 ms. Resolves when more are wanted; at once when it has been stopped. */
  push(frames: readonly Uint8Array[]): Promise<void>;
  /** There are no more; `onOver` follows the last. */
  end(): void;
  /** Silence, at once. `onOver` is not told. */
  stop(): void;
}

export interface AnnouncerOptions {
  readonly room: Room;
  readonly listener: Listener;
  readonly pacer: PacerClient;
  /** Whether packets that are sent now arrive: the browser's transport is up. */
  readonly isUp: () => boolean;
  /** There is a source of it, another than before. */
  readonly onSource: () => void;
  readonly log: MediaLog;
}

/** The way into the SFU: a transport on the loopback address and the producer on it. */
interface Way {
  readonly transport: types.PlainTransport;
  readonly source: Source;
  /** The pacer thread it listens to. */
  readonly thread: number;
}

/**
 * Plays announcements to one party: one more source, of which its listener hears and nobody else. The way into the SFU
 * is made with the first announcement and stays for the rest of the call, so that nothing is negotiated for the second.
 */
export class PartyAnnouncer {
  readonly #options: AnnouncerOptions;
  readonly #line: number;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  #way: Way | undefined;
  #isMaking = false;
  #attemptsLeft = 0;
  #current: Playing | undefined;
  #linger: NodeJS.Timeout | undefined;
  #hasPlayed = false;
  #isClosed = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#line = options.pacer.nextNumber();
    this.#aim();
  }

  /** What is played, as something that can be heard; undefined before the first announcement. */
  get source(): Source | undefined {
    return this.#openWay()?.source;
  }

  /** Begins something; what was being played is over. `onOver` is never told within the same turn. */
  play(onOver: () => void): Announcement {
    const before = this.#current;
    clearTimeout(this.#linger);
    const playing = new Playing(this.#options.pacer, this.#line, {
      isFirst: !this.#hasPlayed,
      onOver: () => {
        this.#over(playing);
        onOver();
      },
      onStopped: () => {
        this.#over(playing);
        // What is on its way already is not heard any more.
        if (this.#current === undefined) this.#way?.source.setMuted(true);
      },
    });
    this.#hasPlayed = true;
    this.#attemptsLeft = ATTEMPTS_MAX;
    this.#current = playing;
    before?.giveWay();
    this.#aim();
    this.#way?.source.setMuted(false);
    this.settle();
    return playing;
  }

  /** Something has changed: a transport is up, the browser can receive, the way exists. */
  settle(): void {
    if (this.#isClosed || this.#current === undefined) return;
    const way = this.#openWay();
    if (way === undefined) {
      if (!this.#isMaking && this.#attemptsLeft > 0) void this.#makeWay();
      return;
    }
    const { listener, isUp } = this.#options;
    listener.listen(way.source, { mayFlow: true });
    if (isUp() && listener.hears(way.source)) this.#current.go();
  }

  /** The party has new transports, perhaps in another worker. */
  movedIn(): void {
    const way = this.#openWay();
    // Also when nothing is being played: the browser is told of it before it is needed.
    if (way === undefined) this.#leaveWay();
    else this.#options.listener.listen(way.source, { mayFlow: true });
    this.settle();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#linger);
    const current = this.#current;
    this.#current = undefined;
    current?.giveWay();
    this.#leaveWay();
    this.#options.pacer.hangUp(this.#line);
  }

  async #makeWay(): Promise<void> {
    const { room, pacer, log } = this.#options;
    this.#isMaking = true;
    this.#attemptsLeft -= 1;
    let transport: types.PlainTransport | undefined;
    try {
      const port = await pacer.sourcePort();
      const { thread } = pacer;
      const { router } = await room.seat();
      if (this.#isClosed) return;
      transport = await router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: '127.0.0.1', recvBufferSize: RECEIVE_BUFFER_BYTES },
        rtcpMux: true,
        comedia: false,
      });
      // Connected, so that nobody else on this machine can put words into the call.
      await transport.connect({ ip: '127.0.0.1', port });
      const producer = await transport.produce({ kind: 'audio', rtpParameters: this.#rtpParameters() });
      if (this.#isClosed) return transport.close();
      const source = new Source({
        id: mediaId(`announcement-${randomUUID()}`),
        kind: 'audio',
        origin: 'microphone',
        muted: this.#current === undefined,
        producer,
        onFlowing: () => this.settle(),
      });
      this.#leaveWay();
      this.#way = { transport, source, thread };
      this.#aim();
      this.#options.onSource();
    } catch (error) {
      transport?.close();
      if (this.#isClosed) return;
      log('warn', 'an announcement has no way into the SFU', { why: String(error) });
      // A worker that died is replaced meanwhile.
      setTimeout(() => this.settle(), ATTEMPT_EVERY_MS).unref();
      return;
    } finally {
      this.#isMaking = false;
    }
    this.settle();
  }

  /** The way, unless its worker or the pacer's thread has died since it was made. */
  #openWay(): Way | undefined {
    const way = this.#way;
    if (way === undefined || way.transport.closed || way.thread !== this.#options.pacer.thread)
      return undefined;
    return way;
  }

  #leaveWay(): void {
    const way = this.#way;
    this.#way = undefined;
    way?.source.close();
    way?.transport.close();
    if (!this.#isClosed) this.#aim();
  }

  /** Packets go where the way begins; without one they take their time and go nowhere. */
  #aim(): void {
    const port = this.#way?.transport.tuple.localPort ?? 0;
    this.#options.pacer.aim(this.#line, { ssrc: this.#ssrc, port });
  }

  #over(playing: Playing): void {
    if (this.#current !== playing) return;
    this.#current = undefined;
    // So that a page does not show that somebody speaks who has stopped.
    this.#linger = setTimeout(() => this.#way?.source.setMuted(true), LINGER_MS);
    this.#linger.unref();
  }

  #rtpParameters(): types.RtpParameters {
    const opus = { mimeType: 'audio/opus', payloadType: OPUS_PAYLOAD_TYPE, clockRate: 48_000, channels: 2 };
    return {
      codecs: [{ ...opus, parameters: { useinbandfec: 1 }, rtcpFeedback: [] }],
      encodings: [{ ssrc: this.#ssrc }],
      rtcp: { cname: 'parley-announcement' },
    };
  }
}

interface PlayingOptions {
  readonly isFirst: boolean;
  readonly onOver: () => void;
  readonly onStopped: () => void;
}

class Playing implements Announcement {
  readonly #pacer: PacerClient;
  readonly #line: number;
  readonly #play: number;
  readonly #options: PlayingOptions;
  readonly #deadline: NodeJS.Timeout;
  #phase: 'waiting' | 'going' | 'over' = 'waiting';
  #wanting: (() => void)[] = [];
  #framesAhead = 0;

  constructor(pacer: PacerClient, line: number, options: PlayingOptions) {
    this.#pacer = pacer;
    this.#line = line;
    this.#play = pacer.nextNumber();
    this.#options = options;
    pacer.begin(this.#play, { onLow: () => this.#low(), onOver: () => this.#finish(options.onOver) });
    this.#deadline = setTimeout(() => this.go(), READY_DEADLINE_MS);
    this.#deadline.unref();
    if (options.isFirst) this.#push(Array.from({ length: LEAD_IN_FRAMES }, () => SILENCE));
  }

  push(frames: readonly Uint8Array[]): Promise<void> {
    if (this.#phase === 'over') return Promise.resolve();
    this.#push(frames);
    // The pacer asks for more when two seconds are left; so much is given without being asked.
    this.#framesAhead += frames.length;
    if (this.#framesAhead < FRAMES_AHEAD) return Promise.resolve();
    return new Promise((resolve) => this.#wanting.push(resolve));
  }

  end(): void {
    if (this.#phase === 'over') return;
    this.#push(Array.from({ length: TAIL_FRAMES }, () => SILENCE));
    this.#pacer.end(this.#line, this.#play);
  }

  stop(): void {
    if (this.#phase === 'over') return;
    this.#pacer.stop(this.#line, this.#play);
    this.#finish(this.#options.onStopped);
  }

  go(): void {
    if (this.#phase !== 'waiting') return;
    this.#phase = 'going';
    clearTimeout(this.#deadline);
    this.#pacer.go(this.#line, this.#play);
  }

  /** Something else is played, or the party is gone: it is over for who plays it, in a later turn. */
  giveWay(): void {
    if (this.#phase === 'over') return;
    this.#pacer.stop(this.#line, this.#play);
    setImmediate(() => this.#finish(this.#options.onOver));
  }

  #push(frames: readonly Uint8Array[]): void {
    this.#pacer.push(this.#line, this.#play, frames);
  }

  #low(): void {
    this.#framesAhead = 0;
    for (const resolve of this.#wanting.splice(0)) resolve();
  }

  #finish(tell: () => void): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    clearTimeout(this.#deadline);
    this.#low();
    tell();
  }
}

/** Five seconds: the gateway's thread may be busy for three before anything is missing. */
const FRAMES_AHEAD = 250;
