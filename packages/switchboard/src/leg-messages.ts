import type { CallMessage } from '@parley/protocol';
import type { HttpMethod } from '@parley/rcml';
import { stay, type Millis, type Step } from './machine.ts';

/**
 * What passes between the application and the devices of one leg, as long as the leg lasts.
 *
 *   told  application ──► devices      one message a name: asked again by the same key, it is the same message
 *   said  device ──► application       one callback for each subscription, numbered from 0 in the order they were said
 *
 *   up ── the leg has ended ──► over   nothing is told, said or subscribed to any more
 *
 * Whom a device is joined with hears her as well, from the talk; neither knows of the other.
 */
export interface LegMessagesState {
  readonly subscriptions: readonly Subscribed[];
  /** What was made under which kind and key, oldest first. */
  readonly made: ReadonlyMap<string, Made>;
  readonly isOver: boolean;
}

/** Somebody who wants to be told what a leg's devices say. */
export interface MessageSubscription {
  /** `ZY` and 32 hex digits. */
  readonly sid: string;
  /** Absolute. */
  readonly url: string;
  readonly method: HttpMethod;
}

interface Subscribed extends MessageSubscription {
  /** The number of its next callback. */
  readonly sequence: number;
}

/** A thing that was asked for, and when it was made. */
export interface Made {
  readonly sid: string;
  readonly atMs: Millis;
}

export type LegMessagesInput =
  | { readonly type: 'subscribe'; readonly subscription: MessageSubscription; readonly key?: string }
  | { readonly type: 'unsubscribe'; readonly sid: string }
  /** The application tells the leg's devices something. */
  | { readonly type: 'tell'; readonly message: CallMessage; readonly key?: string }
  /** A device of the leg has said something. */
  | { readonly type: 'said'; readonly message: CallMessage }
  | { readonly type: 'legEnded' };

export type LegMessagesOutput =
  /** What was asked for is this, made now or before. */
  | { readonly type: 'made'; readonly made: Made }
  | { readonly type: 'refused'; readonly why: 'ended' | 'too-many' | 'unknown' }
  | { readonly type: 'deliver'; readonly message: CallMessage }
  | {
      readonly type: 'callback';
      readonly subscription: MessageSubscription;
      readonly sequence: number;
      readonly message: CallMessage;
    };

export type LegMessagesStep = Step<LegMessagesState, LegMessagesOutput>;

export const LEG_MESSAGES_LIMITS = {
  /** Subscriptions of one leg at a time. */
  subscriptionsMax: 8,
  /** Keys that are remembered; with more, the oldest is forgotten. */
  keysMax: 100,
} as const;

export function openLegMessages(): LegMessagesState {
  return { subscriptions: [], made: new Map(), isOver: false };
}

/** Whether anybody is told what the leg's devices say. */
export function isHeardByApplication({ subscriptions }: LegMessagesState): boolean {
  return subscriptions.length > 0;
}

/** Pure: the same state, input and time always give the same step. */
export function stepLegMessages(
  state: LegMessagesState,
  input: LegMessagesInput,
  nowMs: Millis,
): LegMessagesStep {
  switch (input.type) {
    case 'subscribe':
      return subscribe(state, input, nowMs);
    case 'unsubscribe':
      return unsubscribe(state, input.sid);
    case 'tell':
      return tell(state, input, nowMs);
    case 'said':
      return said(state, input.message);
    case 'legEnded':
      return { state: { ...openLegMessages(), isOver: true }, outputs: [] };
  }
}

function subscribe(
  state: LegMessagesState,
  { subscription, key: said }: Extract<LegMessagesInput, { type: 'subscribe' }>,
  nowMs: Millis,
): LegMessagesStep {
  const key = keyOf('subscription', said);
  const known = knownBy(state, key);
  if (known !== undefined) return known;
  if (state.isOver) return refuse(state, 'ended');
  if (state.subscriptions.length >= LEG_MESSAGES_LIMITS.subscriptionsMax) return refuse(state, 'too-many');
  const subscriptions = [...state.subscriptions, { ...subscription, sequence: 0 }];
  const made = { sid: subscription.sid, atMs: nowMs };
  return { state: remember({ ...state, subscriptions }, made, key), outputs: [{ type: 'made', made }] };
}

/** A key whose subscription was taken back makes a new one, if it is used again. */
function unsubscribe(state: LegMessagesState, sid: string): LegMessagesStep {
  const gone = state.subscriptions.find((one) => one.sid === sid);
  if (gone === undefined) return refuse(state, 'unknown');
  const subscriptions = state.subscriptions.filter((one) => one !== gone);
  const made = new Map(Array.from(state.made).filter(([, one]) => one.sid !== sid));
  return { state: { ...state, subscriptions, made }, outputs: [] };
}

function tell(
  state: LegMessagesState,
  { message, key: said }: Extract<LegMessagesInput, { type: 'tell' }>,
  nowMs: Millis,
): LegMessagesStep {
  const key = keyOf('message', said);
  const known = knownBy(state, key);
  if (known !== undefined) return known;
  if (state.isOver) return refuse(state, 'ended');
  const made = { sid: message.id, atMs: nowMs };
  return {
    state: remember(state, made, key),
    outputs: [
      { type: 'deliver', message },
      { type: 'made', made },
    ],
  };
}

function said(state: LegMessagesState, message: CallMessage): LegMessagesStep {
  if (state.subscriptions.length === 0) return stay(state);
  return {
    state: {
      ...state,
      subscriptions: state.subscriptions.map((one) => ({ ...one, sequence: one.sequence + 1 })),
    },
    outputs: state.subscriptions.map(({ sequence, ...subscription }) => ({
      type: 'callback',
      subscription,
      sequence,
      message,
    })),
  };
}

/** The same key may stand for one of each kind. */
function keyOf(kind: 'message' | 'subscription', key: string | undefined): string | undefined {
  return key === undefined ? undefined : `${kind} ${key}`;
}

function knownBy(state: LegMessagesState, key: string | undefined): LegMessagesStep | undefined {
  const made = key === undefined ? undefined : state.made.get(key);
  return made === undefined ? undefined : { state, outputs: [{ type: 'made', made }] };
}

function remember(state: LegMessagesState, made: Made, key: string | undefined): LegMessagesState {
  if (key === undefined) return state;
  const entries = [...state.made, [key, made] as const];
  return { ...state, made: new Map(entries.slice(-LEG_MESSAGES_LIMITS.keysMax)) };
}

function refuse(state: LegMessagesState, why: 'ended' | 'too-many' | 'unknown'): LegMessagesStep {
  return { state, outputs: [{ type: 'refused', why }] };
}
