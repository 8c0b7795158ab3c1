import type { Call } from '@parley/client';
import type { Calls, LastCall } from './calls.ts';
import { spokenDuration } from './duration.ts';
import { demoRecording } from './demo-recording.ts';
import { icon } from './icons.ts';
import { el, watch, type Scope } from './view.ts';

/** Why the last call ended, until dismissed or followed by another one. */
export function createLastCall(calls: Calls, onCall: (to: string) => void, scope: Scope): HTMLElement {
  const element = el('section', {
    'aria-label': 'Last call',
    tabindex: -1,
    hidden: true,
    'data-testid': 'last-call',
  });
  watch(
    calls.last,
    (last) => last,
    (last) => {
      element.hidden = last === null;
      if (last === null) return;
      element.className = `last-call tone-${last.tone}`;
      element.replaceChildren(
        icon(last.tone === 'problem' ? 'warning' : last.direction === 'incoming' ? 'arrowIn' : 'arrowOut'),
        el('div', { class: 'who' }, [
          el('p', { class: 'sentence' }, [last.sentence]),
          el('p', { class: 'hint' }, [lastCallNote(last)]),
        ]),
        ...(last.durationMs >= 1000 ? [createRecordingLink(last.call), createFeedback(last.call)] : []),
        button('phone', `Call ${last.other} again`, () => onCall(last.other)),
        button('close', 'Dismiss', calls.forgetLast),
      );
    },
    scope,
  );
  return element;
}

/** Who it was and how long: "Call with jenny, 2 minutes 3 seconds". */
export function lastCallNote({
  other,
  direction,
  durationMs,
}: Pick<LastCall, 'other' | 'direction' | 'durationMs'>): string {
  if (durationMs >= 1000) return `Call with ${other}, ${spokenDuration(durationMs)}`;
  return direction === 'incoming' ? `Call from ${other}` : `Call to ${other}`;
}

function button(
  face: 'phone' | 'close' | 'good' | 'bad' | 'save',
  name: string,
  onClick: () => void,
): HTMLElement {
  return el('button', { type: 'button', class: 'round', 'aria-label': name, title: name }, [icon(face)], {
    click: onClick,
  });
}

/** A link to what was recorded of the call, once the demo knows of it; an empty place until then. */
function createRecordingLink(call: Call): HTMLElement {
  const place = el('span', {});
  demoRecording(call.parameters.CallSid).then(
    (url) => {
      if (url === undefined) return;
      place.append(
        el('a', { class: 'link', href: url, target: '_blank', rel: 'noopener', 'data-testid': 'recording' }, [
          'Listen',
        ]),
      );
    },
    // Without the demo there is no link, and nothing is missing.
    () => undefined,
  );
  return place;
}

const GOOD = 5;
const BAD = 2;

/** How it was, in one click, to whoever runs the gateway; and the call's own record as a file, to show them. */
function createFeedback(call: Call): HTMLElement {
  const thanks = el('p', { class: 'hint', role: 'status' });
  const say = (score: typeof GOOD | typeof BAD): void => {
    for (const each of [good, bad]) each.remove();
    call.postFeedback(score).then(
      () => void (thanks.textContent = 'Thank you'),
      () => void (thanks.textContent = 'Could not be sent'),
    );
  };
  const good = button('good', 'It sounded good', () => say(GOOD));
  const bad = button('bad', 'It sounded bad', () => say(BAD));
  const save = button('save', 'Save a report of this call', () => void saveReport(call));
  return el('div', { class: 'feedback', 'data-testid': 'feedback' }, [good, bad, thanks, save]);
}

async function saveReport(call: Call): Promise<void> {
  const url = URL.createObjectURL(await call.exportTrace());
  const name = `parley-${call.parameters.CallSid || call.callId}.json`;
  el('a', { href: url, download: name }).click();
  // Later, because the browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
