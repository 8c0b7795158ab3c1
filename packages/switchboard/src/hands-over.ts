import type { CallSid } from '@parley/protocol';
import type { CallState } from './call-state.ts';
import { joinedContact, legOfParty } from './dial-state.ts';
import type { PartyId } from './media-plane.ts';

/** Who would hand over whom, if this party did it now: by the legs they have, which stay theirs whatever comes of it. */
export type HandsOver =
  /** Both are in this call: she has placed it, and the other was rung; or the reverse. */
  | { readonly type: 'caller' | 'contact'; readonly own: CallSid; readonly other: CallSid }
  /** A transfer has brought them together: the other is in a call of her own. */
  | { readonly type: 'guest'; readonly own: CallSid };

/** Undefined for a party that is not joined with one other: then there is nobody to hand over. */
export function handsOver(call: CallState, party: PartyId): HandsOver | undefined {
  const { dial, facts } = call;
  const isCaller = facts.caller.party === party;
  if (dial?.phase.name === 'meeting') return isCaller ? { type: 'guest', own: facts.sid } : undefined;
  const contact = dial === null ? undefined : joinedContact(dial);
  const leg = dial === null || contact === undefined ? undefined : legOfParty(dial, contact.party);
  if (leg === undefined || contact === undefined) return undefined;
  if (isCaller) return { type: 'caller', own: facts.sid, other: leg.sid };
  return contact.party === party ? { type: 'contact', own: leg.sid, other: facts.sid } : undefined;
}
