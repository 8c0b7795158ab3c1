import type { IceParameters, MediaId, MediaOffer, RtpCapabilities, TransportOffer } from '@parley/protocol';

/** What a browser of the fake plane's must be able to receive. */
export const FAKE_CAPABILITIES: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000 },
  ],
  headerExtensions: [],
};

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
