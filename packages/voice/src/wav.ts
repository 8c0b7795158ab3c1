import { fromALaw, fromMuLaw } from './g711.ts';
import { mixDown, type Samples } from './samples.ts';
import { VoiceError } from './voice-error.ts';

const PCM = 0x0001;
const FLOAT = 0x0003;
const A_LAW = 0x0006;
const MU_LAW = 0x0007;
/** The real format is the first number of the identifier that follows. */
const EXTENSIBLE = 0xfffe;

/** Samples are handed on in pieces of so many a channel, so that a long file holds nobody up. */
const PIECE = 48_000;

interface WavFormat {
  readonly rate: number;
  readonly channels: number;
  /** Of one sample of all channels. */
  readonly blockBytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** Whether the bytes begin as a WAV file does. */
export function isWav(bytes: Uint8Array): boolean {
  return isTag(bytes, 0, 'RIFF') && isTag(bytes, 8, 'WAVE');
}

/**
 * Reads PCM of 8 to 32 bits, 32-bit float, µ-law and A-law, one to eight channels. A length that is missing or wrong,
 * as in a file that was written to a pipe, means: to the end. Throws a {@link VoiceError} where it can read nothing.
 */
export function* readWav(bytes: Uint8Array): Generator<Samples, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: WavFormat | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    const begin = at + 8;
    if (isTag(bytes, at, 'fmt ') && begin + 16 <= bytes.length) format = readFormat(view, begin, length);
    if (isTag(bytes, at, 'data')) {
      if (format === undefined) throw unreadable('its data comes before their format');
      yield* readData(view, { begin, end: Math.min(bytes.length, begin + length) }, format);
      return;
    }
    // Chunks begin at even places.
    at = begin + length + (length & 1);
  }
  throw unreadable('it holds no data');
}

function* readData(
  view: DataView,
  { begin, end }: { readonly begin: number; readonly end: number },
  { rate, channels, blockBytes, read }: WavFormat,
): Generator<Samples, void, void> {
  const blocks = Math.floor((end - begin) / blockBytes);
  const sampleBytes = blockBytes / channels;
  for (let first = 0; first < blocks; first += PIECE) {
    const count = Math.min(PIECE, blocks - first);
    const piece = Array.from({ length: channels }, (_, channel) => {
      const samples = new Float32Array(count);
      const from = begin + first * blockBytes + channel * sampleBytes;
      for (let i = 0; i < count; i++) samples[i] = read(view, from + i * blockBytes);
      return samples;
    });
    yield { rate, samples: mixDown(piece) };
  }
}

function readFormat(view: DataView, begin: number, length: number): WavFormat {
  const written = view.getUint16(begin, true);
  const isExtended = written === EXTENSIBLE && length >= 26 && begin + 26 <= view.byteLength;
  const format = isExtended ? view.getUint16(begin + 24, true) : written;
  const channels = view.getUint16(begin + 2, true);
  const rate = view.getUint32(begin + 4, true);
  const bits = view.getUint16(begin + 14, true);
  if (channels < 1 || channels > 8) throw unreadable(`it has ${channels} channels`);
  if (rate < 4000 || rate > 192_000) throw unreadable(`its rate is ${rate} Hz`);
  const read = readerOf(format, bits);
  if (read === undefined) throw unreadable(`its format is number ${format} with ${bits} bits`);
  return { rate, channels, blockBytes: channels * (bits / 8), read };
}

function readerOf(format: number, bits: number): WavFormat['read'] | undefined {
  switch (`${format}/${bits}`) {
    case `${PCM}/8`:
      return (view, at) => (view.getUint8(at) - 128) / 128;
    case `${PCM}/16`:
      return (view, at) => view.getInt16(at, true) / 32_768;
    case `${PCM}/24`:
      return (view, at) => (view.getUint8(at) + view.getInt16(at + 1, true) * 256) / 8_388_608;
    case `${PCM}/32`:
      return (view, at) => view.getInt32(at, true) / 2_147_483_648;
    case `${FLOAT}/32`:
      return (view, at) => finite(view.getFloat32(at, true));
    case `${MU_LAW}/8`:
      return (view, at) => fromMuLaw(view.getUint8(at));
    case `${A_LAW}/8`:
      return (view, at) => fromALaw(view.getUint8(at));
    default:
      return undefined;
  }
}

/** A float file may hold anything; one NaN would silence all that follows. */
function finite(value: number): number {
  return Number.isFinite(value) ? Math.max(-8, Math.min(8, value)) : 0;
}

function isTag(bytes: Uint8Array, at: number, tag: string): boolean {
  for (let i = 0; i < tag.length; i++) if (bytes[at + i] !== tag.charCodeAt(i)) return false;
  return true;
}

function unreadable(why: string): VoiceError {
  return new VoiceError('sound-unreadable', `the WAV file cannot be read: ${why}`);
}
