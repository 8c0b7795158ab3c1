import { WIRE_LIMITS, type MediaId } from '@parley/protocol';
import type { MediaPlane } from '@parley/switchboard';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeConferenceMedia } from './media-plane-conference-contract.ts';
import { describePictureMedia } from './media-plane-picture-contract.ts';
import { ContractPhone as Phone, FINGERPRINT, sentRtp } from './media-plane-contract-phone.ts';

/** A plane under test. Ringing parties of one other are to be prepared four at a time. */
export interface MediaPlaneHarness {
  readonly plane: MediaPlane;
  readonly dispose: () => Promise<void>;
}

const AUDIO = { video: false };
const VIDEO = { video: true };

/** The promises of the port, which every plane keeps. Rules: docs/spec/media.md. */
export function describeMediaPlane(name: string, factory: () => Promise<MediaPlaneHarness>): void {
  describe(`${name} is a media plane`, () => {
    let harness: MediaPlaneHarness;
    let plane: MediaPlane;

    beforeEach(async () => {
      harness = await factory();
      plane = harness.plane;
    });
    afterEach(async () => {
      await harness.dispose();
    });

    const phone = (who: string, options?: { readonly canReceive?: boolean }): Promise<Phone> =>
      new Phone(plane, who).open('room', options);

    /** A request is answered after everything that was asked before it, so afterwards nothing is under way. */
    const settled = async (...phones: readonly Phone[]): Promise<void> => {
      for (const { id } of phones) await plane.restartIce(id);
      for (const { id } of phones) await plane.restartIce(id);
    };

    it('[MP1] tells nobody that anything flows before two are bridged, in either direction', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      await alice.produce('mic', 'microphone');
      await bob.produce('mic', 'microphone');
      plane.prepare(alice.id, bob.id, AUDIO);
      await alice.until('consume', 1);
      await bob.until('consume', 1);
      await alice.consumeAll();
      await bob.consumeAll();
      await settled(alice, bob);
      expect(alice.heardOf('consumerResumed')).toEqual([]);
      expect(bob.heardOf('consumerResumed')).toEqual([]);
    });

    it('[MP2] answers open with two transports, and asked twice with the same', async () => {
      const alice = await phone('alice');
      const { offer } = alice;
      expect(offer.send.id).not.toBe(offer.recv.id);
      expect(offer.send.iceParameters.usernameFragment).not.toBe(offer.recv.iceParameters.usernameFragment);
      await alice.open('room');
      expect(alice.offer).toEqual(offer);
      expect(plane.counts).toEqual({ rooms: 1, parties: 1, transports: 2, producers: 0, consumers: 0 });
    });

    it.each(['prepare', 'produce', 'capabilities'] as const)(
      '[MP3] offers what a prepared party sends, also when %s comes last',
      async (last) => {
        const alice = await phone('alice');
        const bob = await phone('bob', { canReceive: false });
        const steps = {
          prepare: async () => plane.prepare(alice.id, bob.id, AUDIO),
          produce: () => alice.produce('mic', 'microphone'),
          capabilities: async () => bob.canReceive(),
        };
        for (const step of ['prepare', 'produce', 'capabilities'] as const)
          if (step !== last) await steps[step]();
        await settled(alice, bob);
        expect(bob.told).toEqual([]);
        await steps[last]();
        const [consume] = await bob.until('consume', 1);
        expect(consume).toMatchObject({
          producerId: 'mic',
          kind: 'audio',
          source: 'microphone',
          muted: false,
        });
      },
    );

    it('[MP4] lets flow in the same turn what is ready when two are bridged', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      await alice.produce('mic', 'microphone');
      await alice.produce('cam', 'camera');
      await bob.produce('mic', 'microphone');
      plane.prepare(alice.id, bob.id, VIDEO);
      await bob.until('consume', 2);
      await alice.until('consume', 1);
      await alice.consumeAll();
      await bob.consumeAll();
      plane.bridge(alice.id, bob.id, VIDEO);
      expect(bob.heardOf('consumerResumed')).toHaveLength(2);
      expect(alice.heardOf('consumerResumed')).toHaveLength(1);
    });

    it('[MP4] lets flow what becomes ready later, as soon as the browser has it', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      plane.bridge(alice.id, bob.id, AUDIO);
      await alice.produce('mic', 'microphone');
      const [consume] = await bob.until('consume', 1);
      expect(bob.heardOf('consumerResumed')).toEqual([]);
      await bob.consumeAll();
      expect(bob.heardOf('consumerResumed')).toEqual([
        { type: 'consumerResumed', consumerId: consume?.consumerId },
      ]);
    });

    it('[MP5] offers a picture only where the pair has video, and takes it away again', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      await alice.produce('mic', 'microphone');
      await alice.produce('cam', 'camera');
      plane.bridge(alice.id, bob.id, AUDIO);
      await bob.until('consume', 1);
      await settled(alice, bob);
      expect(bob.heardOf('consume').map(({ source }) => source)).toEqual(['microphone']);
      plane.bridge(alice.id, bob.id, VIDEO);
      const [, picture] = await bob.until('consume', 2);
      expect(picture).toMatchObject({ kind: 'video', source: 'camera', producerId: 'cam' });
      plane.bridge(alice.id, bob.id, AUDIO);
      expect(bob.heardOf('consumerClosed')).toEqual([
        { type: 'consumerClosed', consumerId: picture?.consumerId },
      ]);
    });

    it('[MP6] holds what is muted, says so, and lets it flow again', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      await alice.produce('mic', 'microphone', { muted: true });
      plane.bridge(alice.id, bob.id, AUDIO);
      const [consume] = await bob.until('consume', 1);
      const consumerId = consume?.consumerId;
      expect(consume?.muted).toBe(true);
      await bob.consumeAll();
      expect(bob.heardOf('consumerResumed')).toEqual([]);
      for (const muted of [false, true, true, false]) {
        await alice.say({ type: 'producerMuted', producerId: 'mic' as MediaId, muted });
      }
      expect(bob.told.slice(1)).toEqual([
        { type: 'consumerMuted', consumerId, muted: false },
        { type: 'consumerResumed', consumerId },
        { type: 'consumerMuted', consumerId, muted: true },
        { type: 'consumerMuted', consumerId, muted: false },
        { type: 'consumerResumed', consumerId },
      ]);
    });

    it('[MP7] carries out in order what is said without waiting', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      plane.bridge(alice.id, bob.id, VIDEO);
      await Promise.all([
        alice.connect('send'),
        alice.produce('mic', 'microphone'),
        alice.produce('cam', 'camera'),
        alice.say({ type: 'producerClosed', producerId: 'mic' as MediaId }),
        alice.connect('recv'),
      ]);
      await vi.waitFor(() => expect(plane.counts).toMatchObject({ producers: 1, consumers: 1 }), {
        interval: 2,
      });
      expect(bob.heardOf('consume').at(-1)?.producerId).toBe('cam');
    });

    it('[MP8] does nothing new when asked twice', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      await alice.connect('send');
      await alice.connect('send');
      await alice.produce('mic', 'microphone');
      await alice.produce('mic', 'microphone');
      await alice.produce('cam', 'camera');
      expect(plane.counts.producers).toBe(2);
      for (let time = 0; time < 2; time += 1) {
        alice.canReceive();
        plane.prepare(alice.id, bob.id, AUDIO);
      }
      await bob.until('consume', 1);
      await bob.consumeAll();
      await bob.consumeAll();
      plane.bridge(alice.id, bob.id, AUDIO);
      plane.bridge(alice.id, bob.id, AUDIO);
      plane.prepare(bob.id, alice.id, VIDEO);
      await settled(alice, bob);
      expect(bob.told.map(({ type }) => type)).toEqual(['consume', 'consumerResumed']);
      await alice.say({ type: 'producerClosed', producerId: 'mic' as MediaId });
      await alice.say({ type: 'producerClosed', producerId: 'mic' as MediaId });
      plane.unbridge(alice.id, bob.id);
      plane.unbridge(alice.id, bob.id);
      expect(bob.heardOf('consumerClosed')).toHaveLength(1);
      plane.close(bob.id);
      plane.close(bob.id);
    });

    it('[MP8] takes no notice of what is asked for a party that is gone', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      plane.close(bob.id);
      plane.prepare(alice.id, bob.id, AUDIO);
      plane.bridge(bob.id, alice.id, AUDIO);
      plane.unbridge(alice.id, bob.id);
      bob.canReceive();
      await expect(bob.produce('mic', 'microphone')).rejects.toThrow(/party/);
      await expect(plane.restartIce(bob.id)).rejects.toThrow(/party/);
      await expect(plane.renew(bob.id)).rejects.toThrow(/party/);
      await expect(plane.flow(bob.id)).rejects.toThrow(/party/);
      expect(plane.counts.parties).toBe(1);
    });

    it('[MP9] parts two, tells both, and bridges one of them to somebody else', async () => {
      const phones = [await phone('alice'), await phone('bob'), await phone('carol')] as const;
      const [alice, bob, carol] = phones;
      for (const one of phones) await one.produce('mic', 'microphone');
      plane.bridge(alice.id, bob.id, AUDIO);
      await alice.until('consume', 1);
      await bob.until('consume', 1);
      plane.unbridge(bob.id, alice.id);
      expect(alice.heardOf('consumerClosed')).toHaveLength(1);
      expect(bob.heardOf('consumerClosed')).toHaveLength(1);
      expect(plane.counts).toMatchObject({ parties: 3, producers: 3, consumers: 0 });
      plane.bridge(alice.id, carol.id, AUDIO);
      await carol.until('consume', 1);
      await carol.consumeAll();
      expect(carol.heardOf('consumerResumed')).toHaveLength(1);
      expect(bob.heardOf('consume')).toHaveLength(1);
    });

    it('[MP10] frees everything at once when a party closes, and tells the other but never the closed one', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      await alice.produce('mic', 'microphone');
      await bob.produce('mic', 'microphone');
      plane.bridge(alice.id, bob.id, AUDIO);
      await alice.until('consume', 1);
      await bob.until('consume', 1);
      const toldBefore = alice.told.length;
      plane.close(alice.id);
      expect(bob.heardOf('consumerClosed')).toHaveLength(1);
      expect(plane.counts).toMatchObject({ rooms: 1, parties: 1, transports: 2, producers: 1 });
      await settled(bob);
      // What bob heard her by was his; it went with what she said, and by now the SFU has told so.
      expect(plane.counts).toEqual({ rooms: 1, parties: 1, transports: 2, producers: 1, consumers: 0 });
      expect(alice.told).toHaveLength(toldBefore);
      plane.close(bob.id);
      expect(plane.counts).toEqual({ rooms: 0, parties: 0, transports: 0, producers: 0, consumers: 0 });
    });

    it('[MP10] holds nothing of a party that closes while it is being opened', async () => {
      const alice = new Phone(plane, 'alice');
      const opening = alice.open('room').catch(() => undefined);
      plane.close(alice.id);
      await opening;
      await vi.waitFor(() =>
        expect(plane.counts).toEqual({ rooms: 0, parties: 0, transports: 0, producers: 0, consumers: 0 }),
      );
      const again = await phone('alice');
      expect(again.offer.send.id).toBeTruthy();
      expect(plane.counts).toMatchObject({ rooms: 1, parties: 1, transports: 2 });
    });

    it('[MP10] leaves the others in the room as they are when one closes while it is being opened', async () => {
      const alice = await phone('alice');
      const bob = new Phone(plane, 'bob');
      const opening = bob.open('room').catch(() => undefined);
      // The answer is under way, but not there.
      await settled(alice);
      const again = new Phone(plane, 'carol');
      const openingToo = again.open('room').catch(() => undefined);
      plane.close(bob.id);
      plane.close(again.id);
      await Promise.all([opening, openingToo]);
      await settled(alice);
      expect(plane.counts).toEqual({ rooms: 1, parties: 1, transports: 2, producers: 0, consumers: 0 });
    });

    it('[MP11] refuses with a sentence what makes no sense, and goes on', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      const nobodys = 'no-such-thing' as MediaId;
      const dtlsParameters = { fingerprints: [{ algorithm: 'sha-256', value: FINGERPRINT }] };
      await expect(
        alice.say({ type: 'transportConnect', transportId: nobodys, dtlsParameters }),
      ).rejects.toThrow(/transport/);
      await expect(
        alice.say({ type: 'transportConnect', transportId: bob.offer.send.id, dtlsParameters }),
      ).rejects.toThrow(/transport/);
      await expect(alice.say({ type: 'producerMuted', producerId: nobodys, muted: true })).rejects.toThrow(
        /producer/,
      );
      await expect(alice.produce('mic', 'microphone', { kind: 'video' })).rejects.toThrow(/microphone/);
      await expect(alice.produce('cam', 'camera', { kind: 'audio' })).rejects.toThrow(/camera/);
      await expect(
        alice.say({
          type: 'produce',
          transportId: alice.offer.recv.id,
          producerId: nobodys,
          kind: 'audio',
          source: 'microphone',
          rtpParameters: sentRtp('audio'),
          muted: false,
        }),
      ).rejects.toThrow(/transport/);
      await alice.say({ type: 'consuming', consumerId: nobodys });
      await alice.say({ type: 'keyFrame', consumerId: nobodys });
      await alice.produce('mic', 'microphone');
      plane.prepare(alice.id, bob.id, AUDIO);
      await bob.until('consume', 1);
      expect(alice.failures).toEqual([]);
    });

    it('[MP12] takes no more tracks of one party than the wire allows', async () => {
      const alice = await phone('alice');
      for (let index = 0; index < WIRE_LIMITS.producersPerCallMax; index += 1) {
        await alice.produce(`track-${index}`, 'screen');
      }
      await expect(alice.produce('one-more', 'screen')).rejects.toThrow(/tracks/);
      await alice.say({ type: 'producerClosed', producerId: 'track-0' as MediaId });
      await alice.produce('one-more', 'screen');
      expect(plane.counts.producers).toBe(WIRE_LIMITS.producersPerCallMax);
    });

    it('[MP13] prepares four of the phones that ring; the others take the place of one that leaves, or are made at once when they answer', async () => {
      const alice = await phone('alice');
      await alice.produce('mic', 'microphone');
      const first = await phone('first');
      const last = await phone('last');
      const others = await Promise.all(['second', 'third', 'fourth', 'fifth'].map((who) => phone(who)));
      const ringing = [first, ...others, last];
      for (const one of ringing) plane.prepare(alice.id, one.id, AUDIO);
      const offered = (): readonly number[] => ringing.map((one) => one.heardOf('consume').length);
      await vi.waitFor(() => expect(offered()).toEqual([1, 1, 1, 1, 0, 0]), { interval: 2 });
      await settled(alice, ...ringing);
      expect(offered()).toEqual([1, 1, 1, 1, 0, 0]);
      plane.close(first.id);
      await vi.waitFor(() => expect(offered()).toEqual([1, 1, 1, 1, 1, 0]), { interval: 2 });
      plane.bridge(alice.id, last.id, AUDIO);
      await last.until('consume', 1);
      await last.consumeAll();
      expect(last.heardOf('consumerResumed')).toHaveLength(1);
      for (const one of others) expect(one.heardOf('consumerResumed')).toEqual([]);
    });

    it('[QY20] sends a party its own sound back, and nobody else anything', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      plane.echo(alice.id);
      await alice.produce('mic', 'microphone');
      await alice.until('consume', 1);
      await alice.consumeAll();
      await alice.until('consumerResumed', 1);
      expect(alice.heardOf('consume')).toMatchObject([{ producerId: 'mic', kind: 'audio' }]);
      expect(bob.told).toEqual([]);
      plane.close(alice.id);
      expect(plane.counts).toMatchObject({ parties: 1, producers: 0, consumers: 0 });
      plane.echo(alice.id);
    });

    it('[MP14] lets two browsers name their producers alike', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      await alice.produce('same', 'microphone');
      await bob.produce('same', 'microphone');
      plane.prepare(alice.id, bob.id, AUDIO);
      expect((await alice.until('consume', 1))[0]?.producerId).toBe('same');
      expect((await bob.until('consume', 1))[0]?.producerId).toBe('same');
    });

    it('[MP15] gives a party new transports in place of the old, and bridges it again when it sends', async () => {
      const [alice, bob] = [await phone('alice'), await phone('bob')];
      await alice.produce('mic', 'microphone');
      await bob.produce('mic', 'microphone');
      plane.bridge(alice.id, bob.id, AUDIO);
      await alice.until('consume', 1);
      await bob.until('consume', 1);
      const old = alice.offer;
      alice.offer = await plane.renew(alice.id);
      expect(alice.offer.send.id).not.toBe(old.send.id);
      expect(bob.heardOf('consumerClosed')).toHaveLength(1);
      // What bob sends is offered again on the new transport, without anything being asked.
      await alice.until('consume', 2);
      await alice.produce('mic', 'microphone');
      await bob.until('consume', 2);
      await bob.consumeAll();
      expect(bob.heardOf('consumerResumed')).toHaveLength(1);
      expect(plane.counts).toEqual({ rooms: 1, parties: 2, transports: 4, producers: 2, consumers: 2 });
    });

    it('[MP16] gives fresh ICE credentials for both transports', async () => {
      const alice = await phone('alice');
      const fresh = await plane.restartIce(alice.id);
      for (const direction of ['send', 'recv'] as const) {
        const before = alice.offer[direction].iceParameters.usernameFragment;
        expect(fresh[direction].usernameFragment).not.toBe(before);
      }
    });

    it('[MP17] says before any call what a browser must be able to receive: opus, and VP8 before other pictures', () => {
      const codecs = plane.rtpCapabilities['codecs'] as readonly { readonly mimeType: string }[];
      expect(codecs[0]?.mimeType).toBe('audio/opus');
      expect(codecs.find(({ mimeType }) => mimeType.startsWith('video/'))?.mimeType).toBe('video/VP8');
    });

    describeConferenceMedia({ plane: () => plane, phone, settled });
    describePictureMedia({ plane: () => plane, phone, settled });

    it('[MP18] will not pair parties of different rooms, nor a party with itself', async () => {
      const alice = await phone('alice');
      const bob = await new Phone(plane, 'bob').open('another room');
      expect(() => plane.prepare(alice.id, bob.id, AUDIO)).toThrow(/rooms/);
      expect(() => plane.bridge(alice.id, alice.id, AUDIO)).toThrow(/itself/);
    });
  });
}
