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
 */
export {
  notifyIncoming,
  requestNotifications,
  type NotifiedCall,
  type NotificationOptions,
} from './notifications/notify-incoming.ts';
export { answerClicks, type WorkerScope } from './notifications/answer-clicks.ts';
