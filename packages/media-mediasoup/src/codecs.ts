import type { types } from 'mediasoup';

/**
 * What every room understands. VP8 comes first among the pictures, because Firefox as Debian builds it has no
 * H264 at all, and every browser has VP8.
 */
export function mediaCodecs(options: { readonly vp9: boolean }): types.RouterRtpCodecCapability[] {
  const codecs: types.RouterRtpCodecCapability[] = [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      clockRate: 48_000,
      channels: 2,
      parameters: { useinbandfec: 1 },
    },
    { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
    {
      kind: 'video',
      mimeType: 'video/H264',
      clockRate: 90_000,
      parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
    },
  ];
  if (options.vp9) {
    codecs.push({ kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } });
  }
  return codecs;
}
