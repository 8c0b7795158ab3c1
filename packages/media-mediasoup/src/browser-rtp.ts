import type {
  DtlsParameters,
  MediaKind,
  MediaSource,
  RtpCapabilities,
  RtpParameters,
} from '@parley/protocol';
import { ortc, type types } from 'mediasoup';

/**
 * What a browser says about its media, made true before a worker sees it. The wire has checked outline and size;
 * a worker is shared by many calls, so what could confuse it is refused here, as a sentence.
 */

const CODECS_MAX = 64;
const HEADER_EXTENSIONS_MAX = 64;
/** Simulcast has three layers; nobody sends more. */
const ENCODINGS_MAX = 4;

/** Hash functions a certificate may be named by, strongest first. SHA-1 is refused: it can be forged. */
const FINGERPRINT_BYTES = [
  ['sha-512', 64],
  ['sha-384', 48],
  ['sha-256', 32],
] as const;

/** The strongest fingerprint in the spelling the worker compares with. Throws a sentence when there is none. */
export function readDtlsParameters(said: DtlsParameters): types.DtlsParameters {
  for (const [algorithm, bytes] of FINGERPRINT_BYTES) {
    const found = said.fingerprints.find((entry) => entry.algorithm.toLowerCase() === algorithm);
    if (found === undefined) continue;
    const value = found.value.toUpperCase();
    if (!/^[0-9A-F]{2}(?::[0-9A-F]{2})*$/.test(value) || value.length !== bytes * 3 - 1) {
      throw new TypeError(`the ${algorithm} fingerprint is not ${bytes} bytes in hex`);
    }
    return { ...(said.role === undefined ? {} : { role: said.role }), fingerprints: [{ algorithm, value }] };
  }
  throw new TypeError('no fingerprint of the certificate is SHA-256, SHA-384 or SHA-512');
}

/** What a browser sends. Throws a sentence when it cannot be sent so. */
export function readRtpParameters(
  said: RtpParameters,
  of: { readonly kind: MediaKind; readonly source: MediaSource },
): types.RtpParameters {
  // A screen may come with its sound; a microphone has no picture and a camera no sound.
  if (
    (of.source === 'microphone' && of.kind !== 'audio') ||
    (of.source === 'camera' && of.kind !== 'video')
  ) {
    throw new TypeError(`a ${of.source} does not send ${of.kind}`);
  }
  const parameters: unknown = structuredClone(said);
  assertRtpParameters(parameters);
  const { codecs, encodings = [], headerExtensions = [], mid } = parameters;
  if (codecs.length === 0 || codecs.length > CODECS_MAX) throw new TypeError(`${codecs.length} codecs`);
  if (encodings.length > ENCODINGS_MAX) throw new TypeError(`${encodings.length} encodings of one track`);
  if (headerExtensions.length > HEADER_EXTENSIONS_MAX) throw new TypeError('too many header extensions');
  if (mid !== undefined && mid.length > 32) throw new TypeError('the MID is too long');
  for (const codec of codecs) {
    if (!codec.mimeType.toLowerCase().startsWith(`${of.kind}/`)) {
      throw new TypeError(`${codec.mimeType.slice(0, 40)} is not ${of.kind}`);
    }
    within(codec.payloadType, 0, 127, 'a payload type');
    within(codec.clockRate, 1, 0xffff_ffff, 'a clock rate');
  }
  for (const extension of headerExtensions) within(extension.id, 1, 255, 'the id of a header extension');
  for (const encoding of encodings) {
    if (encoding.ssrc !== undefined) within(encoding.ssrc, 1, 0xffff_ffff, 'an SSRC');
    if (encoding.rtx !== undefined) within(encoding.rtx.ssrc, 1, 0xffff_ffff, 'an SSRC');
  }
  return parameters;
}

/** What a browser can receive, by kind: mediasoup copies and checks all it is given for each consumer. */
export type ReadCapabilities = Readonly<Record<MediaKind, types.RtpCapabilities>>;

/** What browsers said before, as it was read: a phone says it once and calls many times. */
const read = new WeakMap<RtpCapabilities, ReadCapabilities>();

/** What a browser can receive. Throws a sentence when it makes no sense. */
export function readRtpCapabilities(said: RtpCapabilities): ReadCapabilities {
  const known = read.get(said);
  if (known !== undefined) return known;
  const capabilities: unknown = structuredClone(said);
  assertRtpCapabilities(capabilities);
  const { codecs = [], headerExtensions = [] } = capabilities;
  if (codecs.length > CODECS_MAX * 2) throw new TypeError(`${codecs.length} codecs`);
  if (headerExtensions.length > HEADER_EXTENSIONS_MAX) throw new TypeError('too many header extensions');
  for (const codec of codecs) within(codec.preferredPayloadType, 0, 127, 'a payload type');
  for (const extension of headerExtensions)
    within(extension.preferredId, 1, 255, 'the id of a header extension');
  const byKind = {
    audio: capabilitiesOf('audio', capabilities),
    video: capabilitiesOf('video', capabilities),
  };
  read.set(said, byKind);
  return byKind;
}

/**
 * What concerns one kind. Codecs match within their kind only; header extensions by their name and number, whichever kind
 * they were said for, so one of each is enough.
 */
function capabilitiesOf(
  kind: MediaKind,
  { codecs = [], headerExtensions = [] }: types.RtpCapabilities,
): types.RtpCapabilities {
  const extensions = new Map(headerExtensions.map((said) => [`${said.preferredId} ${said.uri}`, said]));
  return {
    codecs: codecs.filter((codec) => codec.kind === kind),
    headerExtensions: Array.from(extensions.values()),
  };
}

function within(value: unknown, min: number, max: number, what: string): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
  throw new TypeError(`${what} is not a whole number between ${min} and ${max}`);
}

// mediasoup's own validators throw unless the value is what its types say, and fill in what may be left out. They
// are the proof; the type system is only told of it here.
function assertRtpParameters(value: unknown): asserts value is types.RtpParameters {
  ortc.validateAndNormalizeRtpParameters(value as types.RtpParameters);
}

function assertRtpCapabilities(value: unknown): asserts value is types.RtpCapabilities {
  ortc.validateAndNormalizeRtpCapabilities(value as types.RtpCapabilities);
}
