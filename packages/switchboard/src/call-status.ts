import type { EndReason } from '@parley/protocol';

/** The status of a leg as webhooks and REST write it (CL7, D24). */
export type CallStatus =
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'failed'
  | 'no-answer'
  | 'canceled';

/** How a leg is over. */
export type FinalStatus = Extract<CallStatus, 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled'>;

/** How a dialled leg ended that nobody picked up, by what the device would be told. */
export function unansweredStatus(reason: EndReason): FinalStatus {
  switch (reason) {
    case 'rejected':
    case 'rejected-elsewhere':
    case 'busy':
      return 'busy';
    case 'no-answer':
    case 'declined':
      return 'no-answer';
    case 'time-limit':
    case 'answered-elsewhere':
    case 'cancelled':
    case 'replaced':
    case 'transferred':
    case 'hangup':
    case 'remote-hangup':
      return 'canceled';
    case 'not-registered':
    case 'forbidden':
    case 'document-failed':
    case 'media':
    case 'network':
    case 'draining':
    case 'gateway-restart':
    case 'overload':
    case 'server':
      return 'failed';
  }
}
