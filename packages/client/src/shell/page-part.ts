import type { ServerMessageOf } from '@parley/protocol';
import type { DeviceEvents, DeviceOptions, DeviceSnapshot } from '../api.ts';
import type { CallEnd } from '../core/call-end.ts';
import { inCall, resume, suspend, wake } from '../core/connection-page.ts';
import type { ClientError } from '../errors.ts';
import type { LifecycleEvent, Platform } from '../platform.ts';
import type { Store } from '../store.ts';
import type { CallFacts, CallNotification, CallRunner } from './call-runner.ts';
import type { Calls } from './calls.ts';
import type { GatewayLink } from './gateway-link.ts';
import { ReturningCalls } from './returning-calls.ts';
import { followTabs } from './tabs.ts';

export interface PagePartOptions {
  readonly platform: Platform;
  readonly options: DeviceOptions;
  readonly store: Store<DeviceSnapshot>;
  readonly link: GatewayLink;
  readonly calls: Calls;
  /** Makes a call that begins as it stands. Given, so that what is loaded first stays in one piece. */
  readonly createRunner: (facts: CallFacts) => CallRunner;
  readonly emit: <Name extends keyof DeviceEvents>(name: Name, ...payload: DeviceEvents[Name]) => void;
  /** The page is gone. `mayReturn`: the next one takes its calls up. */
  readonly onLeave: (mayReturn: boolean) => void;
}

/**
 * What a device does because it lives in a page: pages are left and come back, are put aside and are woken, and one
 * person may have several. Loaded in the background; nothing of it is needed to register and to ring.
 */
export class PagePart {
  readonly #options: PagePartOptions;
  readonly #url: string;
  readonly #stops: (() => void)[];
  #returning: ReturningCalls | null = null;

  constructor(options: PagePartOptions) {
    this.#options = options;
    const { platform, store, calls, emit } = options;
    this.#url = platform.resolveUrl(options.options.url);
    this.#stops = [
      platform.watchLifecycle((event) => this.#onLifecycle(event)),
      store.subscribe(() => this.#followCalls()),
    ];
    if (options.options.multiTab !== 'off')
      followTabs({ platform, store, url: this.#url, emit, onChange: () => calls.changed() });
    this.#followCalls();
  }

  /** Silence is noticed sooner while somebody talks. */
  #followCalls(): void {
    const { store, link } = this.#options;
    const { isBusy } = store.getSnapshot();
    if (isBusy !== link.state.isInCall) link.step(inCall(isBusy));
  }

  /** From now on this page leaves its calls to the next; and takes those of the one before. */
  takeBack(): ReturningCalls {
    return (this.#returning ??= new ReturningCalls({ ...this.#options, url: this.#url }));
  }

  #onLifecycle(event: LifecycleEvent): void {
    const { link, store, onLeave } = this.#options;
    switch (event) {
      case 'leave':
        onLeave(this.#returning?.remember() ?? false);
        break;
      case 'suspend':
        this.#returning?.remember();
        link.step(suspend);
        break;
      case 'freeze':
        // A call goes on without scripts; without a call, nobody should ring a page that cannot hear it.
        if (!store.getSnapshot().isBusy) link.step(suspend);
        break;
      case 'resume':
        this.#returning?.forget();
        link.step(resume);
        link.step(wake);
        break;
      case 'wake':
      case 'online':
      case 'offline':
        link.step(wake);
        break;
    }
  }

  onWelcome(welcome: ServerMessageOf<'welcome'>): void {
    this.#returning?.onWelcome(welcome);
  }

  /** About a call that this page does not have, or not yet. */
  handle(message: CallNotification): void {
    this.#returning?.handle(message);
  }

  /** Everything up to this notification has been told. */
  heard(): void {
    this.#returning?.ringAgain();
  }

  onSessionLost(reason: CallEnd['reason'], error: ClientError | undefined): void {
    this.#returning?.onSessionLost(reason, error);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }
}
