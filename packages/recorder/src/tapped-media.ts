import type { PartyId } from '@parley/switchboard';

/** A stream of packets of one party, as the SFU copies it. */
export interface MediaStream {
  /** Unique among all streams. */
  readonly id: string;
  readonly mimeType: string;
  /** Where it comes from: `microphone`, `camera`, `screen`, `announcement`. */
  readonly origin: string;
  readonly fromPort: number;
  readonly ssrc: number;
  readonly audioLevelId: number | undefined;
}

export interface MediaTapOptions {
  /** Where the packets go, on 127.0.0.1. */
  readonly port: number;
  readonly video: boolean;
  readonly announcements: boolean;
  readonly onStream: (stream: MediaStream) => void;
  readonly onMuted: (id: string, isMuted: boolean) => void;
  readonly onSenderReport: (
    id: string,
    report: { readonly ntpMs: number; readonly rtpTimestamp: number },
  ) => void;
  readonly onStreamOver: (id: string) => void;
  /** The party is closed. */
  readonly onGone: () => void;
}

export interface MediaTap {
  /** Resolves when what the party sent at the beginning is being copied. Never rejects. */
  readonly ready: Promise<void>;
  requestKeyFrame(id: string): void;
  close(): void;
}

/** What the recorder needs from an SFU. `media-mediasoup` has it. */
export interface TappedMedia {
  /** Copies what a party sends, until either is closed; undefined where there is no such party. */
  tap(party: PartyId, options: MediaTapOptions): MediaTap | undefined;
}
