import type { CallParameters } from '../api.ts';
import { MESSAGE, type ClickMessage } from './answer-clicks.ts';
import { browserSurroundings, type NotificationSurroundings } from './surroundings.ts';

/** What of a call a notification needs; every `Call` has it. */
export interface NotifiedCall {
  readonly callId: string;
  readonly parameters: CallParameters;
  status(): string;
  accept(): Promise<void>;
  reject(): void;
  readonly store: { subscribe(listener: () => void): () => void };
}

/** What of a device it needs; every `Device` has it. */
export interface NotifiedDevice {
  on(name: 'incoming', listener: (call: NotifiedCall) => void): unknown;
  off(name: 'incoming', listener: (call: NotifiedCall) => void): unknown;
}

export interface NotificationOptions {
  /** Default: the caller's name. */
  readonly title?: (call: NotifiedCall) => string;
  /** Default: "Incoming call". */
  readonly body?: (call: NotifiedCall) => string;
  readonly icon?: string;
  /** `hidden` (default): only while nobody looks at the page. */
  readonly when?: 'hidden' | 'always';
  /** Shows it by this service worker, with buttons, which `answerClicks` in the worker answers. */
  readonly serviceWorker?: ServiceWorkerRegistration;
  /** What the buttons say. Default: "Answer" and "Decline". */
  readonly actions?: { readonly answer: string; readonly decline: string };
  /** What a press on "Answer" does. Default: `call.accept()`. */
  readonly onAnswer?: (call: NotifiedCall) => void;
}

/** Asks whether the page may notify. Call it from a click. Resolves with whether it may. */
export async function requestNotifications(): Promise<boolean> {
  return typeof Notification !== 'undefined' && (await Notification.requestPermission()) === 'granted';
}

/**
 * Shows a notification for every call that comes in and brings the page to the front when it is clicked; takes it away
 * when the call does not ring any more. One per call, however many pages there are. Does nothing where the person has not
 * allowed notifications. Returns what stops it.
 */
export function notifyIncoming(
  device: NotifiedDevice,
  options: NotificationOptions = {},
  surroundings: NotificationSurroundings = browserSurroundings(options.serviceWorker),
): Disposable & (() => void) {
  const ringing = new Map<string, { readonly call: NotifiedCall; readonly close: () => void }>();

  const onIncoming = (call: NotifiedCall): void => {
    if (options.when !== 'always' && surroundings.isSeen()) return;
    const { answer = 'Answer', decline = 'Decline' } = options.actions ?? {};
    const hide = surroundings.show(
      options.title?.(call) ?? call.parameters.From,
      {
        body: options.body?.(call) ?? 'Incoming call',
        // The same in every page of this person, so that they show one between them.
        tag: `parley-${call.parameters.CallSid}`,
        data: { parleyCallId: call.callId },
        ...(options.icon === undefined ? {} : { icon: options.icon }),
      },
      [
        { action: 'answer', title: answer },
        { action: 'decline', title: decline },
      ],
    );
    const unsubscribe = call.store.subscribe(() => {
      if (call.status() !== 'pending') close();
    });
    const close = (): void => {
      unsubscribe();
      hide();
      ringing.delete(call.callId);
    };
    ringing.set(call.callId, { call, close });
  };

  const stopHearing = surroundings.hear((message: unknown) => {
    if (!isClick(message)) return;
    const { call, close } = ringing.get(message.callId) ?? {};
    if (call === undefined || close === undefined) return;
    close();
    if (message.action === 'decline') call.reject();
    else if (message.action === 'answer') {
      if (options.onAnswer !== undefined) options.onAnswer(call);
      // A microphone that is refused is told by the call itself.
      else call.accept().catch(() => undefined);
    }
  });

  device.on('incoming', onIncoming);
  const stop = (): void => {
    device.off('incoming', onIncoming);
    stopHearing();
    for (const { close } of [...ringing.values()]) close();
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

function isClick(message: unknown): message is ClickMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === MESSAGE;
}
