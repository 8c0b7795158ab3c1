import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import { operation, type Operation } from './operation.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

/** As Twilio's feedback resource has it. */
const FeedbackJson = v.object({
  account_sid: v.string(),
  sid: v.string(),
  quality_score: v.number(),
  issues: v.array(v.string()),
  date_created: v.string(),
  date_updated: v.string(),
});

/** What people thought of their calls, as their SDK has told it. */
export function feedbackOperations({ store }: RestServices): readonly Operation[] {
  return [
    operation({
      id: 'fetchCallFeedback',
      method: 'GET',
      path: '/Calls/{CallSid}/Feedback',
      summary: 'What the person on this leg thought of the call, once she has said so.',
      input: v.object({}),
      answers: { type: 'one', schema: FeedbackJson, name: 'Feedback' },
      perform({ accountSid, names }) {
        const callSid = names['CallSid'] ?? '';
        const found = store.feedback.find(accountSid, callSid);
        if (found === undefined)
          throw new RestRefusal('notFound', `nobody has said anything about ${callSid} in this account`);
        return {
          account_sid: found.accountSid,
          sid: found.callSid,
          quality_score: found.score,
          issues: found.issue === null ? [] : [found.issue],
          date_created: formatTimestamp(found.createdAtMs),
          date_updated: formatTimestamp(found.updatedAtMs),
        };
      },
    }),
  ];
}
