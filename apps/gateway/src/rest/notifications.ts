import * as v from 'valibot';
import { formatTimestamp } from '../out/timestamp.ts';
import type { NotificationFilter, NotificationRecord } from '../store/notifications.ts';
import { formText, sid, span, spanFields, text, wholeNumber, word } from './fields.ts';
import { operation, type AnswerShape, type Operation, type RestRequest } from './operation.ts';
import { PAGE_FIELDS, pageAnswer, pageEdgeMs, pageRows } from './paging.ts';
import { RestRefusal } from './rest-refusal.ts';
import type { RestServices } from './rest-services.ts';

const NotificationJson = v.object({
  sid: v.string(),
  account_sid: v.string(),
  call_sid: v.nullable(v.string()),
  log: v.pipe(v.picklist(['0', '1']), v.description('0: error, 1: warning.')),
  error_code: v.string(),
  message_text: v.string(),
  message_date: v.string(),
  line: v.nullable(v.number()),
  column: v.nullable(v.number()),
  more_info: v.string(),
  request_url: v.nullable(v.string()),
  request_method: v.nullable(v.string()),
  request_variables: v.pipe(v.string(), v.description('Form-encoded.')),
  response_status: v.nullable(v.number()),
  response_headers: v.pipe(v.string(), v.description('Form-encoded.')),
  response_body: v.nullable(v.string()),
  date_created: v.string(),
  date_updated: v.string(),
  api_version: v.string(),
  uri: v.string(),
});

const FilterFields = {
  ...PAGE_FIELDS,
  Log: v.optional(word(['0', '1'], '0: errors only, 1: warnings only.')),
  ErrorCode: v.optional(wholeNumber(0, 99_999, 'Notifications of this number.')),
  RequestUrl: v.optional(text(4000, 'About requests to exactly this URL.')),
  MessageText: v.optional(text(256, 'With this piece in the message.')),
  ...spanFields('MessageDate', 'Notifications written'),
  ...spanFields('StartTime', 'The same as MessageDate, by the name RestComm gives it:'),
};
const OfCallFields = v.object(FilterFields);
const ListFields = v.object({ ...FilterFields, CallSid: v.optional(sid('CA', 'Of this call.')) });

const many: AnswerShape = {
  type: 'page',
  schema: NotificationJson,
  name: 'Notification',
  key: 'notifications',
};
const SID_PATH = '/Notifications/{NotificationSid}';

/** Notifications: every error and warning, with the request that led to it and what was answered. */
export function notificationOperations({ store }: RestServices): readonly Operation[] {
  const { notifications, calls } = store;
  const find = (request: RestRequest): NotificationRecord => {
    const notificationSid = request.names['NotificationSid'] ?? '';
    const found = notifications.find(request.accountSid, notificationSid);
    if (found !== undefined) return found;
    throw new RestRefusal('notFound', `there is no notification ${notificationSid} in this account`);
  };
  const list = (
    request: RestRequest,
    path: string,
    filter: NotificationFilter,
    fields: v.InferOutput<typeof OfCallFields>,
  ): object => {
    const found = notifications.list(filter);
    return pageAnswer(request, fields, {
      key: 'notifications',
      path,
      items: found.notifications.map((notification) => notificationJson(notification, request)),
      total: found.total,
      newestMs: found.notifications[0]?.atMs,
    });
  };
  return [
    operation({
      id: 'listNotifications',
      method: 'GET',
      path: '/Notifications',
      summary: 'Every error and warning, newest first, with the request and what was answered.',
      input: ListFields,
      answers: many,
      perform: (request, fields) =>
        list(request, '/Notifications', filterOf(request, fields, fields.CallSid), fields),
    }),
    operation({
      id: 'listCallNotifications',
      method: 'GET',
      path: '/Calls/{CallSid}/Notifications',
      summary: 'Those of one call.',
      input: OfCallFields,
      answers: many,
      perform(request, fields) {
        const callSid = request.names['CallSid'] ?? '';
        if (calls.find(request.accountSid, callSid) === undefined)
          throw new RestRefusal('notFound', `there is no call ${callSid} in this account`);
        return list(request, `/Calls/${callSid}/Notifications`, filterOf(request, fields, callSid), fields);
      },
    }),
    operation({
      id: 'fetchNotification',
      method: 'GET',
      path: SID_PATH,
      summary: 'One notification.',
      input: v.object({}),
      answers: { type: 'one', schema: NotificationJson, name: 'Notification' },
      perform: (request) => notificationJson(find(request), request),
    }),
    operation({
      id: 'deleteNotification',
      method: 'DELETE',
      path: SID_PATH,
      summary: 'Forgets a notification.',
      input: v.object({}),
      answers: { type: 'nothing' },
      perform(request) {
        notifications.remove(request.accountSid, find(request).sid);
        return {};
      },
    }),
  ];
}

function filterOf(
  { accountSid }: RestRequest,
  fields: v.InferOutput<typeof OfCallFields>,
  callSid: string | undefined,
): NotificationFilter {
  const dated = span(fields.MessageDate, fields['MessageDate<'], fields['MessageDate>']);
  const began = span(fields.StartTime, fields['StartTime<'], fields['StartTime>']);
  const fromMs = dated.fromMs ?? began.fromMs;
  const beforeMs = Math.min(dated.beforeMs ?? began.beforeMs ?? Infinity, pageEdgeMs(fields) ?? Infinity);
  return {
    accountSid,
    ...pageRows(fields),
    ...(callSid !== undefined && { callSid }),
    ...(fields.Log !== undefined && { severity: fields.Log === '0' ? 'error' : 'warning' }),
    ...(fields.ErrorCode !== undefined && { code: fields.ErrorCode }),
    ...(fields.RequestUrl !== undefined && { requestUrl: fields.RequestUrl }),
    ...(fields.MessageText !== undefined && { messagePart: fields.MessageText }),
    ...(fromMs !== undefined && { fromMs }),
    ...(beforeMs !== Infinity && { beforeMs }),
  };
}

function notificationJson(
  notification: NotificationRecord,
  { root, apiVersion }: RestRequest,
): v.InferOutput<typeof NotificationJson> {
  const { sid: notificationSid, code } = notification;
  const written = formatTimestamp(notification.atMs);
  return {
    sid: notificationSid,
    account_sid: notification.accountSid,
    call_sid: notification.callSid,
    log: notification.severity === 'error' ? '0' : '1',
    error_code: String(code),
    message_text: notification.message,
    message_date: written,
    line: notification.line,
    column: notification.column,
    more_info: `/docs#notification-${code}`,
    request_url: notification.requestUrl,
    request_method: notification.requestMethod,
    request_variables: formText(notification.requestParams),
    response_status: notification.responseStatus,
    response_headers: formText(notification.responseHeaders),
    response_body: notification.responseBody,
    date_created: written,
    date_updated: written,
    api_version: apiVersion,
    uri: `${root}/Notifications/${notificationSid}.json`,
  };
}
