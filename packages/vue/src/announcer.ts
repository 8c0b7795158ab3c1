import { announceCalls, ENGLISH_ANNOUNCEMENTS, type AnnouncerWords } from '@parley/client/bindings';
import { computed, onScopeDispose, shallowRef, type ComputedRef } from 'vue';
import { useDevice } from './device.ts';

/**
 * What happens to calls, as text for an `aria-live` element: `<p role="status">{{ announcement }}</p>`. Give words of your
 * own for another language. What appears because a call has ended says so; what ended longer ago is no news.
 */
export function useCallAnnouncer(words: AnnouncerWords = ENGLISH_ANNOUNCEMENTS): ComputedRef<string> {
  const device = useDevice();
  const text = shallowRef('');
  if (typeof window !== 'undefined')
    onScopeDispose(announceCalls(device, words, (said) => (text.value = said)));
  return computed(() => text.value);
}
