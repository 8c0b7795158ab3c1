import type { Conference } from '@parley/rcml';
import type { ConferenceOutput, PartyId, RecordedParty } from '@parley/switchboard';
import type { CallRecorder } from './call-recordings.ts';

export interface ConferenceRecordingOrder {
  readonly accountSid: string;
  readonly conferenceSid: string;
  /** Whose document opened the conference. */
  readonly callSid: string;
  readonly noun: Conference;
  readonly base: string;
}

/** A conference goes on no longer than a day, whoever is in it. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * What is said in a conference, on one channel: from its start to its end, of everybody whom the others can hear. Whether it
 * is recorded is decided by the document that opened it.
 */
export class ConferenceRecording {
  readonly #order: ConferenceRecordingOrder;
  readonly #recorder: CallRecorder;
  /** Everybody in it, and who of them is not to be heard. */
  readonly #present = new Set<PartyId>();
  readonly #silenced = new Set<PartyId>();
  readonly #held = new Set<PartyId>();
  #sid: string | undefined;

  constructor(order: ConferenceRecordingOrder, recorder: CallRecorder) {
    this.#order = order;
    this.#recorder = recorder;
  }

  follow(output: ConferenceOutput): void {
    if (this.#order.noun.record !== 'record-from-start') return;
    switch (output.type) {
      case 'admitted':
        this.#change(output.participant.party, (party) => this.#present.add(party));
        return;
      case 'out':
        this.#change(output.party, (party) => this.#present.delete(party));
        return;
      case 'silence':
        this.#change(output.party, (party) =>
          output.isSilenced ? this.#silenced.add(party) : this.#silenced.delete(party),
        );
        return;
      case 'event':
        if (output.event.name === 'start') this.#begin();
        if (output.event.name === 'hold') {
          const { isOnHold, party: held } = output.event.participant;
          this.#change(held, (party) => (isOnHold ? this.#held.add(party) : this.#held.delete(party)));
        }
        return;
      case 'ended':
        this.end();
        return;
      case 'hear':
      case 'part':
      case 'music':
      case 'tell':
      case 'beep':
        return;
    }
  }

  end(): void {
    if (this.#sid !== undefined) this.#recorder.stop(this.#sid);
    this.#sid = undefined;
  }

  #begin(): void {
    if (this.#sid !== undefined) return;
    const { accountSid, conferenceSid, callSid, noun, base } = this.#order;
    const recording = this.#recorder.name(accountSid);
    this.#sid = recording.sid;
    this.#recorder.begin({
      accountSid,
      callSid,
      conferenceSid,
      recording,
      order: {
        source: 'Conference',
        parties: Array.from(this.#present)
          .filter((party) => this.#isHeard(party))
          .map(onTheOne),
        channels: 1,
        media: 'audio',
        trim: noun.trim === 'trim-silence',
        maxLengthMs: LONGEST_MS,
        withAnnouncements: false,
        reports: noun,
        base,
      },
    });
  }

  #isHeard(party: PartyId): boolean {
    return this.#present.has(party) && !this.#silenced.has(party) && !this.#held.has(party);
  }

  #change(party: PartyId, happen: (party: PartyId) => void): void {
    const wasHeard = this.#isHeard(party);
    happen(party);
    const isHeard = this.#isHeard(party);
    if (this.#sid === undefined || wasHeard === isHeard) return;
    if (isHeard) this.#recorder.add(this.#sid, onTheOne(party));
    else this.#recorder.remove(this.#sid, party);
  }
}

function onTheOne(party: PartyId): RecordedParty {
  return { party, channel: 0 };
}
