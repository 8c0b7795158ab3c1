import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entrant, Room } from './conference-room.test.kit.ts';
import { PARTICIPANTS_MAX, type ConferenceInput } from './conference-state.ts';
import type { PartyId } from './media-plane.ts';

const SEED = 20_261_121;
const PEOPLE = ['alice', 'bob', 'carol', 'dora', 'emil', 'fritz'];
const at = { line: 1, column: 1 };

describe('a conference', () => {
  it('[CF4] lets nobody hear anybody before somebody has come who starts it', () => {
    const room = new Room();
    room.enter('alice', { startsConference: false });
    room.enter('bob', { startsConference: false });
    expect(room.state.phase).toBe('waiting');
    expect(room.hearing.size).toBe(0);
    room.enter('carol');
    expect(room.state.phase).toBe('in-progress');
    expect([...room.hearing].toSorted()).toEqual(['alice+bob', 'alice+carol', 'bob+carol']);
    expect(room.events).toEqual(['join alice', 'join bob', 'join carol', 'start']);
  });

  it('[CF4] goes on when the one who started it leaves', () => {
    const room = new Room();
    room.enter('alice', { startsConference: false });
    room.enter('bob');
    room.leave('bob');
    room.enter('carol', { startsConference: false });
    expect([...room.hearing]).toEqual(['alice+carol']);
  });

  it('[CF5] ends for everybody when one leaves who ends it', () => {
    const room = new Room();
    room.enter('alice', { endsConference: true });
    room.enter('bob');
    room.enter('carol');
    room.leave('bob');
    expect(room.state.phase).toBe('in-progress');
    room.leave('alice');
    expect(room.of('out').map(({ party, why }) => `${party} ${why}`)).toEqual([
      'bob left',
      'alice left',
      'carol ended',
    ]);
    expect(room.of('event').at(-1)?.event).toEqual({ name: 'end', why: 'ender-left', by: 'CAalice' });
    expect(room.outputs.at(-1)).toEqual({ type: 'ended' });
  });

  it('[CF9] ends with the last participant, and takes nobody any more', () => {
    const room = new Room();
    room.enter('alice');
    room.leave('alice');
    room.leave('alice');
    expect(room.of('ended')).toHaveLength(1);
    room.enter('bob');
    expect(room.of('out').at(-1)).toMatchObject({ party: 'bob', why: 'ended' });
    expect(room.state.participants).toEqual([]);
  });

  it('[CF9] [CF13] ends when REST says so, and everybody learns it', () => {
    const room = new Room();
    room.enter('alice');
    room.enter('bob', { isMuted: true });
    room.feed({ type: 'end' });
    expect(room.of('out').map(({ why }) => why)).toEqual(['ended', 'ended']);
    expect(room.silenced.size).toBe(0);
  });

  it('[CF8] never has more than the least of what those in it allow', () => {
    const room = new Room();
    room.enter('alice', { participantsMax: 2 });
    room.enter('bob');
    room.enter('carol');
    expect(room.of('out')).toMatchObject([{ party: 'carol', why: 'full' }]);
    room.leave('alice');
    room.enter('carol');
    room.enter('dora', { participantsMax: 2 });
    expect(room.of('out').at(-1)).toMatchObject({ party: 'dora', why: 'full' });
    room.enter('dora');
    expect(room.state.participants).toHaveLength(3);
  });

  it('[CF8] never has more than forty', () => {
    const room = new Room();
    for (let n = 0; n <= PARTICIPANTS_MAX; n++) room.enter(`guest ${n}`, { participantsMax: 1000 });
    expect(room.state.participants).toHaveLength(PARTICIPANTS_MAX);
    expect(room.of('out')).toMatchObject([{ why: 'full' }]);
  });

  it('[CF6] shows two to one another where both have video', () => {
    const room = new Room();
    room.enter('alice', { video: true });
    room.enter('bob');
    room.enter('carol', { video: true });
    expect(room.of('hear').filter(({ video }) => video)).toMatchObject([{ a: 'alice', b: 'carol' }]);
  });

  it('[CF7] silences who is muted, by the document or by REST, and says so to her and to the others', () => {
    const room = new Room();
    room.enter('alice');
    room.enter('bob', { isMuted: true });
    expect(room.silenced).toEqual(new Set(['bob']));
    expect(room.told('bob')[0]).toMatchObject({ conference: { muted: true } });
    expect(room.told('alice').at(-2)).toMatchObject({ people: [{ identity: 'bob', muted: true }] });
    room.change('bob', { isMuted: false });
    room.change('bob', { isMuted: false });
    expect(room.silenced.size).toBe(0);
    expect(room.told('bob').at(-1)).toMatchObject({ conference: { muted: false } });
    expect(room.events.filter((event) => event === 'mute bob')).toHaveLength(1);
    room.change('alice', { isMuted: true });
    room.leave('alice');
    expect(room.silenced.size).toBe(0);
  });

  it('[CF11] parts who is on hold from everybody, with her own music, until she is taken back', () => {
    const room = new Room();
    const music = { type: 'sound', url: 'wait.wav', base: '', at } as const;
    room.enter('alice', { music });
    room.enter('bob');
    room.enter('carol');
    room.change('alice', { isOnHold: true });
    expect([...room.hearing]).toEqual(['bob+carol']);
    expect(room.music.get('alice')).toBe('wait.wav');
    room.change('alice', { holdMusic: { type: 'sound', url: 'hold.wav', base: '', at } });
    expect(room.music.get('alice')).toBe('hold.wav');
    expect(room.told('alice').at(-1)).toMatchObject({ type: 'parted' });
    room.change('alice', { isOnHold: false });
    expect(room.hearing.size).toBe(3);
    expect(room.music.size).toBe(0);
    expect(room.events.filter((event) => event.startsWith('hold'))).toHaveLength(2);
  });

  it('[CF14] plays what the document names to those who wait, and stops when it starts', () => {
    const room = new Room();
    room.enter('alice', { startsConference: false, music: { type: 'sound', url: 'wait.wav', base: '', at } });
    expect(room.music.get('alice')).toBe('wait.wav');
    room.enter('bob');
    expect(room.music.size).toBe(0);
  });

  it.each([
    [{ enter: true, exit: true }, ['enter', 'exit']],
    [{ enter: true, exit: false }, ['enter']],
    [{ enter: false, exit: true }, ['exit']],
    [{ enter: false, exit: false }, []],
  ])('[TN16] lets the others hear who comes and goes, as her document says: %o', (beeps, heard) => {
    const room = new Room();
    room.enter('alice', { beeps: { enter: false, exit: false } });
    room.enter('carol', { beeps: { enter: false, exit: false } });
    room.change('carol', { isOnHold: true });
    room.enter('bob', { beeps });
    room.leave('bob');
    // Carol is on hold, and Bob himself knows.
    expect(room.of('beep')).toEqual(heard.map((beep) => ({ type: 'beep', party: 'alice', beep })));
  });

  it('[TN16] is silent while nobody hears anybody, and when it ends', () => {
    const room = new Room();
    room.enter('alice', { startsConference: false });
    room.enter('bob', { startsConference: false });
    expect(room.of('beep')).toEqual([]);
    room.enter('carol', { endsConference: true });
    expect(room.of('beep').map(({ party, beep }) => `${beep} ${party}`)).toEqual([
      'enter alice',
      'enter bob',
    ]);
    room.leave('carol');
    expect(room.of('beep')).toHaveLength(2);
    expect(room.of('ended')).toHaveLength(1);
  });

  it('[CF10] tells each device who else is there, that it is joined when it hears somebody, and parted when nobody', () => {
    const room = new Room();
    room.enter('alice');
    room.enter('bob');
    room.enter('carol');
    expect(room.told('alice').map(({ type }) => type)).toEqual([
      'participants',
      'participants',
      'joined',
      'participants',
    ]);
    expect(room.told('carol')).toMatchObject([
      {
        type: 'participants',
        conference: { name: 'room', started: true, muted: false, onHold: false },
        people: [
          { id: '1', identity: 'alice', muted: false },
          { id: '2', identity: 'bob' },
        ],
      },
      { type: 'joined', other: { identity: 'alice' }, video: false },
    ]);
    room.leave('bob');
    room.leave('carol');
    expect(room.told('alice').at(-1)).toEqual({ type: 'parted' });
    // Who has left is told so: her call may go on.
    expect(room.told('bob').slice(-2)).toEqual([{ type: 'participants', people: [] }, { type: 'parted' }]);
  });

  it('[CF13] lets REST take one out, who learns it, and change whether it ends without her', () => {
    const room = new Room();
    room.enter('alice');
    room.enter('bob');
    room.nowMs = 5000;
    room.change('bob', { endsConference: true });
    expect(room.events.at(-1)).toBe('modify bob');
    expect(room.state.participants.at(-1)).toMatchObject({ joinedMs: 0, updatedMs: 5000 });
    room.feed({ type: 'remove', party: 'alice' as PartyId });
    expect(room.of('out')).toMatchObject([{ party: 'alice', why: 'removed' }]);
    room.feed({ type: 'remove', party: 'bob' as PartyId });
    expect(room.state.phase).toBe('ended');
  });

  it('[CF6] [CF8] [CF9] whatever happens, what was done is what the state says, and nobody is left behind', () => {
    const name = fc.constantFrom(...PEOPLE);
    const party = name.map((each) => each as PartyId);
    const input: fc.Arbitrary<ConferenceInput> = fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(
            name,
            fc.record({
              video: fc.boolean(),
              isMuted: fc.boolean(),
              startsConference: fc.boolean(),
              endsConference: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
              participantsMax: fc.constantFrom(1, 2, 3, 40),
            }),
          )
          .map(([who, terms]) => ({ type: 'enter', entrant: entrant(who, terms) }) as const),
      },
      { weight: 2, arbitrary: party.map((each) => ({ type: 'leave', party: each }) as const) },
      { weight: 1, arbitrary: party.map((each) => ({ type: 'remove', party: each }) as const) },
      {
        weight: 4,
        arbitrary: fc
          .tuple(party, fc.record({ isMuted: fc.boolean(), isOnHold: fc.boolean() }))
          .map(([each, change]) => ({ type: 'change', party: each, change }) as const),
      },
    );
    let mostAtOnce = 0;
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60, size: 'max' }), (inputs) => {
        const room = new Room();
        for (const each of inputs) {
          room.feed(each);
          const { participants } = room.state;
          mostAtOnce = Math.max(mostAtOnce, participants.length);
          for (const { participantsMax } of participants) {
            expect(participants.length).toBeLessThanOrEqual(participantsMax);
          }
        }
        for (const each of room.state.participants) room.leave(each.party);
        const admitted = room.of('admitted').length;
        const out = room.of('event').filter(({ event }) => event.name === 'leave').length;
        expect(out).toBe(admitted);
        expect(room.of('ended')).toHaveLength(admitted === 0 ? 0 : 1);
      }),
      { seed: SEED, numRuns: 500 },
    );
    // A generator that never fills a room would prove nothing.
    expect(mostAtOnce).toBeGreaterThan(3);
  });
});
