import { readOpusPacket, SLOT_TICKS, slotPackets, type OpusPacket } from './opus-packet.ts';
import type { RtpPacket } from './rtp.ts';
import { StreamTimeline } from './stream-timeline.ts';

/** What somebody said in one slot. */
export interface SaidSlot {
  /** In the order of their timestamps: one, unless packets are shorter than a slot. */
  readonly packets: readonly Uint8Array[];
  /** The loudest of them, where the sender says so. */
  readonly levelDb: number | undefined;
}

interface Held {
  readonly slot: number;
  readonly timestamp: number;
  readonly packet: Uint8Array;
  readonly levelDb: number | undefined;
}

/** Slots that may be held at once; what is beyond is from a sender that plays tricks with its clock. */
const HELD_SLOTS_MAX = 100;

/**
 * What one sender says, sorted into slots of the recording. It takes packets as they come and gives slots as they
 * are due.
 */
export class SoundStream {
  readonly id: string;
  readonly timeline = new StreamTimeline();
  readonly #slots = new Map<number, Held[]>();
  /** The next slot that will be asked for. */
  #head = 0;
  #latest = -1;
  #isCopyable = true;
  #levelsMissing = 0;
  /** Packets that came too late or twice, or made no sense. */
  dropped = 0;

  constructor(id: string) {
    this.id = id;
  }

  /**
   * Whether its packets can go into a file as they are: each fills a slot, and says how loud it is. Once false, it
   * stays so.
   */
  get isCopyable(): boolean {
    return this.#isCopyable && this.#levelsMissing < 3;
  }

  push(packet: RtpPacket, arrivedAtMs: number): void {
    const opus = readOpusPacket(packet.payload);
    if (opus === undefined) {
      this.dropped += 1;
      return;
    }
    const slot = this.timeline.place(packet.timestamp, arrivedAtMs);
    if (slot === undefined) {
      this.dropped += 1;
      return;
    }
    if (packet.levelDb === undefined) this.#levelsMissing += 1;
    for (const [index, bytes] of this.#cut(opus, packet.payload).entries()) {
      this.#hold({
        slot: slot + index,
        timestamp: packet.timestamp,
        // The socket's buffer is its own again after this turn.
        packet: Uint8Array.from(bytes),
        levelDb: packet.levelDb,
      });
    }
  }

  /** What was said in this slot; undefined where nothing came. Asked in order. */
  take(slot: number): SaidSlot | undefined {
    this.#head = slot + 1;
    const held = this.#slots.get(slot);
    if (held === undefined) return undefined;
    this.#slots.delete(slot);
    const levels = held.flatMap(({ levelDb }) => (levelDb === undefined ? [] : [levelDb]));
    return {
      packets: held.map(({ packet }) => packet),
      levelDb: levels.length === 0 ? undefined : Math.max(...levels),
    };
  }

  /** The packet after a slot that was lost, which may repeat what was in it. */
  peek(slot: number): Uint8Array | undefined {
    return this.#slots.get(slot)?.[0]?.packet;
  }

  /** Whether something comes after this slot: if not, its sender was silent rather than its packets lost. */
  goesOn(slot: number): boolean {
    return this.#latest > slot;
  }

  #cut(opus: OpusPacket, whole: Uint8Array): readonly Uint8Array[] {
    const packets = slotPackets(opus);
    if (packets !== undefined) return packets;
    if (opus.frameTicks * opus.frames.length !== SLOT_TICKS) this.#isCopyable = false;
    return [whole];
  }

  #hold(held: Held): void {
    if (held.slot < this.#head || held.slot > this.#head + HELD_SLOTS_MAX) {
      this.dropped += 1;
      return;
    }
    const others = this.#slots.get(held.slot);
    this.#latest = Math.max(this.#latest, held.slot);
    if (others === undefined) {
      this.#slots.set(held.slot, [held]);
      return;
    }
    // The same twice, or a clock that was set back.
    if (
      this.isCopyable ||
      others.some(({ timestamp }) => timestamp === held.timestamp) ||
      others.length >= 8
    ) {
      this.dropped += 1;
      return;
    }
    others.push(held);
    others.sort((a, b) => (a.timestamp - b.timestamp) | 0);
  }
}
