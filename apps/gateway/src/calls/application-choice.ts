import { parseRcml, response, dial, client as clientNoun } from '@parley/rcml';
import type { Application } from '@parley/switchboard';
import type { TokenGrants } from '../edge/token-grants.ts';
import type { Applications } from '../store/applications.ts';
import type { Clients } from '../store/clients.ts';

export interface ApplicationChoiceOptions {
  readonly applications: Pick<Applications, 'find' | 'findByName'>;
  readonly clients: Pick<Clients, 'findByLogin'>;
  /** The sid of the application that decides where neither the token nor the client names one. */
  readonly defaultApplication?: string;
  /** Without any application: call the client of the name that was asked for. */
  readonly peerCalls: boolean;
}

export interface Caller {
  readonly accountSid: string;
  readonly identity: string;
  readonly grants: TokenGrants;
  readonly to: string;
  readonly video: boolean;
}

/**
 * Which application decides about a call (D17): the token's, else the one of the client, else the gateway's default,
 * else, where that is allowed, the name itself. Null: nobody.
 */
export function chooseApplication(options: ApplicationChoiceOptions, caller: Caller): Application | null {
  const { accountSid, identity, grants, to, video } = caller;
  const granted = grants.outgoing?.application;
  if (granted !== undefined) return applicationOf(options, accountSid, granted);
  const person = options.clients.findByLogin(accountSid, identity);
  if (person?.voiceUrl != null) return fromVoiceSettings(person);
  if (person?.applicationSid != null) return applicationOf(options, accountSid, person.applicationSid);
  if (options.defaultApplication !== undefined)
    return applicationOf(options, accountSid, options.defaultApplication);
  return options.peerCalls && to !== '' ? peerCall(to, video) : null;
}

function applicationOf(
  options: ApplicationChoiceOptions,
  accountSid: string,
  sidOrName: string,
): Application | null {
  const { applications } = options;
  const found = applications.find(accountSid, sidOrName) ?? applications.findByName(accountSid, sidOrName);
  return found === undefined ? null : fromVoiceSettings(found, found.sid);
}

function fromVoiceSettings(
  settings: {
    readonly voiceUrl: string | null;
    readonly voiceMethod: 'GET' | 'POST';
    readonly voiceFallbackUrl: string | null;
    readonly voiceFallbackMethod: 'GET' | 'POST';
  },
  sid?: string,
): Application | null {
  if (settings.voiceUrl === null) return null;
  const { voiceUrl: url, voiceMethod: method, voiceFallbackUrl } = settings;
  const named = sid === undefined ? {} : { sid };
  if (voiceFallbackUrl === null) return { type: 'url', url, method, ...named };
  return {
    type: 'url',
    url,
    method,
    fallback: { url: voiceFallbackUrl, method: settings.voiceFallbackMethod },
  };
}

/** The shortest document there is: call the client of that name. */
function peerCall(to: string, video: boolean): Application | null {
  const parsed = parseRcml(response(dial({}, clientNoun(to, { video }))));
  return parsed.ok ? { type: 'document', document: parsed.document, base: '' } : null;
}
