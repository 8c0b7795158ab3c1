import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { ApiKeyRecord } from '../store/api-keys.ts';
import { text } from './fields.ts';
import { operation, type Operation, type RestRequest } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageRows } from './paging.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const KeyJson = v.object({
  sid: v.string(),
  friendly_name: v.string(),
  date_created: v.string(),
  date_updated: v.string(),
});
const NewKeyJson = v.object({
  ...KeyJson.entries,
  secret: v.pipe(v.string(), v.description('Signs access tokens. It is shown this once.')),
});
const Fields = v.object({ FriendlyName: v.optional(text(128, 'What the key is for.'), '') });
const SID_PATH = '/Keys/{KeySid}';

/** API keys: what token servers sign with, so that the account's own token stays at home. */
export function keyOperations({ store }: RestServices): readonly Operation[] {
  const { apiKeys } = store;
  const find = (request: RestRequest): ApiKeyRecord => {
    const keySid = request.names['KeySid'] ?? '';
    const key = apiKeys.find(keySid);
    if (key?.accountSid === request.accountSid) return key;
    throw new RestRefusal('notFound', `there is no key ${keySid} in this account`);
  };
  return [
    operation({
      id: 'createKey',
      method: 'POST',
      path: '/Keys',
      summary: 'Makes an API key, and shows its secret this once.',
      input: Fields,
      answers: { type: 'one', schema: NewKeyJson, name: 'NewKey' },
      status: 201,
      perform(request, fields) {
        const key = apiKeys.save({ accountSid: request.accountSid, friendlyName: fields.FriendlyName });
        return { ...keyJson(key), secret: key.secret };
      },
    }),
    operation({
      id: 'listKeys',
      method: 'GET',
      path: '/Keys',
      summary: 'API keys, oldest first, without their secrets.',
      input: v.object(PAGE_FIELDS),
      answers: { type: 'page', schema: KeyJson, name: 'Key', key: 'keys' },
      perform(request, fields) {
        const { offset, limit } = pageRows(fields);
        const keys = apiKeys.list(request.accountSid);
        const items = keys.slice(offset, offset + limit).map(keyJson);
        return pageAnswer(request, fields, { key: 'keys', path: '/Keys', items, total: keys.length });
      },
    }),
    operation({
      id: 'fetchKey',
      method: 'GET',
      path: SID_PATH,
      summary: 'One API key, without its secret.',
      input: v.object({}),
      answers: { type: 'one', schema: KeyJson, name: 'Key' },
      perform: (request) => keyJson(find(request)),
    }),
    operation({
      id: 'deleteKey',
      method: 'DELETE',
      path: SID_PATH,
      summary: 'Forgets an API key: its tokens open nothing any more. Calls that are up go on.',
      input: v.object({}),
      answers: { type: 'nothing' },
      perform(request) {
        apiKeys.remove(request.accountSid, find(request).sid);
        return {};
      },
    }),
  ];
}

function keyJson(key: ApiKeyRecord): v.InferOutput<typeof KeyJson> {
  const made = formatTimestamp(key.createdAtMs);
  return { sid: key.sid, friendly_name: key.friendlyName, date_created: made, date_updated: made };
}
