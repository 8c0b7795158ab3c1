import type { FormParams } from '../out/form-params.ts';

/** A notification as it is kept. */
export interface NotificationRecord {
  readonly sid: string;
  readonly accountSid: string;
  readonly callSid: string | null;
  readonly severity: 'error' | 'warning';
  readonly code: number;
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly requestUrl: string | null;
  readonly requestMethod: string | null;
  readonly requestParams: FormParams;
  readonly responseStatus: number | null;
  readonly responseHeaders: FormParams;
  readonly responseBody: string | null;
  readonly atMs: number;
}

/** Which notifications, newest first. */
export interface NotificationFilter {
  readonly accountSid: string;
  readonly callSid?: string;
  readonly severity?: 'error' | 'warning';
  readonly code?: number;
  readonly requestUrl?: string;
  /** A piece of the message. */
  readonly messagePart?: string;
  readonly fromMs?: number;
  readonly beforeMs?: number;
  readonly offset: number;
  readonly limit: number;
}

/** Something to be told to the author of a document or the operator. */
export interface Notice {
  readonly accountSid: string;
  readonly callSid?: string | null;
  readonly code: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  readonly request?: { readonly url: string; readonly method: string; readonly params?: FormParams };
  readonly response?: { readonly status?: number; readonly headers?: FormParams; readonly body?: string };
}

/** Writes notifications down and logs that it did. */
export interface NotificationLog {
  /** Answers the sid of the row (`NO…`). Never throws. */
  notify(notice: Notice): string;
}
