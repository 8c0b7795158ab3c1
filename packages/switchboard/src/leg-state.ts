import type { CallSid, EndedBy, EndReason, Party } from '@parley/protocol';
import type { Client, LegEvent, Number, Sip } from '@parley/rcml';
import type { FinalStatus } from './call-status.ts';
import type { Millis, Step } from './machine.ts';
import type { PartyId } from './media-plane.ts';
import type { Notification } from './notification.ts';
import type { RecordingName } from './recording-order.ts';
import {
  scriptDeadlineMs,
  type ScriptInput,
  type ScriptLimits,
  type ScriptOutput,
  type ScriptState,
} from './script-state.ts';

/**
 * One noun of a dial and the devices it rings (D1): one CallSid, one row of callbacks, whatever the number of devices.
 *
 *               found                 accepted, no url
 *   initiated ────────► ringing ─────────────────────────► accepted ──► joined
 *       │                  │  accepted, url                    ▲          │
 *       │ nobody           ├────────────────► screening ───────┘          │
 *       │ there, or they   │                      │ document ended well   │
 *       │ declined unseen  │                      │                       │
 *       ▼                  ▼                      ▼                       ▼
 *     ended ◄──────── ended (refused,      ended (declined,         ended (parted,
 *    (failed)         timed out, lost)      failed, 60 s)            hung up, limit)
 *
 * `accepted` lasts until the dial has heard of it: the dial alone decides who is joined. Ringing has the dial's
 * deadline; screening has its own.
 */
export interface LegState {
  readonly sid: CallSid;
  readonly noun: LegNoun;
  readonly phase: LegPhase;
  /** Callbacks fired so far; the next one's SequenceNumber. */
  readonly sequence: number;
  /** When the person's first device began to alert. */
  readonly rangMs?: Millis;
  /** Devices of the leg that cannot hear of it now; absent where there was never one. */
  readonly away?: ReadonlyMap<PartyId, Away>;
}

/** Why a device cannot be told anything: its page was put aside, or its socket is lost. It may be back in its grace. */
export type Away = 'suspended' | 'lost';

export type LegNoun = Client | Number | Sip;

export type LegPhase =
  | { readonly name: 'initiated' }
  | { readonly name: 'ringing'; readonly contacts: readonly Contact[] }
  | {
      readonly name: 'screening';
      readonly contact: Contact;
      readonly answeredMs: Millis;
      readonly script: ScriptState;
      readonly deadlineMs: Millis;
    }
  | { readonly name: 'accepted'; readonly contact: Contact; readonly answeredMs: Millis }
  | { readonly name: 'joined'; readonly contact: Contact; readonly answeredMs: Millis }
  | LegEnd;

export interface LegEnd {
  readonly name: 'ended';
  readonly status: FinalStatus;
  readonly reason: EndReason;
  readonly endedMs: Millis;
  /** Whether somebody had picked up. */
  readonly wasAnswered: boolean;
  /** From pick-up to the end (D5); 0 for a leg nobody picked up. */
  readonly durationMs: Millis;
  /** No device that took part then could hear of it. */
  readonly away?: Away;
}

/** One device that a leg rings. */
export interface Contact {
  readonly party: PartyId;
  readonly person: Party;
}

export type LegInput =
  /** Who is registered under the name now. Asked for once, by `findDevices`. */
  | {
      readonly type: 'devicesFound';
      readonly contacts: readonly Contact[];
      /** Where nobody is, or whoever rings is away: the person was sent for, and declines. May be told later, too. */
      readonly hasDeclined?: boolean;
    }
  /** Another device has registered under the name meanwhile (D3). */
  | { readonly type: 'deviceAppeared'; readonly contact: Contact }
  | { readonly type: 'alerting'; readonly party: PartyId }
  /** An earlier noun of the same name rings for this one too (D3). */
  | { readonly type: 'ringsAlongside' }
  | { readonly type: 'accept'; readonly party: PartyId }
  | {
      readonly type: 'reject';
      readonly party: PartyId;
      readonly everywhere: boolean;
      readonly why: 'declined' | 'busy';
    }
  | { readonly type: 'hangup'; readonly party: PartyId }
  /** The device cannot be reached for now. Nothing is decided by that: it has its grace. */
  | { readonly type: 'deviceAway'; readonly party: PartyId; readonly how: Away }
  | { readonly type: 'deviceBack'; readonly party: PartyId }
  /** The device has left for good: it said so, or its grace is over. */
  | { readonly type: 'deviceGone'; readonly party: PartyId }
  | { readonly type: 'mediaFailed'; readonly party: PartyId; readonly why: string }
  /** Told by the dial. */
  | { readonly type: 'join' }
  | { readonly type: 'cancel'; readonly reason: EndReason; readonly elsewhere?: Party }
  /** The person leaves the dial and goes on alone; her leg is over for the dial, and not for her. */
  | { readonly type: 'detach' }
  | { readonly type: 'script'; readonly input: ScriptInput };

export type LegOutput =
  | { readonly type: 'findDevices' }
  | { readonly type: 'invite'; readonly contact: Contact }
  /** The caller is to hear that somebody is being told. */
  | { readonly type: 'rings' }
  | { readonly type: 'screening'; readonly contact: Contact }
  /** The device's part is over. */
  | {
      readonly type: 'dismiss';
      readonly contact: Contact;
      readonly reason: EndReason;
      readonly by: EndedBy;
      readonly elsewhere?: Party;
      readonly durationMs: Millis;
    }
  | {
      readonly type: 'event';
      readonly event: LegEvent;
      readonly sequence: number;
      readonly subscribed: boolean;
    }
  | Notification
  /** What the screening document says, to the device that picked up. */
  | { readonly type: 'script'; readonly contact: Contact; readonly output: ScriptOutput };

export type LegStep = Step<LegState, LegOutput>;

export interface LegRules {
  readonly limits: ScriptLimits;
  /** Where the dial's document was found: the screening URL resolves there. */
  readonly base: string;
  /** Names the next recording. */
  readonly newRecording: () => RecordingName;
}

/** The leg's own deadline; ringing has none, because the dial's counts for it. */
export function legDeadlineMs(state: LegState): Millis | undefined {
  if (state.phase.name !== 'screening') return undefined;
  return Math.min(state.phase.deadlineMs, scriptDeadlineMs(state.phase.script) ?? Infinity);
}

/** The device that picked up, if one did and the leg lives. */
export function pickedUpBy(state: LegState): Contact | undefined {
  switch (state.phase.name) {
    case 'screening':
    case 'accepted':
    case 'joined':
      return state.phase.contact;
    case 'initiated':
    case 'ringing':
    case 'ended':
      return undefined;
  }
}

/** Every device that takes part in the leg now. */
export function partiesOf(state: LegState): readonly Contact[] {
  if (state.phase.name === 'ringing') return state.phase.contacts;
  const contact = pickedUpBy(state);
  return contact === undefined ? [] : [contact];
}

/** How all of these devices are away; undefined where one is not, and where there is none. */
export function awayOf({ away }: LegState, contacts: readonly Contact[]): Away | undefined {
  const all = contacts.map(({ party }) => away?.get(party));
  if (all.length === 0 || all.includes(undefined)) return undefined;
  return all.includes('suspended') ? 'suspended' : 'lost';
}

export function isAlive(leg: LegState): boolean {
  return leg.phase.name !== 'ended';
}

/** Says an event of the leg's life; those that were subscribed to are numbered without gaps (CL7). */
export function legEvent(state: LegState, name: LegEvent): LegStep {
  const { noun, sequence } = state;
  const subscribed = noun.statusCallback !== undefined && noun.statusCallbackEvents.includes(name);
  return {
    state: subscribed ? { ...state, sequence: sequence + 1 } : state,
    outputs: [{ type: 'event', event: name, sequence, subscribed }],
  };
}
