import type { Call, CallQuality } from '@parley/client';
import { adviceFor } from './quality-words.ts';
import { el, setAttribute, watch, type Scope } from './view.ts';

const BARS = { excellent: 4, good: 3, fair: 2, poor: 1, lost: 0 } as const satisfies Record<
  CallQuality['level'],
  number
>;

const WORDS = {
  excellent: 'Connection: excellent',
  good: 'Connection: good',
  fair: 'Connection: fair',
  poor: 'Connection: poor',
  lost: 'Connection: lost',
} as const satisfies Record<CallQuality['level'], string>;

/** How the call sounds, in bars, and in words for those who point at it or listen. */
export function createQualityBadge(call: Call, scope: Scope): HTMLElement {
  const element = el('span', { class: 'quality', role: 'img', hidden: true, 'data-testid': 'quality' }, [
    ...Array.from({ length: 4 }, () => el('span', { class: 'bar' })),
  ]);
  watch(
    call.store,
    ({ quality }) => quality,
    (quality) => {
      element.hidden = quality === null;
      if (quality === null) return;
      element.dataset['level'] = quality.level;
      element.dataset['bars'] = String(BARS[quality.level]);
      setAttribute(element, 'aria-label', WORDS[quality.level]);
      element.title = [WORDS[quality.level], ...adviceFor(quality)].join('\n');
    },
    scope,
  );
  return element;
}
