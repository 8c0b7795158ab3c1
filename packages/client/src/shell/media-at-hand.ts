import type { CallMedia, CallMediaSnapshot } from '../api.ts';
import type { CallRunner } from './call-runner.ts';

/** The media of a call for those who show it: the fields of its snapshot, live, and ways to put it into an element. */
export function mediaAtHand(call: CallRunner): CallMedia {
  const { store, media: late } = call;
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
  const atHand: Pick<CallMedia, 'attach' | 'attachLocal' | 'requestVideo' | 'removeVideo'> = {
    attach: (element, id) =>
      attach(element, ({ remote, remotes }) =>
        id === undefined ? remote : (remotes.find((person) => person.id === id)?.stream ?? null),
      ),
    attachLocal: (element) => attach(element, ({ local }) => local),
    requestVideo: (options) =>
      late.ask((_media, { midCall }) => midCall(call, (parts) => parts.requestVideo(options))),
    removeVideo: () => late.ask((_media, { midCall }) => midCall(call, (parts) => parts.removeVideo())),
  };
  for (const key of Object.keys(now()) as (keyof CallMediaSnapshot)[])
    Object.defineProperty(atHand, key, { enumerable: true, get: () => now()[key] });
  // Whatever a snapshot has was defined just now.
  return atHand as CallMedia;
}
