// Sends the packets of many people into one port, as punctually as it can: fifty sounds a second each, all of one size, and
// twenty-five pictures where they are wanted.
import { createSocket } from 'node:dgram';
import { createEncoder } from 'libopus-wasm';

interface Orders {
  readonly port: number;
  readonly voices: number;
  readonly hasPicture: boolean;
}

const PICTURE_PACKETS = 3;
const socket = createSocket({ type: 'udp4', sendBufferSize: 4 * 1024 * 1024 });

process.once('message', (orders: Orders) => void begin(orders));
process.once('disconnect', () => process.exit());

async function begin({ port, voices, hasPicture }: Orders): Promise<void> {
  const frames = await toneFrames();
  const startedAtMs = performance.now();
  let slot = 0;
  process.send?.('begun');
  const tick = (): void => {
    while (startedAtMs + slot * 20 <= performance.now()) {
      for (let voice = 0; voice < voices; voice += 1) {
        socket.send(sound(voice, slot, frames[slot % frames.length] ?? new Uint8Array()), port, '127.0.0.1');
        if (!hasPicture || slot % 2 !== 0) continue;
        for (const packet of picture(voice, slot / 2)) socket.send(packet, port, '127.0.0.1');
      }
      slot += 1;
    }
    setTimeout(tick, Math.max(1, startedAtMs + slot * 20 - performance.now()));
  };
  tick();
}

/** A tone at a constant bit rate. */
async function toneFrames(): Promise<Uint8Array[]> {
  const encoder = await createEncoder({
    sampleRate: 48_000,
    channels: 1,
    frameSize: 960,
    bitrate: 32_000,
    vbr: false,
  });
  const frames = Array.from({ length: 50 }, (_, n) => {
    const samples = Float32Array.from(
      { length: 960 },
      (__, index) => 0.4 * Math.sin((2 * Math.PI * 400 * (n * 960 + index)) / 48_000),
    );
    return encoder.encodeFloat(samples).slice();
  });
  encoder.free();
  return frames;
}

function sound(voice: number, slot: number, frame: Uint8Array): Buffer {
  const head = Buffer.alloc(20);
  header(head, { payloadType: 100, sequence: slot, timestamp: slot * 960, ssrc: 10_000 + voice });
  head.writeUInt8(0x90, 0);
  // How loud it is (RFC 6464).
  head.set([0xbe, 0xde, 0, 1, 0x60, 10, 0, 0], 12);
  return Buffer.concat([head, frame]);
}

/** VP8 as far as anybody looks into it; every hundredth stands alone. */
function picture(voice: number, number: number): Buffer[] {
  return Array.from({ length: PICTURE_PACKETS }, (_, part) => {
    const packet = Buffer.alloc(12 + 1 + 1000);
    const isLast = part === PICTURE_PACKETS - 1;
    header(packet, {
      payloadType: isLast ? 101 | 0x80 : 101,
      sequence: number * PICTURE_PACKETS + part,
      timestamp: number * 3600,
      ssrc: 20_000 + voice,
    });
    if (part > 0) return packet;
    packet.writeUInt8(0x10, 12);
    if (number % 100 === 0) packet.set([0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01], 13);
    else packet.writeUInt8(1, 13);
    return packet;
  });
}

function header(
  into: Buffer,
  of: {
    readonly payloadType: number;
    readonly sequence: number;
    readonly timestamp: number;
    readonly ssrc: number;
  },
): void {
  into.writeUInt8(0x80, 0);
  into.writeUInt8(of.payloadType, 1);
  into.writeUInt16BE(of.sequence & 0xffff, 2);
  into.writeUInt32BE(of.timestamp % 2 ** 32, 4);
  into.writeUInt32BE(of.ssrc, 8);
}
