import type { Notice } from '../store/notifications.ts';
import type { OutboxRecord } from '../store/outbox-table.ts';
import type { WebhookFault } from './webhook-fault.ts';

/** As much of an answer as is shown to whoever wrote the server. */
const SHOWN_BODY_BYTES = 2048;

/** What the author of a callback's URL is told when nobody takes it: what was sent, and what was answered. */
export function callbackNotice(event: OutboxRecord, fault: WebhookFault, fate: 'retrying' | 'dead'): Notice {
  const { accountSid, stream, sequence, url, method, params } = event;
  const { code, message, status, headers, body } = fault;
  const next = fate === 'retrying' ? 'It will be sent again.' : 'It was given up; it can be replayed.';
  return {
    accountSid,
    callSid: stream,
    code,
    severity: 'warning',
    message: `Callback ${sequence} was not taken: ${message} ${next}`,
    request: { url, method, params },
    response: {
      ...(status !== undefined && { status }),
      ...(headers !== undefined && { headers }),
      ...(body !== undefined && { body: body.subarray(0, SHOWN_BODY_BYTES).toString('utf8') }),
    },
  };
}
