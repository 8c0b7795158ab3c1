import { randomUUID } from 'node:crypto';
import { CallId, CallSid } from '@parley/protocol';
import * as v from 'valibot';

/** Names a leg. The digits of a UUID, which Node takes from a stock of chance it fills now and then. */
export function newCallSid(): CallSid {
  return v.parse(CallSid, `CA${randomUUID().replaceAll('-', '')}`);
}

/** Names a device's part in a call that the gateway brings to it. */
export function newCallId(): CallId {
  return v.parse(CallId, randomUUID());
}
