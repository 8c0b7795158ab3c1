import type { CallMediaSnapshot, CallSnapshot, ReadableStore } from '../api.ts';
import type { CallMediaSession } from './call-media.ts';

/** What of a call's media is shown: everybody or one person, what is shared of a screen, or the person's own picture. */
interface Shown {
  readonly what: 'remote' | 'local' | 'screen';
  readonly id: string | undefined;
}

/** Keeps an element showing a part of a call's media, until the function it answers with is called. */
export function attach(
  store: ReadableStore<CallSnapshot>,
  { elements }: CallMediaSession,
  element: HTMLVideoElement,
  shown: Shown,
): () => void {
  // The sound is played once, by the SDK; a muted element may also start without a gesture.
  element.muted = true;
  element.autoplay = true;
  element.playsInline = true;
  const show = (): void => {
    const stream = choose(store.getSnapshot().media, shown);
    if (element.srcObject === stream) return;
    if (stream === null) empty(element);
    else {
      element.srcObject = stream;
      // Autoplay does it, too; where neither may, the poster stays.
      element.play().catch(() => undefined);
    }
  };
  show();
  // How large a face is shown says how large it is wanted.
  const entry = { element, id: shown.id };
  if (shown.what === 'remote') elements.add(entry);
  const unsubscribe = store.subscribe(show);
  return () => {
    unsubscribe();
    elements.delete(entry);
    empty(element);
  };
}

/**
 * Chromium keeps an element that has been told to play a stream for as long as it has the stream, be it empty and the
 * element out of the page; and with it everything that listens to it.
 */
function empty(element: HTMLVideoElement): void {
  element.pause();
  element.srcObject = null;
}

function choose(
  { local, remote, remoteScreen, remotes }: CallMediaSnapshot,
  { what, id }: Shown,
): MediaStream | null {
  if (what === 'local') return local;
  if (id === undefined) return what === 'remote' ? remote : remoteScreen;
  const person = remotes.find((other) => other.id === id);
  return (what === 'remote' ? person?.stream : person?.screen) ?? null;
}
