import {
  WIRE_LIMITS,
  type IceParameters,
  type MediaId,
  type MediaKind,
  type MediaOffer,
  type RtpCapabilities,
} from '@parley/protocol';
import type {
  MediaCounts,
  MediaFlow,
  MediaPlane,
  PartyId,
  PartyMessage,
  PartyOptions,
} from '@parley/switchboard';
import { FAKE_CAPABILITIES, FakeOffers } from './fake-media-offers.ts';
import {
  isMuted,
  type FakeLink,
  type FakePair,
  type FakeParty,
  type FakeSource,
} from './fake-media-books.ts';

export interface FakeMediaPlaneOptions {
  readonly preparedPerPartyMax?: number;
  readonly partiesMax?: number;
}

/**
 * A media plane without media: it keeps the books of the real one and tells browsers what the real one would, in
 * the same order, with nothing behind it. It has no clock and no chance, so a simulation on it runs the same way
 * every time. It passes the same contract as the real one.
 */
export class FakeMediaPlane implements MediaPlane {
  readonly rtpCapabilities = FAKE_CAPABILITIES;
  readonly #preparedPerPartyMax: number;
  readonly #partiesMax: number;
  readonly #parties = new Map<PartyId, FakeParty>();
  readonly #pairs = new Set<FakePair>();
  readonly #offers = new FakeOffers();
  #refusal: string | undefined;

  constructor(options: FakeMediaPlaneOptions = {}) {
    this.#preparedPerPartyMax = options.preparedPerPartyMax ?? 4;
    this.#partiesMax = options.partiesMax ?? Number.POSITIVE_INFINITY;
  }

  /** From now on `open` is refused with this sentence, until it is called with none. */
  refuseOpen(why: string | undefined): void {
    this.#refusal = why;
  }

  /** As if the worker of this room had died: everything is gone, and every party has new transports. */
  killWorker(room: string): void {
    const hit = Array.from(this.#parties.values()).filter((party) => party.room === room);
    for (const party of hit) {
      party.sources.clear();
      party.links.clear();
      party.connected.clear();
      party.offer = this.#offers.offer();
    }
    for (const party of hit) party.options.tell({ type: 'mediaReset', offer: party.offer });
  }

  /** As if this party's media could not be kept. */
  failParty(party: PartyId, why: string): void {
    const found = this.#parties.get(party);
    this.close(party);
    found?.options.onFailed(why);
  }

  /** Whether packets of this kind go from one party to the other at this moment. */
  isFlowing(from: PartyId, to: PartyId, kind: MediaKind): boolean {
    const links = Array.from(this.#parties.get(to)?.links.values() ?? []);
    return links.some(
      ({ speaker, source, isFlowing }) => isFlowing && speaker.options.party === from && source.kind === kind,
    );
  }

  isBridged(a: PartyId, b: PartyId): boolean {
    return this.#findPair(a, b)?.phase === 'bridged';
  }

  get counts(): MediaCounts {
    const parties = Array.from(this.#parties.values());
    return {
      rooms: new Set(parties.map((party) => party.room)).size,
      parties: parties.length,
      transports: parties.length * 2,
      producers: parties.reduce((sum, party) => sum + party.sources.size, 0),
      consumers: parties.reduce((sum, party) => sum + party.links.size, 0),
    };
  }

  async open(options: PartyOptions): Promise<MediaOffer> {
    const known = this.#parties.get(options.party);
    if (known !== undefined) return known.offer;
    if (this.#refusal !== undefined) throw new Error(this.#refusal);
    if (this.#parties.size >= this.#partiesMax) throw new Error('the media plane may hold no more parties');
    const party: FakeParty = {
      options,
      offer: { ...this.#offers.offer(), ...(options.layered === true ? { layered: true } : {}) },
      room: options.room,
      isSilenced: false,
      isEchoing: false,
      canReceive: false,
      connected: new Set(),
      sources: new Map(),
      links: new Map(),
    };
    this.#parties.set(options.party, party);
    // The real one waits for its worker here; a party may be closed meanwhile.
    await Promise.resolve();
    if (this.#parties.get(options.party) !== party) throw new Error('the party is over');
    return party.offer;
  }

  setCapabilities(party: PartyId, _rtpCapabilities: RtpCapabilities): void {
    const found = this.#parties.get(party);
    if (found === undefined) return;
    found.canReceive = true;
    this.#settleAll(found);
  }

  async handle(party: PartyId, message: PartyMessage): Promise<void> {
    const found = this.#get(party);
    switch (message.type) {
      case 'transportConnect':
        if (message.transportId !== found.offer.send.id && message.transportId !== found.offer.recv.id) {
          throw new Error('no transport of this party has that name');
        }
        found.connected.add(message.transportId);
        return;
      case 'produce':
        return this.#produce(found, message);
      case 'producerMuted':
        return this.#mute(found, message.producerId, message.muted);
      case 'producerClosed': {
        const source = found.sources.get(message.producerId);
        if (source !== undefined) this.#endSource(found, source);
        return;
      }
      case 'consuming': {
        const link = Array.from(found.links.values()).find(
          ({ consumerId }) => consumerId === message.consumerId,
        );
        if (link === undefined) return;
        link.isReady = true;
        this.#settleAll(found);
        return;
      }
      case 'keyFrame':
        return;
      case 'preferQuality': {
        const link = Array.from(found.links.values()).find(
          ({ consumerId }) => consumerId === message.consumerId,
        );
        if (link === undefined) return;
        link.quality = message.quality;
        this.#tellWanted(link.source);
        return;
      }
    }
  }

  async restartIce(party: PartyId): Promise<{ readonly send: IceParameters; readonly recv: IceParameters }> {
    const found = this.#get(party);
    const { send, recv } = found.offer;
    found.offer = {
      send: { ...send, iceParameters: this.#offers.ice() },
      recv: { ...recv, iceParameters: this.#offers.ice() },
    };
    return { send: found.offer.send.iceParameters, recv: found.offer.recv.iceParameters };
  }

  async flow(party: PartyId): Promise<MediaFlow> {
    this.#get(party);
    return { send: 0, recv: 0 };
  }

  async renew(party: PartyId): Promise<MediaOffer> {
    const found = this.#get(party);
    for (const source of Array.from(found.sources.values())) this.#endSource(found, source);
    this.#deafen(found);
    found.connected.clear();
    found.offer = this.#offers.offer();
    // The answer reaches the browser before anything it is offered on the new transports.
    queueMicrotask(() => queueMicrotask(() => this.#settleAll(found)));
    return found.offer;
  }

  prepare(a: PartyId, b: PartyId, options: { readonly video: boolean }): void {
    const pair = this.#pair(a, b);
    if (pair === undefined || pair.phase === 'bridged') return;
    pair.hasVideo = options.video;
    this.#takePlace(pair);
    this.#settle(pair);
  }

  bridge(a: PartyId, b: PartyId, options: { readonly video: boolean }): void {
    const pair = this.#pair(a, b);
    if (pair === undefined) return;
    pair.hasVideo = options.video;
    pair.phase = 'bridged';
    this.#settle(pair);
  }

  echo(party: PartyId): void {
    const found = this.#parties.get(party);
    if (found === undefined) return;
    found.isEchoing = true;
    this.#settleAll(found);
  }

  unbridge(a: PartyId, b: PartyId): void {
    const pair = this.#findPair(a, b);
    if (pair === undefined) return;
    this.#pairs.delete(pair);
    const [one, other] = pair.parties;
    for (const [speaker, hearer] of [
      [one, other],
      [other, one],
    ] as const) {
      for (const source of speaker.sources.values()) this.#endLink(hearer, source);
    }
    for (const waiting of this.#pairs) if (this.#takePlace(waiting)) this.#settle(waiting);
  }

  move(party: PartyId, room: string, options: { readonly layered: boolean } = { layered: false }): void {
    const found = this.#parties.get(party);
    if (found === undefined || found.room === room) return;
    found.room = room;
    this.#leave(found);
    found.sources.clear();
    found.connected.clear();
    found.offer = { ...this.#offers.offer(), ...(options.layered ? { layered: true } : {}) };
    found.options.tell({ type: 'mediaReset', offer: found.offer });
  }

  silence(party: PartyId, isSilenced: boolean): void {
    const found = this.#parties.get(party);
    if (found === undefined || found.isSilenced === isSilenced) return;
    const sources = Array.from(found.sources.values()).filter((source) => source.kind === 'audio');
    const wereMuted = sources.map(isMuted);
    found.isSilenced = isSilenced;
    for (const [index, source] of sources.entries()) {
      if (isMuted(source) !== wereMuted[index]) this.#tellMuted(found, source);
    }
  }

  close(party: PartyId): void {
    const found = this.#parties.get(party);
    if (found === undefined) return;
    this.#parties.delete(party);
    this.#leave(found);
  }

  #leave(found: FakeParty): void {
    this.#deafen(found);
    for (const pair of Array.from(this.#pairs)) {
      if (!pair.parties.includes(found)) continue;
      const other = pair.parties[0] === found ? pair.parties[1] : pair.parties[0];
      this.#pairs.delete(pair);
      for (const source of found.sources.values()) this.#endLink(other, source);
    }
    for (const waiting of this.#pairs) if (this.#takePlace(waiting)) this.#settle(waiting);
  }

  #deafen(found: FakeParty): void {
    const heard = Array.from(found.links.keys());
    found.links.clear();
    for (const source of heard) this.#tellWanted(source);
  }

  #produce(party: FakeParty, message: Extract<PartyMessage, { type: 'produce' }>): void {
    const { transportId, producerId, kind, source, rtpParameters, muted } = message;
    if (transportId !== party.offer.send.id)
      throw new Error('no transport this party sends on has that name');
    if (party.sources.has(producerId)) return;
    if (party.sources.size >= WIRE_LIMITS.producersPerCallMax)
      throw new Error('a party sends no more tracks');
    if ((source === 'microphone' && kind !== 'audio') || (source === 'camera' && kind !== 'video')) {
      throw new Error(`a ${source} does not send ${kind}`);
    }
    const codecs = rtpParameters['codecs'];
    if (!Array.isArray(codecs) || codecs.length === 0) throw new Error('missing codecs');
    party.sources.set(producerId, {
      id: producerId,
      kind,
      origin: source,
      speaker: party,
      muted,
      wanted: 'high',
    });
    this.#settleAll(party);
  }

  #mute(party: FakeParty, producerId: MediaId, muted: boolean): void {
    const source = party.sources.get(producerId);
    if (source === undefined) throw new Error('no producer of this party has that name');
    const wasMuted = isMuted(source);
    source.muted = muted;
    if (isMuted(source) !== wasMuted) this.#tellMuted(party, source);
  }

  #tellMuted(party: FakeParty, source: FakeSource): void {
    for (const listener of this.#parties.values()) {
      const link = listener.links.get(source);
      if (link?.isTold !== true) continue;
      listener.options.tell({
        type: 'consumerMuted',
        consumerId: link.consumerId,
        muted: isMuted(source),
      });
    }
    this.#settleAll(party);
  }

  /** The largest that anybody wants; all of it while nobody listens. */
  #tellWanted(source: FakeSource): void {
    const { speaker, id } = source;
    if (speaker.sources.get(id) !== source) return;
    const asked = Array.from(this.#parties.values()).flatMap(({ links }) => links.get(source)?.quality ?? []);
    const wanted = (['high', 'medium', 'low'] as const).find((quality) => asked.includes(quality)) ?? 'high';
    if (wanted === source.wanted) return;
    source.wanted = wanted;
    speaker.options.tell({ type: 'producerQuality', producerId: id, quality: wanted });
  }

  #endSource(party: FakeParty, source: FakeSource): void {
    party.sources.delete(source.id);
    for (const listener of this.#parties.values()) this.#endLink(listener, source);
  }

  #endLink(listener: FakeParty, source: FakeSource): void {
    const link = listener.links.get(source);
    if (link === undefined) return;
    listener.links.delete(source);
    this.#tellWanted(source);
    if (link.isTold) listener.options.tell({ type: 'consumerClosed', consumerId: link.consumerId });
  }

  #settleAll(party: FakeParty): void {
    for (const pair of this.#pairs) if (pair.parties.includes(party)) this.#settle(pair);
    if (party.isEchoing && party.canReceive) this.#settleEcho(party);
  }

  #settleEcho(party: FakeParty): void {
    for (const source of party.sources.values()) {
      if (source.kind !== 'audio') continue;
      const link = party.links.get(source) ?? this.#newLink(party, party, source);
      this.#let(link, party, link.isReady && !isMuted(source));
    }
  }

  #let(link: FakeLink, listener: FakeParty, shallFlow: boolean): void {
    if (shallFlow && !link.isFlowing) {
      listener.options.tell({ type: 'consumerResumed', consumerId: link.consumerId });
    }
    link.isFlowing = shallFlow;
  }

  #settle(pair: FakePair): void {
    const [one, other] = pair.parties;
    this.#oneWay(pair, one, other);
    this.#oneWay(pair, other, one);
  }

  #oneWay(pair: FakePair, speaker: FakeParty, listener: FakeParty): void {
    if (!listener.canReceive) return;
    for (const source of speaker.sources.values()) {
      const isWanted =
        pair.phase !== 'waiting' && (source.kind === 'audio' || source.origin === 'screen' || pair.hasVideo);
      if (!isWanted) {
        this.#endLink(listener, source);
        continue;
      }
      const link = listener.links.get(source) ?? this.#newLink(speaker, listener, source);
      this.#let(link, listener, pair.phase === 'bridged' && link.isReady && !isMuted(source));
    }
  }

  #newLink(speaker: FakeParty, listener: FakeParty, source: FakeSource): FakeLink {
    const consumerId = this.#offers.id('consumer');
    const link: FakeLink = {
      consumerId,
      source,
      speaker,
      isTold: false,
      isReady: false,
      isFlowing: false,
      quality: 'high',
    };
    listener.links.set(source, link);
    this.#tellWanted(source);
    // The real one waits for its worker here, so nothing is offered in the turn in which it is asked for.
    queueMicrotask(() => {
      if (listener.links.get(source) !== link) return;
      link.isTold = true;
      listener.options.tell({
        type: 'consume',
        consumerId,
        producerId: source.id,
        kind: source.kind,
        source: source.origin,
        rtpParameters: { codecs: [], encodings: [] },
        muted: isMuted(source),
        speaker: speaker.options.party,
      });
    });
    return link;
  }

  #takePlace(pair: FakePair): boolean {
    if (pair.phase !== 'waiting' || !pair.parties.every((party) => this.#hasPlace(party))) return false;
    pair.phase = 'prepared';
    return true;
  }

  #hasPlace(party: FakeParty): boolean {
    const prepared = Array.from(this.#pairs).filter(
      (pair) => pair.phase === 'prepared' && pair.parties.includes(party),
    );
    return prepared.length < this.#preparedPerPartyMax;
  }

  #pair(a: PartyId, b: PartyId): FakePair | undefined {
    const one = this.#parties.get(a);
    const other = this.#parties.get(b);
    if (one === undefined || other === undefined) return undefined;
    const known = this.#findPair(a, b);
    if (known !== undefined) return known;
    if (one === other) throw new Error('a party cannot be paired with itself');
    if (one.room !== other.room) throw new Error('parties of different rooms cannot be paired');
    const pair: FakePair = { parties: [one, other], phase: 'waiting', hasVideo: false };
    this.#pairs.add(pair);
    return pair;
  }

  #findPair(a: PartyId, b: PartyId): FakePair | undefined {
    return Array.from(this.#pairs).find(({ parties: [one, other] }) => {
      const [first, second] = [one.options.party, other.options.party];
      return (first === a && second === b) || (first === b && second === a);
    });
  }

  #get(party: PartyId): FakeParty {
    const found = this.#parties.get(party);
    if (found === undefined) throw new Error('no such party, or no longer');
    return found;
  }
}
