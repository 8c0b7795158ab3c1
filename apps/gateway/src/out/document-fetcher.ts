import { randomUUID } from 'node:crypto';
import { notifications, type Complaint, type Document, type HttpMethod, type LooksLike } from '@parley/rcml';
import type { CookieJar } from './cookie-jar.ts';
import { KnownDocuments } from './known-documents.ts';
import type { FormParams } from './form-params.ts';
import type { WebhookAccount } from './webhook-account.ts';
import type { WebhookAnswer, WebhookClient } from './webhook-client.ts';
import type { WebhookFault } from './webhook-fault.ts';

/** A document to be asked for. */
export interface DocumentQuestion {
  /** Absolute; what follows `#` are overrides (`ct rt tt rc rp`) and is not sent. */
  readonly url: string;
  readonly method: HttpMethod;
  readonly params: FormParams;
  readonly account: WebhookAccount;
  /** One jar per call; what the server sets is sent back within this call only. */
  readonly cookies: CookieJar;
  /** Under which trace it is asked. */
  readonly traceparent?: string;
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

/** How much of an answer is kept to show to its author. */
const SHOWN_BODY_BYTES = 2048;

/** A fetcher that asks through this client. */
export function createDocumentFetcher(options: { readonly client: WebhookClient }): DocumentFetcher {
  const documents = new KnownDocuments();
  return {
    async fetchDocument(question) {
      const result = await options.client.send({ ...question, idempotencyKey: randomUUID() });
      if (!result.ok) return { ok: false, failure: readFailure(result.fault), complaints: [] };
      return readAnswer(result.answer, documents);
    },
  };
}

function readAnswer(answer: WebhookAnswer, documents: KnownDocuments): FetchedDocument {
  const isSound = answer.contentType?.toLowerCase().startsWith('audio/') === true;
  const parsed = documents.read(isSound ? Buffer.of(0) : answer.body, {
    url: answer.url,
    ...(answer.contentType !== undefined && { contentType: answer.contentType }),
  });
  if (parsed.ok) {
    return { ok: true, document: parsed.document, complaints: parsed.complaints, foundAt: answer.url };
  }
  const gravest = parsed.complaints.find(({ severity }) => severity === 'error');
  const failure: FetchFailure = {
    code: gravest?.code ?? notifications.documentUnreadable.code,
    message: gravest?.message ?? notifications.documentUnreadable.description,
    ...(gravest !== undefined && gravest.at),
    looksLike: parsed.looksLike,
    status: answer.status,
    requestUrl: answer.url,
    responseHeaders: answer.headers,
    responseBody: shownBody(answer.body),
  };
  return { ok: false, failure, complaints: parsed.complaints };
}

function readFailure({ code, message, url, status, headers, body }: WebhookFault): FetchFailure {
  return {
    code,
    message,
    requestUrl: url,
    ...(status !== undefined && { status }),
    ...(headers !== undefined && { responseHeaders: headers }),
    ...(body !== undefined && { responseBody: shownBody(body) }),
  };
}

function shownBody(body: Buffer): string {
  return body.subarray(0, SHOWN_BODY_BYTES).toString('utf8');
}
