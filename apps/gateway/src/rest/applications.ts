import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { ApplicationChange, ApplicationRecord } from '../store/applications.ts';
import { clearableUrl, method, text } from './fields.ts';
import { operation, type AnswerShape, type Operation, type RestRequest } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageRows } from './paging.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const ApplicationJson = v.object({
  sid: v.string(),
  account_sid: v.string(),
  friendly_name: v.string(),
  voice_url: v.nullable(v.string()),
  voice_method: v.string(),
  voice_fallback_url: v.nullable(v.string()),
  voice_fallback_method: v.string(),
  rcml_url: v.pipe(
    v.nullable(v.string()),
    v.description('The same as voice_url, by the name RestComm gives it.'),
  ),
  kind: v.literal('voice'),
  voice_caller_id_lookup: v.boolean(),
  status_callback: v.null(),
  status_callback_method: v.string(),
  date_created: v.string(),
  date_updated: v.string(),
  api_version: v.string(),
  uri: v.string(),
});

const VOICE_URL = 'Asked for the document of a call that this application decides about.';
const Fields = v.object({
  FriendlyName: v.optional(text(128, 'A name, by which a token may name the application too.')),
  VoiceUrl: v.optional(clearableUrl(VOICE_URL)),
  RcmlUrl: v.optional(clearableUrl('The same as VoiceUrl, by the name RestComm gives it.')),
  VoiceMethod: v.optional(method('How VoiceUrl is asked.')),
  VoiceFallbackUrl: v.optional(clearableUrl('Asked when VoiceUrl fails.')),
  VoiceFallbackMethod: v.optional(method('How VoiceFallbackUrl is asked.')),
});
type Fields = v.InferOutput<typeof Fields>;

const one: AnswerShape = { type: 'one', schema: ApplicationJson, name: 'Application' };
const SID_PATH = '/Applications/{ApplicationSid}';
/** An account has a handful; more than this are not looked through for a name. */
const NAMED_MAX = 10_000;

/** Applications: names for the addresses that documents come from. */
export function applicationOperations({ store }: RestServices): readonly Operation[] {
  const { applications } = store;
  const find = (request: RestRequest): ApplicationRecord =>
    known(applications.find(request.accountSid, sidOf(request)), request);
  return [
    operation({
      id: 'createApplication',
      method: 'POST',
      path: '/Applications',
      summary: 'Makes an application.',
      input: Fields,
      answers: one,
      status: 201,
      perform: (request, fields) =>
        applicationJson(applications.create(request.accountSid, changeOf(fields)), request),
    }),
    operation({
      id: 'listApplications',
      method: 'GET',
      path: '/Applications',
      summary: 'Applications, oldest first.',
      input: v.object({ ...PAGE_FIELDS, FriendlyName: v.optional(text(128, 'Those of exactly this name.')) }),
      answers: { type: 'page', schema: ApplicationJson, name: 'Application', key: 'applications' },
      perform(request, fields) {
        const { accountSid } = request;
        const { offset, limit } = pageRows(fields);
        const named =
          fields.FriendlyName === undefined
            ? undefined
            : applications
                .list(accountSid, { offset: 0, limit: NAMED_MAX })
                .applications.filter(({ friendlyName }) => friendlyName === fields.FriendlyName);
        const found =
          named === undefined
            ? applications.list(accountSid, { offset, limit })
            : { applications: named.slice(offset, offset + limit), total: named.length };
        const items = found.applications.map((application) => applicationJson(application, request));
        return pageAnswer(request, fields, {
          key: 'applications',
          path: '/Applications',
          items,
          total: found.total,
        });
      },
    }),
    operation({
      id: 'fetchApplication',
      method: 'GET',
      path: SID_PATH,
      summary: 'One application.',
      input: v.object({}),
      answers: one,
      perform: (request) => applicationJson(find(request), request),
    }),
    operation({
      id: 'updateApplication',
      method: 'POST',
      path: SID_PATH,
      summary: 'Changes an application; what is left out stays. Running calls keep the document they have.',
      input: Fields,
      answers: one,
      perform: (request, fields) =>
        applicationJson(
          known(applications.update(request.accountSid, sidOf(request), changeOf(fields)), request),
          request,
        ),
    }),
    operation({
      id: 'deleteApplication',
      method: 'DELETE',
      path: SID_PATH,
      summary: 'Forgets an application.',
      input: v.object({}),
      answers: { type: 'nothing' },
      perform(request) {
        applications.remove(request.accountSid, find(request).sid);
        return {};
      },
    }),
  ];
}

function sidOf({ names }: RestRequest): string {
  return names['ApplicationSid'] ?? '';
}

function known(application: ApplicationRecord | undefined, request: RestRequest): ApplicationRecord {
  if (application !== undefined) return application;
  throw new RestRefusal('notFound', `there is no application ${sidOf(request)} in this account`);
}

function changeOf(fields: Fields): ApplicationChange {
  const voiceUrl = fields.VoiceUrl === undefined ? fields.RcmlUrl : fields.VoiceUrl;
  return {
    ...(fields.FriendlyName !== undefined && { friendlyName: fields.FriendlyName }),
    ...(voiceUrl !== undefined && { voiceUrl }),
    ...(fields.VoiceMethod !== undefined && { voiceMethod: fields.VoiceMethod }),
    ...(fields.VoiceFallbackUrl !== undefined && { voiceFallbackUrl: fields.VoiceFallbackUrl }),
    ...(fields.VoiceFallbackMethod !== undefined && { voiceFallbackMethod: fields.VoiceFallbackMethod }),
  };
}

function applicationJson(
  application: ApplicationRecord,
  { root, apiVersion }: RestRequest,
): v.InferOutput<typeof ApplicationJson> {
  const { sid, voiceUrl } = application;
  return {
    sid,
    account_sid: application.accountSid,
    friendly_name: application.friendlyName,
    voice_url: voiceUrl,
    voice_method: application.voiceMethod,
    voice_fallback_url: application.voiceFallbackUrl,
    voice_fallback_method: application.voiceFallbackMethod,
    rcml_url: voiceUrl,
    kind: 'voice',
    voice_caller_id_lookup: false,
    status_callback: null,
    status_callback_method: 'POST',
    date_created: formatTimestamp(application.createdAtMs),
    date_updated: formatTimestamp(application.updatedAtMs),
    api_version: apiVersion,
    uri: `${root}/Applications/${sid}.json`,
  };
}
