import type { Participant as WireParticipant, ServerMessageOf } from '@parley/protocol';
import {
  doHear,
  musicFor,
  type ConferenceOutput,
  type ConferenceState,
  type Participant,
} from './conference-state.ts';

type Participants = Omit<ServerMessageOf<'participants'>, 'seq' | 'callId'>;

/**
 * What has to be done, and who has to be told, for one state to become another. Flows are stopped before others begin,
 * and people are told what has happened already.
 */
export function difference(before: ConferenceState, after: ConferenceState): readonly ConferenceOutput[] {
  const everybody = [
    ...before.participants,
    ...after.participants.filter(({ party }) => find(before, party) === undefined),
  ];
  return [
    ...partings(before, after),
    ...everybody.flatMap(({ party }) => ofOne(find(before, party), find(after, party), before, after)),
    ...meetings(before, after),
    ...everybody.flatMap(({ party }) => told(party, before, after)),
  ];
}

function partings(before: ConferenceState, after: ConferenceState): readonly ConferenceOutput[] {
  return pairsOf(before).flatMap(([a, b]): readonly ConferenceOutput[] =>
    hearNow(after, a, b) ? [] : [{ type: 'part', a: a.party, b: b.party }],
  );
}

function meetings(before: ConferenceState, after: ConferenceState): readonly ConferenceOutput[] {
  return pairsOf(after).flatMap(([a, b]): readonly ConferenceOutput[] =>
    hearNow(before, a, b) ? [] : [{ type: 'hear', a: a.party, b: b.party, video: a.video && b.video }],
  );
}

/** Everybody who hears one another, each two once. */
function pairsOf(state: ConferenceState): readonly (readonly [Participant, Participant])[] {
  const { participants } = state;
  return participants.flatMap((a, index) =>
    participants
      .slice(index + 1)
      .filter((b) => doHear(state, a, b))
      .map((b) => [a, b] as const),
  );
}

function hearNow(state: ConferenceState, one: Participant, other: Participant): boolean {
  const [a, b] = [find(state, one.party), find(state, other.party)];
  return a !== undefined && b !== undefined && doHear(state, a, b);
}

/** What one participant may say, and hears in place of the others. */
function ofOne(
  was: Participant | undefined,
  is: Participant | undefined,
  before: ConferenceState,
  after: ConferenceState,
): readonly ConferenceOutput[] {
  const outputs: ConferenceOutput[] = [];
  const party = (is ?? was)?.party;
  if (party === undefined) return outputs;
  const isSilenced = is?.isMuted ?? false;
  if ((was?.isMuted ?? false) !== isSilenced) outputs.push({ type: 'silence', party, isSilenced });
  const music = is === undefined ? null : musicFor(after, is);
  if ((was === undefined ? null : musicFor(before, was)) !== music) {
    outputs.push({ type: 'music', party, music });
  }
  return outputs;
}

/** Who is there, and whom of them she has heard for longest, for her device; only where that has changed. */
function told(
  party: Participant['party'],
  before: ConferenceState,
  after: ConferenceState,
): readonly ConferenceOutput[] {
  const outputs: ConferenceOutput[] = [];
  const [was, is] = [viewOf(before, party), viewOf(after, party)];
  if (JSON.stringify(was) !== JSON.stringify(is)) outputs.push({ type: 'tell', party, notice: is });
  const [hadOther, other] = [heardBy(before, party), heardBy(after, party)];
  if (other !== undefined && other.party !== hadOther?.party) {
    const video = find(after, party)?.video ?? false;
    outputs.push({ type: 'tell', party, notice: { type: 'joined', other: other.person, video } });
  }
  if (hadOther !== undefined && other === undefined) {
    outputs.push({ type: 'tell', party, notice: { type: 'parted' } });
  }
  return outputs;
}

function viewOf(state: ConferenceState, party: Participant['party']): Participants {
  const self = find(state, party);
  if (self === undefined) return { type: 'participants', people: [] };
  return {
    type: 'participants',
    conference: {
      name: state.name,
      started: state.phase === 'in-progress',
      muted: self.isMuted,
      onHold: self.isOnHold,
    },
    people: state.participants.filter((each) => each !== self).map(asSeen),
  };
}

function asSeen({ id, person, isMuted, isOnHold }: Participant): WireParticipant {
  return { id, ...person, muted: isMuted, onHold: isOnHold };
}

/** Somebody whom this participant hears: who has been there longest. */
function heardBy(state: ConferenceState, party: Participant['party']): Participant | undefined {
  const self = find(state, party);
  return self === undefined ? undefined : state.participants.find((other) => doHear(state, self, other));
}

function find({ participants }: ConferenceState, party: Participant['party']): Participant | undefined {
  return participants.find((each) => each.party === party);
}
