import { randomBytes, randomUUID } from 'node:crypto';
import { CallId, CallSid } from '@parley/protocol';
import * as v from 'valibot';

/** Names a leg. */
export function newCallSid(): CallSid {
  return v.parse(CallSid, `CA${randomBytes(16).toString('hex')}`);
}

/** Names a device's part in a call that the gateway brings to it. */
export function newCallId(): CallId {
  return v.parse(CallId, randomUUID());
}
