import type { CallSid, EndReason, Party } from '@parley/protocol';
import type { CallNotice } from './call-output.ts';
import { stay, type Step } from './machine.ts';
import type { PartyId } from './media-plane.ts';

/**
 * A transfer: two calls whose callers are to talk with one another, because somebody has left the place between them.
 *
 *   blind      handed over: ringing ──somebody answers──────────────► over: the one who hands over is let go
 *                 │            │ nobody comes, the other is here ──┐
 *                 │            │ nobody comes, the other has gone ─┼► over: she goes on alone
 *                 │            └ she hangs up ─────────────────────┼► over: the other is told
 *                 │                                                ▼
 *   attended   coming ──both are here──────────────────────────► talking ──one leaves──► over: the other is told
 *
 * Each of the two stays in a call of her own, with what she has there: a document, a row of callbacks, a time limit. Who
 * had none is given one when she is taken out of the call she was in (`detach`), so that after a transfer nobody hangs on
 * the call of somebody who has left. This machine knows where each of them is, and nothing else. It has no clock: who is in
 * it is in the dial of her own call, which has one.
 */
export interface TransferState {
  /** Who is handed over first; then who hands her over, or, where both parties are brought together, the other. */
  readonly seats: readonly [Seat, Seat];
  readonly isBlind: boolean;
  /** Whether the two see one another, once they talk. */
  readonly video: boolean;
  /** Why nobody took the call. */
  readonly failed: EndReason | null;
  readonly isTalking: boolean;
}

export interface Seat {
  readonly callSid: CallSid;
  readonly place: SeatPlace;
}

export type SeatPlace =
  | { readonly name: 'coming' }
  | { readonly name: 'ringing' }
  | { readonly name: 'here'; readonly party: PartyId; readonly person: Party }
  /** `answered`: somebody took the call, and nobody is needed here any more. */
  | { readonly name: 'gone'; readonly why: 'answered' | 'left' };

export type TransferInput =
  | {
      readonly type: 'entered';
      readonly callSid: CallSid;
      readonly party: PartyId;
      readonly person: Party;
      /** She has rung somebody, and nobody came. */
      readonly failed?: EndReason;
    }
  | { readonly type: 'left'; readonly callSid: CallSid; readonly why: 'answered' | 'left' };

export type TransferOutput =
  | { readonly type: 'talk'; readonly a: Comer; readonly b: Comer; readonly video: boolean }
  | { readonly type: 'part'; readonly a: PartyId; readonly b: PartyId }
  | { readonly type: 'tell'; readonly callSid: CallSid; readonly party: PartyId; readonly notice: CallNotice }
  /** Nobody is left for her here: her call goes on, or is over because it was handed over. */
  | { readonly type: 'dismiss'; readonly callSid: CallSid; readonly how: 'left' | 'transferred' }
  /** Always the last. */
  | { readonly type: 'ended' };

/** Somebody who is there, and her call. */
export interface Comer {
  readonly callSid: CallSid;
  readonly party: PartyId;
}

export type TransferStep = Step<TransferState, TransferOutput>;

/** The first of the two rings somebody; the second waits for what comes of it. */
export function openBlindTransfer(
  handedOver: CallSid,
  by: CallSid,
  options: { readonly video: boolean },
): TransferState {
  const [first, second]: [Seat, Seat] = [
    { callSid: handedOver, place: { name: 'ringing' } },
    { callSid: by, place: { name: 'coming' } },
  ];
  return { seats: [first, second], isBlind: true, video: options.video, failed: null, isTalking: false };
}

/** Two are brought together whom a third has talked with. */
export function openAttendedTransfer(
  one: CallSid,
  other: CallSid,
  options: { readonly video: boolean },
): TransferState {
  const coming = (callSid: CallSid): Seat => ({ callSid, place: { name: 'coming' } });
  return {
    seats: [coming(one), coming(other)],
    isBlind: false,
    video: options.video,
    failed: null,
    isTalking: false,
  };
}

/** Pure: the same state and input always give the same step. In whatever order the two come. */
export function stepTransfer(state: TransferState, input: TransferInput): TransferStep {
  const index = state.seats.findIndex(({ callSid }) => callSid === input.callSid);
  const [seat, other] = index === 0 ? state.seats : [state.seats[1], state.seats[0]];
  if (index === -1 || seat.place.name === 'gone') return stay(state);
  if (input.type === 'left') {
    const gone = seated(state, seat.callSid, { name: 'gone', why: input.why });
    return left(gone, seat, other, input.why);
  }
  const { party, person, failed = state.failed } = input;
  return entered({ ...seated(state, seat.callSid, { name: 'here', party, person }), failed }, seat, other);
}

function entered(state: TransferState, { callSid }: Seat, other: Seat): TransferStep {
  switch (other.place.name) {
    case 'gone':
      return dismissed(state, callSid, other.place.why);
    case 'here':
      return talk(state);
    case 'ringing':
    case 'coming':
      return { state, outputs: state.isBlind ? waits(state) : [] };
  }
}

/** The one who hands over is told that it rings for somebody else. */
function waits({ seats: [, { callSid, place }] }: TransferState): readonly TransferOutput[] {
  if (place.name !== 'here') return [];
  const standing = { held: { local: false, remote: false }, video: false, transferring: true };
  return [{ type: 'tell', callSid, party: place.party, notice: { type: 'standing', standing } }];
}

function talk(state: TransferState): TransferStep {
  const [first, second] = state.seats;
  const { video, failed } = state;
  if (first.place.name !== 'here' || second.place.name !== 'here') return stay(state);
  const outputs: TransferOutput[] = [
    {
      type: 'talk',
      a: { callSid: first.callSid, party: first.place.party },
      b: { callSid: second.callSid, party: second.place.party },
      video,
    },
    joined(first.callSid, first.place, second.place.person, video),
    joined(second.callSid, second.place, first.place.person, video),
  ];
  if (failed !== null) {
    const standing = { held: { local: false, remote: false }, video };
    outputs.push({
      type: 'tell',
      callSid: second.callSid,
      party: second.place.party,
      notice: { type: 'standing', standing, outcome: 'transfer-failed', reason: failed },
    });
  }
  return { state: { ...state, isTalking: true }, outputs };
}

function joined(
  callSid: CallSid,
  { party }: Extract<SeatPlace, { name: 'here' }>,
  other: Party,
  video: boolean,
): TransferOutput {
  return { type: 'tell', callSid, party, notice: { type: 'joined', other, video } };
}

function left(state: TransferState, seat: Seat, other: Seat, why: 'answered' | 'left'): TransferStep {
  const outputs: TransferOutput[] = [];
  if (state.isTalking && seat.place.name === 'here' && other.place.name === 'here') {
    outputs.push({ type: 'part', a: seat.place.party, b: other.place.party });
  }
  const parted: TransferState = { ...state, isTalking: false };
  switch (other.place.name) {
    case 'here':
    case 'ringing': {
      const step = dismissed(parted, other.callSid, why);
      return { state: step.state, outputs: [...outputs, ...step.outputs] };
    }
    case 'gone':
      return { state: parted, outputs: [...outputs, { type: 'ended' }] };
    case 'coming':
      // She is told when she comes, which is in the same moment.
      return { state: parted, outputs };
  }
}

function dismissed(state: TransferState, callSid: CallSid, why: 'answered' | 'left'): TransferStep {
  const how = why === 'answered' ? 'transferred' : 'left';
  return {
    state: seated(state, callSid, { name: 'gone', why: 'left' }),
    outputs: [{ type: 'dismiss', callSid, how }, { type: 'ended' }],
  };
}

function seated(state: TransferState, callSid: CallSid, place: SeatPlace): TransferState {
  const [first, second] = state.seats;
  return {
    ...state,
    seats: [
      first.callSid === callSid ? { ...first, place } : first,
      second.callSid === callSid ? { ...second, place } : second,
    ],
  };
}
