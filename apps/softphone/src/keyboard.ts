import { toggleCamera, toggleHold, toggleMute, toggleScreen } from './call-controls.ts';
import type { CallView } from './call-view.ts';
import type { Calls } from './calls.ts';
import type { Answers } from './incoming-card.ts';
import { wishOf, type KeyWish } from './shortcuts.ts';
import type { Readable, Scope } from './view.ts';

export interface KeyboardOptions {
  readonly calls: Calls;
  readonly answers: Answers;
  readonly shown: Readable<CallView | null>;
  readonly isOn: Readable<boolean>;
  readonly onProblem: (error: unknown) => void;
}

/** Listens for single keys, wherever the focus is, except where somebody types. */
export function listenToKeys(options: KeyboardOptions, scope: Scope): void {
  const onKey = (event: KeyboardEvent): void => {
    if (isForOthers(event) || !options.isOn.getSnapshot()) return;
    const view = options.shown.getSnapshot();
    const [waiting] = options.calls.waiting.getSnapshot();
    const wish = wishOf(event.key, {
      isCallWaiting: waiting !== undefined,
      isVideoOffered: waiting?.store.getSnapshot().video === true,
      isInCall: view !== null,
      panel: view?.panel.getSnapshot() ?? null,
    });
    if (wish === undefined) return;
    event.preventDefault();
    carryOut(wish, options);
  };
  document.addEventListener('keydown', onKey, { signal: scope });
}

/** Whether a key pressed here is meant as text, or for the browser. */
function isForOthers(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return true;
  // What lies under an open dialog is out of reach for the pointer too.
  if (document.querySelector('dialog[open]') !== null) return true;
  const { target } = event;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select'));
}

function carryOut(wish: KeyWish, { calls, answers, shown, onProblem }: KeyboardOptions): void {
  const view = shown.getSnapshot();
  const current = calls.current.getSnapshot();
  const [waiting] = calls.waiting.getSnapshot();
  if (waiting !== undefined) {
    if (wish.type === 'accept') answers.accept(waiting, wish.video);
    else if (wish.type === 'decline') answers.decline(waiting);
    else if (wish.type === 'ignore') answers.ignore(waiting);
  }
  if (current === null || view === null) return;
  if (wish.type === 'mute') toggleMute(current);
  else if (wish.type === 'camera') toggleCamera(current).catch(onProblem);
  else if (wish.type === 'share') toggleScreen(current).catch(onProblem);
  else if (wish.type === 'hold') toggleHold(current).catch(onProblem);
  else if (wish.type === 'hangUp') void current.disconnect();
  else if (wish.type === 'panel') view.panel.set(view.panel.getSnapshot() === wish.panel ? null : wish.panel);
  else if (wish.type === 'closePanel') view.panel.set(null);
  else if (wish.type === 'digit') view.keypad.press(wish.digit);
}
