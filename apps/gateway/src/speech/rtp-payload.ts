/** What of an RTP packet (RFC 3550) matters to an ear. */
export interface RtpPayload {
  readonly ssrc: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = 12;

/** Reads a packet; undefined where it is none. */
export function readRtp(packet: Buffer): RtpPayload | undefined {
  if (packet.length < HEADER_BYTES || packet[0] === undefined || packet[0] >> 6 !== 2) return undefined;
  const hasPadding = (packet[0] & 0x20) !== 0;
  const hasExtension = (packet[0] & 0x10) !== 0;
  let begin = HEADER_BYTES + (packet[0] & 0x0f) * 4;
  if (hasExtension) {
    if (packet.length < begin + 4) return undefined;
    begin += 4 + packet.readUInt16BE(begin + 2) * 4;
  }
  const padding = hasPadding ? (packet.at(-1) ?? 0) : 0;
  const end = packet.length - padding;
  if (begin > end) return undefined;
  return {
    ssrc: packet.readUInt32BE(8),
    timestamp: packet.readUInt32BE(4),
    payload: packet.subarray(begin, end),
  };
}
