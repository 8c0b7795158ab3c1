import {
  WIRE_LIMITS,
  type IceParameters,
  type MediaId,
  type MediaOffer,
  type RtpCapabilities,
} from '@parley/protocol';
import type { MediaFlow, PartyId, PartyMessage, PartyOptions } from '@parley/switchboard';
import { PartyAnnouncer, type Announcement } from './announcer.ts';
import { readRtpCapabilities, readRtpParameters } from './browser-rtp.ts';
import { Listener } from './listener.ts';
import type { Tell } from './link.ts';
import { MediaWatch, troubleOf } from './media-watch.ts';
import type { Tenant } from './media-worker.ts';
import type { MediaLog, Settings } from './options.ts';
import type { PacerClient } from './pacer-client.ts';
import type { Pair } from './pair.ts';
import type { Room } from './room.ts';
import { Source } from './source.ts';
import { PartyTap, type Tap, type TapOptions } from './tap.ts';
import { TaskQueue } from './task-queue.ts';
import { TransportPair } from './transport-pair.ts';

/** More than any browser has reason to send before the first is done. */
const TASKS_MAX = 256;

type Produce = Extract<PartyMessage, { type: 'produce' }>;

/**
 * One device's part in one call: two transports, what it sends, and what it is sent. What a browser says is
 * carried out in the order it was said; who may hear whom is not waited for, and takes effect at once.
 */
export class Party implements Tenant {
  readonly id: PartyId;
  readonly listener: Listener;
  /** What it sends, by the names its browser made. */
  readonly sources = new Map<MediaId, Source>();
  /** Those it may hear and be heard by. */
  readonly pairs = new Map<PartyId, Pair>();
  readonly #taps = new Set<PartyTap>();
  readonly #settings: Settings;
  readonly #tasks: TaskQueue;
  readonly #watch: MediaWatch;
  readonly #tell: Tell;
  readonly #giveUp: (why: string) => void;
  #room: Room;
  #transports: TransportPair | undefined;
  #announcer: PartyAnnouncer | undefined;
  #hasProduced = false;
  #isSilenced = false;
  #isLayered = false;
  #isEchoing = false;
  #isClosed = false;

  /** `giveUp` is called at most once, and has to close the party. */
  constructor(options: PartyOptions, room: Room, settings: Settings, giveUp: (why: string) => void) {
    this.id = options.party;
    this.#isLayered = options.layered ?? false;
    this.#room = room;
    this.#settings = settings;
    this.#tasks = new TaskQueue('the party', { tasksMax: TASKS_MAX });
    this.#giveUp = giveUp;
    this.#watch = new MediaWatch(settings.graceMs, (why) => this.#fail(why));
    this.#tell = (notice) => {
      if (this.#isClosed) return;
      try {
        options.tell(notice);
      } catch (error) {
        // The others in this turn are told all the same.
        settings.log('error', 'a notice about media could not be told', {
          notice: notice.type,
          why: String(error),
        });
      }
    };
    this.listener = new Listener(this.#tell, settings.log);
    room.enter(this);
  }

  get room(): Room {
    return this.#room;
  }

  /** Whether one more of its pairs may be prepared before anybody answers. */
  hasPlace(): boolean {
    if (this.#isClosed) return false;
    let prepared = 0;
    for (const pair of this.pairs.values()) if (pair.isPrepared) prepared += 1;
    return prepared < this.#settings.preparedPerPartyMax;
  }

  open(): Promise<MediaOffer> {
    return this.#tasks.run(() => this.#bringUp());
  }

  setCapabilities(said: RtpCapabilities): void {
    if (this.listener.hasCapabilities) return;
    try {
      this.listener.setCapabilities(readRtpCapabilities(said));
    } catch (error) {
      this.#settings.log('warn', 'a browser says it can receive what makes no sense', { why: String(error) });
      return;
    }
    this.#settlePairs();
    this.#announcer?.settle();
  }

  /** Plays something to this party alone, whether it is joined with somebody or not. */
  announce(pacer: PacerClient, onOver: () => void): Announcement {
    this.#announcer ??= new PartyAnnouncer({
      room: this.room,
      listener: this.listener,
      pacer,
      isUp: () => this.#transports?.recv.dtlsState === 'connected',
      onSource: () => this.#settleTaps(),
      log: this.#settings.log,
    });
    return this.#announcer.play(onOver);
  }

  /** Everything that can be tapped now: what it sends, and what is played to it. */
  get tappableSources(): readonly Source[] {
    const played = this.#announcer?.source;
    return [...this.sources.values(), ...(played === undefined ? [] : [played])];
  }

  get log(): MediaLog {
    return this.#settings.log;
  }

  tap(options: TapOptions): Tap {
    const tap = new PartyTap(this, options);
    this.#taps.add(tap);
    return tap;
  }

  untapped(tap: PartyTap): void {
    this.#taps.delete(tap);
  }

  /** From now on it hears itself. */
  echo(): void {
    this.#isEchoing = true;
    this.#settlePairs();
  }

  handle(message: PartyMessage): Promise<void> {
    return this.#tasks.run(() => this.#handle(message));
  }

  restartIce(): Promise<{ readonly send: IceParameters; readonly recv: IceParameters }> {
    this.#watch.extend();
    return this.#tasks.run(() => this.#upTransports().restartIce());
  }

  flow(): Promise<MediaFlow> {
    return this.#tasks.run(() => this.#upTransports().flow());
  }

  renew(): Promise<MediaOffer> {
    this.#watch.extend();
    return this.#tasks.run(() => {
      this.#dropTransports();
      return this.#bringUp();
    });
  }

  workerDied(): void {
    if (!this.#isClosed) this.#reset();
  }

  /** Leaves its room, and those it was paired with there, for another. */
  moveTo(room: Room, { layered }: { readonly layered: boolean }): void {
    if (this.#isClosed || room === this.#room) return;
    this.#isLayered = layered;
    for (const pair of Array.from(this.pairs.values())) pair.part();
    // Its way into the SFU is in the room that is left.
    this.#announcer?.close();
    this.#announcer = undefined;
    const before = this.#room;
    this.#room = room;
    room.enter(this);
    this.#watch.extend();
    this.#reset();
    before.leave(this);
  }

  silence(isSilenced: boolean): void {
    this.#isSilenced = isSilenced;
    for (const source of this.sources.values()) if (source.kind === 'audio') source.setSilenced(isSilenced);
  }

  /** Gives the browser other transports, where the room is now. */
  #reset(): void {
    // One that is just being brought up goes on by itself, in the other place.
    if (this.#transports === undefined) return;
    this.#dropTransports();
    const reset = this.#tasks.run(async () => {
      const offer = await this.#bringUp();
      this.#tell({ type: 'mediaReset', offer });
    });
    reset.catch((error: unknown) => this.#fail(error instanceof Error ? error.message : String(error)));
  }

  /** Looks whether the party's media is well, and begins or ends its grace. */
  look(): void {
    if (this.#isClosed || this.#transports === undefined) return;
    const { send, recv } = this.#transports;
    const trouble = troubleOf({
      send: { iceState: send.iceState, dtlsState: send.dtlsState, isNeeded: this.#hasProduced },
      recv: { iceState: recv.iceState, dtlsState: recv.dtlsState, isNeeded: this.listener.isListening },
      isBridged: Array.from(this.pairs.values()).some((pair) => pair.isBridged),
    });
    this.#watch.look(trouble);
    this.#announcer?.settle();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tasks.close();
    this.#watch.close();
    this.#announcer?.close();
    this.#dropTransports();
    // A copy, because a pair that parts is taken off while we iterate.
    for (const pair of Array.from(this.pairs.values())) pair.part();
    // A copy, because a tap that closes takes itself off.
    for (const tap of Array.from(this.#taps)) tap.partyGone();
    this.#room.leave(this);
  }

  async #handle(message: PartyMessage): Promise<void> {
    switch (message.type) {
      case 'transportConnect':
        return this.#upTransports().connect(message.transportId, message.dtlsParameters);
      case 'produce':
        return this.#produce(message);
      case 'producerMuted': {
        const source = this.sources.get(message.producerId);
        if (source === undefined) throw new Error('no producer of this party has that name');
        return source.setMuted(message.muted);
      }
      case 'producerClosed':
        this.sources.get(message.producerId)?.close();
        this.sources.delete(message.producerId);
        return;
      // Both may cross with the end of the consumer, which is nobody's mistake.
      case 'consuming':
        return this.listener.link(message.consumerId)?.ready();
      case 'keyFrame':
        return this.listener.link(message.consumerId)?.requestKeyFrame();
      case 'preferQuality':
        return this.listener.link(message.consumerId)?.prefer(message.quality);
    }
  }

  async #produce(message: Produce): Promise<void> {
    const { send } = this.#upTransports();
    if (message.transportId !== send.id) throw new Error('no transport this party sends on has that name');
    if (this.sources.has(message.producerId)) return;
    if (this.sources.size >= WIRE_LIMITS.producersPerCallMax) {
      throw new Error(`a party sends at most ${WIRE_LIMITS.producersPerCallMax} tracks`);
    }
    const { kind, source: origin, muted } = message;
    const rtpParameters = readRtpParameters(message.rtpParameters, { kind, source: origin });
    // mediasoup names it: a name made by a browser could be another party's.
    const producer = await send.produce({ kind, rtpParameters, keyFrameRequestDelay: 0 });
    if (this.#isClosed || send.closed) {
      producer.close();
      return;
    }
    const source = new Source({
      id: message.producerId,
      kind,
      origin,
      muted,
      producer,
      speaker: this.id,
      isSilenced: kind === 'audio' && this.#isSilenced,
      onWanted: (quality) => this.#tell({ type: 'producerQuality', producerId: message.producerId, quality }),
    });
    this.sources.set(source.id, source);
    this.#hasProduced = true;
    this.#settlePairs();
    this.#settleTaps();
  }

  async #bringUp(): Promise<MediaOffer> {
    for (;;) {
      const room = this.#room;
      const seat = await room.seat().catch((error: unknown) => {
        // A room that has been left may be closed before it is placed.
        if (room === this.#room) throw error;
        return undefined;
      });
      if (seat === undefined) continue;
      const transports = await TransportPair.create(seat).catch((error: unknown) => {
        if (seat.router.closed) return undefined;
        throw error;
      });
      if (this.#isClosed) {
        transports?.close();
        throw new Error('the party is over');
      }
      // The worker died meanwhile: the room has another seat by now. Or the party has moved to another room.
      if (transports === undefined || transports.isClosed) continue;
      if (room !== this.#room) {
        transports.close();
        continue;
      }
      this.#transports = transports;
      transports.onStateChange(() => {
        if (this.#transports === transports) this.look();
      });
      this.listener.attach(transports.recv);
      this.#settlePairs();
      this.#announcer?.movedIn();
      this.look();
      return this.#isLayered ? { ...transports.offer, layered: true } : transports.offer;
    }
  }

  #upTransports(): TransportPair {
    if (this.#transports === undefined) throw new Error('the transports of this party are being replaced');
    return this.#transports;
  }

  #dropTransports(): void {
    // First, because everything that is on them ends with them, and the SFU need not be asked for each.
    this.#transports?.close();
    this.#transports = undefined;
    for (const source of this.sources.values()) source.close();
    this.sources.clear();
    this.listener.detach();
  }

  #settlePairs(): void {
    for (const pair of this.pairs.values()) pair.settle();
    if (!this.#isEchoing) return;
    for (const source of this.sources.values()) {
      if (source.kind === 'audio') this.listener.listen(source, { mayFlow: true });
    }
  }

  #settleTaps(): void {
    for (const tap of this.#taps) void tap.settle();
  }

  #fail(why: string): void {
    if (this.#isClosed) return;
    this.#settings.log('warn', 'the media of a party is given up', { why });
    this.#giveUp(why);
  }
}
