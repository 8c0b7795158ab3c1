import type { Complaint, Document, HttpMethod, LooksLike } from '@parley/rcml';
import type { CookieJar } from './cookie-jar.ts';
import type { FormParams } from './form-params.ts';
import type { WebhookAccount } from './webhook-account.ts';

/** A document to be asked for. */
export interface DocumentQuestion {
  /** Absolute; what follows `#` are overrides (`ct rt tt rc rp`) and is not sent. */
  readonly url: string;
  readonly method: HttpMethod;
  readonly params: FormParams;
  readonly account: WebhookAccount;
  /** One jar per call; what the server sets is sent back within this call only. */
  readonly cookies: CookieJar;
  /** Aborting ends the exchange at once, with a failure. */
  readonly signal?: AbortSignal;
}

/** Why there is no document. `code` is from the table of `@parley/rcml`. */
export interface FetchFailure {
  readonly code: number;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  readonly looksLike?: LooksLike;
  /** Of the answer, where there was one. */
  readonly status?: number;
  /** The URL that failed, after redirects, without what follows `#`. */
  readonly requestUrl: string;
  readonly responseHeaders?: FormParams;
  /** The first 2 KiB. */
  readonly responseBody?: string;
}

/** What became of a question for a document. */
export type FetchedDocument =
  | {
      readonly ok: true;
      readonly document: Document;
      readonly complaints: readonly Complaint[];
      /** Where the document was found, after redirects; what it says relatively resolves here. */
      readonly foundAt: string;
    }
  | { readonly ok: false; readonly failure: FetchFailure; readonly complaints: readonly Complaint[] };

/** Asks applications for their documents. */
export interface DocumentFetcher {
  /** Never rejects: whatever goes wrong is a failure with a number. Settles within 15 seconds. */
  fetchDocument(question: DocumentQuestion): Promise<FetchedDocument>;
}
