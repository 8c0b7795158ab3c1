import type { CallMedia, CallMediaSnapshot } from '../api.ts';
import { disposable } from '../emitter.ts';
import type { CallRunner } from './call-runner.ts';

/** The media of a call for those who show it: the fields of its snapshot, live, and what can be done with them. */
export function mediaAtHand(runner: CallRunner): CallMedia {
  const { store, media: late } = runner;
  const now = (): CallMediaSnapshot => store.getSnapshot().media;
  const attach =
    (what: 'remote' | 'local' | 'screen') =>
    (element: HTMLVideoElement, id?: string): Disposable & (() => void) => {
      let detach = (): void => undefined;
      let isWanted = true;
      late.do((media, parts) => {
        if (isWanted) detach = parts.attach(store, media, element, { what, id });
      });
      return disposable(() => {
        isWanted = false;
        detach();
      });
    };
  const use = (name: string, verb: string) => (argument?: unknown) =>
    late.ask(async (media) => (await media.studio()).use(runner, name, verb, argument));
  const prefer = use('', 'prefer');
  const atHand = {
    attach: attach('remote'),
    attachLocal: attach('local'),
    attachScreen: attach('screen'),
    // A call that is over wants nothing any more.
    setPreferredQuality: (quality) => void prefer(quality).catch(() => undefined),
    requestVideo: (options) => runner.midCall((parts) => parts.requestVideo(options)),
    removeVideo: () => runner.midCall((parts) => parts.removeVideo()),
  } satisfies Partial<CallMedia>;
  for (const key of Object.keys(now()) as (keyof CallMediaSnapshot)[])
    Object.defineProperty(atHand, key, { enumerable: true, configurable: true, get: () => now()[key] });
  for (const name of ['microphone', 'camera', 'screen'] as const) {
    const source = {
      get state() {
        return now()[name];
      },
      get track() {
        return late.session?.trackOf(name) ?? null;
      },
      get isInterrupted() {
        return now().interrupted.some((interrupted) => interrupted === name);
      },
      on: use(name, 'on'),
      off: use(name, 'off'),
      switch: use(name, 'switch'),
    };
    Object.defineProperty(atHand, name, { value: source });
  }
  // Whatever a snapshot has was defined just now.
  return atHand as unknown as CallMedia;
}
