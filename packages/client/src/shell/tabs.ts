import type { DeviceEvents, DeviceSnapshot } from '../api.ts';
import type { Platform } from '../platform.ts';
import type { Store } from '../store.ts';

export interface TabsOptions {
  readonly platform: Platform;
  readonly store: Store<DeviceSnapshot>;
  /** The gateway's address. */
  readonly url: string;
  readonly emit: <Name extends keyof DeviceEvents>(name: Name, ...payload: DeviceEvents[Name]) => void;
  /** Whether this page rings for the others may be different now. */
  readonly onChange: () => void;
}

/**
 * One person may have many pages of this origin open. One of them leads: it is the one that rings so that it can be
 * heard. A lock elects it, which the browser gives to the next page the moment this one is closed, suspended or crashes;
 * nobody has to notice, and there is no message to be lost.
 *
 * A second lock is each page's own. A browser that saves energy leaves pages alone that hold one.
 */
export function followTabs({ platform, store, url, emit, onChange }: TabsOptions): void {
  const { holdLock } = platform;
  if (holdLock === undefined) return;
  let release: (() => void) | null = null;

  const lead = (isLeaderTab: boolean): void => {
    if (!store.update({ isLeaderTab })) return;
    emit('leaderChanged', isLeaderTab);
    onChange();
  };
  const hold = (identity: string): (() => void) => {
    let isHeld = false;
    const releases = [
      holdLock(`parley leader ${url} ${identity}`, () => {
        isHeld = true;
        lead(true);
      }),
      holdLock(`parley page ${platform.randomId()}`, () => undefined),
    ];
    // A lock that is free is given within moments. Until then this page is taken for the only one, as most are.
    const cancel = platform.setTimer(() => isHeld || lead(false), FREE_LOCK_MS);
    return () => {
      cancel();
      for (const give of releases) give();
    };
  };
  const follow = (): void => {
    const { state, identity, connection } = store.getSnapshot();
    // Registering again after a loss is still being here; a page in the cache is not.
    const isHere = (state === 'registered' || state === 'registering') && connection.state !== 'suspended';
    if (isHere && identity !== null) {
      release ??= hold(identity);
    } else if (release !== null) {
      release();
      release = null;
      lead(false);
    }
  };
  store.subscribe(follow);
  follow();
}

const FREE_LOCK_MS = 250;
