import {
  Driver,
  openConference,
  stepConference,
  type ConferenceExit,
  type ConferenceHappening,
  type ConferenceInput,
  type ConferenceOutput,
  type ConferenceState,
  type Music,
  type PartyId,
} from '@parley/switchboard';
import type { ConferenceTable } from '../store/conferences.ts';
import { newSid } from '../store/sid.ts';
import type { CallServices } from './call-services.ts';
import { ConferenceRecording } from './conference-recording.ts';
import { ConferenceReports, END_CAUSES } from './conference-reports.ts';
import type { EnterConference, Visitor } from './conferences.ts';

type Of<T extends ConferenceOutput['type']> = Extract<ConferenceOutput, { type: T }>;

/** What a conference acts with. */
export type ConferenceServices = Pick<
  CallServices,
  'world' | 'media' | 'announcer' | 'recordings' | 'outbox' | 'log'
> & {
  readonly table: Pick<ConferenceTable, 'save'>;
};

export interface HostedConferenceOptions {
  readonly first: Visitor;
  readonly request: EnterConference;
  readonly services: ConferenceServices;
  /** Somebody is out of it, or was not let in. */
  readonly onOut: (party: PartyId) => void;
  readonly onEnded: (conference: HostedConference) => void;
}

interface Visit {
  readonly visitor: Visitor;
  readonly request: EnterConference;
  /** What the others' devices call her, once she is in. */
  id?: string;
}

/**
 * One conference as the gateway carries it: the driver of its machine, and the hands that do what it says. It decides
 * nothing. If it fails, everybody in it goes on with her own document.
 */
export class HostedConference {
  readonly sid = newSid('CF');
  readonly accountSid: string;
  readonly name: string;
  readonly #createdAtMs: number;
  readonly #options: HostedConferenceOptions;
  readonly #services: ConferenceServices;
  /** That of whoever came first: she stays where she is, the others come to her. */
  readonly #room: string;
  readonly #reports: ConferenceReports;
  readonly #recording: ConferenceRecording;
  readonly #driver: Driver<ConferenceState, ConferenceInput, ConferenceOutput>;
  readonly #visits = new Map<PartyId, Visit>();

  constructor(options: HostedConferenceOptions) {
    const { first, request, services } = options;
    const { name, conference: noun, base } = request;
    const { accountSid } = first;
    this.#options = options;
    this.#services = services;
    this.accountSid = accountSid;
    this.name = name;
    this.#room = first.room;
    this.#createdAtMs = services.world.nowMs();
    this.#reports = new ConferenceReports(
      { accountSid, conferenceSid: this.sid, name, noun, base },
      services,
    );
    const { callSid } = request.entrant;
    this.#recording = new ConferenceRecording(
      { accountSid, conferenceSid: this.sid, callSid, noun, base },
      services.recordings,
    );
    this.#driver = new Driver<ConferenceState, ConferenceInput, ConferenceOutput>({
      start: () => ({ state: openConference(name), outputs: [] }),
      step: stepConference,
      deadlineMs: () => undefined,
      // Never fed: a conference waits for nothing.
      clock: { type: 'end' },
      perform: (output) => {
        this.#perform(output);
        // Behind it: whoever comes in is in the room then in which the others are.
        this.#recording.follow(output);
      },
      onCrash: (error, lastInputs) => this.#crashed(error, lastInputs),
      world: services.world,
    });
    this.#driver.begin();
  }

  get state(): ConferenceState {
    return this.#driver.state;
  }

  enter(visitor: Visitor, request: EnterConference): void {
    this.#visits.set(request.entrant.party, { visitor, request });
    this.feed({ type: 'enter', entrant: request.entrant });
  }

  feed(input: ConferenceInput): void {
    this.#driver.feed(input);
  }

  /** What the others' devices call a participant. */
  nameOf(party: PartyId): string | undefined {
    return this.#visits.get(party)?.id;
  }

  #perform(output: ConferenceOutput): void {
    const { media, log } = this.#services;
    switch (output.type) {
      case 'admitted':
        this.#admitted(output);
        return;
      case 'hear':
        media.bridge(output.a, output.b, { video: output.video });
        return;
      case 'part':
        media.unbridge(output.a, output.b);
        return;
      case 'silence':
        media.silence(output.party, output.isSilenced);
        return;
      case 'music':
        this.#play(output.party, output.music);
        return;
      case 'tell':
        this.#visits.get(output.party)?.visitor.tell(output.party, output.notice);
        return;
      case 'event':
        this.#writeDown(output.event);
        this.#reports.tell(output.event);
        return;
      case 'beep':
        this.#services.announcer.beep({ party: output.party, beep: output.beep });
        return;
      case 'out':
        this.#out(output.party, output.why);
        return;
      case 'ended':
        log.info({ conferenceSid: this.sid }, 'conference ended');
        this.#options.onEnded(this);
        this.#driver.stop();
        return;
    }
  }

  /** How it stands, in the same transaction as what is told of it. */
  #writeDown(happened?: ConferenceHappening): void {
    const { table, world } = this.#services;
    const { phase } = this.state;
    const end = happened?.name === 'end' ? happened : undefined;
    const isOver = happened === undefined || end !== undefined;
    table.save({
      sid: this.sid,
      accountSid: this.accountSid,
      friendlyName: this.name,
      status: isOver ? 'completed' : phase === 'waiting' ? 'init' : 'in-progress',
      endReason: end === undefined ? null : END_CAUSES[end.why],
      endedBy: end?.by ?? null,
      createdAtMs: this.#createdAtMs,
      updatedAtMs: world.nowMs(),
    });
  }

  #admitted({ participant: { party, id, callSid } }: Of<'admitted'>): void {
    const visit = this.#visits.get(party);
    if (visit === undefined) return;
    visit.id = id;
    visit.visitor.moveTo(this.#room, { layered: true });
    this.#services.media.move(party, this.#room, { layered: true });
    this.#services.log.info({ conferenceSid: this.sid, callSid }, 'conference entered');
  }

  #play(party: PartyId, music: Music | null): void {
    const visit = this.#visits.get(party);
    if (visit === undefined) return;
    const { callSid: leg } = visit.request.entrant;
    visit.visitor.playMusic({
      leg,
      party,
      music: music?.type === 'document' ? this.#withNames(music) : music,
    });
  }

  /** An application that is asked for a document to wait with learns for what. */
  #withNames(music: Extract<Music, { type: 'document' }>): Music {
    const names = [
      ['ConferenceSid', this.sid],
      ['FriendlyName', this.name],
    ] as const;
    return { ...music, params: [...music.params, ...names] };
  }

  #out(party: PartyId, why: ConferenceExit): void {
    const visit = this.#visits.get(party);
    if (visit === undefined) return;
    this.#visits.delete(party);
    const { callSid: leg } = visit.request.entrant;
    visit.visitor.playMusic({ leg, party, music: null });
    this.#options.onOut(party);
    // Who leaves of her own accord knows it already.
    if (why !== 'left') {
      visit.visitor.feed({ type: 'conferenceLeft', visitId: visit.request.visitId, why });
    }
  }

  #crashed(error: unknown, lastInputs: readonly ConferenceInput[]): void {
    const { log, media } = this.#services;
    log.error(
      { conferenceSid: this.sid, err: error, lastInputs: lastInputs.map((input) => input.type) },
      'conference crashed',
    );
    this.#recording.end();
    this.#writeDown();
    this.#options.onEnded(this);
    const parties = Array.from(this.#visits.keys());
    for (const [index, a] of parties.entries()) {
      media.silence(a, false);
      for (const b of parties.slice(index + 1)) media.unbridge(a, b);
    }
    for (const party of parties) this.#out(party, 'failed');
  }
}
