import type {
  PartyId,
  RecordedParty,
  RecordingEnd,
  RecordingEndCause,
  RecordingOptions,
} from '@parley/switchboard';
import { pictureCodec } from './picture-packet.ts';
import type { RecorderOrder, StreamOrder } from './recorder-order.ts';
import type { MediaStream, MediaTap, TappedMedia } from './tapped-media.ts';

export interface RecordingDeps {
  readonly media: TappedMedia;
  /** Where the thread that writes it is told. */
  readonly order: (order: RecorderOrder) => void;
  readonly port: number;
}

interface Track {
  readonly channel: 0 | 1;
  readonly tap: MediaTap;
  readonly streams: Set<string>;
}

/** One recording as the gateway's own thread sees it: who is in it, and what has been asked. */
export class Recording {
  readonly options: RecordingOptions;
  readonly #deps: RecordingDeps;
  readonly #tracks = new Map<PartyId, Track>();
  #isEnding = false;
  #isEnded = false;

  /** Throws a sentence where a party is not there; nothing is held then. */
  constructor(options: RecordingOptions, deps: RecordingDeps) {
    this.options = options;
    this.#deps = deps;
  }

  get taps(): number {
    let taps = 0;
    for (const { streams } of this.#tracks.values()) taps += streams.size;
    return taps;
  }

  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Resolves when all who are in it are being recorded. */
  async ready(): Promise<void> {
    await Promise.all(Array.from(this.#tracks.values(), ({ tap }) => tap.ready));
  }

  /** False where there is no such party. */
  add({ party, channel }: RecordedParty): boolean {
    const known = this.#tracks.get(party);
    if (this.#isEnding || known?.channel === channel) return true;
    if (known !== undefined) this.remove(party);
    const streams = new Set<string>();
    const { recordingSid: sid, media, withAnnouncements, parties } = this.options;
    const tap = this.#deps.media.tap(party, {
      port: this.#deps.port,
      video: media === 'audio_video',
      announcements: withAnnouncements && parties[0]?.party === party,
      onStream: (stream) => {
        const order = streamOrder(stream, { party, channel });
        if (order === undefined) return;
        streams.add(stream.id);
        this.#deps.order({ type: 'stream', sid, stream: order });
      },
      onMuted: (id, isMuted) => this.#deps.order({ type: 'muted', sid, id, isMuted }),
      onSenderReport: (id, report) => this.#deps.order({ type: 'report', sid, id, ...report }),
      onStreamOver: (id) => {
        streams.delete(id);
        this.#deps.order({ type: 'streamOver', sid, id });
      },
      onGone: () => {
        this.#tracks.delete(party);
        if (this.#tracks.size === 0) this.end('party-gone');
      },
    });
    if (tap === undefined) return false;
    this.#tracks.set(party, { channel, tap, streams });
    return true;
  }

  remove(party: PartyId): void {
    const track = this.#tracks.get(party);
    if (track === undefined) return;
    this.#tracks.delete(party);
    this.#leave(track);
  }

  requestKeyFrame(id: string): void {
    for (const { tap, streams } of this.#tracks.values()) if (streams.has(id)) tap.requestKeyFrame(id);
  }

  /** Asks for its end, once. */
  end(why: RecordingEndCause): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#deps.order({ type: 'end', sid: this.options.recordingSid, why });
    this.release();
  }

  /** Lets go of everybody. */
  release(): void {
    this.#isEnding = true;
    const tracks = Array.from(this.#tracks.values());
    this.#tracks.clear();
    for (const { tap } of tracks) tap.close();
  }

  /** It is over. Told to whoever wanted it, once. */
  ended(end: RecordingEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.release();
    this.options.onEnded(end);
  }

  #leave({ tap, streams }: Track): void {
    tap.close();
    // A tap that is closed tells no more.
    for (const id of streams) {
      this.#deps.order({ type: 'streamOver', sid: this.options.recordingSid, id });
    }
  }
}

/** Undefined for what cannot be recorded: a picture in a codec that WebM has no place for. */
function streamOrder(stream: MediaStream, of: RecordedParty): StreamOrder | undefined {
  const isSound = stream.mimeType.toLowerCase() === 'audio/opus';
  const codec = isSound ? 'opus' : pictureCodec(stream.mimeType);
  if (codec === undefined) return undefined;
  const { id, origin, fromPort, ssrc, audioLevelId } = stream;
  return { id, origin, fromPort, ssrc, audioLevelId, party: of.party, channel: of.channel, codec };
}
