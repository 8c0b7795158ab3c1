import { notificationByCode } from '@parley/rcml';
import type { Logger } from '../log.ts';
import type { FormParams } from '../out/form-params.ts';
import type { NotificationTable } from './notification-table.ts';
import { newSid } from './sid.ts';

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
  /** Answers the sid of the row (`NO…`). Never throws: what cannot be written is logged. */
  notify(notice: Notice): string;
}

/** The log of one store. */
export function createNotificationLog(options: {
  readonly table: Pick<NotificationTable, 'add'>;
  readonly logger: Logger;
  readonly nowMs?: () => number;
}): NotificationLog {
  const { table, logger, nowMs = Date.now } = options;
  return {
    notify(notice) {
      const record = toRecord(notice, nowMs());
      try {
        table.add(record);
      } catch (error) {
        logger.error({ err: error, code: notice.code }, 'a notification could not be written');
      }
      const { sid, callSid, code, line, column } = record;
      // The message may quote the document, and with it a name, a parameter or a URL: it is in the row.
      const what = notificationByCode(code)?.description ?? 'A notification was written.';
      logger[notice.severity === 'error' ? 'error' : 'warn'](
        { callSid, code, line, column, notificationSid: sid },
        what,
      );
      logger.debug({ callSid, notificationSid: sid, detail: notice.message }, 'notification in full');
      return sid;
    },
  };
}

function toRecord(notice: Notice, atMs: number): NotificationRecord {
  return {
    sid: newSid('NO'),
    accountSid: notice.accountSid,
    callSid: notice.callSid ?? null,
    severity: notice.severity,
    code: notice.code,
    message: notice.message,
    line: notice.line ?? null,
    column: notice.column ?? null,
    requestUrl: notice.request?.url ?? null,
    requestMethod: notice.request?.method ?? null,
    requestParams: notice.request?.params ?? [],
    responseStatus: notice.response?.status ?? null,
    responseHeaders: notice.response?.headers ?? [],
    responseBody: notice.response?.body ?? null,
    atMs,
  };
}
