import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PartyId } from './media-plane.ts';
import {
  openTalk,
  standingOf,
  stepTalk,
  talkDeadlineMs,
  type TalkInput,
  type TalkOutput,
  type TalkState,
} from './talk.ts';

const ANNA = 'anna' as PartyId;
const BERT = 'bert' as PartyId;
const LIMITS = { askMs: 30_000 };

/** Two people, and what the outputs have made of them: what a person would hear, see and be told. */
class Pair {
  nowMs = 0;
  state: TalkState;
  isFlowing = true;
  hasVideo: boolean;
  readonly music = new Set<PartyId>();
  readonly told: Extract<TalkOutput, { type: 'tell' }>[] = [];

  constructor(options: { readonly video: boolean } = { video: false }) {
    this.state = openTalk(ANNA, BERT, options);
    this.hasVideo = options.video;
  }

  feed(input: TalkInput): void {
    const { state, outputs } = stepTalk(this.state, input, LIMITS, this.nowMs);
    this.state = state;
    for (const output of outputs) this.#perform(output);
  }

  #perform(output: TalkOutput): void {
    switch (output.type) {
      case 'flow':
      case 'halt':
        this.isFlowing = output.type === 'flow';
        this.hasVideo = output.video;
        return;
      case 'music':
        if (this.music.has(output.party) === output.isOn) throw new Error('music is begun or stopped twice');
        if (output.isOn) this.music.add(output.party);
        else this.music.delete(output.party);
        return;
      case 'tell':
        this.told.push(output);
    }
  }

  hold(party: PartyId, on = true): void {
    this.feed({ type: 'hold', party, on });
  }

  video(party: PartyId, on = true): void {
    this.feed({ type: 'video', party, on });
  }

  answer(party: PartyId, accepted: boolean): void {
    this.feed({ type: 'videoAnswer', party, accepted });
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.feed({ type: 'clock' });
  }

  last(party: PartyId) {
    const notice = this.told.findLast((each) => each.party === party)?.notice;
    if (notice?.type !== 'standing') throw new Error('nothing was said of how things stand');
    return notice;
  }
}

describe('hold', () => {
  it('[MC1] parts the two, gives the held one music, and tells both who holds whom', () => {
    const pair = new Pair();
    pair.hold(ANNA);
    expect(pair.isFlowing).toBe(false);
    expect([...pair.music]).toEqual([BERT]);
    expect(pair.last(ANNA).standing.held).toEqual({ local: true, remote: false });
    expect(pair.last(BERT).standing.held).toEqual({ local: false, remote: true });
    pair.hold(ANNA, false);
    expect(pair.isFlowing).toBe(true);
    expect([...pair.music]).toEqual([]);
  });

  it('[MC2] both may hold, and it flows again only when neither does', () => {
    const pair = new Pair();
    pair.hold(ANNA);
    pair.hold(BERT);
    expect([...pair.music]).toEqual([]);
    expect(pair.last(ANNA).standing.held).toEqual({ local: true, remote: true });
    pair.hold(ANNA, false);
    expect(pair.isFlowing).toBe(false);
    expect([...pair.music]).toEqual([ANNA]);
    pair.hold(BERT, false);
    expect(pair.isFlowing).toBe(true);
  });

  it('[MC3] asked twice is once: nothing is said or done again', () => {
    const pair = new Pair();
    pair.hold(ANNA);
    const told = pair.told.length;
    pair.hold(ANNA);
    expect(pair.told).toHaveLength(told);
  });

  it('[MC4] the end stops the music', () => {
    const pair = new Pair();
    pair.hold(ANNA);
    pair.feed({ type: 'end' });
    expect([...pair.music]).toEqual([]);
    pair.hold(ANNA, false);
    expect(pair.isFlowing).toBe(false);
  });
});

describe('video', () => {
  it('[MC20] begins when the other has said yes, and not before', () => {
    const pair = new Pair();
    pair.video(ANNA);
    expect(pair.hasVideo).toBe(false);
    expect(pair.last(ANNA).standing).toMatchObject({ video: false, asks: 'local' });
    expect(pair.last(BERT).standing).toMatchObject({ video: false, asks: 'remote' });
    pair.answer(BERT, true);
    expect(pair.hasVideo).toBe(true);
    expect(pair.last(ANNA)).toMatchObject({ standing: { video: true }, outcome: 'video-accepted' });
    expect(pair.last(BERT)).toEqual({ type: 'standing', standing: standingOf(pair.state, BERT) });
  });

  it('[MC21] a no, and silence for thirty seconds, leave an audio call', () => {
    const pair = new Pair();
    pair.video(ANNA);
    pair.answer(BERT, false);
    expect(pair.last(ANNA)).toMatchObject({ standing: { video: false }, outcome: 'video-declined' });
    pair.video(ANNA);
    pair.pass(29_999);
    expect(pair.last(BERT).standing.asks).toBe('remote');
    pair.pass(1);
    expect(pair.last(ANNA)).toMatchObject({ standing: { video: false }, outcome: 'video-expired' });
    expect(pair.last(BERT).standing.asks).toBeUndefined();
    pair.answer(BERT, true);
    expect(pair.hasVideo).toBe(false);
  });

  it('[MC22] a question can be taken back, and nobody answers her own', () => {
    const pair = new Pair();
    pair.video(ANNA);
    pair.answer(ANNA, true);
    expect(pair.hasVideo).toBe(false);
    pair.video(ANNA, false);
    expect(pair.last(BERT).standing.asks).toBeUndefined();
    expect(talkDeadlineMs(pair.state)).toBeUndefined();
  });

  it('[MC23] two who ask one another have both said yes', () => {
    const pair = new Pair();
    pair.video(ANNA);
    pair.video(BERT);
    expect(pair.hasVideo).toBe(true);
    expect(pair.last(ANNA).outcome).toBe('video-accepted');
  });

  it('[MC24] either takes the pictures away without asking', () => {
    const pair = new Pair({ video: true });
    pair.video(BERT, false);
    expect(pair.hasVideo).toBe(false);
    expect(pair.last(ANNA).standing.video).toBe(false);
  });

  it('[MC25] is agreed on during hold as well, and flows after it', () => {
    const pair = new Pair();
    pair.hold(ANNA);
    pair.video(ANNA);
    pair.answer(BERT, true);
    expect(pair.isFlowing).toBe(false);
    pair.hold(ANNA, false);
    expect([pair.isFlowing, pair.hasVideo]).toEqual([true, true]);
  });
});

it('[MC1] [MC2] [MC20] whatever happens, what flows and what is told follow from the state', () => {
  const party = fc.constantFrom(ANNA, BERT);
  const input = fc.oneof(
    fc.record({ type: fc.constant('hold' as const), party, on: fc.boolean() }),
    fc.record({ type: fc.constant('video' as const), party, on: fc.boolean() }),
    fc.record({ type: fc.constant('videoAnswer' as const), party, accepted: fc.boolean() }),
    fc.nat(40_000),
  );
  fc.assert(
    fc.property(fc.array(input, { maxLength: 40 }), fc.boolean(), (inputs, video) => {
      const pair = new Pair({ video });
      const heard = new Map([
        [ANNA, standingOf(pair.state, ANNA)],
        [BERT, standingOf(pair.state, BERT)],
      ]);
      for (const each of inputs) {
        if (typeof each === 'number') pair.pass(each);
        else pair.feed(each);
        for (const { party: who, notice } of pair.told.splice(0)) {
          if (notice.type === 'standing') heard.set(who, notice.standing);
        }
        const { isHeldBy } = pair.state;
        expect(pair.isFlowing).toBe(!isHeldBy.a && !isHeldBy.b);
        expect(pair.hasVideo).toBe(pair.state.video);
        for (const who of [ANNA, BERT]) expect(heard.get(who)).toEqual(standingOf(pair.state, who));
        // Nobody is shown, and no question stays, for longer than somebody wants it.
        expect((talkDeadlineMs(pair.state) ?? pair.nowMs) - pair.nowMs).toBeLessThanOrEqual(LIMITS.askMs);
      }
      pair.feed({ type: 'end' });
      expect([...pair.music]).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
