import type { IceParameters, MediaOffer, RtpCapabilities } from '@parley/protocol';
import type { MediaCounts, MediaFlow, PartyId, PartyMessage, PartyOptions } from '@parley/switchboard';
import { ortc } from 'mediasoup';
import type { Announcement } from './announcer.ts';
import type { Census } from './census.ts';
import { mediaCodecs } from './codecs.ts';
import type { Settings } from './options.ts';
import type { MediaHealth, OwnedMediaPlane, WorkerUsage } from './owned-plane.ts';
import { PacerClient } from './pacer-client.ts';
import type { PacingReport } from './pacer.ts';
import { Pair } from './pair.ts';
import { Party } from './party.ts';
import { Room } from './room.ts';
import type { Tap, TapOptions } from './tap.ts';
import type { WorkerPool } from './worker-pool.ts';

/** The media plane on mediasoup: rooms of parties, and who in them may hear whom. */
export class MediasoupPlane implements OwnedMediaPlane {
  readonly rtpCapabilities: RtpCapabilities;
  readonly #settings: Settings;
  readonly #pool: WorkerPool;
  readonly #census: Census;
  readonly #pacer = new PacerClient();
  readonly #rooms = new Map<string, Room>();
  readonly #parties = new Map<PartyId, { readonly party: Party; readonly opened: Promise<MediaOffer> }>();
  #isClosed = false;

  constructor(settings: Settings, pool: WorkerPool, census: Census) {
    this.#settings = settings;
    this.#pool = pool;
    this.#census = census;
    // Every router computes the same from the same codecs, so it is known before there is one.
    this.rtpCapabilities = ortc.generateRouterRtpCapabilities(mediaCodecs(settings));
  }

  get counts(): MediaCounts {
    const { transports, producers, consumers } = this.#census;
    return { rooms: this.#rooms.size, parties: this.#parties.size, transports, producers, consumers };
  }

  get health(): MediaHealth {
    return {
      workersWanted: this.#settings.workers,
      workersAlive: this.#pool.alive.length,
      workerRestarts: this.#pool.restarts,
    };
  }

  async workerUsage(): Promise<readonly WorkerUsage[]> {
    const asked = this.#pool.alive.map(async (worker) => {
      const cpu = await worker.cpu();
      return { pid: worker.pid, cpu, parties: worker.load };
    });
    const answered = await Promise.allSettled(asked);
    return answered.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  async open(options: PartyOptions): Promise<MediaOffer> {
    if (this.#isClosed) throw new Error('the media plane is closed');
    const known = this.#parties.get(options.party);
    if (known !== undefined) return known.opened;
    if (this.#parties.size >= this.#settings.partiesMax) {
      throw new Error(`the media plane holds ${this.#settings.partiesMax} parties, and may hold no more`);
    }
    const party = new Party(options, this.#enter(options.room), this.#settings, (why) => {
      this.close(options.party);
      options.onFailed(why);
    });
    const opened = party.open();
    this.#parties.set(options.party, { party, opened });
    try {
      return await opened;
    } catch (error) {
      // Unless it was closed meanwhile, and another was opened under its name.
      if (this.#parties.get(options.party)?.party === party) this.close(options.party);
      throw error;
    }
  }

  setCapabilities(party: PartyId, rtpCapabilities: RtpCapabilities): void {
    this.#find(party)?.setCapabilities(rtpCapabilities);
  }

  async handle(party: PartyId, message: PartyMessage): Promise<void> {
    return this.#get(party).handle(message);
  }

  async restartIce(party: PartyId): Promise<{ readonly send: IceParameters; readonly recv: IceParameters }> {
    return this.#get(party).restartIce();
  }

  async flow(party: PartyId): Promise<MediaFlow> {
    return this.#get(party).flow();
  }

  async renew(party: PartyId): Promise<MediaOffer> {
    return this.#get(party).renew();
  }

  prepare(a: PartyId, b: PartyId, options: { readonly video: boolean }): void {
    this.#pair(a, b, options)?.prepare(options);
  }

  bridge(a: PartyId, b: PartyId, options: { readonly video: boolean }): void {
    this.#pair(a, b, options)?.bridge(options);
  }

  echo(party: PartyId): void {
    this.#find(party)?.echo();
  }

  unbridge(a: PartyId, b: PartyId): void {
    this.#find(a)?.pairs.get(b)?.part();
  }

  announce(party: PartyId, onOver: () => void): Announcement {
    const found = this.#find(party);
    if (found !== undefined) return found.announce(this.#pacer, onOver);
    const over = setImmediate(onOver);
    return { push: () => Promise.resolve(), end: () => {}, stop: () => clearImmediate(over) };
  }

  tap(party: PartyId, options: TapOptions): Tap | undefined {
    return this.#find(party)?.tap(options);
  }

  pacing(): Promise<PacingReport | undefined> {
    return this.#pacer.report();
  }

  move(party: PartyId, room: string, options: { readonly layered: boolean } = { layered: false }): void {
    const found = this.#find(party);
    if (found === undefined || found.room.name === room) return;
    const before = found.room;
    found.moveTo(this.#enter(room), options);
    this.#forget(before);
  }

  silence(party: PartyId, isSilenced: boolean): void {
    this.#find(party)?.silence(isSilenced);
  }

  close(party: PartyId): void {
    const found = this.#find(party);
    if (found === undefined) return;
    this.#parties.delete(party);
    found.close();
    this.#forget(found.room);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    // A copy, because a party that closes is taken off while we iterate.
    for (const party of Array.from(this.#parties.keys())) this.close(party);
    await Promise.all([this.#pool.close(), this.#pacer.close()]);
  }

  #forget(room: Room): void {
    if (room.isEmpty && this.#rooms.get(room.name) === room) this.#rooms.delete(room.name);
  }

  #enter(name: string): Room {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    if (this.#rooms.size >= this.#settings.roomsMax) {
      throw new Error(`the media plane holds ${this.#settings.roomsMax} rooms, and may hold no more`);
    }
    const room = new Room(name, this.#pool, this.#settings);
    this.#rooms.set(name, room);
    return room;
  }

  #pair(a: PartyId, b: PartyId, options: { readonly video: boolean }): Pair | undefined {
    const one = this.#find(a);
    const other = this.#find(b);
    if (one === undefined || other === undefined) return undefined;
    const known = one.pairs.get(b);
    if (known !== undefined) return known;
    // Only our own code could ask for this.
    if (one === other) throw new Error('a party cannot be paired with itself');
    if (one.room !== other.room) throw new Error('parties of different rooms cannot be paired');
    return new Pair(one, other, options);
  }

  #find(party: PartyId): Party | undefined {
    return this.#parties.get(party)?.party;
  }

  #get(party: PartyId): Party {
    const found = this.#find(party);
    if (found === undefined) throw new Error('no such party, or no longer');
    return found;
  }
}
