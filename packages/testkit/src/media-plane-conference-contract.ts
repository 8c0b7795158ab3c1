import type { MediaId } from '@parley/protocol';
import type { MediaPlane } from '@parley/switchboard';
import { expect, it } from 'vitest';
import { ContractPhone as Phone } from './media-plane-contract-phone.ts';

/** What the suite around it has made for the test that runs. */
export interface ContractStage {
  readonly plane: () => MediaPlane;
  /** Opens one in the room called `room`. */
  readonly phone: (who: string) => Promise<Phone>;
  readonly settled: (...phones: readonly Phone[]) => Promise<void>;
}

const AUDIO = { video: false };
const VIDEO = { video: true };

/** The part of the contract that conferences need: parties of different rooms meet, and some are not to be heard. */
export function describeConferenceMedia({ plane, phone, settled }: ContractStage): void {
  it('[MP40] moves a party to another room: it parts, is told new transports, and is heard there when it sends again', async () => {
    const [alice, bob] = [await phone('alice'), await phone('bob')];
    const carol = await new Phone(plane(), 'carol').open('another room');
    for (const one of [alice, bob, carol]) await one.produce('mic', 'microphone');
    plane().bridge(alice.id, bob.id, AUDIO);
    await bob.until('consume', 1);
    const old = alice.offer;
    plane().move(alice.id, 'another room');
    plane().bridge(alice.id, carol.id, AUDIO);
    const [reset] = await alice.until('mediaReset', 1);
    if (reset !== undefined) alice.offer = reset.offer;
    expect(alice.offer.send.id).not.toBe(old.send.id);
    expect(bob.heardOf('consumerClosed')).toHaveLength(1);
    await alice.produce('mic', 'microphone');
    await carol.until('consume', 1);
    await carol.consumeAll();
    expect(carol.heardOf('consumerResumed')).toHaveLength(1);
    expect(() => plane().bridge(alice.id, bob.id, AUDIO)).toThrow(/rooms/);
    expect(plane().counts).toMatchObject({ rooms: 2, parties: 3, transports: 6, producers: 3 });
  });

  it('[MP40] frees the room that the last party moves out of, and does nothing for one that is there already or gone', async () => {
    const alice = await phone('alice');
    const bob = await new Phone(plane(), 'bob').open('another room');
    plane().move(alice.id, 'room');
    plane().move(alice.id, 'another room');
    await alice.until('mediaReset', 1);
    expect(plane().counts).toMatchObject({ rooms: 1, parties: 2, transports: 4 });
    plane().close(bob.id);
    plane().move(bob.id, 'room');
    plane().close(alice.id);
    expect(plane().counts).toEqual({ rooms: 0, parties: 0, transports: 0, producers: 0, consumers: 0 });
  });

  it('[MP40] opens a party where it was moved while it was being opened', async () => {
    const bob = await new Phone(plane(), 'bob').open('another room');
    const alice = new Phone(plane(), 'alice');
    const opening = alice.open('room');
    plane().move(alice.id, 'another room');
    await opening;
    await settled(alice, bob);
    alice.offer = alice.heardOf('mediaReset').at(-1)?.offer ?? alice.offer;
    plane().bridge(alice.id, bob.id, AUDIO);
    await alice.produce('mic', 'microphone');
    await bob.until('consume', 1);
    expect(plane().counts).toMatchObject({ rooms: 1, parties: 2, transports: 4 });
  });

  it('[MP41] holds the sound of a silenced party, whatever it says of itself, and not its picture', async () => {
    const [alice, bob] = [await phone('alice'), await phone('bob')];
    plane().silence(alice.id, true);
    await alice.produce('mic', 'microphone');
    await alice.produce('cam', 'camera');
    plane().bridge(alice.id, bob.id, VIDEO);
    const heard = await bob.until('consume', 2);
    expect(heard.map(({ kind, muted }) => `${kind} ${muted}`).toSorted()).toEqual([
      'audio true',
      'video false',
    ]);
    await bob.consumeAll();
    const picture = heard.find(({ kind }) => kind === 'video')?.consumerId;
    const sound = heard.find(({ kind }) => kind === 'audio')?.consumerId;
    expect(bob.heardOf('consumerResumed')).toEqual([{ type: 'consumerResumed', consumerId: picture }]);
    await alice.say({ type: 'producerMuted', producerId: 'mic' as MediaId, muted: true });
    await alice.say({ type: 'producerMuted', producerId: 'mic' as MediaId, muted: false });
    expect(bob.heardOf('consumerMuted')).toEqual([]);
    plane().silence(alice.id, false);
    plane().silence(alice.id, false);
    expect(bob.heardOf('consumerMuted')).toEqual([
      { type: 'consumerMuted', consumerId: sound, muted: false },
    ]);
    expect(bob.heardOf('consumerResumed')).toHaveLength(2);
    plane().silence(alice.id, true);
    expect(bob.heardOf('consumerMuted')).toHaveLength(2);
  });

  it('[MP42] says of everything it offers whose it is', async () => {
    const [alice, bob] = [await phone('alice'), await phone('bob')];
    await alice.produce('mic', 'microphone');
    plane().prepare(alice.id, bob.id, AUDIO);
    expect((await bob.until('consume', 1))[0]?.speaker).toBe(alice.id);
  });
}
