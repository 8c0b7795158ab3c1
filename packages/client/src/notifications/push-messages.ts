/** Says that a message between a service worker and its pages is about a call that was pushed. */
export const MESSAGE = 'parley-push';

/** Where the gateway takes subscriptions, unless said otherwise. */
export const PUSH_PATH = '/parley/push';

/** In the address of a page that is opened by "Answer": `#parley-answer=CA…`. */
export const ANSWER_KEY = 'parley-answer';

/** What a service worker tells its pages when a notification of a pushed call was pressed. */
export interface PushClickMessage {
  readonly type: typeof MESSAGE;
  readonly callSid: string;
  /** `answer`, `decline`, or empty for the notification itself. */
  readonly action: string;
}
