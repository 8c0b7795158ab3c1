/**
 * Tells of calls that come in while nobody looks at the page.
 *
 * ```ts
 * import { notifyIncoming, requestNotifications } from '@parley/client/notifications';
 *
 * button.onclick = () => requestNotifications();
 * const stop = notifyIncoming(device, { body: (call) => `${call.parameters.From} is calling` });
 * ```
 *
 * With a service worker the notification has buttons; in the worker, once: `answerClicks(self)`.
 *
 * While the page is closed, where the gateway has push: `answerPushes(self)` in the worker; in the page `enablePush` when
 * somebody has signed in, and `answerFromPush(device)` before it registers.
 */
export {
  notifyIncoming,
  requestNotifications,
  type NotifiedCall,
  type NotificationOptions,
} from './notifications/notify-incoming.ts';
export { answerClicks, type WorkerScope } from './notifications/answer-clicks.ts';
export { answerPushes, type AnswerPushesOptions, type PushScope } from './notifications/answer-pushes.ts';
export type { PushedRing } from './notifications/answer-pushes.ts';
export { answerFromPush, type AnswerFromPushOptions } from './notifications/answer-from-push.ts';
export { disablePush, enablePush, type PushOptions, type PushState } from './notifications/push-address.ts';
