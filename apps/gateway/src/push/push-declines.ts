import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallSid, DeclineSecret, PushDecline } from '@parley/protocol';

interface Open {
  /** SHA-256: what is kept could not be used by whoever reads it. */
  readonly digest: Buffer;
  readonly onDeclined: () => void;
}

const SECRET_BYTES = 32;

/**
 * What allows devices that were woken to decline: one secret for each device of each leg, used up by the first who brings
 * it, and worth nothing when the leg rings no more.
 */
export class PushDeclines {
  readonly #open = new Map<CallSid, Set<Open>>();

  /** For how many legs something may still be declined. */
  get size(): number {
    return this.#open.size;
  }

  issue(callSid: CallSid, onDeclined: () => void): DeclineSecret {
    const secret = randomBytes(SECRET_BYTES).toString('base64url') as DeclineSecret;
    const ofLeg = this.#open.get(callSid) ?? new Set();
    ofLeg.add({ digest: digestOf(secret), onDeclined });
    this.#open.set(callSid, ofLeg);
    return secret;
  }

  /** Whether that was a secret of this leg's, and is not any more: the device has declined. */
  take({ callSid, secret }: PushDecline): boolean {
    const ofLeg = this.#open.get(callSid);
    if (ofLeg === undefined) return false;
    const digest = digestOf(secret);
    let found: Open | undefined;
    // All of them, so that the time it takes does not tell which was nearly right.
    for (const open of ofLeg) if (timingSafeEqual(open.digest, digest)) found = open;
    if (found === undefined) return false;
    ofLeg.delete(found);
    found.onDeclined();
    return true;
  }

  /** The leg rings no more. */
  forget(callSid: CallSid): void {
    this.#open.delete(callSid);
  }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
