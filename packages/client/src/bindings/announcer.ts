import type { Call } from '../call.ts';
import type { CallEnd } from '../core/call-end.ts';
import type { Device } from '../device.ts';
import { recordOf } from './end-record.ts';

/** What is said about calls to those who do not look. */
export interface AnnouncerWords {
  readonly incoming: (name: string, isVideo: boolean) => string;
  readonly ringing: (name: string) => string;
  readonly connected: (name: string) => string;
  readonly reconnecting: () => string;
  readonly ended: (name: string, end: CallEnd) => string;
}

/** What is said where nobody gave other words. */
export const ENGLISH_ANNOUNCEMENTS: AnnouncerWords = {
  incoming: (name, isVideo) => `Incoming ${isVideo ? 'video ' : ''}call from ${name}`,
  ringing: (name) => `Ringing ${name}`,
  connected: (name) => `Connected to ${name}`,
  reconnecting: () => 'The connection is lost and being restored',
  ended: (name, { reason }) => `Call with ${name} ended: ${reason.replaceAll('-', ' ')}`,
};

/** What ended so shortly before somebody began to listen is news to them. */
const NEWS_MS = 2000;

/**
 * Says what happens to the calls of a device, as text for an `aria-live` element, until the answer is called. What has
 * ended just before is said as well, because what says it is often shown by the end; what ended longer ago is no news.
 */
export function announceCalls(
  device: Device,
  words: AnnouncerWords,
  say: (text: string) => void,
): () => void {
  const heard = new Map<Call, { status: string; stop: () => void }>();
  const look = (call: Call): void => {
    const known = heard.get(call);
    const { status } = call.store.getSnapshot();
    if (known === undefined || known.status === status) return;
    const said = wordsFor(call, words);
    known.status = status;
    if (said !== null) say(said);
    if (status === 'closed') {
      known.stop();
      heard.delete(call);
    }
  };
  const lookAround = (): void => {
    for (const call of device.calls) {
      if (heard.has(call)) continue;
      heard.set(call, { status: '', stop: call.store.subscribe(() => look(call)) });
      look(call);
    }
  };
  lookAround();
  const last = recordOf(device).lastWithin(NEWS_MS);
  if (last !== null) say(wordsFor(last.call, words) ?? '');
  const unsubscribe = device.store.subscribe(lookAround);
  return () => {
    unsubscribe();
    for (const { stop } of heard.values()) stop();
  };
}

function wordsFor(call: Call, words: AnnouncerWords): string | null {
  const { status, direction, parameters, other, video, end } = call.store.getSnapshot();
  const name = other?.identity ?? (direction === 'incoming' ? parameters.From : parameters.To);
  switch (status) {
    case 'pending':
      return words.incoming(name, video);
    case 'ringing':
      return words.ringing(name);
    case 'open':
      return words.connected(name);
    case 'reconnecting':
      return words.reconnecting();
    case 'closed':
      return end === null ? null : words.ended(name, end);
    case 'connecting':
      return null;
  }
}
