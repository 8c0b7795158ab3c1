import type { MediaId } from '@parley/protocol';
import { expect, it } from 'vitest';
import { ContractPhone as Phone } from './media-plane-contract-phone.ts';
import type { ContractStage } from './media-plane-conference-contract.ts';

const AUDIO = { video: false };
const VIDEO = { video: true };

/** The part of the contract about pictures: of screens, and in the size in which they are shown. */
export function describePictureMedia({ plane, phone, settled }: ContractStage): void {
  it('[DV40] forwards a screen and its sound beside the camera, and also where the call has no video', async () => {
    const [alice, bob] = [await phone('alice'), await phone('bob')];
    plane().bridge(alice.id, bob.id, AUDIO);
    await alice.produce('face', 'camera');
    await alice.produce('screen', 'screen', { kind: 'video' });
    await alice.produce('its sound', 'screen', { kind: 'audio' });
    await bob.until('consume', 2);
    expect(bob.heardOf('consume').map(({ source, kind }) => [source, kind])).toEqual([
      ['screen', 'video'],
      ['screen', 'audio'],
    ]);
    plane().bridge(alice.id, bob.id, VIDEO);
    await bob.until('consume', 3);
    expect(bob.heardOf('consume').at(-1)).toMatchObject({ source: 'camera', kind: 'video' });
  });

  it('[DV41] tells who sends a picture the largest that anybody shows, and forgets whoever has gone', async () => {
    const [alice, bob, carol] = [await phone('alice'), await phone('bob'), await phone('carol')];
    plane().bridge(alice.id, bob.id, VIDEO);
    plane().bridge(alice.id, carol.id, VIDEO);
    await alice.produce('face', 'camera');
    await bob.until('consume', 1);
    await carol.until('consume', 1);
    const prefer = (who: Phone, quality: 'low' | 'medium' | 'high') =>
      who.say({ type: 'preferQuality', consumerId: shownTo(who), quality });

    await prefer(bob, 'low');
    await settled(alice);
    expect(alice.heardOf('producerQuality')).toEqual([]);
    await prefer(carol, 'medium');
    await prefer(carol, 'medium');
    await settled(alice);
    expect(qualities(alice)).toEqual(['medium']);
    expect(alice.heardOf('producerQuality')[0]?.producerId).toBe('face');

    plane().unbridge(alice.id, carol.id);
    expect(qualities(alice)).toEqual(['medium', 'low']);
    plane().close(bob.id);
    expect(qualities(alice)).toEqual(['medium', 'low', 'high']);
    await alice.say({ type: 'preferQuality', consumerId: 'nobody’s' as MediaId, quality: 'low' });
    expect(qualities(alice)).toHaveLength(3);
  });

  it('[DV42] says with the transports of a room of many that pictures are to be sent in several sizes', async () => {
    const alice = await phone('alice');
    expect(alice.offer.layered).toBeUndefined();
    plane().move(alice.id, 'a conference', { layered: true });
    const [there] = await alice.until('mediaReset', 1);
    expect(there?.offer.layered).toBe(true);
    plane().move(alice.id, 'a call of two');
    const [, back] = await alice.until('mediaReset', 2);
    expect(back?.offer.layered).toBeUndefined();
    // Whose media is opened when she is there already is told at once.
    const bob = await new Phone(plane(), 'bob').open('a conference', { layered: true });
    expect(bob.offer.layered).toBe(true);
  });
}

function shownTo(who: Phone): MediaId {
  const [consume] = who.heardOf('consume');
  if (consume === undefined) throw new Error('nothing is shown');
  return consume.consumerId;
}

function qualities(who: Phone): string[] {
  return who.heardOf('producerQuality').map(({ quality }) => quality);
}
