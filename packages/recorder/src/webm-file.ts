import { stat } from 'node:fs/promises';
import { setImmediate as otherWork } from 'node:timers/promises';
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  FilePathTarget,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import { readJournal, type JournalNote, type JournalPicture } from './journal.ts';
import { LipSync } from './lip-sync.ts';
import type { FinishedFile } from './ogg-file.ts';
import { OPUS_CLOCK_RATE, opusHead, SLOT_MS } from './opus-packet.ts';
import { discard, MUXED, publish } from './part-file.ts';
import type { PictureCodec, PictureSize } from './picture-packet.ts';
import { TakeClock } from './take-clock.ts';

/** After so many packets others have their turn: the thread that does this records, too. */
const PACKETS_A_TURN = 50;
/** Small enough that a long recording is not in memory. */
const CHUNK_BYTES = 1024 * 1024;
/** Pictures shorter apart than this are not told apart by WebM, which counts in milliseconds. */
const PICTURE_MS_MIN = 1;
const VP9_PROFILE_0 = 'vp09.00.10.08';

/** What must be known of a whole recording before its first packet is written. */
interface Contents {
  readonly channels: 1 | 2;
  readonly slots: number;
  readonly lead: number;
  readonly lipSync: LipSync;
  readonly stretches: readonly Extract<JournalNote, { type: 'stretch' }>[];
  readonly picture: { readonly codec: PictureCodec; readonly size: PictureSize } | undefined;
}

/**
 * Makes a journal into a WebM file and gives that its name; the journal is gone then. The end of every recording with a
 * picture, and what is left to do after a crash. Where nothing is in it, there is no file.
 */
export async function muxJournal(
  journal: string,
  path: string,
  options: { readonly slotsMax: number },
): Promise<FinishedFile> {
  const contents = await readContents(journal);
  const slots = Math.min(contents.slots, options.slotsMax);
  const muxed = path + MUXED;
  await discard(muxed);
  if (slots === 0) {
    await discard(journal);
    return { file: null, durationMs: 0, bytes: 0 };
  }
  try {
    await mux(journal, muxed, { ...contents, slots });
    await publish(muxed, path);
  } catch (error) {
    await discard(muxed);
    throw error;
  }
  await discard(journal);
  const { size } = await stat(path);
  return { file: path, durationMs: slots * SLOT_MS, bytes: size };
}

async function readContents(journal: string): Promise<Contents> {
  const lipSync = new LipSync();
  const stretches: Extract<JournalNote, { type: 'stretch' }>[] = [];
  let channels: 1 | 2 = 1;
  let [slots, lead] = [0, 0];
  let picture: Contents['picture'];
  for await (const entry of readJournal(journal)) {
    if (entry.type === 'sound') slots += 1;
    else if (entry.type === 'picture') {
      lipSync.see(entry);
      if (entry.keyFrame !== undefined) picture ??= { codec: entry.codec, size: entry.keyFrame };
    } else {
      lipSync.note(entry.note);
      if (entry.note.type === 'head') channels = entry.note.channels;
      if (entry.note.type === 'lead') lead = entry.note.slots;
      if (entry.note.type === 'stretch') stretches.push(entry.note);
    }
  }
  return { channels, slots, lead, lipSync, stretches, picture };
}

async function mux(journal: string, path: string, contents: Contents): Promise<void> {
  const { channels, slots } = contents;
  const target = new FilePathTarget(path, { chunked: true, chunkSize: CHUNK_BYTES });
  const output = new Output({ format: new WebMOutputFormat(), target });
  const sound = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(sound);
  const pictures = contents.picture === undefined ? undefined : new Pictures(contents, contents.picture);
  if (pictures !== undefined) output.addVideoTrack(pictures.source);
  await output.start();
  let soundSlots = 0;
  let packets = 0;
  for await (const entry of readJournal(journal)) {
    if (entry.type === 'note') continue;
    if (entry.type === 'picture') await pictures?.add(entry);
    else if (soundSlots < slots) {
      const packet = new EncodedPacket(
        // A copy: the journal is read into memory that is used again.
        Uint8Array.from(entry.packet),
        'key',
        (soundSlots * SLOT_MS) / 1000,
        SLOT_MS / 1000,
      );
      await sound.add(packet, soundSlots === 0 ? soundConfig(channels) : undefined);
      soundSlots += 1;
    }
    packets += 1;
    if (packets % PACKETS_A_TURN === 0) await otherWork();
  }
  await output.finalize();
}

function soundConfig(channels: 1 | 2): EncodedAudioChunkMetadata {
  const description = opusHead({ channels, preSkipTicks: 0 });
  return {
    decoderConfig: { codec: 'opus', numberOfChannels: channels, sampleRate: OPUS_CLOCK_RATE, description },
  };
}

/** The picture track: what of the pictures is in the recording, and where. */
class Pictures {
  readonly source: EncodedVideoPacketSource;
  readonly #contents: Contents;
  readonly #codec: PictureCodec;
  readonly #size: PictureSize;
  readonly #clock = new TakeClock({ maxLengthMs: Number.MAX_SAFE_INTEGER });
  readonly #endMs: number;
  #lastMs = Number.NEGATIVE_INFINITY;
  #before: JournalPicture[] = [];
  #lastId: number | undefined;
  #needsKeyFrame = true;
  #isFirst = true;

  constructor(contents: Contents, picture: NonNullable<Contents['picture']>) {
    this.#contents = contents;
    this.#codec = picture.codec;
    this.#size = picture.size;
    this.source = new EncodedVideoPacketSource(picture.codec);
    for (const { slot, how } of contents.stretches) {
      if (how === 'record') this.#clock.resume(slot);
      else this.#clock.pause(slot, how);
    }
    this.#endMs = contents.slots * SLOT_MS;
  }

  async add(picture: JournalPicture): Promise<void> {
    // A track has one codec.
    if (picture.codec !== this.#codec) return;
    if (picture.id !== this.#lastId) this.#needsKeyFrame = true;
    this.#lastId = picture.id;
    const atMs = this.#place(picture);
    if (picture.keyFrame !== undefined && atMs !== undefined) this.#needsKeyFrame = false;
    if (atMs === undefined) {
      this.#needsKeyFrame = true;
      return;
    }
    if (this.#needsKeyFrame) return;
    if (atMs < 0) {
      this.#precede(picture);
      return;
    }
    // What is needed for the first picture goes by in a blink.
    for (const each of this.#before.splice(0)) await this.#write(each, 0);
    await this.#write(picture, atMs);
  }

  /** Of what was trimmed at the beginning, the pictures that the first depends on are kept. */
  #precede(picture: JournalPicture): void {
    if (picture.keyFrame !== undefined) this.#before = [];
    this.#before.push({ ...picture, data: Uint8Array.from(picture.data) });
  }

  async #write(picture: JournalPicture, wantedMs: number): Promise<void> {
    const atMs = Math.max(Math.round(wantedMs), this.#lastMs + PICTURE_MS_MIN);
    this.#lastMs = atMs;
    const { width: codedWidth, height: codedHeight } = this.#size;
    const codec = this.#codec === 'vp9' ? VP9_PROFILE_0 : this.#codec;
    const packet = new EncodedPacket(
      // A copy: the journal is read into memory that is used again.
      Uint8Array.from(picture.data),
      picture.keyFrame === undefined ? 'delta' : 'key',
      atMs / 1000,
      0,
    );
    await this.source.add(
      packet,
      this.#isFirst ? { decoderConfig: { codec, codedWidth, codedHeight } } : undefined,
    );
    this.#isFirst = false;
  }

  /** Where a picture is in the file, or would be before its beginning; undefined where it is in none of it. */
  #place(picture: JournalPicture): number | undefined {
    const { lipSync, lead } = this.#contents;
    const takenAtMs = Math.max(0, lipSync.timeOf(picture));
    const slot = Math.floor(takenAtMs / SLOT_MS);
    const atMs = (this.#clock.recordedBefore(slot) - lead) * SLOT_MS + (takenAtMs % SLOT_MS);
    if (this.#clock.at(slot) !== 'record' || atMs >= this.#endMs) return undefined;
    return atMs;
  }
}
