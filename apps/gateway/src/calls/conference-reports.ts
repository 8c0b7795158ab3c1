import type { Conference, ConferenceEvent } from '@parley/rcml';
import type { ConferenceEndCause, ConferenceHappening, FormFields } from '@parley/switchboard';
import { resolveUrl } from '../out/resolve-url.ts';
import { formatTimestamp } from '../out/timestamp.ts';
import type { CallServices } from './call-services.ts';

/** Where the life of a conference is told, by whoever's document opened it. */
export interface ReportOrder {
  readonly accountSid: string;
  readonly conferenceSid: string;
  readonly name: string;
  readonly noun: Conference;
  readonly base: string;
}

/** Why a conference ended, in Twilio's words. */
export const END_CAUSES: Readonly<Record<ConferenceEndCause, string>> = {
  'last-left': 'last-participant-left',
  'ender-left': 'participant-with-end-conference-on-exit-left',
  'ended-by-rest': 'conference-ended-via-api',
};

/** Writes a conference's status callbacks into the outbox, in Twilio's words: the events the document asked for, counted. */
export class ConferenceReports {
  readonly #order: ReportOrder;
  readonly #url: string | undefined;
  readonly #services: Pick<CallServices, 'outbox' | 'world'>;
  readonly #events: ReadonlySet<ConferenceEvent>;
  #told = 0;

  constructor(order: ReportOrder, services: Pick<CallServices, 'outbox' | 'world'>) {
    const { statusCallback, statusCallbackEvents } = order.noun;
    this.#order = order;
    this.#services = services;
    this.#url = statusCallback === undefined ? undefined : resolveUrl(order.base, statusCallback);
    this.#events = new Set(statusCallbackEvents);
  }

  tell(happening: ConferenceHappening): void {
    if (this.#url === undefined || !this.#events.has(happening.name)) return;
    const { accountSid, conferenceSid, name, noun } = this.#order;
    const { outbox, world } = this.#services;
    const sequence = this.#told++;
    outbox.enqueue({
      accountSid,
      stream: conferenceSid,
      sequence,
      url: this.#url,
      method: noun.statusCallbackMethod,
      params: [
        ['AccountSid', accountSid],
        ['ConferenceSid', conferenceSid],
        ['FriendlyName', name],
        ['StatusCallbackEvent', wordOf(happening)],
        ['SequenceNumber', String(sequence)],
        ['Timestamp', formatTimestamp(world.nowMs())],
        ...factsOf(happening),
      ],
    });
  }
}

function wordOf(happening: ConferenceHappening): string {
  switch (happening.name) {
    case 'start':
    case 'end':
      return `conference-${happening.name}`;
    case 'mute':
      return happening.participant.isMuted ? 'participant-mute' : 'participant-unmute';
    case 'hold':
      return happening.participant.isOnHold ? 'participant-hold' : 'participant-unhold';
    case 'join':
    case 'leave':
    case 'modify':
      return `participant-${happening.name}`;
  }
}

function factsOf(happening: ConferenceHappening): FormFields {
  switch (happening.name) {
    case 'start':
      return [];
    case 'end':
      return [
        ['ReasonConferenceEnded', END_CAUSES[happening.why]],
        ...(happening.by === undefined ? [] : [['CallSidEndingConference', happening.by] as const]),
      ];
    case 'join':
    case 'leave':
    case 'mute':
    case 'hold':
    case 'modify': {
      const { callSid, isMuted, isOnHold, startsConference, endsConference } = happening.participant;
      return [
        ['CallSid', callSid],
        ['Muted', String(isMuted)],
        ['Hold', String(isOnHold)],
        ['Coaching', 'false'],
        ['StartConferenceOnEnter', String(startsConference)],
        ['EndConferenceOnExit', String(endsConference)],
      ];
    }
  }
}
