import type { MediaId, MediaKind, MediaOffer, MediaSource, PictureQuality } from '@parley/protocol';
import type { PartyOptions } from '@parley/switchboard';

// What the fake plane keeps of each party.

export interface FakeSource {
  readonly id: MediaId;
  readonly kind: MediaKind;
  readonly origin: MediaSource;
  readonly speaker: FakeParty;
  /** What its maker says; see {@link isMuted}. */
  muted: boolean;
  wanted: PictureQuality;
}

export interface FakeLink {
  readonly consumerId: MediaId;
  readonly source: FakeSource;
  readonly speaker: FakeParty;
  /** The browser has heard of it. */
  isTold: boolean;
  isReady: boolean;
  isFlowing: boolean;
  quality: PictureQuality;
}

export interface FakeParty {
  readonly options: PartyOptions;
  offer: MediaOffer;
  room: string;
  isSilenced: boolean;
  /** It hears itself. */
  isEchoing: boolean;
  canReceive: boolean;
  readonly connected: Set<MediaId>;
  readonly sources: Map<MediaId, FakeSource>;
  readonly links: Map<FakeSource, FakeLink>;
}

export interface FakePair {
  readonly parties: readonly [FakeParty, FakeParty];
  phase: 'waiting' | 'prepared' | 'bridged';
  hasVideo: boolean;
}

export function isMuted({ muted, kind, speaker }: FakeSource): boolean {
  return muted || (kind === 'audio' && speaker.isSilenced);
}
