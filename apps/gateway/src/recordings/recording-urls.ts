import { signRecordingLink } from './recording-link.ts';

export interface RecordingUrlsOptions {
  /** Where the gateway is reached from outside: `https://calls.example.com`. Asked for anew each time. */
  readonly publicUrl: () => string;
  readonly tokenOf: (accountSid: string) => string | undefined;
  /** How long a link can be followed. */
  readonly linkMs: number;
  readonly nowMs: () => number;
}

/** Where recordings are found. */
export class RecordingUrls {
  readonly #options: RecordingUrlsOptions;

  constructor(options: RecordingUrlsOptions) {
    this.#options = options;
  }

  /** The address of a recording with a signature that makes it playable for whoever is told of it, for a time. */
  signed(accountSid: string, recordingSid: string): string {
    const { tokenOf, linkMs, nowMs } = this.#options;
    const url = new URL(this.plain(accountSid, recordingSid));
    const authToken = tokenOf(accountSid);
    if (authToken === undefined) return url.href;
    const expires = Math.floor((nowMs() + linkMs) / 1000);
    const { signature } = signRecordingLink(authToken, { accountSid, recordingSid, expires });
    url.searchParams.set('Expires', String(expires));
    url.searchParams.set('Signature', signature);
    return url.href;
  }

  /** The same without a signature: whoever asks needs credentials. */
  plain(accountSid: string, recordingSid: string): string {
    const base = this.#options.publicUrl().replace(/\/+$/, '');
    return `${base}/2012-04-24/Accounts/${accountSid}/Recordings/${recordingSid}`;
  }

  /** Which recording a URL of ours means; undefined for any other. */
  recordingAt(url: string): { readonly accountSid: string; readonly recordingSid: string } | undefined {
    const asked = URL.parse(url);
    const own = URL.parse(this.#options.publicUrl());
    if (asked === null || asked.origin !== own?.origin) return undefined;
    const path = asked.pathname.slice(own.pathname.replace(/\/+$/, '').length);
    const [, accountSid, recordingSid] = MEDIA_PATH.exec(path) ?? [];
    return accountSid === undefined || recordingSid === undefined ? undefined : { accountSid, recordingSid };
  }
}

const MEDIA_PATH =
  /^\/(?:restcomm\/)?20\d\d-\d\d-\d\d\/Accounts\/(AC[0-9a-f]{32})(?:\/(?:Calls|Conferences)\/\w+)?\/Recordings\/(RE[0-9a-f]{32})(?:\.\w+)?$/;
