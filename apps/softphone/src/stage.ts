import { createCallView, type CallView, type CallViewOptions } from './call-view.ts';
import type { Calls } from './calls.ts';
import { createHeldCalls } from './held-calls.ts';
import { createIdleView } from './idle-view.ts';
import { Cell, el, switchWith, type Readable, type Scope } from './view.ts';

export interface StageOptions extends CallViewOptions {
  readonly calls: Calls;
  /** Where focus goes when a call that had it is over: the line that says why. */
  readonly lastCall: HTMLElement;
}

export interface Stage {
  readonly element: HTMLElement;
  /** The view of the current call. */
  readonly shown: Readable<CallView | null>;
}

/** The large half of the page: the current call, or that there is none. */
export function createStage({ calls, lastCall, ...viewOptions }: StageOptions, scope: Scope): Stage {
  const idle = createIdleView(viewOptions.self);
  const element = el('div', { class: 'stage' }, [createHeldCalls(calls, viewOptions.onProblem, scope), idle]);
  const shown = new Cell<CallView | null>(null);
  switchWith(
    calls.current,
    (current, inner) => {
      const before = shown.getSnapshot();
      const hadFocus = before?.element.contains(document.activeElement) === true;
      before?.element.remove();
      idle.hidden = current !== null;
      if (current === null) {
        shown.set(null);
        // Later, because the line is hidden until the end of the call has been written into it.
        if (hadFocus) setTimeout(() => lastCall.focus(), 0);
        return;
      }
      const view = createCallView(current, viewOptions, inner);
      shown.set(view);
      element.append(view.element);
      view.element.focus({ preventScroll: true });
    },
    scope,
  );
  return { element, shown };
}
