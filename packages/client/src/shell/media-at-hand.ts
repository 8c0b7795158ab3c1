import type { CallMedia, CallMediaSnapshot, CallSnapshot, ReadableStore } from '../api.ts';
import type { LateMedia } from './late-media.ts';

/** The media of a call for those who show it: the fields of its snapshot, live, and ways to put it into an element. */
export function mediaAtHand(store: ReadableStore<CallSnapshot>, late: LateMedia): CallMedia {
  const now = (): CallMediaSnapshot => store.getSnapshot().media;
  const attach = (
    element: HTMLVideoElement,
    choose: (media: CallMediaSnapshot) => MediaStream | null,
  ): Disposable & (() => void) => {
    let detach = (): void => undefined;
    let isWanted = true;
    late.do((_media, parts) => {
      if (isWanted) detach = parts.attach(store, element, choose);
    });
    const stop = (): void => {
      isWanted = false;
      detach();
    };
    return Object.assign(stop, { [Symbol.dispose]: stop });
  };
  const atHand: Pick<CallMedia, 'attach' | 'attachLocal'> = {
    attach: (element, id) =>
      attach(element, ({ remote, remotes }) =>
        id === undefined ? remote : (remotes.find((person) => person.id === id)?.stream ?? null),
      ),
    attachLocal: (element) => attach(element, ({ local }) => local),
  };
  for (const key of Object.keys(now()) as (keyof CallMediaSnapshot)[])
    Object.defineProperty(atHand, key, { enumerable: true, get: () => now()[key] });
  // Whatever a snapshot has was defined just now.
  return atHand as CallMedia;
}
