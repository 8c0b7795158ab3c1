import type { LegState } from './leg-state.ts';
import type { CallOutput } from './call-output.ts';
import type { Application, CallState } from './call-state.ts';
import { legViewOf, owedBy } from './callee-output.ts';
import type { Contact } from './leg-state.ts';
import type { Place } from './meeting.ts';

type Detached = Extract<CallOutput, { type: 'detach' }>;

/** Nothing is asked of an application: what she does was decided by whoever handed her over. */
export const NO_APPLICATION: Application = { type: 'document', document: { verbs: [] }, base: '' };

/** A joined leg that leaves with a call of its own, and what it takes along (D27). Undefined for one that is not joined. */
export function detached(
  call: CallState,
  leg: LegState,
  contact: Contact,
  goesOn: { readonly application: Application; readonly place?: Place },
): Detached | undefined {
  if (leg.phase.name !== 'joined') return undefined;
  const { facts, base } = legViewOf(call, leg);
  const { application, place } = goesOn;
  return {
    type: 'detach',
    from: call.facts.caller.party,
    answeredMs: leg.phase.answeredMs,
    facts: {
      ...facts,
      caller: contact,
      params: Object.fromEntries(leg.noun.parameters),
      video: leg.noun.noun === 'Client' && leg.noun.video,
      application,
      ...owedBy(leg, base),
    },
    ...(place === undefined ? {} : { place }),
  };
}
