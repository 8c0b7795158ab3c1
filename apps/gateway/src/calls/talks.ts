import type { CallSid } from '@parley/protocol';
import { WIRE_LIMITS } from '@parley/protocol';
import {
  Driver,
  openTalk,
  stepTalk,
  talkDeadlineMs,
  type CallInput,
  type CallNotice,
  type PartyId,
  type TalkInput,
  type TalkOutput,
  type TalkState,
} from '@parley/switchboard';
import type { CallServices } from './call-services.ts';

/** One of two who are joined, as a talk sees the call she is in. */
export interface Talker {
  readonly party: PartyId;
  readonly call: TalkersCall;
}

/** As much of a call as a talk needs: both may be of one call, or each of her own. */
export interface TalkersCall {
  readonly sid: CallSid;
  tell(party: PartyId, notice: CallNotice): void;
  feed(input: CallInput): void;
}

export type TalkServices = Pick<CallServices, 'world' | 'media' | 'announcer' | 'log'>;

const LIMITS = { askMs: WIRE_LIMITS.videoAskMs };

interface HostedTalk {
  readonly driver: Driver<TalkState, TalkInput, TalkOutput>;
  readonly music: Map<PartyId, () => void>;
}

/**
 * What every two who are joined settle between themselves, by either of them: the drivers of their machines, and the
 * hands. It decides nothing.
 */
export class Talks {
  readonly #services: TalkServices;
  readonly #talks = new Map<PartyId, HostedTalk>();

  constructor(services: TalkServices) {
    this.#services = services;
  }

  /** Two have been joined, and hear one another. */
  begin(a: Talker, b: Talker, options: { readonly video: boolean }): void {
    const { world, log } = this.#services;
    const music = new Map<PartyId, () => void>();
    const driver = new Driver<TalkState, TalkInput, TalkOutput>({
      start: () => ({ state: openTalk(a.party, b.party, options), outputs: [] }),
      step: (state, input, nowMs) => stepTalk(state, input, LIMITS, nowMs),
      deadlineMs: talkDeadlineMs,
      clock: { type: 'clock' },
      perform: (output) => this.#perform(output, [a, b], music),
      onCrash: (error, lastInputs) => {
        log.error(
          { callSid: a.call.sid, err: error, lastInputs: lastInputs.map(({ type }) => type) },
          'a talk crashed',
        );
        this.#forget(a.party, b.party, music);
        for (const { call } of [a, b]) call.feed({ type: 'terminate', reason: 'server' });
      },
      world,
    });
    const talk: HostedTalk = { driver, music };
    this.#talks.set(a.party, talk);
    this.#talks.set(b.party, talk);
    driver.begin();
  }

  /** The two are joined no more. Fine for a party that talks with nobody. */
  end(party: PartyId): void {
    const talk = this.#talks.get(party);
    if (talk === undefined) return;
    const { driver, music } = talk;
    driver.feed({ type: 'end' });
    driver.stop();
    this.#forget(driver.state.a, driver.state.b, music);
  }

  /** How a party's talk stands; undefined for one that talks with nobody. */
  stateOf(party: PartyId): TalkState | undefined {
    return this.#talks.get(party)?.driver.state;
  }

  feed(party: PartyId, input: TalkInput): void {
    this.#talks.get(party)?.driver.feed(input);
  }

  get count(): number {
    return new Set(this.#talks.values()).size;
  }

  #perform(output: TalkOutput, [a, b]: readonly [Talker, Talker], music: Map<PartyId, () => void>): void {
    const { media } = this.#services;
    switch (output.type) {
      case 'flow':
        media.bridge(a.party, b.party, output);
        return;
      case 'halt':
        media.unbridge(a.party, b.party);
        // Held at the server from now on, so that taking somebody back costs nothing.
        media.prepare(a.party, b.party, output);
        return;
      case 'music':
        music.get(output.party)?.();
        music.delete(output.party);
        if (output.isOn) music.set(output.party, this.#play(output.party));
        return;
      case 'tell':
        (output.party === a.party ? a : b).call.tell(output.party, output.notice);
    }
  }

  /** The gateway's own music, for as long as the function that is returned is not called. */
  #play(party: PartyId): () => void {
    return this.#services.announcer.loop({
      party,
      loop: { type: 'own' },
      complain: (code, message) => this.#services.log.warn({ code }, message),
      onOver: () => {},
    });
  }

  #forget(a: PartyId, b: PartyId, music: Map<PartyId, () => void>): void {
    for (const stop of music.values()) stop();
    music.clear();
    this.#talks.delete(a);
    this.#talks.delete(b);
  }
}
