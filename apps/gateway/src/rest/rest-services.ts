import type { CallbackOutbox } from '../out/callback-outbox.ts';
import type { NotificationLog } from '../store/notifications.ts';
import type { Store } from '../store/store.ts';
import type { CallControl } from './call-control.ts';
import type { MessageControl } from './message-control.ts';
import type { RecordingControl } from './recording-control.ts';

/** What REST acts with. */
export interface RestServices {
  readonly store: Pick<
    Store,
    | 'accounts'
    | 'apiKeys'
    | 'applications'
    | 'clients'
    | 'calls'
    | 'conferences'
    | 'recordings'
    | 'notifications'
    | 'outbox'
    | 'feedback'
  >;
  readonly calls: CallControl;
  readonly messages: MessageControl;
  readonly recordings: RecordingControl;
  readonly notifications: NotificationLog;
  readonly outbox: Pick<CallbackOutbox, 'replay'>;
}
