import { notifications, type NotificationName, type Position } from '@parley/rcml';

/** Something the author of a document, or an operator, should read about a call. */
export interface Notification {
  readonly type: 'notify';
  /** From the one table of notifications (D22). */
  readonly code: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly at?: Position;
}

/** Words a notification of a kind from the table. */
export function notify(kind: NotificationName, message: string, at?: Position): Notification {
  const { code, severity } = notifications[kind];
  return at === undefined
    ? { type: 'notify', code, severity, message }
    : { type: 'notify', code, severity, message, at };
}
