import type { EndedBy, EndReason, Party } from '@parley/protocol';
import { unansweredStatus, type FinalStatus } from './call-status.ts';
import {
  awayOf,
  legEvent,
  partiesOf,
  type Contact,
  type LegEnd,
  type LegOutput,
  type LegPhase,
  type LegState,
  type LegStep,
} from './leg-state.ts';
import { prefix, stay, type Millis } from './machine.ts';
import { abortScript } from './script.ts';

interface EndOptions {
  readonly reason: EndReason;
  /** Who ended it, from the point of view of the devices that take part; by default what the reason says. */
  readonly by?: EndedBy;
  /** Who was faster. */
  readonly elsewhere?: Party;
  /** Who takes part in it until now; by default whom the state names. */
  readonly last?: readonly Contact[];
}

/** Ends the leg, dismisses whoever takes part in it, and says `completed`, which is said whatever the end (CL8). */
export function endLeg(state: LegState, options: EndOptions, nowMs: Millis): LegStep {
  const { phase } = state;
  if (phase.name === 'ended') return stay(state);
  const { reason, by = endedBy(reason), elsewhere } = options;
  const answeredMs = phase.name === 'initiated' || phase.name === 'ringing' ? undefined : phase.answeredMs;
  const durationMs = answeredMs === undefined ? 0 : nowMs - answeredMs;
  const away = awayOf(state, options.last ?? partiesOf(state));
  const outputs: LegOutput[] = [];
  if (phase.name === 'screening') {
    for (const output of abortScript(phase.script).outputs)
      outputs.push({ type: 'script', contact: phase.contact, output });
  }
  const told = elsewhere === undefined ? { reason, by } : { reason, by, elsewhere };
  for (const contact of partiesOf(state)) outputs.push({ type: 'dismiss', contact, ...told, durationMs });
  const ended: LegEnd = {
    name: 'ended',
    status: finalStatus(phase, reason),
    reason,
    endedMs: nowMs,
    wasAnswered: answeredMs !== undefined,
    durationMs,
    ...(away === undefined ? {} : { away }),
  };
  return prefix(outputs, legEvent({ ...state, phase: ended }, 'completed'));
}

/**
 * The dial loses a leg that goes on elsewhere: nobody is dismissed, and `completed` is still owed, by the call that
 * carries it on (D27).
 */
export function detachLeg(state: LegState, nowMs: Millis): LegStep {
  const { phase } = state;
  if (phase.name !== 'joined') return stay(state);
  const ended: LegEnd = {
    name: 'ended',
    status: 'completed',
    reason: 'replaced',
    endedMs: nowMs,
    wasAnswered: true,
    durationMs: nowMs - phase.answeredMs,
  };
  return stay({ ...state, phase: ended });
}

/** What one device is told that leaves a leg which may ring on without it. */
export function dismiss(contact: Contact, reason: EndReason, elsewhere?: Party): LegOutput {
  const dismissal = { type: 'dismiss', contact, reason, by: endedBy(reason), durationMs: 0 } as const;
  return elsewhere === undefined ? dismissal : { ...dismissal, elsewhere };
}

/** The true status (CL7, D5): what was picked up and then lost a race is canceled, what was talked on is completed. */
function finalStatus(phase: Exclude<LegPhase, { name: 'ended' }>, reason: EndReason): FinalStatus {
  switch (phase.name) {
    case 'initiated':
    case 'ringing':
      return unansweredStatus(reason);
    case 'screening':
    case 'accepted':
      return reason === 'answered-elsewhere' || reason === 'cancelled' ? 'canceled' : 'completed';
    case 'joined':
      return 'completed';
  }
}

function endedBy(reason: EndReason): EndedBy {
  switch (reason) {
    case 'hangup':
    case 'rejected':
    case 'transferred':
      return 'local';
    case 'remote-hangup':
    case 'cancelled':
    case 'answered-elsewhere':
    case 'rejected-elsewhere':
      return 'remote';
    case 'busy':
    case 'no-answer':
    case 'not-registered':
    case 'declined':
    case 'time-limit':
    case 'forbidden':
    case 'document-failed':
    case 'media':
    case 'network':
    case 'replaced':
    case 'draining':
    case 'gateway-restart':
    case 'overload':
    case 'server':
      return 'server';
  }
}
