import { MPEGDecoder } from 'mpg123-decoder';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { mixDown, type Samples } from './samples.ts';
import { VoiceError } from './voice-error.ts';
import { isWav, readWav } from './wav.ts';

/** Compressed files are decoded in pieces of so many bytes: some seconds of sound, some milliseconds of work. */
const PIECE_BYTES = 16 * 1024;

/** The kinds of file that can be read. */
export type SoundKind = 'wav' | 'mp3' | 'ogg-opus';

/** What the bytes are, whatever they were called on the way. */
export function soundKindOf(bytes: Uint8Array): SoundKind | undefined {
  if (isWav(bytes)) return 'wav';
  if (startsWith(bytes, 'OggS'))
    return bytesInclude(bytes.subarray(0, 512), 'OpusHead') ? 'ogg-opus' : undefined;
  if (startsWith(bytes, 'ID3') || hasMpegFrame(bytes)) return 'mp3';
  return undefined;
}

/**
 * Reads a sound in pieces: WAV, MP3, or Opus in Ogg, told apart by their bytes. Throws a {@link VoiceError} that says what
 * the bytes look like when they are none of these.
 */
export async function* readSound(bytes: Uint8Array): AsyncGenerator<Samples, void, void> {
  switch (soundKindOf(bytes)) {
    case 'wav':
      yield* readWav(bytes);
      return;
    case 'mp3':
      yield* decode(new MPEGDecoder(), bytes, 'MP3');
      return;
    case 'ogg-opus':
      yield* decode(new OggOpusDecoder(), bytes, 'Ogg Opus');
      return;
    case undefined:
      throw new VoiceError(
        'sound-unreadable',
        `the sound is neither WAV nor MP3 nor Ogg Opus${looksLike(bytes)}`,
      );
  }
}

interface Decoded {
  readonly channelData: Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
}

/** What both decoders have in common; one of them answers at once, the other later. */
interface Decoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
  flush?(): Promise<Decoded>;
  free(): void;
}

async function* decode(
  decoder: Decoder,
  bytes: Uint8Array,
  name: string,
): AsyncGenerator<Samples, void, void> {
  let decodedAny = false;
  try {
    await decoder.ready;
    for (let at = 0; at <= bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      const isEnd = at + PIECE_BYTES > bytes.length;
      const decoded = [await decoder.decode(piece)];
      if (isEnd && decoder.flush !== undefined) decoded.push(await decoder.flush());
      for (const { channelData, samplesDecoded, sampleRate } of decoded) {
        if (samplesDecoded === 0) continue;
        decodedAny = true;
        yield { rate: sampleRate, samples: mixDown(channelData) };
      }
    }
  } catch (error) {
    throw new VoiceError('sound-unreadable', `the ${name} file cannot be decoded`, { cause: error });
  } finally {
    decoder.free();
  }
  if (!decodedAny) throw new VoiceError('sound-unreadable', `the ${name} file holds no sound`);
}

/** Two frame headers in a row, the second where the first says: one alone occurs by chance in anything. */
function hasMpegFrame(bytes: Uint8Array): boolean {
  for (let at = 0; at + 4 < Math.min(bytes.length, 4096); at++) {
    const length = mpegFrameBytes(bytes, at);
    if (length > 0 && (at + length >= bytes.length || mpegFrameBytes(bytes, at + length) > 0)) return true;
  }
  return false;
}

const BIT_RATES_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const BIT_RATES_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES = [44_100, 48_000, 32_000];

/** ISO 11172-3 §2.4.1.3: how long the Layer III frame is whose header is here; 0 where there is none. */
function mpegFrameBytes(bytes: Uint8Array, at: number): number {
  const [sync = 0, kind = 0, rates = 0] = bytes.subarray(at, at + 3);
  const layer = (kind >> 1) & 3;
  const version = (kind >> 3) & 3;
  if (sync !== 0xff || (kind & 0xe0) !== 0xe0 || version === 1 || layer !== 1) return 0;
  const isV1 = version === 3;
  const kilobits = (isV1 ? BIT_RATES_V1 : BIT_RATES_V2)[rates >> 4] ?? 0;
  const rate = (RATES[(rates >> 2) & 3] ?? 0) / (isV1 ? 1 : version === 2 ? 2 : 4);
  if (kilobits === 0 || rate === 0) return 0;
  return Math.floor(((isV1 ? 144 : 72) * kilobits * 1000) / rate) + ((rates >> 1) & 1);
}

function looksLike(bytes: Uint8Array): string {
  if (bytes.length === 0) return ': it is empty';
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 512)).trimStart().toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return ': it is an HTML page';
  if (text.startsWith('<')) return ': it is XML';
  if (text.startsWith('fLaC'.toLowerCase())) return ': it is FLAC';
  if (text.startsWith('oggs')) return ': it is Ogg with something else inside';
  if (text.startsWith('form')) return ': it is AIFF';
  if (text.slice(4, 8) === 'ftyp') return ': it is MP4';
  return '';
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && Array.from(text).every((char, i) => bytes[i] === char.charCodeAt(0));
}

function bytesInclude(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder('latin1').decode(bytes).includes(text);
}
