import type { JournalNote, JournalPicture } from './journal.ts';
import { OPUS_CLOCK_RATE } from './opus-packet.ts';

/** RFC 7741 §4.1, RFC 9628 §4. */
const PICTURE_CLOCK_RATE = 90_000;
/** What a sender says about its clock is believed only where it is near what we see ourselves. */
const PLAUSIBLE_MS = 2000;

interface Report {
  readonly ticks: number;
  readonly ntpMs: number;
}

interface Anchor {
  readonly ticks: number;
  readonly atMs: number;
}

interface Stream {
  readonly party: string;
  readonly kind: 'audio' | 'video';
  readonly reports: Report[];
  readonly anchors: Anchor[];
  /** The least difference between when a picture came and what its timestamp says. */
  leastOffsetMs: number;
}

/**
 * When pictures were taken, on the clock of the recording.
 *
 * A picture takes longer to encode and to send than a sound does, so the moments of their arrival do not belong together.
 * The sender knows: its reports say of both at which time of one clock they were taken. Where it has said nothing, a
 * picture is placed by the fastest of its kind.
 */
export class LipSync {
  readonly #streams = new Map<number, Stream>();

  note(note: JournalNote): void {
    switch (note.type) {
      case 'stream': {
        const { party, kind } = note;
        const leastOffsetMs = Number.POSITIVE_INFINITY;
        this.#streams.set(note.id, { party, kind, reports: [], anchors: [], leastOffsetMs });
        return;
      }
      case 'anchor':
        this.#streams.get(note.id)?.anchors.push(note);
        return;
      case 'report':
        this.#streams.get(note.id)?.reports.push(note);
        return;
      case 'head':
      case 'stretch':
      case 'lead':
    }
  }

  /** Before the first is placed, all must have been seen. */
  see({ id, ticks, arrivedAtMs }: Pick<JournalPicture, 'id' | 'ticks' | 'arrivedAtMs'>): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.leastOffsetMs = Math.min(stream.leastOffsetMs, arrivedAtMs - pictureMs(ticks));
  }

  /** In ms since the beginning of the recording. */
  timeOf({ id, ticks, arrivedAtMs }: Pick<JournalPicture, 'id' | 'ticks' | 'arrivedAtMs'>): number {
    const stream = this.#streams.get(id);
    if (stream === undefined) return arrivedAtMs;
    const byArrivalMs = pictureMs(ticks) + stream.leastOffsetMs;
    const bySenderMs = this.#timeBySender(stream, ticks, byArrivalMs);
    if (bySenderMs === undefined || Math.abs(bySenderMs - byArrivalMs) > PLAUSIBLE_MS) return byArrivalMs;
    return bySenderMs;
  }

  #timeBySender(stream: Stream, ticks: number, aboutMs: number): number | undefined {
    const report = latest(stream.reports, ticks);
    if (report === undefined) return undefined;
    const ntpMs = report.ntpMs + pictureMs(ticks - report.ticks);
    // Of this party's sounds, the one that was heard about then.
    let best: { readonly atMs: number; readonly distanceMs: number } | undefined;
    for (const sound of this.#streams.values()) {
      if (sound.kind !== 'audio' || sound.party !== stream.party) continue;
      const atMs = soundTime(sound, ntpMs);
      if (atMs === undefined) continue;
      const distanceMs = Math.abs(atMs - aboutMs);
      if (best === undefined || distanceMs < best.distanceMs) best = { atMs, distanceMs };
    }
    return best?.atMs;
  }
}

function soundTime({ reports, anchors }: Stream, ntpMs: number): number | undefined {
  const report = reports.findLast((one) => one.ntpMs <= ntpMs) ?? reports[0];
  if (report === undefined) return undefined;
  const ticks = report.ticks + ((ntpMs - report.ntpMs) * OPUS_CLOCK_RATE) / 1000;
  const anchor = latest(anchors, ticks);
  return anchor === undefined ? undefined : anchor.atMs + ((ticks - anchor.ticks) * 1000) / OPUS_CLOCK_RATE;
}

/** The last that was before, or else the first of all. */
function latest<T extends { readonly ticks: number }>(of: readonly T[], ticks: number): T | undefined {
  return of.findLast((one) => one.ticks <= ticks) ?? of[0];
}

function pictureMs(ticks: number): number {
  return (ticks * 1000) / PICTURE_CLOCK_RATE;
}
