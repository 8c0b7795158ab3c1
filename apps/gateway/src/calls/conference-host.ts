import type { CallSid } from '@parley/protocol';
import {
  API_VERSION,
  musicAt,
  type FormFields,
  type ParticipantUpdate,
  type PartyId,
} from '@parley/switchboard';
import type {
  CallRefusal,
  ConferenceControl,
  ParticipantChange,
  ParticipantFacts,
} from '../rest/call-control.ts';
import type { Conferences, EnterConference, Visitor } from './conferences.ts';
import { HostedConference, type ConferenceServices } from './hosted-conference.ts';

export interface ConferenceHostOptions extends ConferenceServices {
  /** Conferences at once, in all. */
  readonly conferencesMax: number;
}

/** What is held now: the first thing to read when looking for a leak. */
export interface ConferenceCounts {
  readonly conferences: number;
  readonly participants: number;
}

/** All conferences of this node, by account and name: for the calls that enter them, and for REST. It decides nothing. */
export class ConferenceHost implements Conferences, ConferenceControl {
  readonly #options: ConferenceHostOptions;
  readonly #conferences = new Map<string, HostedConference>();
  readonly #places = new Map<PartyId, HostedConference>();

  constructor(options: ConferenceHostOptions) {
    this.#options = options;
  }

  get counts(): ConferenceCounts {
    return { conferences: this.#conferences.size, participants: this.#places.size };
  }

  enter(visitor: Visitor, request: EnterConference): void {
    const { party } = request.entrant;
    const conference = this.#conferenceFor(visitor, request);
    if (conference === undefined) {
      visitor.feed({ type: 'conferenceLeft', visitId: request.visitId, why: 'overload' });
      return;
    }
    this.#places.set(party, conference);
    conference.enter(visitor, request);
  }

  leave(party: PartyId): void {
    this.#places.get(party)?.feed({ type: 'leave', party });
  }

  nameOf(party: PartyId): string | undefined {
    return this.#places.get(party)?.nameOf(party);
  }

  async end(accountSid: string, sid: string): Promise<'done' | CallRefusal> {
    const conference = this.#find(accountSid, sid);
    if (conference === undefined) return OVER;
    conference.feed({ type: 'end' });
    return 'done';
  }

  participants(accountSid: string, sid: string): readonly ParticipantFacts[] {
    const participants = this.#find(accountSid, sid)?.state.participants ?? [];
    return participants.map(
      ({ callSid, isMuted, isOnHold, startsConference, endsConference, joinedMs, updatedMs }) => ({
        callSid,
        label: undefined,
        isMuted,
        isOnHold,
        startsConference,
        endsConference,
        joinedAtMs: joinedMs,
        updatedAtMs: updatedMs,
      }),
    );
  }

  async setParticipant(
    accountSid: string,
    sid: string,
    callSid: CallSid,
    change: ParticipantChange,
  ): Promise<'done' | CallRefusal> {
    return this.#ofParticipant(accountSid, sid, callSid, (conference, party) =>
      conference.feed({ type: 'change', party, change: updateOf(change, { accountSid, callSid }) }),
    );
  }

  async removeParticipant(accountSid: string, sid: string, callSid: CallSid): Promise<'done' | CallRefusal> {
    return this.#ofParticipant(accountSid, sid, callSid, (conference, party) =>
      conference.feed({ type: 'remove', party }),
    );
  }

  #ofParticipant(
    accountSid: string,
    sid: string,
    callSid: CallSid,
    act: (conference: HostedConference, party: PartyId) => void,
  ): 'done' | CallRefusal {
    const conference = this.#find(accountSid, sid);
    const found = conference?.state.participants.find((each) => each.callSid === callSid);
    if (conference === undefined || found === undefined) return OVER;
    act(conference, found.party);
    return 'done';
  }

  #find(accountSid: string, sid: string): HostedConference | undefined {
    for (const each of this.#conferences.values()) {
      if (each.accountSid === accountSid && each.sid === sid) return each;
    }
    return undefined;
  }

  /** The conference of this name that is up; a new one where there is none, or it has just ended. */
  #conferenceFor(visitor: Visitor, request: EnterConference): HostedConference | undefined {
    const key = `${visitor.accountSid}/${request.name}`;
    const known = this.#conferences.get(key);
    if (known !== undefined && known.state.phase !== 'ended') return known;
    if (this.#conferences.size >= this.#options.conferencesMax) return undefined;
    const conference = new HostedConference({
      first: visitor,
      request,
      services: this.#options,
      onOut: (party) => this.#places.delete(party),
      onEnded: (ended) => {
        if (this.#conferences.get(key) === ended) this.#conferences.delete(key);
      },
    });
    // Behind the others, also where one of this name has just ended: the newest is last.
    this.#conferences.delete(key);
    this.#conferences.set(key, conference);
    return conference;
  }
}

const OVER: CallRefusal = {
  refused: 'ended',
  message: 'there is no such conference, or participant, any more',
};

function updateOf(
  change: ParticipantChange,
  { accountSid, callSid }: { readonly accountSid: string; readonly callSid: CallSid },
): ParticipantUpdate {
  const { isMuted, isOnHold, endsConference, holdUrl: url, holdMethod: method = 'POST' } = change;
  const params: FormFields = [
    ['AccountSid', accountSid],
    ['ApiVersion', API_VERSION],
    ['CallSid', callSid],
    ['CallStatus', 'in-progress'],
  ];
  return {
    ...(isMuted === undefined ? {} : { isMuted }),
    ...(isOnHold === undefined ? {} : { isOnHold }),
    ...(endsConference === undefined ? {} : { endsConference }),
    ...(url === undefined ? {} : { holdMusic: musicAt({ url, base: url, method, params }) }),
  };
}
