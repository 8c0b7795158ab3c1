import type { MediaPlane, World } from '@parley/switchboard';
import type { Registry } from '../edge/registry.ts';
import type { Logger } from '../log.ts';
import type { CallbackOutbox } from '../out/callback-outbox.ts';
import type { DocumentFetcher } from '../out/document-fetcher.ts';
import type { WebhookAccount } from '../out/webhook-account.ts';
import type { Calls } from '../store/calls.ts';
import type { NotificationLog } from '../store/notifications.ts';
import type { Ears } from '../speech/ears.ts';
import type { Announcer } from './announcer.ts';
import type { CallRecorder } from './call-recordings.ts';
import type { Conferences } from './conferences.ts';
import type { Sleepers } from './sleepers.ts';
import type { Talks } from './talks.ts';
import type { Transfers } from './transfers.ts';
import type { IceServersOf } from './turn.ts';

/** What a hosted call acts with. Whoever hosts calls has opinions about none of it. */
export interface CallServices {
  readonly world: World;
  readonly media: MediaPlane;
  readonly fetcher: DocumentFetcher;
  readonly outbox: CallbackOutbox;
  readonly calls: Calls;
  readonly notifications: NotificationLog;
  readonly registry: Pick<Registry, 'devicesOf' | 'setBusy'>;
  readonly announcer: Announcer;
  readonly ears: Ears;
  readonly conferences: Conferences;
  readonly talks: Talks;
  readonly transfers: Transfers;
  /** What a device may reach the SFU through. */
  readonly iceServersOf: IceServersOf;
  /** Who can be reached although no page of theirs is open. */
  readonly sleepers: Sleepers;
  readonly recordings: CallRecorder;
  readonly log: Logger;
  /** What signs the requests of an account; undefined for one that is unknown. */
  readonly webhookAccount: (accountSid: string) => WebhookAccount | undefined;
}
