import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import { operation, type Operation } from './operation.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const SUBRESOURCES = [
  'applications',
  'calls',
  'clients',
  'conferences',
  'keys',
  'notifications',
  'recordings',
] as const;

const AccountJson = v.object({
  sid: v.string(),
  friendly_name: v.string(),
  status: v.literal('active'),
  type: v.literal('Full'),
  owner_account_sid: v.string(),
  date_created: v.string(),
  date_updated: v.string(),
  uri: v.string(),
  subresource_uris: v.record(v.string(), v.string()),
});

/** The account itself. Its token is not shown: whoever asks has it, or is not to have it. */
export function accountOperations({ store }: RestServices): readonly Operation[] {
  return [
    operation({
      id: 'fetchAccount',
      method: 'GET',
      path: '',
      summary: 'The account whose credentials were sent.',
      input: v.object({}),
      answers: { type: 'one', schema: AccountJson, name: 'Account' },
      perform({ accountSid, root }): v.InferOutput<typeof AccountJson> {
        const account = store.accounts.find(accountSid);
        if (account === undefined) throw new RestRefusal('notFound', 'the account is gone');
        const made = formatTimestamp(account.createdAtMs);
        const uris = SUBRESOURCES.map((name) => [
          name,
          `${root}/${name.replace(/^./, (letter) => letter.toUpperCase())}.json`,
        ]);
        return {
          sid: account.sid,
          friendly_name: account.friendlyName,
          status: 'active',
          type: 'Full',
          owner_account_sid: account.sid,
          date_created: made,
          date_updated: made,
          uri: `${root}.json`,
          subresource_uris: Object.fromEntries(uris),
        };
      },
    }),
  ];
}
