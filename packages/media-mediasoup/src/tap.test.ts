import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMediasoupPlane } from './create.ts';
import type { OwnedMediaPlane } from './owned-plane.ts';
import { PacketPhone } from './packet-phone.test.peer.ts';
import type { Tap, TapOptions, TappedStream } from './tap.ts';

/** Silence, as RFC 6716 codes it. */
const FRAME = Uint8Array.of(0xf8, 0xff, 0xfe);

/** Whoever records: a port, and what came to it. */
class Copy {
  readonly streams: TappedStream[] = [];
  readonly over: string[] = [];
  readonly muted: boolean[] = [];
  gone = 0;
  packets = 0;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet, { port }) => {
      const isOurs = this.streams.some(
        ({ ssrc, fromPort }) => fromPort === port && ssrc === packet.readUInt32BE(8),
      );
      if (isOurs) this.packets += 1;
    });
  }

  options(options: Partial<TapOptions> = {}): TapOptions {
    return {
      port: this.#socket.address().port,
      video: false,
      announcements: false,
      onStream: (stream) => this.streams.push(stream),
      onMuted: (_id, isMuted) => this.muted.push(isMuted),
      onSenderReport: () => {},
      onStreamOver: (id) => this.over.push(id),
      onGone: () => (this.gone += 1),
      ...options,
    };
  }

  async flows(): Promise<void> {
    const before = this.packets;
    await vi.waitFor(
      () => {
        if (this.packets <= before + 3) throw new Error(`no more than ${this.packets - before} packets came`);
      },
      { timeout: 8000, interval: 5 },
    );
  }
}

describe('a tap', () => {
  let plane: OwnedMediaPlane;
  let phones: PacketPhone[];
  let socket: Socket;
  let copy: Copy;

  beforeEach(async () => {
    phones = [];
    plane = await createMediasoupPlane({ workers: 1, basePort: 0, listen: [{ ip: '127.0.0.1' }] });
    socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    copy = new Copy(socket);
  });
  afterEach(async () => {
    await Promise.all(phones.map((phone) => phone.stop()));
    await plane[Symbol.asyncDispose]();
    socket.close();
  });

  const phone = (name: string, source: 'microphone' | 'camera' = 'microphone'): Promise<PacketPhone> => {
    const one = new PacketPhone(plane, name, { source });
    phones.push(one);
    return one.start('room');
  };
  const tap = ({ id }: PacketPhone, options: Partial<TapOptions> = {}): Tap => {
    const made = plane.tap(id, copy.options(options));
    if (made === undefined) throw new Error('there is no such party');
    return made;
  };

  it('[RG30] copies what a party sends, joined with somebody or not, and leaves nothing when it is closed', async () => {
    const alice = await phone('alice');
    const before = plane.counts;
    const made = tap(alice);
    await made.ready;
    await copy.flows();
    expect(copy.streams).toMatchObject([{ kind: 'audio', origin: 'microphone', mimeType: 'audio/opus' }]);
    expect(plane.counts).toEqual({
      ...before,
      transports: before.transports + 1,
      consumers: before.consumers + 1,
    });
    made.close();
    made.close();
    await vi.waitFor(() => expect(plane.counts).toEqual(before));
    expect(copy.over).toEqual([]);
  });

  it('[RG30] copies nothing of one who is muted, by herself or by a conference', async () => {
    const alice = await phone('alice');
    await tap(alice).ready;
    await copy.flows();
    await alice.mute(true);
    await sleep(100);
    const before = copy.packets;
    await sleep(300);
    expect(copy.packets).toBe(before);
    await alice.mute(false);
    await copy.flows();
    plane.silence(alice.id, true);
    await sleep(100);
    const silenced = copy.packets;
    await sleep(300);
    expect(copy.packets).toBe(silenced);
    expect(copy.muted).toEqual([false, true, false, true]);
  });

  it('[RG25] follows a party to new transports, to another worker and to another room', async () => {
    const alice = await phone('alice');
    await tap(alice).ready;
    await copy.flows();
    await alice.stop();
    await alice.renew();
    await vi.waitFor(() => expect(copy.streams).toHaveLength(2), { timeout: 5000 });
    await copy.flows();
    process.kill((await plane.workerUsage())[0]?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(copy.streams).toHaveLength(3), { timeout: 8000 });
    await copy.flows();
    plane.move(alice.id, 'another room');
    await vi.waitFor(() => expect(copy.streams).toHaveLength(4), { timeout: 8000 });
    await copy.flows();
    expect(copy.over).toEqual(copy.streams.slice(0, 3).map(({ id }) => id));
    // One way out, in the room the party is in.
    await vi.waitFor(() => expect(plane.counts).toMatchObject({ transports: 3, consumers: 1 }));
  });

  it('[RG31] copies what is played to the party where that is wanted, and only there', async () => {
    const alice = await phone('alice');
    await tap(alice, { announcements: true }).ready;
    const other = new Copy(socket);
    await plane.tap(alice.id, other.options())?.ready;
    const playing = plane.announce(alice.id, () => {});
    await playing.push(Array.from({ length: 100 }, () => FRAME));
    // The thread that sends announcements is started with the first.
    await vi.waitFor(
      () => expect(copy.streams.map(({ origin }) => origin)).toEqual(['microphone', 'announcement']),
      { timeout: 8000 },
    );
    playing.stop();
    expect(other.streams.map(({ origin }) => origin)).toEqual(['microphone']);
  });

  it('[RG30] copies pictures where they are wanted, and asks for one that stands alone', async () => {
    const alice = await phone('alice', 'camera');
    await tap(alice).ready;
    expect(copy.streams).toEqual([]);
    const made = tap(alice, { video: true });
    await made.ready;
    await copy.flows();
    const before = alice.keyFrameRequests;
    made.requestKeyFrame(copy.streams[0]?.id ?? '');
    await vi.waitFor(() => expect(alice.keyFrameRequests).toBeGreaterThan(before), { timeout: 3000 });
  });

  it('[RG9] says once that its party is gone, and there is none of one that is not there', async () => {
    const alice = await phone('alice');
    await tap(alice).ready;
    plane.close(alice.id);
    expect(copy.gone).toBe(1);
    expect(plane.tap(alice.id, copy.options())).toBeUndefined();
    await vi.waitFor(() => expect(plane.counts).toMatchObject({ transports: 0, consumers: 0 }));
  });
});
