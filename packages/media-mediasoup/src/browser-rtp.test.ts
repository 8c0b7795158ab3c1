import { describe, expect, it } from 'vitest';
import { readDtlsParameters, readRtpCapabilities, readRtpParameters } from './browser-rtp.ts';

const hex = (bytes: number): string => Array.from({ length: bytes }, () => 'ab').join(':');
const OPUS = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 };
const MICROPHONE = { kind: 'audio', source: 'microphone' } as const;
const rtp = (over: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  codecs: [OPUS],
  encodings: [{ ssrc: 1 }],
  ...over,
});

describe('what a browser says about its certificate', () => {
  it('[MP11] is read as its strongest fingerprint, in the spelling the worker compares with', () => {
    const fingerprints = [
      { algorithm: 'sha-1', value: hex(20) },
      { algorithm: 'SHA-256', value: hex(32) },
    ];
    expect(readDtlsParameters({ role: 'server', fingerprints })).toEqual({
      role: 'server',
      fingerprints: [{ algorithm: 'sha-256', value: hex(32).toUpperCase() }],
    });
    expect(readDtlsParameters({ fingerprints })).not.toHaveProperty('role');
  });

  it.each([
    ['only a hash that can be forged', 'sha-1', hex(20)],
    ['an unknown hash', 'md5', hex(16)],
    ['too few bytes', 'sha-256', hex(31)],
    ['too many bytes', 'sha-256', hex(33)],
    ['no hex', 'sha-256', hex(32).replace('ab', 'xy')],
    ['no colons', 'sha-256', hex(32).replaceAll(':', '-')],
    ['nothing', 'sha-256', ''],
  ])('[MP11] is refused where it has %s', (_, algorithm, value) => {
    expect(() => readDtlsParameters({ fingerprints: [{ algorithm, value }] })).toThrow(/fingerprint/);
  });
});

describe('what a browser says it sends', () => {
  it('[MP11] is read, without changing what was said', () => {
    const said = Object.freeze(rtp({}));
    expect(readRtpParameters(said, MICROPHONE).codecs[0]?.mimeType).toBe('audio/opus');
    expect(said).toEqual(rtp({}));
  });

  it('[MP11] may be the sound of a screen', () => {
    expect(() => readRtpParameters(rtp({}), { kind: 'audio', source: 'screen' })).not.toThrow();
  });

  it.each<[string, Record<string, unknown>]>([
    ['no codecs', { codecs: undefined }],
    ['codecs that are not a list', { codecs: 'opus' }],
    ['an empty list of codecs', { codecs: [] }],
    ['nothing in place of a codec', { codecs: [null] }],
    ['a thousand codecs', { codecs: Array.from({ length: 1000 }, () => OPUS) }],
    ['a codec of the other kind', { codecs: [{ ...OPUS, mimeType: 'video/VP8' }] }],
    ['a payload type that is no whole number', { codecs: [{ ...OPUS, payloadType: 1.5 }] }],
    ['a payload type above 127', { codecs: [{ ...OPUS, payloadType: 128 }] }],
    ['a clock rate of 0', { codecs: [{ ...OPUS, clockRate: 0 }] }],
    ['a codec parameter that is an object', { codecs: [{ ...OPUS, parameters: { a: {} } }] }],
    ['an SSRC of 0', { encodings: [{ ssrc: 0 }] }],
    ['an SSRC above 32 bits', { encodings: [{ ssrc: 2 ** 32 }] }],
    ['an SSRC for repairs below 0', { encodings: [{ ssrc: 1, rtx: { ssrc: -1 } }] }],
    ['five encodings', { encodings: Array.from({ length: 5 }, (_, index) => ({ ssrc: index + 1 })) }],
    ['a header extension numbered 0', { headerExtensions: [{ uri: 'urn:x', id: 0 }] }],
    ['a header extension numbered 256', { headerExtensions: [{ uri: 'urn:x', id: 256 }] }],
    [
      '65 header extensions',
      { headerExtensions: Array.from({ length: 65 }, () => ({ uri: 'urn:x', id: 1 })) },
    ],
    ['a MID of 33 letters', { mid: 'm'.repeat(33) }],
    ['a MID that is a number', { mid: 7 }],
  ])('[MP11] is refused where it has %s', (_, over) => {
    expect(() => readRtpParameters(rtp(over), MICROPHONE)).toThrow(Error);
  });
});

describe('what a browser says it can receive', () => {
  const codec = {
    kind: 'audio',
    mimeType: 'audio/opus',
    preferredPayloadType: 100,
    clockRate: 48_000,
    channels: 2,
  };

  it('[MP11] is read', () => {
    expect(readRtpCapabilities({ codecs: [codec] }).audio.codecs?.[0]?.mimeType).toBe('audio/opus');
    expect(readRtpCapabilities({ codecs: [codec] }).video.codecs).toEqual([]);
    expect(readRtpCapabilities({}).audio.codecs).toEqual([]);
  });

  it('[MP11] gives a track the header extensions that were said for either kind, each once', () => {
    const said = (kind: string, preferredId: number) => ({ kind, uri: 'urn:x', preferredId });
    const headerExtensions = [said('audio', 1), said('video', 1), said('video', 2)];
    const { audio, video } = readRtpCapabilities({ codecs: [codec], headerExtensions });
    for (const { headerExtensions: kept = [] } of [audio, video])
      expect(kept.map(({ preferredId }) => preferredId)).toEqual([1, 2]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['codecs that are not a list', { codecs: 7 }],
    ['a codec without a name', { codecs: [{ ...codec, mimeType: undefined }] }],
    ['a payload type above 127', { codecs: [{ ...codec, preferredPayloadType: 300 }] }],
    ['a thousand codecs', { codecs: Array.from({ length: 1000 }, () => codec) }],
    [
      'a header extension numbered -1',
      { headerExtensions: [{ kind: 'audio', uri: 'urn:x', preferredId: -1 }] },
    ],
  ])('[MP11] is refused where it has %s', (_, said) => {
    expect(() => readRtpCapabilities(said)).toThrow(Error);
  });
});
