import type { ConnectOptions, ConnectionStatus, DeviceEvents, DeviceOptions, DeviceSnapshot, DeviceState, PlaybackControls, ReadableStore, TokenProvider } from './api.ts';
import type { Call } from './call.ts';
import { Listenable } from './emitter.ts';

/** A phone in this page, called by the name in its token. */
export class Device extends Listenable<DeviceEvents> implements AsyncDisposable {
  constructor(_token: string | TokenProvider, _options: DeviceOptions = {}) {
    super(() => undefined);
    throw new Error('not yet built');
  }
  /** Registers: from now on this device rings. Idempotent. Keeps trying while the network is away; rejects on refusal or abort. */
  declare register: (options?: { readonly signal?: AbortSignal }) => Promise<void>;
  declare unregister: () => Promise<void>;
  declare destroy: () => Promise<void>;
  declare [Symbol.asyncDispose]: () => Promise<void>;
  declare updateToken: (token: string) => void;
  /** Loads the media engine now, so that the first call need not. */
  declare preload: () => Promise<void>;
  /** Resolves as soon as the call exists, long before it is answered. */
  declare connect: (options?: ConnectOptions) => Promise<Call>;
  declare disconnectAll: () => void;
  /** Who is online, in the store and as `presence` events, from now on. */
  declare watchPresence: (on?: boolean) => void;
  declare readonly calls: readonly Call[];
  /** The call that talks, else the one that has existed longest; null without calls. */
  declare readonly activeCall: Call | null;
  declare readonly state: DeviceState;
  declare readonly connection: ConnectionStatus;
  declare readonly identity: string | null;
  declare readonly isBusy: boolean;
  declare readonly playback: PlaybackControls;
  declare readonly store: ReadableStore<DeviceSnapshot>;
}
