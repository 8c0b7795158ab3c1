import type { IceParameters, MediaId, MediaOffer, TransportOffer } from '@parley/protocol';

/** Transports that lead nowhere, as the fake plane offers them. */
export class FakeOffers {
  #made = 0;

  offer(): MediaOffer {
    return { send: this.#transport(), recv: this.#transport() };
  }

  ice(): IceParameters {
    return { usernameFragment: this.id('ice'), password: 'no-secret', iceLite: true };
  }

  // Numbered rather than random, so that a run can be repeated.
  id(what: string): MediaId {
    this.#made += 1;
    return `fake-${what}-${this.#made}` as MediaId;
  }

  #transport(): TransportOffer {
    return {
      id: this.id('transport'),
      iceParameters: this.ice(),
      iceCandidates: [],
      dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('00').join(':') }] },
    };
  }
}
