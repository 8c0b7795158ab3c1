import type { CallMessage, Standing, StandingOutcome } from '@parley/protocol';
import type { CallNotice } from './call-output.ts';
import { prefix, stay, type Millis, type Step } from './machine.ts';
import type { PartyId } from './media-plane.ts';

/**
 * Two people who are joined, and what they settle between themselves: who is on hold, and whether they see one another.
 *
 *   hears   flowing ⇄ held        held: either of the two, or both, has put the other on hold
 *   sees    audio ──one asks──► asked ──the other says yes──► video ──either──► audio
 *                                 └── says no · taken back · thirty seconds ──► audio
 *
 *   any ── one of them is not joined any more ──► over
 *
 * It decides nothing about the call: who rings, who is joined and when it is over are the call's. So the same machine
 * serves two who came together in one call and two whom a transfer has brought together from different ones. Who hears
 * whom is a fact about the state, not about what happened: a step says what has become different.
 */
export interface TalkState {
  readonly a: PartyId;
  readonly b: PartyId;
  /** Who has put the other on hold. */
  readonly isHeldBy: { readonly a: boolean; readonly b: boolean };
  readonly video: boolean;
  /** Who has asked the other to be seen, and until when the answer is waited for. */
  readonly ask: { readonly by: PartyId; readonly byMs: Millis } | null;
  readonly isOver: boolean;
}

export type TalkInput =
  | { readonly type: 'hold'; readonly party: PartyId; readonly on: boolean }
  /** Asks for video, or takes back the question, or the pictures. */
  | { readonly type: 'video'; readonly party: PartyId; readonly on: boolean }
  | { readonly type: 'videoAnswer'; readonly party: PartyId; readonly accepted: boolean }
  | { readonly type: 'message'; readonly party: PartyId; readonly message: CallMessage }
  /** Keys of one whose own call knows nothing of the other. */
  | { readonly type: 'digits'; readonly party: PartyId; readonly digits: string }
  /** The two are not joined any more. */
  | { readonly type: 'end' }
  | { readonly type: 'clock' };

export type TalkOutput =
  /** The two hear one another, and see one another where `video`. Said again when `video` changes. */
  | { readonly type: 'flow'; readonly video: boolean }
  /** Neither hears or sees the other. Everything is kept ready. */
  | { readonly type: 'halt'; readonly video: boolean }
  | { readonly type: 'music'; readonly party: PartyId; readonly isOn: boolean }
  | { readonly type: 'tell'; readonly party: PartyId; readonly notice: CallNotice };

export type TalkStep = Step<TalkState, TalkOutput>;

export interface TalkLimits {
  /** How long a person may think about showing herself. */
  readonly askMs: Millis;
}

/** Two who have just been joined. Nothing is said: who joined them has told them so. */
export function openTalk(a: PartyId, b: PartyId, options: { readonly video: boolean }): TalkState {
  return {
    a,
    b,
    isHeldBy: { a: false, b: false },
    video: options.video,
    ask: null,
    isOver: false,
  };
}

/** When the talk next wants to hear of the clock. Without a question nothing is waited for. */
export function talkDeadlineMs({ ask }: TalkState): Millis | undefined {
  return ask?.byMs;
}

/** Pure: the same state, input and time always give the same step. */
export function stepTalk(state: TalkState, input: TalkInput, limits: TalkLimits, nowMs: Millis): TalkStep {
  if (state.isOver) return stay(state);
  switch (input.type) {
    case 'hold':
      return become(state, {
        ...state,
        isHeldBy: { ...state.isHeldBy, [sideOf(state, input.party)]: input.on },
      });
    case 'video':
      return input.on ? ask(state, input.party, nowMs + limits.askMs) : without(state, input.party);
    case 'videoAnswer':
      return answer(state, input.party, input.accepted);
    case 'message':
      return {
        state,
        outputs: [tell(otherOf(state, input.party), { type: 'message', message: input.message })],
      };
    case 'digits':
      return {
        state,
        outputs: [tell(otherOf(state, input.party), { type: 'digits', digits: input.digits })],
      };
    case 'end':
      return become(state, { ...state, ask: null, isOver: true });
    case 'clock':
      if (state.ask === null || nowMs < state.ask.byMs) return stay(state);
      return answered(state, state.ask.by, false, 'video-expired');
  }
}

/** How things stand for one of the two. */
export function standingOf(state: TalkState, party: PartyId): Standing {
  const [mine, theirs] = party === state.a ? (['a', 'b'] as const) : (['b', 'a'] as const);
  const standing: Standing = {
    held: { local: state.isHeldBy[mine], remote: state.isHeldBy[theirs] },
    video: state.video,
  };
  if (state.ask === null) return standing;
  return { ...standing, asks: state.ask.by === party ? 'local' : 'remote' };
}

/** Asking for what is there is fine; two who ask one another have both said yes. */
function ask(state: TalkState, by: PartyId, byMs: Millis): TalkStep {
  if (state.video || state.ask?.by === by) return stay(state);
  if (state.ask !== null) return answered(state, state.ask.by, true, 'video-accepted');
  return become(state, { ...state, ask: { by, byMs } });
}

/** Nobody needs consent not to be seen. A question of the other stays open. */
function without(state: TalkState, party: PartyId): TalkStep {
  if (state.video) return become(state, { ...state, video: false });
  return state.ask?.by === party ? become(state, { ...state, ask: null }) : stay(state);
}

function answer(state: TalkState, party: PartyId, isYes: boolean): TalkStep {
  // Answered twice, or too late: the question is not there any more.
  if (state.ask === null || state.ask.by === party) return stay(state);
  return answered(state, state.ask.by, isYes, isYes ? 'video-accepted' : 'video-declined');
}

function answered(state: TalkState, by: PartyId, isYes: boolean, outcome: StandingOutcome): TalkStep {
  return become(state, { ...state, ask: null, video: isYes }, { party: by, outcome });
}

function become(
  before: TalkState,
  after: TalkState,
  news?: { readonly party: PartyId; readonly outcome: StandingOutcome },
): TalkStep {
  const outputs: TalkOutput[] = [];
  const { video } = after;
  const [didFlow, flows] = [doFlow(before), doFlow(after)];
  if (flows && (!didFlow || video !== before.video)) outputs.push({ type: 'flow', video });
  // Who is parted altogether is parted by whoever had joined the two.
  if (!flows && !after.isOver && (didFlow || video !== before.video)) outputs.push({ type: 'halt', video });
  for (const party of [after.a, after.b]) {
    const isOn = hearsMusic(after, party);
    if (isOn !== hearsMusic(before, party)) outputs.push({ type: 'music', party, isOn });
  }
  if (after.isOver) return { state: after, outputs };
  return prefix(outputs, { state: after, outputs: toldOf(before, after, news) });
}

function toldOf(
  before: TalkState,
  after: TalkState,
  news: { readonly party: PartyId; readonly outcome: StandingOutcome } | undefined,
): readonly TalkOutput[] {
  const outputs: TalkOutput[] = [];
  for (const party of [after.a, after.b]) {
    const standing = standingOf(after, party);
    const isNews = news?.party === party;
    if (!isNews && isSame(standing, standingOf(before, party))) continue;
    outputs.push(tell(party, { type: 'standing', standing, ...(isNews ? { outcome: news.outcome } : {}) }));
  }
  return outputs;
}

function isSame(one: Standing, other: Standing): boolean {
  return (
    one.held.local === other.held.local &&
    one.held.remote === other.held.remote &&
    one.video === other.video &&
    one.asks === other.asks
  );
}

function doFlow({ isHeldBy, isOver }: TalkState): boolean {
  return !isOver && !isHeldBy.a && !isHeldBy.b;
}

/** Who is held and waits. Who holds herself is busy elsewhere, and hears nothing of this. */
function hearsMusic({ isHeldBy, isOver, a }: TalkState, party: PartyId): boolean {
  if (isOver) return false;
  return party === a ? isHeldBy.b && !isHeldBy.a : isHeldBy.a && !isHeldBy.b;
}

function sideOf(state: TalkState, party: PartyId): 'a' | 'b' {
  return party === state.a ? 'a' : 'b';
}

function otherOf(state: TalkState, party: PartyId): PartyId {
  return party === state.a ? state.b : state.a;
}

function tell(party: PartyId, notice: CallNotice): TalkOutput {
  return { type: 'tell', party, notice };
}
