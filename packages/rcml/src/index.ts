/**
 * RCML: text to a typed document with line and column in every complaint, and a typed builder, documents out.
 *
 * @module @parley/rcml
 */
export { parseRcmlBytes, type AnswerFacts } from './bytes.ts';
export { notificationByCode, notifications, type NotificationKind, type NotificationName } from './codes.ts';
export type * from './document.ts';
export { parseRcml } from './parse.ts';
export {
  client,
  conference,
  dial,
  gather,
  hangup,
  number,
  pause,
  play,
  record,
  redirect,
  reject,
  response,
  say,
  sip,
  type ClientOptions,
  type ConferenceOptions,
  type DialOptions,
  type GatherOptions,
  type NounXml,
  type NumberOptions,
  type PromptXml,
  type SipOptions,
  type VerbXml,
} from './builder.ts';
