import type { PauseBehavior, RecordingEnd, RecordingEndCause } from '@parley/switchboard';
import type { PictureCodec } from './picture-packet.ts';

/** A stream of packets that belongs to a recording. */
export interface StreamOrder {
  /** Unique among all recordings. */
  readonly id: string;
  readonly party: string;
  readonly channel: 0 | 1;
  readonly codec: 'opus' | PictureCodec;
  readonly origin: string;
  readonly fromPort: number;
  readonly ssrc: number;
  readonly audioLevelId: number | undefined;
}

export interface BeginOrder {
  readonly sid: string;
  readonly path: string;
  readonly channels: 1 | 2;
  readonly media: 'audio' | 'audio_video';
  readonly trim: boolean;
  readonly maxLengthMs: number;
  readonly silenceTimeoutMs: number | undefined;
  readonly bytesMax: number;
}

/** What a thread that records is told. */
export type RecorderOrder =
  | ({ readonly type: 'begin' } & BeginOrder)
  | { readonly type: 'stream'; readonly sid: string; readonly stream: StreamOrder }
  | { readonly type: 'streamOver'; readonly sid: string; readonly id: string }
  | { readonly type: 'muted'; readonly sid: string; readonly id: string; readonly isMuted: boolean }
  | {
      readonly type: 'report';
      readonly sid: string;
      readonly id: string;
      readonly ntpMs: number;
      readonly rtpTimestamp: number;
    }
  | { readonly type: 'pause'; readonly sid: string; readonly how: PauseBehavior }
  | { readonly type: 'resume'; readonly sid: string }
  | { readonly type: 'end'; readonly sid: string; readonly why: RecordingEndCause }
  /** Makes whole what is left under this name. */
  | { readonly type: 'recover'; readonly sid: string; readonly part: string };

/** What it tells. */
export type RecorderNews =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'begun'; readonly sid: string }
  | { readonly type: 'refused'; readonly sid: string; readonly isDiskFull: boolean; readonly message: string }
  | { readonly type: 'ended'; readonly sid: string; readonly end: RecordingEnd }
  /** Its last is told; `why` is why it failed. */
  | { readonly type: 'trouble'; readonly sid: string; readonly message: string }
  | { readonly type: 'keyFrame'; readonly sid: string; readonly id: string }
  /** How large each recording is, and how many packets came and never came since this was last told; once a second. */
  | {
      readonly type: 'sizes';
      readonly bytes: Readonly<Record<string, number>>;
      readonly packets: number;
      readonly packetsLost: number;
    }
  | { readonly type: 'recovered'; readonly sid: string; readonly end: Omit<RecordingEnd, 'why'> };
