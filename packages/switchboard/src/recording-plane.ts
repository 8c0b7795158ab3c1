import type { PartyId } from './media-plane.ts';

/** Where in a recording somebody is heard. In a mono recording every channel is the one. */
export interface RecordedParty {
  readonly party: PartyId;
  /** 0 is left, 1 is right; where a picture is recorded, channel 0's comes first. */
  readonly channel: 0 | 1;
}

export interface RecordingOptions {
  /** The file is named by it. */
  readonly recordingSid: string;
  /** At least one. Each must be open in the media plane; it need not send anything yet. */
  readonly parties: readonly RecordedParty[];
  /** 1: everybody mixed into one channel. 2: dual-channel. */
  readonly channels: 1 | 2;
  /** `audio` is Ogg Opus; `audio_video` is WebM with the picture where there is one. */
  readonly media: 'audio' | 'audio_video';
  /** Leaves out the silence before the first sound and after the last. */
  readonly trim: boolean;
  /** Ends by itself when so much has been recorded. What was skipped by a pause does not count. */
  readonly maxLengthMs: number;
  /** Ends after so much silence in a row, also at the beginning, and never while it is paused. Absent: never. */
  readonly silenceTimeoutMs?: number;
  /** Records also what the gateway itself plays to the first party, in that party's channel. */
  readonly withAnnouncements: boolean;
  /** It is over, and its file is whole. Told exactly once, never in the same turn as a request. */
  readonly onEnded: (end: RecordingEnd) => void;
}

/** Why a recording is over. `party-gone`: the last of its parties was closed in the media plane. */
export type RecordingEndCause = 'stopped' | 'silence' | 'max-length' | 'disk-full' | 'failed' | 'party-gone';

export interface RecordingEnd {
  readonly why: RecordingEndCause;
  /** How long it plays, which is less than it took where it was trimmed or paused with `skip`. */
  readonly durationMs: number;
  readonly bytes: number;
  /** The path of the file; null where nothing was recorded, or nothing is left after trimming, or it failed. */
  readonly file: string | null;
  /** Nobody was heard from its beginning to its end. */
  readonly isSilent: boolean;
}

/** What is recorded while a recording is paused: as much silence, or nothing. */
export type PauseBehavior = 'silence' | 'skip';

/**
 * What the switchboard needs from whoever writes recordings: who is on which channel, and when it is over.
 * `packages/recorder` implements it; `testkit` has a fake. One contract suite (`testkit`) runs against both.
 *
 * Two laws. **A recording never harms the call**: what goes wrong ends the recording, and says why. **Asking twice is
 * fine**, also for a recording that is over: control never waits to learn whether the plane has kept up.
 */
export interface RecordingPlane {
  /**
   * Begins, and resolves when it is recording; a party's first sound after that is in the file. Rejects with a
   * {@link RecordingRefusal} and holds nothing then; `onEnded` is not told. Asked twice, the first counts.
   */
  start(options: RecordingOptions): Promise<void>;
  pause(recordingSid: string, how: PauseBehavior): void;
  resume(recordingSid: string): void;
  /** Ends it, `stopped`; `onEnded` follows when the file is whole. */
  stop(recordingSid: string): void;
  /** Somebody comes into what is recorded (conference, transfer). Of a party that is in it, only the channel may change. */
  add(recordingSid: string, track: RecordedParty): void;
  /** Somebody leaves it. Without anybody in it, it goes on and is silent. */
  remove(recordingSid: string, party: PartyId): void;
  readonly recordingCounts: RecordingCounts;
}

/** What recordings hold now. The first thing to read when looking for a leak. */
export interface RecordingCounts {
  /** Begun and not told to be over. */
  readonly inProgress: number;
  /** Streams of packets that are copied to them. */
  readonly taps: number;
  /** On the disk, of recordings that are in progress and of those that are kept. */
  readonly bytes: number;
  /** Packets that were recorded since the plane began, and those that never came, by their senders' numbers. */
  readonly packets: number;
  readonly packetsLost: number;
}

/** Why a recording cannot begin. */
export type RecordingRefusalCode = 'no-such-party' | 'too-many' | 'disk-full' | 'failed';

/** A recording that cannot begin; its message is a sentence for the developer who wanted it. */
export class RecordingRefusal extends Error {
  readonly code: RecordingRefusalCode;

  constructor(code: RecordingRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RecordingRefusal';
    this.code = code;
  }
}
