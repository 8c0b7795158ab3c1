import type { PauseBehavior, RecordingEndCause } from '@parley/switchboard';
import { Channel } from './channel.ts';
import { dualPacket, SILENCE, SLOT_MS } from './opus-packet.ts';
import { isDiskFull } from './part-file.ts';
import { PictureTrack } from './picture-track.ts';
import type { RecordingFile } from './recording-file.ts';
import type { StreamOrder } from './recorder-order.ts';
import type { RtpPacket } from './rtp.ts';
import { SoundDetector } from './sound-detector.ts';
import { SoundStream } from './sound-stream.ts';
import { WAIT_SLOTS } from './stream-timeline.ts';
import { TakeClock } from './take-clock.ts';

/** What is kept around a sound when the silence before and after it is trimmed. */
const BEFORE_SOUND_SLOTS = 15;
const AFTER_SOUND_SLOTS = 15;

export interface TakeOptions {
  readonly channels: 1 | 2;
  readonly trim: boolean;
  readonly maxLengthMs: number;
  readonly silenceTimeoutMs: number | undefined;
  /** Written into, and ended by whoever is told of the end. */
  readonly file: RecordingFile;
  readonly requestKeyFrame: (streamId: string) => void;
  /** It is over by itself. Told once, and not when it was ended by `end`. */
  readonly onOver: (why: RecordingEndCause) => void;
  /** What went wrong, in its own words. */
  readonly onTrouble: (error: unknown) => void;
}

/** How a take ended: so many slots of what was written are the recording. */
export interface TakeEnd {
  readonly slots: number;
  readonly isSilent: boolean;
}

/**
 * One recording while it goes on: packets in, slots out, one after the other, a little later than they were said so that
 * those that are late are still in time. All times are in ms since it began.
 */
export class Take {
  readonly #options: TakeOptions;
  readonly #clock: TakeClock;
  readonly #channels: readonly Channel[];
  readonly #detectors: readonly SoundDetector[];
  readonly #sounds = new Map<string, { readonly stream: SoundStream; readonly channel: Channel }>();
  readonly #pictures: PictureTrack;
  /** The next slot to be written. */
  #head = 0;
  /** How many slots are recorded, in the file, and left after trimming. */
  #recorded = 0;
  #written = 0;
  #keep = 0;
  #silentSlots = 0;
  #isSilent = true;
  /** Trimming: what may turn out to be just before the first sound. */
  #before: Uint8Array[] = [];
  #trimmed = 0;
  #isPaused = false;
  #isOver = false;

  constructor(options: TakeOptions) {
    this.#options = options;
    this.#clock = new TakeClock(options);
    this.#channels = Array.from({ length: options.channels }, () => new Channel());
    this.#detectors = this.#channels.map(() => new SoundDetector());
    const { file, requestKeyFrame } = options;
    this.#pictures = new PictureTrack({ file, requestKeyFrame });
  }

  add({ id, party, channel, codec, origin }: StreamOrder): void {
    if (codec !== 'opus') {
      this.#pictures.add({ id, party, codec, rank: channel * 2 + (origin === 'screen' ? 0 : 1) });
      return;
    }
    const into = this.#channels[this.#options.channels === 1 ? 0 : channel];
    if (into === undefined) return;
    const stream = new SoundStream(id);
    this.#sounds.set(id, { stream, channel: into });
    into.add(stream);
    this.#options.file.stream(id, party, 'audio');
  }

  remove(id: string): void {
    this.#sounds.get(id)?.channel.remove(id);
    this.#sounds.delete(id);
    this.#pictures.remove(id);
  }

  muted(id: string, isMuted: boolean): void {
    if (!isMuted) this.#sounds.get(id)?.stream.timeline.restart();
    this.#pictures.muted(id, isMuted);
  }

  report(id: string, report: { readonly rtpTimestamp: number; readonly ntpMs: number }): void {
    const sound = this.#sounds.get(id);
    const ticks =
      sound?.stream.timeline.near(report.rtpTimestamp) ?? this.#pictures.near(id, report.rtpTimestamp);
    if (ticks !== undefined) this.#options.file.report(id, { ticks, ntpMs: report.ntpMs });
  }

  packet(id: string, packet: RtpPacket, atMs: number): void {
    if (this.#isOver) return;
    const sound = this.#sounds.get(id);
    if (sound === undefined) {
      if (!this.#isPaused) this.#pictures.packet(id, packet, atMs);
      return;
    }
    const { timeline } = sound.stream;
    const before = timeline.anchor;
    sound.stream.push(packet, atMs);
    const { anchor } = timeline;
    if (anchor !== undefined && anchor !== before) {
      this.#options.file.anchor(id, { ticks: anchor.ticks, atMs: anchor.slot * SLOT_MS });
    }
  }

  pause(how: PauseBehavior, atMs: number): void {
    this.#isPaused = true;
    this.#stretch(how, atMs);
  }

  resume(atMs: number): void {
    this.#isPaused = false;
    this.#silentSlots = 0;
    this.#stretch('record', atMs);
    this.#pictures.restart();
  }

  /** Writes what is due. Call it often. */
  tick(nowMs: number): void {
    if (this.#isOver) return;
    const now = Math.floor(nowMs / SLOT_MS);
    try {
      this.#writeUntil(now - WAIT_SLOTS);
      if (this.#isOver) return;
      if (this.#clock.isFull(now)) {
        this.#writeUntil(now);
        this.#over('max-length');
      } else this.#options.file.flush();
    } catch (error) {
      this.#options.onTrouble(error);
      this.#over(isDiskFull(error) ? 'disk-full' : 'failed');
    }
    if (!this.#isPaused) this.#pictures.tick(nowMs);
  }

  /** Writes what was said until now, and takes no more. */
  end(nowMs: number): TakeEnd {
    const now = Math.floor(nowMs / SLOT_MS);
    const wasOver = this.#isOver;
    this.#isOver = true;
    try {
      if (!wasOver) this.#writeUntil(now);
      this.#options.file.flush();
    } catch (error) {
      // There is no room for the last moment; what is before it is whole.
      this.#options.onTrouble(error);
    }
    for (const channel of this.#channels) channel.free();
    return { slots: this.#options.trim ? this.#keep : this.#written, isSilent: this.#isSilent };
  }

  #writeUntil(due: number): void {
    while (this.#head < due && this.#recorded < this.#clock.slotsMax) {
      this.#write(this.#head);
      this.#head += 1;
      const timeoutMs = this.#options.silenceTimeoutMs;
      if (timeoutMs !== undefined && this.#silentSlots * SLOT_MS >= timeoutMs) return this.#over('silence');
    }
  }

  #write(slot: number): void {
    const how = this.#clock.next(slot);
    if (how !== 'record') {
      for (const channel of this.#channels) channel.discard(slot);
      if (how === 'silence') this.#append(this.#join([]), false);
      return;
    }
    const slots = this.#channels.map((channel) => channel.take(slot));
    const heard = slots.map(({ levelDb }, index) => this.#detectors[index]?.hear(levelDb) ?? false);
    const isHeard = heard.includes(true);
    this.#silentSlots = isHeard ? 0 : this.#silentSlots + 1;
    this.#append(this.#join(slots.map(({ packet }) => packet)), isHeard);
  }

  #join([left = SILENCE, right = SILENCE]: readonly Uint8Array[]): Uint8Array {
    return this.#options.channels === 1 ? left : dualPacket(left, right);
  }

  #append(packet: Uint8Array, isHeard: boolean): void {
    const { file, trim } = this.#options;
    this.#recorded += 1;
    if (isHeard) this.#isSilent = false;
    if (trim && this.#isSilent) {
      this.#before.push(packet);
      if (this.#before.length <= BEFORE_SOUND_SLOTS) return;
      this.#before.shift();
      this.#trimmed += 1;
      return;
    }
    if (this.#before.length > 0) {
      file.lead(this.#trimmed);
      for (const each of this.#before.splice(0)) this.#put(each);
    }
    this.#put(packet);
    if (!trim || !isHeard) return;
    this.#keep = this.#written + AFTER_SOUND_SLOTS;
    file.keepUpTo(this.#keep);
  }

  #put(packet: Uint8Array): void {
    this.#options.file.sound(packet);
    this.#written += 1;
  }

  #stretch(how: 'record' | PauseBehavior, atMs: number): void {
    const slot = Math.max(this.#head, Math.floor(atMs / SLOT_MS));
    if (how === 'record') this.#clock.resume(slot);
    else this.#clock.pause(slot, how);
    this.#options.file.stretch(slot, how);
  }

  #over(why: RecordingEndCause): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onOver(why);
  }
}
