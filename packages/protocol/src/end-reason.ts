import * as v from 'valibot';

/**
 * Why a call is over, as the device that is told sees it. An outcome is data: `busy` is not an exception.
 *
 * | reason | what happened |
 * |---|---|
 * | `hangup` | this device hung up a call that was answered |
 * | `remote-hangup` | the other person hung up, or the document came to its end |
 * | `cancelled` | the caller gave up before anybody was joined |
 * | `rejected` | every device that rang refused, or the document said `<Reject>` |
 * | `busy` | the person called is in another call, or `<Reject reason="busy">` |
 * | `no-answer` | nobody picked up in time |
 * | `not-registered` | no device is registered under that name |
 * | `answered-elsewhere` | another device or another person was faster |
 * | `rejected-elsewhere` | another device of the same person refused for all |
 * | `declined` | picked up, then declined in the screening document |
 * | `time-limit` | the dial's `timeLimit` was reached |
 * | `forbidden` | the token, or the configuration, does not allow this call |
 * | `document-failed` | the RCML could not be fetched or run; `error` says where |
 * | `media` | no media path could be brought up or kept |
 * | `network` | the device was away for longer than its grace period |
 * | `replaced` | a REST request gave the call another document or ended it |
 * | `transferred` | this device has handed the other over to somebody else |
 * | `draining` | the gateway is being taken out of service |
 * | `gateway-restart` | the gateway went down under the call |
 * | `overload` | a ceiling of the gateway was reached |
 * | `server` | the gateway failed; the failure is its own and is in its log |
 */
export const END_REASONS = [
  'hangup',
  'remote-hangup',
  'cancelled',
  'rejected',
  'busy',
  'no-answer',
  'not-registered',
  'answered-elsewhere',
  'rejected-elsewhere',
  'declined',
  'time-limit',
  'forbidden',
  'document-failed',
  'media',
  'network',
  'replaced',
  'transferred',
  'draining',
  'gateway-restart',
  'overload',
  'server',
] as const;

export const EndReason = v.picklist(END_REASONS);
export type EndReason = v.InferOutput<typeof EndReason>;

/** Who ended it, from the point of view of the device that is told. */
export const EndedBy = v.picklist(['local', 'remote', 'server']);
export type EndedBy = v.InferOutput<typeof EndedBy>;
