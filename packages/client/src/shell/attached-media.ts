import type { CallMediaSnapshot, CallSnapshot, ReadableStore } from '../api.ts';

/** Keeps an element showing what is chosen of a call's media, until the function it answers with is called. */
export function attach(
  store: ReadableStore<CallSnapshot>,
  element: HTMLVideoElement,
  choose: (media: CallMediaSnapshot) => MediaStream | null,
): () => void {
  // The sound is played once, by the SDK; a muted element may also start without a gesture.
  element.muted = true;
  element.autoplay = true;
  element.playsInline = true;
  const show = (): void => {
    const stream = choose(store.getSnapshot().media);
    if (element.srcObject === stream) return;
    element.srcObject = stream;
    // Autoplay does it, too; where neither may, the poster stays.
    if (stream !== null) element.play().catch(() => undefined);
  };
  show();
  const unsubscribe = store.subscribe(show);
  return () => {
    unsubscribe();
    element.srcObject = null;
  };
}
