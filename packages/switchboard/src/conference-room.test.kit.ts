import type { CallSid } from '@parley/protocol';
import {
  doHear,
  musicFor,
  type ConferenceInput,
  type ConferenceOutput,
  type ConferenceState,
  type Entrant,
} from './conference-state.ts';
import { openConference, stepConference } from './conference.ts';
import type { PartyId } from './media-plane.ts';
import type { Music } from './music.ts';

type Of<T extends ConferenceOutput['type']> = Extract<ConferenceOutput, { type: T }>;

export function entrant(name: string, terms: Partial<Entrant> = {}): Entrant {
  return {
    callSid: `CA${name}` as CallSid,
    party: name as PartyId,
    person: { identity: name },
    video: false,
    isMuted: false,
    startsConference: true,
    endsConference: false,
    participantsMax: 40,
    music: null,
    beeps: { enter: true, exit: true },
    ...terms,
  };
}

/** A conference whose outputs are carried out on paper: who hears whom, who is silenced, what everybody was told. */
export class Room {
  nowMs = 0;
  state: ConferenceState = openConference('room');
  readonly outputs: ConferenceOutput[] = [];
  /** `alice+bob` of everybody who hears one another. */
  readonly hearing = new Set<string>();
  readonly silenced = new Set<string>();
  readonly music = new Map<string, string>();
  readonly inside = new Set<string>();

  feed(...inputs: readonly ConferenceInput[]): void {
    for (const input of inputs) {
      const step = stepConference(this.state, input, this.nowMs);
      this.state = step.state;
      for (const output of step.outputs) this.#take(output);
      this.#mustAgree();
    }
  }

  enter(name: string, terms: Partial<Entrant> = {}): void {
    this.feed({ type: 'enter', entrant: entrant(name, terms) });
  }

  leave(name: string): void {
    this.feed({ type: 'leave', party: name as PartyId });
  }

  change(name: string, change: Extract<ConferenceInput, { type: 'change' }>['change']): void {
    this.feed({ type: 'change', party: name as PartyId, change });
  }

  of<T extends ConferenceOutput['type']>(type: T): readonly Of<T>[] {
    return this.outputs.filter((output): output is Of<T> => output.type === type);
  }

  told(name: string): readonly Of<'tell'>['notice'][] {
    return this.of('tell').flatMap(({ party, notice }) => (party === name ? [notice] : []));
  }

  get events(): readonly string[] {
    return this.of('event').map(({ event }) =>
      'participant' in event ? `${event.name} ${event.participant.party}` : event.name,
    );
  }

  #take(output: ConferenceOutput): void {
    this.outputs.push(output);
    switch (output.type) {
      case 'admitted': {
        const { party } = output.participant;
        check(!this.inside.has(party), `${party} enters twice`);
        this.inside.add(party);
        return;
      }
      case 'hear':
        check(!this.hearing.has(pair(output.a, output.b)), 'two meet who have met');
        this.hearing.add(pair(output.a, output.b));
        return;
      case 'part':
        check(this.hearing.delete(pair(output.a, output.b)), 'two part who have not met');
        return;
      case 'silence':
        check(this.silenced.has(output.party) !== output.isSilenced, `${output.party} is so already`);
        if (output.isSilenced) this.silenced.add(output.party);
        else this.silenced.delete(output.party);
        return;
      case 'music':
        if (output.music === null) this.music.delete(output.party);
        else this.music.set(output.party, nameOfMusic(output.music));
        return;
      case 'beep':
        check(this.inside.has(output.party), `${output.party} hears a beep, and is not there`);
        check(!this.music.has(output.party), `${output.party} hears a beep instead of her music`);
        return;
      case 'tell':
        check(this.inside.has(output.party), `${output.party} is told something, and is not there`);
        return;
      case 'out': {
        const wasIn = this.inside.delete(output.party);
        check(wasIn || output.why === 'full' || output.why === 'ended', `${output.party} leaves twice`);
        return;
      }
      case 'ended':
        check(this.inside.size === 0, 'somebody is left behind');
        return;
      case 'event':
        return;
    }
  }

  /** What was done is what the state says, after every step of every test. */
  #mustAgree(): void {
    const { participants, phase } = this.state;
    const wanted = participants.flatMap((a) =>
      participants.filter((b) => doHear(this.state, a, b)).map((b) => pair(a.party, b.party)),
    );
    checkSame(this.hearing, wanted, 'who hears whom');
    checkSame(
      this.inside,
      participants.map(({ party }) => party),
      'who is there',
    );
    const muted = participants.filter(({ isMuted }) => isMuted);
    checkSame(
      this.silenced,
      muted.map(({ party }) => party),
      'who is silenced',
    );
    for (const each of participants) {
      const music = musicFor(this.state, each);
      const wanted = music === null ? undefined : nameOfMusic(music);
      check(this.music.get(each.party) === wanted, `what ${each.party} hears`);
    }
    check(phase === 'in-progress' || this.hearing.size === 0, 'somebody is heard before it has started');
  }
}

function nameOfMusic(music: Music): string {
  return music.type === 'sound' ? music.url : music.type;
}

function checkSame(done: ReadonlySet<string>, wanted: readonly string[], what: string): void {
  const [a, b] = [[...done].toSorted().join(' '), [...new Set(wanted)].toSorted().join(' ')];
  check(a === b, `${what}: ${a} instead of ${b}`);
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

function pair(a: string, b: string): string {
  return [a, b].toSorted().join('+');
}
