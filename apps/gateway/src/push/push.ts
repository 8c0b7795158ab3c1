import webPush from 'web-push';
import { NO_SLEEPERS, type Sleepers } from '../calls/sleepers.ts';
import type { HttpMount } from '../edge/http-edge.ts';
import type { KeyRing } from '../edge/key-ring.ts';
import type { OriginRule } from '../edge/origin.ts';
import type { Logger } from '../log.ts';
import type { AddressGuard } from '../out/address-guard.ts';
import type { Store } from '../store/store.ts';
import { PushCourier } from './push-courier.ts';
import { PushDeclines } from './push-declines.ts';
import { createPushMount } from './push-mount.ts';
import { PushSleepers } from './push-sleepers.ts';

/** What rings devices whose page is closed, and where pages say how they are reached. */
export interface Push extends AsyncDisposable {
  readonly sleepers: Sleepers;
  readonly mounts: readonly HttpMount[];
}

interface PushOptions {
  /** Absent: nobody is reached who is not here, and there is no address to ask at. */
  readonly settings: { readonly contact: string; readonly waitMs: number } | undefined;
  readonly store: Pick<Store, 'pushAddresses'>;
  readonly keys: KeyRing;
  readonly guard: AddressGuard;
  readonly origins: OriginRule;
  readonly log: Logger;
}

/** Web Push (RFC 8030), encrypted (RFC 8291), with keys of the gateway's own (RFC 8292). */
export function createPush({ settings, store, keys, guard, origins, log }: PushOptions): Push {
  if (settings === undefined)
    return { sleepers: NO_SLEEPERS, mounts: [], [Symbol.asyncDispose]: async () => undefined };
  const addresses = store.pushAddresses;
  const own = addresses.keys(() => webPush.generateVAPIDKeys());
  const courier = new PushCourier({ guard, keys: own, contact: settings.contact });
  const declines = new PushDeclines();
  const { publicKey } = own;
  return {
    sleepers: new PushSleepers({ addresses, courier, declines, waitMs: settings.waitMs, log }),
    mounts: [createPushMount({ addresses, declines, publicKey, keys, guard, origins, nowMs: Date.now })],
    [Symbol.asyncDispose]: () => courier[Symbol.asyncDispose](),
  };
}
