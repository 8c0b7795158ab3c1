import { CallParams, Identity } from '@parley/protocol';
import { client, dial, parseRcml, response, type Complaint } from '@parley/rcml';
import type { Application } from '@parley/switchboard';
import * as v from 'valibot';
import type { Applications } from '../store/applications.ts';
import type { CallCallback, CallOrder } from './call-control.ts';
import { method, sid, text, url, words } from './fields.ts';
import { RestRefusal } from './rest-refusal.ts';

const EVENTS = ['initiated', 'ringing', 'answered', 'completed'] as const;
/** As long as the body of a request may be. */
const INLINE_LENGTH_MAX = 64 * 1024;

/** Where the document of a call comes from, and where its life is told: the same for a new call and a changed one. */
export const APPLICATION_FIELDS = {
  Url: v.optional(url('Asked for the document that runs on the leg.')),
  Method: v.optional(method('How Url is asked.'), 'POST'),
  FallbackUrl: v.optional(url('Asked when Url fails.')),
  FallbackMethod: v.optional(method('How FallbackUrl is asked.'), 'POST'),
  Rcml: v.optional(text(INLINE_LENGTH_MAX, 'The document itself, instead of Url.')),
  Twiml: v.optional(text(INLINE_LENGTH_MAX, 'The same as Rcml.')),
  ApplicationSid: v.optional(sid('AP', 'The application whose VoiceUrl is asked, instead of Url.')),
  StatusCallback: v.optional(url('Told how the call goes on.')),
  StatusCallbackMethod: v.optional(method('How StatusCallback is told.'), 'POST'),
  StatusCallbackEvent: v.optional(
    words(
      EVENTS,
      'What is told: repeated, or with commas or blanks between. Only completed when it is left out.',
    ),
  ),
};
const ApplicationFields = v.object(APPLICATION_FIELDS);
type ApplicationFields = v.InferOutput<typeof ApplicationFields>;

/** An application that was named, and what is to be said about a document that came with the request. */
export interface ChosenApplication {
  readonly application: Application;
  readonly applicationSid?: string;
  readonly complaints: readonly Complaint[];
}

/** The one application that the fields name; undefined where they name none. Throws where they name two. */
export function chosenApplication(
  fields: ApplicationFields,
  accountSid: string,
  applications: Pick<Applications, 'find'>,
): ChosenApplication | undefined {
  const named = (['ApplicationSid', 'Url', 'Rcml', 'Twiml'] as const).filter(
    (name) => fields[name] !== undefined,
  );
  if (named.length > 1) {
    throw new RestRefusal('invalidParameter', `${named.join(' and ')} say two things: give one of them`);
  }
  const inline = fields.Rcml ?? fields.Twiml;
  if (inline !== undefined) return inlineDocument(inline, fields.Rcml === undefined ? 'Twiml' : 'Rcml');
  if (fields.Url !== undefined) {
    const { Url: url, Method: method, FallbackUrl: fallbackUrl, FallbackMethod } = fields;
    const fallback =
      fallbackUrl === undefined ? {} : { fallback: { url: fallbackUrl, method: FallbackMethod } };
    return { application: { type: 'url', url, method, ...fallback }, complaints: [] };
  }
  return fields.ApplicationSid === undefined
    ? undefined
    : keptApplication(fields.ApplicationSid, accountSid, applications);
}

function inlineDocument(written: string, name: string): ChosenApplication {
  const parsed = parseRcml(written);
  if (!parsed.ok) {
    const [complaint] = parsed.complaints;
    const where = complaint === undefined ? '' : ` line ${complaint.at.line}, column ${complaint.at.column}:`;
    throw new RestRefusal(
      'documentUnreadable',
      `${name}${where} ${complaint?.message ?? 'cannot be read.'} ${complaint?.remedy ?? ''}`.trim(),
    );
  }
  return {
    application: { type: 'document', document: parsed.document, base: '' },
    complaints: parsed.complaints,
  };
}

function keptApplication(
  applicationSid: string,
  accountSid: string,
  applications: Pick<Applications, 'find'>,
): ChosenApplication {
  const kept = applications.find(accountSid, applicationSid);
  if (kept === undefined || kept.voiceUrl === null) {
    const why = kept === undefined ? 'is not an application of this account' : 'has no VoiceUrl';
    throw new RestRefusal('applicationInvalid', `ApplicationSid ${why}`);
  }
  const { voiceUrl: url, voiceMethod: method, voiceFallbackUrl, voiceFallbackMethod } = kept;
  const fallback =
    voiceFallbackUrl === null ? {} : { fallback: { url: voiceFallbackUrl, method: voiceFallbackMethod } };
  return { application: { type: 'url', url, method, ...fallback }, applicationSid, complaints: [] };
}

export function chosenCallback(fields: ApplicationFields): CallCallback | undefined {
  const { StatusCallback: url, StatusCallbackMethod: method, StatusCallbackEvent: events = [] } = fields;
  return url === undefined
    ? undefined
    : { url, method, events: events.length === 0 ? ['completed'] : events };
}

/**
 * Whom `To` means: `client:alice?X-Tier=gold`, or the name alone. It is read by the same rules as the target of a
 * `<Client>`, by being one.
 */
export function readTo(written: string, video: boolean): CallOrder['to'] {
  const target = written.replace(/^client:/, '');
  if (target === written && /^(sips?:|\+?[\d\s().*#-]+$)/.test(written)) {
    throw new RestRefusal(
      'toInvalid',
      'To is not a client: numbers and SIP addresses leave through a SIP trunk, and none is configured. Call client:NAME.',
    );
  }
  const parsed = parseRcml(response(dial(client(target))));
  const [verb] = parsed.ok ? parsed.document.verbs : [];
  const [noun] = verb?.verb === 'Dial' ? verb.nouns : [];
  if (noun?.noun !== 'Client') throw new RestRefusal('toInvalid', 'To cannot be read');
  if (noun.refused !== undefined) throw new RestRefusal('toInvalid', `To: ${noun.refused.message}`);
  const identity = v.safeParse(Identity, noun.target);
  if (!identity.success) throw new RestRefusal('toInvalid', 'To is not a name that a client can have');
  const params = v.safeParse(CallParams, Object.fromEntries(noun.parameters));
  if (!params.success) throw new RestRefusal('toInvalid', `To has ${params.issues[0].message}`);
  return { identity: identity.output, params: params.output, video };
}
