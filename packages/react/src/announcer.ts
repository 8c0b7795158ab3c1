import { announceCalls, ENGLISH_ANNOUNCEMENTS, type AnnouncerWords } from '@parley/client/bindings';
import { useEffect, useState } from 'react';
import { useDevice } from './provider.ts';

/**
 * What happens to calls, as text for an `aria-live` element: `<p role="status">{useCallAnnouncer()}</p>`. Give words of
 * your own for another language; they are best defined outside of the component. One that appears because a call has ended
 * says so; what ended longer ago is no news.
 */
export function useCallAnnouncer(words: AnnouncerWords = ENGLISH_ANNOUNCEMENTS): string {
  const device = useDevice();
  const [text, setText] = useState('');
  useEffect(() => announceCalls(device, words, setText), [device, words]);
  return text;
}
