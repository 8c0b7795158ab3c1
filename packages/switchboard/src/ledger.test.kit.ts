import type { CallSid } from '@parley/protocol';
import type { CallOutput } from './call-output.ts';
import { callDeadlineMs, type CallFacts, type CallInput, type CallState } from './call-state.ts';
import type { PartyId } from './media-plane.ts';
import type { Music } from './music.ts';

interface LegAccount {
  isEnded: boolean;
  callbacks: number;
  completed: number;
  wantsCompleted: boolean;
}

/** Keeps account of a call's outputs and throws at the first that must never be. */
export class Ledger {
  /** Prompts that were begun and neither stopped nor heard to their end. */
  readonly playing = new Set<{ readonly leg: CallSid; readonly playId: number; readonly party: PartyId }>();
  /** Who is being listened to. */
  readonly listening = new Map<
    string,
    { readonly leg: CallSid; readonly party: PartyId; readonly listenId: number }
  >();
  /** What each party hears while it waits. */
  readonly music = new Map<PartyId, Music>();
  readonly #parties = new Map<PartyId, 'found' | 'invited' | 'told the end' | 'released'>();
  readonly #legs = new Map<CallSid, LegAccount>();
  readonly #callerParty: PartyId;
  #joined: PartyId | undefined;
  #visit: number | undefined;
  /** Recordings that were begun and neither stopped nor told to be over. */
  readonly #recording = new Set<string>();
  readonly #recorded = new Set<string>();
  /** The transfer the caller is in. */
  #transfer: string | undefined;
  #isCallEnded = false;

  constructor(facts: CallFacts) {
    this.#callerParty = facts.caller.party;
    this.#parties.set(facts.caller.party, 'invited');
  }

  input(input: CallInput): void {
    if (input.type === 'devicesFound') for (const { party } of input.contacts) this.#found(party);
    if (input.type === 'deviceAppeared') this.#found(input.contact.party);
    if (input.type === 'conferenceLeft' && input.visitId === this.#visit) this.#visit = undefined;
    if (input.type === 'recordingEnded') this.#recording.delete(input.recordingSid);
    if (input.type === 'transferOver' && input.transferId === this.#transfer) this.#transfer = undefined;
    const isOut = input.type === 'reseat' && input.contact === null && input.caller.type === 'leave';
    if (isOut) this.#transfer = undefined;
    if (input.type === 'heard' && (input.hearing.what === 'understood' || input.hearing.what === 'failed'))
      this.listening.delete(`${input.leg}:${input.listenId}`);
    if (input.type !== 'played') return;
    for (const each of this.playing) {
      if (each.leg === input.leg && each.playId === input.playId) this.playing.delete(each);
    }
  }

  output(output: CallOutput): void {
    this.#check(!this.#isCallEnded, `${output.type} after callEnded`);
    switch (output.type) {
      case 'invite': {
        const { party } = output.contact;
        this.#check(this.#parties.get(party) === 'found', `${party} invited twice, or out of nowhere`);
        this.#parties.set(party, 'invited');
        return;
      }
      case 'tell':
        this.#check(
          this.#parties.get(output.party) === 'invited',
          `${output.party} told ${output.notice.type} too late`,
        );
        if (output.notice.type === 'ended') this.#parties.set(output.party, 'told the end');
        if (output.notice.type === 'parted') this.#joined = undefined;
        return;
      case 'release':
        this.#released(output.party);
        return;
      case 'join':
        this.#check(output.a === this.#callerParty, 'somebody joined who is not the caller');
        this.#check(this.#parties.get(output.b) === 'invited', `${output.b} joined, and is not there`);
        this.#check(this.#joined === undefined, 'the caller is joined with two at once');
        for (const party of [output.a, output.b])
          this.#check(!this.music.has(party), `${party} hears music and a person`);
        this.#joined = output.b;
        return;
      case 'music':
        if (output.music === null) {
          this.music.delete(output.party);
          return;
        }
        this.#check(this.#parties.get(output.party) === 'invited', `${output.party} waits after its end`);
        this.music.set(output.party, output.music);
        return;
      case 'play':
        this.#check(this.#parties.get(output.party) === 'invited', `${output.party} hears after its end`);
        for (const each of this.playing) this.#check(each.party !== output.party, 'two prompts at once');
        this.#check(!this.music.has(output.party), 'a prompt and music at once');
        this.playing.add({ leg: output.leg, playId: output.playId, party: output.party });
        return;
      case 'stopPlaying': {
        const stopped = [...this.playing].filter(
          (each) => each.leg === output.leg && each.playId === output.playId,
        );
        this.#check(stopped.length === 1, `prompt ${output.playId} was stopped, and did not play`);
        for (const each of stopped) this.playing.delete(each);
        return;
      }
      case 'listen':
        this.#check(this.#parties.get(output.party) === 'invited', `${output.party} is heard after its end`);
        this.listening.set(`${output.leg}:${output.listenId}`, output);
        return;
      case 'stopListening':
        this.#check(this.listening.delete(`${output.leg}:${output.listenId}`), 'nobody listened');
        return;
      case 'callback': {
        const leg = this.#leg(output.leg);
        this.#check(
          output.sequence === leg.callbacks,
          `callback ${output.sequence} after ${leg.callbacks} others`,
        );
        leg.callbacks++;
        this.#check(leg.completed === 0, `${output.event} after completed`);
        if (output.event === 'completed') leg.completed++;
        return;
      }
      case 'record':
        this.#written(output.leg, output.change.type, output);
        return;
      case 'fetch':
      case 'findDevices':
        this.#check(!this.#leg(output.leg).isEnded, `${output.type} for a leg that has ended`);
        return;
      case 'detach':
        // Goes on in another call, with its part; what it still owes is told there.
        this.#check(
          this.#parties.get(output.facts.caller.party) === 'invited',
          'somebody left who was not there',
        );
        this.#parties.set(output.facts.caller.party, 'released');
        this.#check(!this.#leg(output.facts.sid).isEnded, 'a leg left that was over');
        this.#legs.delete(output.facts.sid);
        if (output.facts.caller.party === this.#joined) this.#joined = undefined;
        return;
      case 'enterTransfer':
        this.#check(this.#joined === undefined, 'in a transfer and joined with somebody');
        this.#transfer = output.transferId;
        return;
      case 'passDigits':
        this.#check(this.#transfer !== undefined, 'keys for somebody of another call, and there is none');
        return;
      case 'leaveTransfer':
        this.#transfer = undefined;
        return;
      case 'enterConference':
        this.#check(this.#visit === undefined, 'in two conferences at once');
        this.#check(this.#joined === undefined, 'in a conference and joined with somebody');
        this.#visit = output.visitId;
        return;
      case 'leaveConference':
        this.#check(this.#visit !== undefined, 'left a conference that she was not in');
        this.#visit = undefined;
        return;
      case 'startRecording': {
        const { sid } = output.recording;
        this.#check(!this.#recorded.has(sid), `${sid} begun twice`);
        for (const { party } of output.order.parties) {
          this.#check(this.#parties.get(party) === 'invited', `${party} is recorded, and is not there`);
        }
        this.#recorded.add(sid);
        this.#recording.add(sid);
        return;
      }
      case 'stopRecording':
        this.#check(
          this.#recorded.has(output.recordingSid),
          `${output.recordingSid} stopped, and never begun`,
        );
        this.#recording.delete(output.recordingSid);
        return;
      case 'addToRecording':
      case 'removeFromRecording':
      case 'askRecorded':
        this.#check(this.#recorded.has(output.recordingSid), `${output.recordingSid} was never begun`);
        return;
      case 'ask':
      case 'notify':
        return;
      case 'callEnded':
        this.#isCallEnded = true;
        this.#allOver();
        return;
    }
  }

  /** After a step: what is alive has a deadline, and the call is over exactly when it said so. */
  settled(state: CallState): void {
    const isOver = state.caller.name === 'ended';
    this.#check(isOver === this.#isCallEnded, 'callEnded and the state differ');
    this.#check(
      (callDeadlineMs(state) === undefined) === isOver,
      'a live call has no deadline, or a dead one has',
    );
    this.#check(!isOver || state.dial === null, 'an ended call holds a dial');
    const joined = state.dial?.legs.filter((leg) => leg.phase.name === 'joined') ?? [];
    this.#check(joined.length <= 1, 'two winners of one dial');
    this.#check(
      state.dial?.legs.every((leg) => leg.phase.name !== 'accepted') !== false,
      'accepted, and not decided',
    );
  }

  #found(party: PartyId): void {
    if (!this.#parties.has(party)) this.#parties.set(party, 'found');
  }

  #released(party: PartyId): void {
    const before = this.#parties.get(party);
    // What was found and never taken is freed without a word.
    this.#check(before === 'told the end' || before === 'found', `${party} released when ${before}`);
    for (const each of this.playing)
      this.#check(each.party !== party, `${party} released while a prompt plays`);
    this.#check(!this.music.has(party), `${party} released while music plays`);
    for (const each of this.listening.values())
      this.#check(each.party !== party, `${party} released while it is listened to`);
    this.#parties.set(party, 'released');
    if (party === this.#joined) this.#joined = undefined;
  }

  #written(sid: CallSid, type: string, { change }: Extract<CallOutput, { type: 'record' }>): void {
    if (change.type === 'opened') {
      this.#check(!this.#legs.has(sid), `${sid} opened twice`);
      const wantsCompleted = change.callback?.wantsCompleted === true;
      this.#legs.set(sid, { isEnded: false, callbacks: 0, completed: 0, wantsCompleted });
      return;
    }
    const leg = this.#leg(sid);
    this.#check(!leg.isEnded, `${sid}: ${type} after its end`);
    if (change.type === 'ended') leg.isEnded = true;
  }

  /** From now on the leg's end is to be told. */
  owes(sid: CallSid): void {
    this.#leg(sid).wantsCompleted = true;
  }

  #allOver(): void {
    for (const [sid, leg] of this.#legs) {
      this.#check(leg.isEnded, `${sid} outlives its call`);
      this.#check(
        leg.completed === (leg.wantsCompleted ? 1 : 0),
        `${sid} said completed ${leg.completed} times`,
      );
    }
    for (const [party, was] of this.#parties)
      this.#check(was === 'released', `${party} is left behind, ${was}`);
    this.#check(this.playing.size === 0, 'a prompt outlives its call');
    this.#check(this.#recording.size === 0, 'a recording outlives its call');
    this.#check(this.#visit === undefined, 'a call is over, and still in a conference');
    this.#check(this.#transfer === undefined, 'a call is over, and still in a transfer');
  }

  #leg(sid: CallSid): LegAccount {
    const leg = this.#legs.get(sid);
    if (leg === undefined) throw new Error(`${sid} was never opened`);
    return leg;
  }

  #check(holds: boolean, otherwise: string): void {
    if (!holds) throw new Error(otherwise);
  }
}
