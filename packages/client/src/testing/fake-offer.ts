import type { MediaId, MediaOffer, TransportOffer } from '@parley/protocol';

/** Transports that lead nowhere, described as real ones are. */
export function fakeOffer(name: string): MediaOffer {
  return { send: transport(`${name}-up`), recv: transport(`${name}-down`) };
}

export const FAKE_ICE = { usernameFragment: 'fake', password: 'fake' } as const;

function transport(id: string): TransportOffer {
  return {
    id: id.slice(-64) as MediaId,
    iceParameters: FAKE_ICE,
    iceCandidates: [{ protocol: 'udp' }, { protocol: 'tcp' }],
    dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'FA:KE' }] },
  };
}
