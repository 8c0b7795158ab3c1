import type { Call } from '@parley/client';
import { avatar } from './avatar.ts';
import { otherOf, type Calls } from './calls.ts';
import { icon, type IconName } from './icons.ts';
import { el, keepRows, watch, type Readable, type Scope } from './view.ts';

/** What a person may do with a call that rings. */
export interface Answers {
  accept(call: Call, video: boolean): void;
  /** The call that was not answered because the person cannot be heard. */
  readonly unheard: Readable<Call | null>;
  /** Answers without a microphone. */
  listen(call: Call): void;
  decline(call: Call): void;
  ignore(call: Call): void;
}

/** One card for each call that waits. Beside a running call, and for a second one that waits, cards are small. */
export function createIncoming(calls: Calls, answers: Answers, scope: Scope): HTMLElement {
  const layer = el('div', { class: 'incoming-layer' });
  const write = keepRows<Call>(
    layer,
    (call) => call.store.getSnapshot().callId,
    (call, inner) => createCard(call, calls, answers, inner),
    scope,
  );
  watch(
    calls.current,
    (current) => current !== null,
    (isBeside) => layer.classList.toggle('is-beside', isBeside),
    scope,
  );
  watch(calls.waiting, (waiting) => waiting, write, scope);
  moveFocus(layer, calls, scope);
  return layer;
}

/**
 * Focus goes to a card when it appears, and not to one of its buttons: a space typed at that moment must not answer.
 * Somebody who is typing keeps the focus, and hears of the call. When the last card goes, focus returns.
 */
function moveFocus(layer: HTMLElement, calls: Calls, scope: Scope): void {
  let before: Element | null = null;
  let count = 0;
  watch(
    calls.waiting,
    (waiting) => waiting,
    (waiting) => {
      const active = document.activeElement;
      if (waiting.length > count && !(active instanceof HTMLInputElement)) {
        if (count === 0) before = active;
        if (layer.lastElementChild instanceof HTMLElement) layer.lastElementChild.focus();
      }
      // A call that was accepted has taken the focus to its own view.
      if (waiting.length === 0 && active === document.body && before instanceof HTMLElement) before.focus();
      count = waiting.length;
    },
    scope,
  );
}

function createCard(
  call: Call,
  calls: Calls,
  answers: Answers,
  scope: Scope,
): { element: HTMLElement; update(): void } {
  const snapshot = call.store.getSnapshot();
  const who = otherOf(snapshot);
  const titleId = `incoming-${snapshot.callId}`;
  const notice = el('p', { class: 'notice', hidden: true });
  // Who cannot be heard may still want to hear; until that is known the button would only be in the way.
  const listen = el(
    'button',
    { type: 'button', class: 'ignore', hidden: true, 'data-testid': 'listen' },
    ['Listen only'],
    { click: () => answers.listen(call) },
  );
  watch(
    answers.unheard,
    (unheard) => unheard === call,
    (isUnheard) => {
      listen.hidden = !isUnheard;
    },
    scope,
  );
  const element = el(
    'section',
    {
      class: 'incoming is-waiting',
      role: 'dialog',
      'aria-labelledby': titleId,
      tabindex: -1,
      'data-testid': 'incoming',
    },
    [
      el('div', { class: 'call-face' }, [avatar(who)]),
      el('h2', { id: titleId }, [el('span', { class: 'visually-hidden' }, ['Incoming call from ']), who]),
      el('p', { class: 'kind' }, [
        icon(snapshot.video ? 'video' : 'phone'),
        snapshot.video ? 'Incoming video call' : 'Incoming call',
      ]),
      notice,
      el('div', { class: 'answers' }, createAnswers(call, snapshot.video, answers)),
      listen,
      el(
        'button',
        { type: 'button', class: 'ignore', 'aria-keyshortcuts': 'I', 'data-testid': 'ignore' },
        ['Ignore'],
        {
          click: () => answers.ignore(call),
        },
      ),
    ],
  );
  watch(
    calls.current,
    (current) => current,
    (current) => {
      notice.hidden = current === null;
      notice.textContent =
        current === null ? '' : `Accepting puts ${otherOf(current.store.getSnapshot())} on hold.`;
    },
    scope,
  );
  return { element, update: () => undefined };
}

/** Video is offered as an answer only where it was asked for: a camera that opens for nobody is a fright. */
function createAnswers(call: Call, isVideoOffered: boolean, answers: Answers): readonly HTMLElement[] {
  const audio = answer(
    { name: isVideoOffered ? 'Accept audio' : 'Accept', face: 'phone', key: 'A', testId: 'accept-audio' },
    () => answers.accept(call, false),
  );
  const video = answer({ name: 'Accept video', face: 'video', key: 'V', testId: 'accept-video' }, () =>
    answers.accept(call, true),
  );
  const decline = answer(
    { name: 'Decline', face: 'hangup', key: 'D', testId: 'decline', kind: 'answer-decline' },
    () => answers.decline(call),
  );
  return isVideoOffered ? [audio, video, decline] : [audio, decline];
}

interface AnswerButton {
  readonly name: string;
  readonly face: IconName;
  readonly key: string;
  readonly testId: string;
  readonly kind?: string;
}

function answer({ name, face, key, testId, kind = '' }: AnswerButton, onClick: () => void): HTMLElement {
  return el(
    'button',
    {
      type: 'button',
      class: `answer ${kind}`,
      'aria-keyshortcuts': key,
      title: `${name} (${key})`,
      'data-testid': testId,
    },
    [el('span', { class: 'answer-face' }, [icon(face)]), name],
    { click: onClick },
  );
}
