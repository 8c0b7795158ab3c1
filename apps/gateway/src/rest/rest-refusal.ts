/**
 * Every number a refusal may carry. They are Twilio's, because programs that know them look for them (D25); documents
 * keep the numbers of the notifications.
 */
export const REFUSALS = {
  invalidParameter: [400, 20001, 'A parameter is missing or cannot be what it is.'],
  notAuthenticated: [
    401,
    20003,
    'Send the account’s sid and token, or an API key’s sid and secret, as Basic authorization.',
  ],
  methodNotAllowed: [405, 20004, 'This path is not asked with this method.'],
  forbidden: [403, 20403, 'These credentials, or a page of another site, may not ask this.'],
  notFound: [404, 20404, 'There is nothing of that sid in this account, or no such path.'],
  tooManyRequests: [429, 20429, 'The account asks too often, or the gateway has as many calls as it may.'],
  failed: [500, 20500, 'The gateway failed; its log says how.'],
  unsupported: [501, 20501, 'This gateway cannot do that; the message says what it lacks.'],
  unavailable: [503, 20503, 'The gateway is going out of service and takes no new calls.'],
  toMissing: [400, 21201, 'Say in To whom to call: client:NAME.'],
  urlInvalid: [400, 21205, 'A document’s URL is an absolute http or https URL.'],
  toInvalid: [400, 21211, 'To is not somebody who can be called from here.'],
  fromInvalid: [400, 21212, 'From cannot be read.'],
  fromMissing: [400, 21213, 'Say in From whom the call is from.'],
  applicationInvalid: [400, 21218, 'The account has no such application, or it has no VoiceUrl.'],
  wrongCallState: [400, 21220, 'The call is not in a state in which this can be done.'],
  callbackInvalid: [400, 21609, 'A callback is told at an absolute http or https URL.'],
  documentUnreadable: [400, 12100, 'The document cannot be read; the message says where and why.'],
} as const satisfies Readonly<Record<string, readonly [status: number, code: number, meaning: string]>>;

export type RefusalName = keyof typeof REFUSALS;

/** What a REST request is answered when it is not carried out. The body is the one Twilio's libraries read. */
export class RestRefusal extends Error {
  readonly refusal: RefusalName;
  readonly headers: Readonly<Record<string, string>>;

  constructor(refusal: RefusalName, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'RestRefusal';
    this.refusal = refusal;
    this.headers = headers;
  }

  get status(): number {
    return REFUSALS[this.refusal][0];
  }

  get body(): RefusalJson {
    const [status, code] = REFUSALS[this.refusal];
    return { code, message: this.message, more_info: `/docs#refusal-${code}`, status };
  }
}

/** A refusal as it is answered. */
export interface RefusalJson {
  readonly code: number;
  readonly message: string;
  /** Where the number is explained. */
  readonly more_info: string;
  readonly status: number;
}
