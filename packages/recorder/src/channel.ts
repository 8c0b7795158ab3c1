import { DecodedVoice } from './decoded-voice.ts';
import { Mixer } from './mixer.ts';
import { missingPacket, SILENCE } from './opus-packet.ts';
import { createSoundEncoder, type SoundEncoder } from './sound-codec.ts';
import { levelOf, NO_SOUND_DB } from './sound-detector.ts';
import type { SoundStream } from './sound-stream.ts';

/** One slot of a channel, as it goes into the file. */
export interface ChannelSlot {
  readonly packet: Uint8Array;
  readonly levelDb: number;
}

const SILENT: ChannelSlot = { packet: SILENCE, levelDb: NO_SOUND_DB };
/** So many lost of so many slots, and what is left is repaired by decoding it instead of left to the player. */
const LOST_MAX = 5;
const LOST_WINDOW_SLOTS = 250;
/** After so many in a row a player's guesses are worth less than silence. */
const MISSING_MAX = 5;

interface Coding {
  readonly mixer: Mixer;
  readonly voices: Map<SoundStream, DecodedVoice>;
  encoder: SoundEncoder | undefined;
}

/**
 * One channel of a recording.
 *
 * ```
 * copying ──a second voice, bad loss, or packets that cannot be copied──▶ coding
 * ```
 *
 * Copying, packets go into the file as their sender made them, which costs next to nothing. Coding, everybody is decoded,
 * added up and encoded again. There is no way back: each change would be heard.
 */
export class Channel {
  readonly #streams = new Map<string, SoundStream>();
  /** Those of whom nothing more comes, and not everything is written. */
  readonly #ending = new Set<SoundStream>();
  #coding: Coding | undefined;
  #lastToc: number | undefined;
  #missing = 0;
  /** The slots in which something was lost lately. */
  #lost: number[] = [];
  #isFreed = false;

  get isCoding(): boolean {
    return this.#coding !== undefined;
  }

  add(stream: SoundStream): void {
    this.#streams.set(stream.id, stream);
    if (this.#streams.size - this.#ending.size > 1) this.#code();
    this.#coding?.voices.set(stream, new DecodedVoice(stream));
  }

  /** Nothing more comes of this stream. What has come is in the recording still. */
  remove(id: string): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#ending.add(stream);
  }

  /** What was said in this slot. Asked in order. */
  take(slot: number): ChannelSlot {
    if (this.#coding === undefined) {
      const isHard =
        this.#lost.length > LOST_MAX || Array.from(this.#streams.values()).some((one) => !one.isCopyable);
      if (isHard) this.#code();
    }
    for (const stream of this.#ending) if (!stream.goesOn(slot - 1)) this.#forget(stream);
    const encoder = this.#coding?.encoder;
    return this.#coding === undefined || encoder === undefined
      ? this.#copy(slot)
      : this.#mix(slot, this.#coding, encoder);
  }

  /** Forgets what was said in this slot. */
  discard(slot: number): void {
    for (const stream of this.#streams.values()) stream.take(slot);
  }

  free(): void {
    this.#isFreed = true;
    for (const voice of this.#coding?.voices.values() ?? []) voice.free();
    this.#coding?.encoder?.free();
    this.#streams.clear();
    this.#coding?.voices.clear();
  }

  #forget(stream: SoundStream): void {
    this.#ending.delete(stream);
    this.#streams.delete(stream.id);
    this.#coding?.voices.get(stream)?.free();
    this.#coding?.voices.delete(stream);
  }

  #copy(slot: number): ChannelSlot {
    let first: ChannelSlot | undefined;
    for (const stream of this.#streams.values()) {
      const said = stream.take(slot);
      const packet = said?.packets[0];
      if (said !== undefined && packet !== undefined) {
        first ??= { packet, levelDb: said.levelDb ?? NO_SOUND_DB };
      } else if (stream.goesOn(slot) && first === undefined) {
        first = this.#lose(slot);
      }
    }
    if (first === undefined) return SILENT;
    if (first.packet.length > 1) {
      this.#missing = 0;
      this.#lastToc = first.packet[0];
    }
    return first;
  }

  #lose(slot: number): ChannelSlot {
    this.#missing += 1;
    this.#lost = [...this.#lost.filter((lost) => lost > slot - LOST_WINDOW_SLOTS), slot];
    if (this.#lastToc === undefined || this.#missing > MISSING_MAX) return SILENT;
    return { packet: missingPacket(this.#lastToc), levelDb: NO_SOUND_DB };
  }

  #mix(slot: number, { voices, mixer }: Coding, encoder: SoundEncoder): ChannelSlot {
    const spoken: Float32Array[] = [];
    for (const voice of voices.values()) {
      const samples = voice.take(slot);
      if (samples !== undefined) spoken.push(samples);
    }
    const mixed = mixer.mix(spoken);
    return { packet: encoder.encode(mixed), levelDb: levelOf(mixed) };
  }

  #code(): void {
    if (this.#coding !== undefined) return;
    const coding: Coding = { mixer: new Mixer(), voices: new Map(), encoder: undefined };
    this.#coding = coding;
    for (const stream of this.#streams.values()) coding.voices.set(stream, new DecodedVoice(stream));
    void createSoundEncoder().then((encoder) => {
      // It copies until then, which is a few milliseconds.
      if (this.#isFreed) encoder.free();
      else coding.encoder = encoder;
    });
  }
}
