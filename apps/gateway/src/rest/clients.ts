import { Identity } from '@parley/protocol';
import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { ClientChange, ClientRecord } from '../store/clients.ts';
import { hashPassword } from '../store/password.ts';
import { clearableSid, clearableUrl, method, text, word } from './fields.ts';
import { operation, OtherStatus, type AnswerShape, type Operation, type RestRequest } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageRows } from './paging.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

/** A client as REST shows her. Her password is never in it (D28). */
const ClientJson = v.object({
  sid: v.string(),
  account_sid: v.string(),
  login: v.string(),
  friendly_name: v.string(),
  status: v.pipe(v.picklist(['1', '0']), v.description('1: enabled, 0: disabled.')),
  has_password: v.boolean(),
  voice_url: v.nullable(v.string()),
  voice_method: v.string(),
  voice_fallback_url: v.nullable(v.string()),
  voice_fallback_method: v.string(),
  voice_application_sid: v.nullable(v.string()),
  date_created: v.string(),
  date_updated: v.string(),
  api_version: v.string(),
  uri: v.string(),
});

const ChangeFields = {
  Password: v.optional(
    v.pipe(
      v.string(),
      v.minLength(8, 'too weak: it has at least 8 characters'),
      v.maxLength(256, 'has at most 256 characters'),
      v.description(
        'Kept hashed and never shown; of use only where the operator has turned password log-in on.',
      ),
    ),
  ),
  FriendlyName: v.optional(text(128, 'A name for people.')),
  Status: v.optional(word(['1', '0'], '1: enabled, 0: disabled.')),
  VoiceUrl: v.optional(clearableUrl('Asked for the document when she calls somebody.')),
  VoiceMethod: v.optional(method('How VoiceUrl is asked.')),
  VoiceFallbackUrl: v.optional(clearableUrl('Asked when VoiceUrl fails.')),
  VoiceFallbackMethod: v.optional(method('How VoiceFallbackUrl is asked.')),
  VoiceApplicationSid: v.optional(
    clearableSid('AP', 'The application that decides where VoiceUrl is not set.'),
  ),
};
const UpdateFields = v.object(ChangeFields);
type UpdateFields = v.InferOutput<typeof UpdateFields>;

const CreateFields = v.object({
  Login: v.pipe(
    v.string(),
    // RestComm refuses these three, because they mean something in an address.
    v.regex(/^[^?=@]*$/, 'has none of ?, = and @'),
    v.check(
      (login) => v.is(Identity, login),
      'is 1 to 128 characters without control characters, client: in front, or a blank at either end',
    ),
    v.description('The name she is called by, compared exactly.'),
  ),
  ...ChangeFields,
});

const one: AnswerShape = { type: 'one', schema: ClientJson, name: 'Client' };
const SID_PATH = '/Clients/{ClientSid}';

/** Clients: people with an entry of their own. Nobody needs one to be called; a token is enough. */
export function clientOperations({ store }: RestServices): readonly Operation[] {
  const { clients } = store;
  return [
    operation({
      id: 'createClient',
      method: 'POST',
      path: '/Clients',
      summary: 'Makes a client. One whose Login exists already is answered as she is, with 200.',
      input: CreateFields,
      answers: one,
      status: 201,
      async perform(request, fields) {
        const { accountSid } = request;
        const existing = clients.findByLogin(accountSid, fields.Login);
        if (existing !== undefined) return new OtherStatus(200, clientJson(existing, request));
        const change = await changeOf(fields, request, store);
        const { client, isNew } = clients.create(accountSid, fields.Login, change);
        return new OtherStatus(isNew ? 201 : 200, clientJson(client, request));
      },
    }),
    operation({
      id: 'listClients',
      method: 'GET',
      path: '/Clients',
      summary: 'Clients, oldest first.',
      input: v.object({ ...PAGE_FIELDS, Login: v.optional(text(128, 'The client of exactly this name.')) }),
      answers: { type: 'page', schema: ClientJson, name: 'Client', key: 'clients' },
      perform(request, fields) {
        const { accountSid } = request;
        const found = fields.Login === undefined ? undefined : clients.findByLogin(accountSid, fields.Login);
        const all =
          fields.Login === undefined
            ? clients.list(accountSid, pageRows(fields))
            : {
                clients: found === undefined || fields.Page > 0 ? [] : [found],
                total: found === undefined ? 0 : 1,
              };
        const items = all.clients.map((client) => clientJson(client, request));
        return pageAnswer(request, fields, { key: 'clients', path: '/Clients', items, total: all.total });
      },
    }),
    operation({
      id: 'fetchClient',
      method: 'GET',
      path: SID_PATH,
      summary: 'One client.',
      input: v.object({}),
      answers: one,
      perform: (request) =>
        clientJson(known(clients.find(request.accountSid, sidOf(request)), request), request),
    }),
    operation({
      id: 'updateClient',
      method: 'POST',
      path: SID_PATH,
      summary: 'Changes a client; what is left out stays.',
      input: UpdateFields,
      answers: one,
      async perform(request, fields) {
        known(clients.find(request.accountSid, sidOf(request)), request);
        const change = await changeOf(fields, request, store);
        return clientJson(
          known(clients.update(request.accountSid, sidOf(request), change), request),
          request,
        );
      },
    }),
    operation({
      id: 'deleteClient',
      method: 'DELETE',
      path: SID_PATH,
      summary: 'Forgets a client. Calls of hers go on, and a token still lets her in.',
      input: v.object({}),
      answers: { type: 'nothing' },
      perform(request) {
        known(clients.find(request.accountSid, sidOf(request)), request);
        clients.remove(request.accountSid, sidOf(request));
        return {};
      },
    }),
  ];
}

function sidOf({ names }: RestRequest): string {
  return names['ClientSid'] ?? '';
}

function known(client: ClientRecord | undefined, request: RestRequest): ClientRecord {
  if (client !== undefined) return client;
  throw new RestRefusal('notFound', `there is no client ${sidOf(request)} in this account`);
}

async function changeOf(
  fields: UpdateFields,
  { accountSid }: RestRequest,
  { applications }: Pick<RestServices['store'], 'applications'>,
): Promise<ClientChange> {
  const { VoiceApplicationSid: applicationSid, Password: password } = fields;
  if (applicationSid != null && applications.find(accountSid, applicationSid) === undefined) {
    throw new RestRefusal('applicationInvalid', 'VoiceApplicationSid is not an application of this account');
  }
  return {
    ...(fields.FriendlyName !== undefined && { friendlyName: fields.FriendlyName }),
    ...(fields.Status !== undefined && { isEnabled: fields.Status === '1' }),
    ...(fields.VoiceUrl !== undefined && { voiceUrl: fields.VoiceUrl }),
    ...(fields.VoiceMethod !== undefined && { voiceMethod: fields.VoiceMethod }),
    ...(fields.VoiceFallbackUrl !== undefined && { voiceFallbackUrl: fields.VoiceFallbackUrl }),
    ...(fields.VoiceFallbackMethod !== undefined && { voiceFallbackMethod: fields.VoiceFallbackMethod }),
    ...(applicationSid !== undefined && { applicationSid }),
    ...(password !== undefined && { passwordHash: await hashPassword(password) }),
  };
}

function clientJson(
  client: ClientRecord,
  { root, apiVersion }: RestRequest,
): v.InferOutput<typeof ClientJson> {
  return {
    sid: client.sid,
    account_sid: client.accountSid,
    login: client.login,
    friendly_name: client.friendlyName,
    status: client.isEnabled ? '1' : '0',
    has_password: client.passwordHash !== null,
    voice_url: client.voiceUrl,
    voice_method: client.voiceMethod,
    voice_fallback_url: client.voiceFallbackUrl,
    voice_fallback_method: client.voiceFallbackMethod,
    voice_application_sid: client.applicationSid,
    date_created: formatTimestamp(client.createdAtMs),
    date_updated: formatTimestamp(client.updatedAtMs),
    api_version: apiVersion,
    uri: `${root}/Clients/${client.sid}.json`,
  };
}
