import type { CallMedia, CallMediaSnapshot, CallSnapshot, ReadableStore } from '../api.ts';

/** The media of a call for those who show it: the fields of its snapshot, live, and ways to put it into an element. */
export function createCallMedia(store: ReadableStore<CallSnapshot>): CallMedia {
  const now = (): CallMediaSnapshot => store.getSnapshot().media;
  return {
    get local() {
      return now().local;
    },
    get remote() {
      return now().remote;
    },
    get microphone() {
      return now().microphone;
    },
    get camera() {
      return now().camera;
    },
    get remoteAudio() {
      return now().remoteAudio;
    },
    get remoteVideo() {
      return now().remoteVideo;
    },
    get transport() {
      return now().transport;
    },
    get remotes() {
      return now().remotes;
    },
    attach: (element, id) =>
      attach(store, element, ({ remote, remotes }) =>
        id === undefined ? remote : (remotes.find((person) => person.id === id)?.stream ?? null),
      ),
    attachLocal: (element) => attach(store, element, (media) => media.local),
  };
}

function attach(
  store: ReadableStore<CallSnapshot>,
  element: HTMLVideoElement,
  choose: (media: CallMediaSnapshot) => MediaStream | null,
): Disposable & (() => void) {
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
  const stop = (): void => {
    unsubscribe();
    element.srcObject = null;
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}
