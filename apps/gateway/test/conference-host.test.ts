import type { CallSid } from '@parley/protocol';
import type { Conference } from '@parley/rcml';
import type { CallInput, CallNotice, Music, PartyId } from '@parley/switchboard';
import { FakeMediaPlane } from '@parley/testkit';
import { describe, expect, it } from 'vitest';
import { createSilentAnnouncer } from '../src/calls/announcer.ts';
import type { ConferenceRecord } from '../src/store/conferences.ts';
import { ConferenceHost } from '../src/calls/conference-host.ts';
import type { EnterConference, MusicOrder, Visitor } from '../src/calls/conferences.ts';

const at = { line: 1, column: 1 };
const SOUND: Music = { type: 'sound', url: 'wait.wav', base: 'http://app.example/', at };

class Guest implements Visitor {
  readonly party: PartyId;
  readonly accountSid: string;
  room: string;
  readonly fed: CallInput[] = [];
  readonly told: CallNotice['type'][] = [];
  readonly music: MusicOrder['music'][] = [];

  constructor(name: string, accountSid = 'AC1') {
    this.party = name as PartyId;
    this.accountSid = accountSid;
    this.room = `room of ${name}`;
  }

  moveTo(room: string): void {
    this.room = room;
  }

  feed(input: CallInput): void {
    this.fed.push(input);
  }

  tell(_party: PartyId, notice: CallNotice): void {
    this.told.push(notice.type);
  }

  playMusic({ music }: MusicOrder): void {
    this.music.push(music);
  }
}

function request(guest: Guest, terms: Partial<EnterConference['entrant']> = {}): EnterConference {
  return {
    type: 'enterConference',
    visitId: 7,
    name: 'blue',
    base: '',
    conference: { noun: 'Conference', at, statusCallbackEvents: [] } as unknown as Conference,
    entrant: {
      callSid: `CA${guest.party}` as CallSid,
      party: guest.party,
      person: { identity: guest.party },
      video: false,
      isMuted: false,
      startsConference: true,
      endsConference: false,
      participantsMax: 40,
      music: null,
      beeps: { enter: true, exit: true },
      ...terms,
    },
  };
}

function hostWith(media: FakeMediaPlane, conferencesMax = 10) {
  const errors: string[] = [];
  const kept = new Map<string, ConferenceRecord>();
  const host = new ConferenceHost({
    world: { nowMs: () => 0, wakeAt: () => () => {} },
    media,
    announcer: createSilentAnnouncer(),
    outbox: { enqueue: () => {} } as never,
    table: { save: (record: ConferenceRecord) => void kept.set(record.sid, record) },
    log: { info: () => {}, error: (_facts: object, message: string) => errors.push(message) } as never,
    conferencesMax,
  });
  return { host, errors, kept };
}

describe('the conferences of a gateway', () => {
  it('[CF20] a conference that breaks lets everybody go on', () => {
    class BrokenPlane extends FakeMediaPlane {
      override bridge(): void {
        throw new Error('a bug of ours');
      }
    }
    const { host, errors, kept } = hostWith(new BrokenPlane());
    const [alice, bob] = [new Guest('alice'), new Guest('bob')];
    host.enter(alice, request(alice));
    host.enter(bob, request(bob));
    for (const guest of [alice, bob]) {
      expect(guest.fed).toEqual([{ type: 'conferenceLeft', visitId: 7, why: 'failed' }]);
    }
    expect(errors).toEqual(['conference crashed']);
    expect(host.counts).toEqual({ conferences: 0, participants: 0 });
    expect([...kept.values()].map(({ status }) => status)).toEqual(['completed']);
  });

  it('[CF20] more conferences than the gateway holds are refused, and leave nothing', () => {
    const { host } = hostWith(new FakeMediaPlane(), 1);
    const [alice, bob] = [new Guest('alice'), new Guest('bob')];
    host.enter(alice, request(alice));
    host.enter(bob, { ...request(bob), name: 'green' });
    expect(bob.fed).toEqual([{ type: 'conferenceLeft', visitId: 7, why: 'overload' }]);
    host.leave(bob.party);
    expect(host.counts).toEqual({ conferences: 1, participants: 1 });
    host.leave(alice.party);
    host.leave(alice.party);
    expect(host.counts).toEqual({ conferences: 0, participants: 0 });
    expect(alice.fed).toEqual([]);
  });

  it('[CF1] names mean something within an account only', async () => {
    const { host, kept } = hostWith(new FakeMediaPlane());
    const [alice, eve] = [new Guest('alice'), new Guest('eve', 'AC2')];
    host.enter(alice, request(alice));
    host.enter(eve, request(eve));
    const ours = [...kept.values()].find(({ accountSid }) => accountSid === 'AC1');
    expect(host.participants('AC1', ours?.sid ?? '').map(({ callSid }) => callSid)).toEqual(['CAalice']);
    expect(host.participants('AC2', ours?.sid ?? '')).toEqual([]);
    expect(await host.end('AC2', ours?.sid ?? '')).toMatchObject({ refused: 'ended' });
    expect(await host.removeParticipant('AC1', ours?.sid ?? '', 'CAeve' as CallSid)).toMatchObject({
      refused: 'ended',
    });
    expect(alice.fed).toEqual([]);
  });

  it('[CF14] [CF11] what she hears while she waits is her own call’s to play, and to end', async () => {
    const { host, kept } = hostWith(new FakeMediaPlane());
    const alice = new Guest('alice');
    host.enter(alice, request(alice, { startsConference: false, music: SOUND }));
    expect(alice.music).toEqual([SOUND]);
    const [sid = ''] = kept.keys();
    const done = await host.setParticipant('AC1', sid, 'CAalice' as CallSid, {
      isOnHold: true,
      holdUrl: 'http://app.example/hold.wav',
    });
    expect(done).toBe('done');
    expect(host.participants('AC1', sid)).toMatchObject([{ isOnHold: true }]);
    expect(alice.music.slice(1)).toMatchObject([{ type: 'sound', url: 'http://app.example/hold.wav' }]);
    await host.setParticipant('AC1', sid, 'CAalice' as CallSid, {
      holdUrl: 'http://app.example/hold',
      holdMethod: 'GET',
    });
    expect(alice.music.slice(2)).toMatchObject([
      {
        type: 'document',
        request: { written: 'http://app.example/hold', method: 'GET' },
        params: expect.arrayContaining([
          ['CallSid', 'CAalice'],
          ['ConferenceSid', sid],
          ['FriendlyName', 'blue'],
        ]) as unknown,
      },
    ]);
    host.leave(alice.party);
    expect(alice.music.at(-1)).toBeNull();
    expect(host.counts).toEqual({ conferences: 0, participants: 0 });
  });
});
