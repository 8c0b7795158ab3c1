import { avatar } from './avatar.ts';
import { formatDuration } from './duration.ts';
import type { CallHistory, CallRecord } from './history.ts';
import { icon } from './icons.ts';
import { el, every, keepRows, watch, type Readable, type Scope } from './view.ts';
import { whenWords } from './when-words.ts';

export interface HistoryOptions {
  readonly history: CallHistory;
  readonly canCall: Readable<boolean>;
  readonly onCall: (to: string, video: boolean) => void;
}

const WHEN_MS = 30_000;

/** The last calls, each with how it went and a button to call again. */
export function createHistoryView({ history, canCall, onCall }: HistoryOptions, scope: Scope): HTMLElement {
  const list = el('ul', { 'aria-label': 'Recent calls', 'data-testid': 'history' });
  const write = keepRows<CallRecord>(
    list,
    ({ id }) => id,
    (record, inner) => createRow(record, { canCall, onCall }, inner),
    scope,
  );
  const nothing = el('p', { class: 'empty' }, [
    'Calls you make and take are listed here, in this browser only.',
  ]);
  const forget = el(
    'button',
    { type: 'button', class: 'button button-quiet', 'data-testid': 'forget-history' },
    ['Clear the list'],
    { click: history.forget },
  );
  watch(
    history.records,
    (records) => records,
    (records) => {
      write(records);
      nothing.hidden = records.length > 0;
      forget.hidden = records.length === 0;
      list.hidden = records.length === 0;
    },
    scope,
  );
  return el('div', { class: 'history' }, [list, nothing, forget]);
}

function createRow(
  record: CallRecord,
  { canCall, onCall }: Omit<HistoryOptions, 'history'>,
  scope: Scope,
): { element: HTMLElement; update(): void } {
  const { other, direction, video, sentence, tone, endedAtMs, durationMs } = record;
  const when = el('time', { datetime: new Date(endedAtMs).toISOString() });
  every(WHEN_MS, () => void (when.textContent = whenWords(endedAtMs, Date.now())), scope);
  const again = el(
    'button',
    { type: 'button', class: 'round', 'aria-label': `Call ${other} again`, title: `Call ${other} again` },
    [icon(video ? 'video' : 'phone')],
    { click: () => onCall(other, video) },
  );
  watch(
    canCall,
    (value) => value,
    (value) => void (again.disabled = !value),
    scope,
  );
  const length = durationMs >= 1000 ? ` · ${formatDuration(durationMs)}` : '';
  const element = el('li', { class: `person record record-${tone}` }, [
    avatar(other),
    el('div', { class: 'who' }, [
      el('div', { class: 'name' }, [other]),
      el('div', { class: 'hint record-facts' }, [
        icon(direction === 'incoming' ? 'arrowIn' : 'arrowOut'),
        el('span', { class: 'visually-hidden' }, [direction === 'incoming' ? 'From them, ' : 'By you, ']),
        when,
        length,
      ]),
      tone === 'calm' ? undefined : el('div', { class: 'hint record-sentence' }, [sentence]),
    ]),
    again,
  ]);
  return { element, update: () => undefined };
}
