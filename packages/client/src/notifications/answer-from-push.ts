import { ANSWER_KEY, MESSAGE, type PushClickMessage } from './push-messages.ts';
import type { NotifiedCall, NotifiedDevice } from './notify-incoming.ts';

/** How {@link answerFromPush} answers. */
export interface AnswerFromPushOptions {
  /** Default: `call.accept()`. */
  readonly onAnswer?: (call: NotifiedCall) => void;
}

/** What it asks of the page. */
export interface PushedPage {
  /** The call this page was opened to answer; forgotten when it has been asked for, so that a reload answers nothing. */
  takeAnswer(): string | undefined;
  /** Hears what the service worker says; returns what stops it. */
  hear(listener: (message: unknown) => void): () => void;
}

/** So long a call that was answered in its notification may take to ring here. */
const ANSWER_MS = 60_000;

/**
 * Answers the call whose notification was answered: the one for which `answerPushes` has opened this page, or brought it
 * to the front. Refuses, on this device, the one that was declined there while the page was open. Call it before
 * `register()`. Returns what stops it.
 */
export function answerFromPush(
  device: NotifiedDevice & { readonly calls: readonly NotifiedCall[] },
  { onAnswer = accept }: AnswerFromPushOptions = {},
  page: PushedPage = browserPage(),
): Disposable & (() => void) {
  let wanted: { readonly callSid: string; readonly untilMs: number } | undefined;
  const ringingAs = (callSid: string): NotifiedCall | undefined =>
    device.calls.find((call) => isThis(call, callSid));
  const want = (callSid: string): void => {
    const ringing = ringingAs(callSid);
    if (ringing !== undefined) onAnswer(ringing);
    else wanted = { callSid, untilMs: Date.now() + ANSWER_MS };
  };
  const onIncoming = (call: NotifiedCall): void => {
    if (wanted === undefined || !isThis(call, wanted.callSid)) return;
    const isInTime = Date.now() <= wanted.untilMs;
    wanted = undefined;
    if (isInTime) onAnswer(call);
  };
  device.on('incoming', onIncoming);
  const stopHearing = page.hear((message) => {
    if (!isClick(message)) return;
    if (message.action === 'answer') want(message.callSid);
    if (message.action === 'decline') ringingAs(message.callSid)?.reject();
  });
  const opened = page.takeAnswer();
  if (opened !== undefined) want(opened);
  const stop = (): void => {
    device.off('incoming', onIncoming);
    stopHearing();
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

function isThis(call: NotifiedCall, callSid: string): boolean {
  return call.parameters.CallSid === callSid && call.status() === 'pending';
}

function accept(call: NotifiedCall): void {
  // A microphone that is refused is told by the call itself.
  call.accept().catch(() => undefined);
}

function isClick(message: unknown): message is PushClickMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === MESSAGE;
}

function browserPage(): PushedPage {
  return {
    takeAnswer: () => {
      const fragment = new URLSearchParams(location.hash.slice(1));
      const callSid = fragment.get(ANSWER_KEY);
      if (callSid === null) return undefined;
      fragment.delete(ANSWER_KEY);
      const rest = fragment.toString();
      history.replaceState(history.state, '', location.pathname + location.search + (rest && `#${rest}`));
      return callSid;
    },
    hear: (listener) => {
      const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
      if (serviceWorker === undefined) return () => undefined;
      const onMessage = ({ data }: MessageEvent<unknown>): void => listener(data);
      serviceWorker.addEventListener('message', onMessage);
      return () => serviceWorker.removeEventListener('message', onMessage);
    },
  };
}
