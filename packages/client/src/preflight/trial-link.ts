import type { ServerNotification } from '@parley/protocol';
import type { TokenProvider } from '../api.ts';
import type { Failure } from '../core/failure.ts';
import { asClientError, type ClientErrorName } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { MediaEngine } from '../media-engine.ts';
import type { Platform } from '../platform.ts';
import { EngineRoom } from '../shell/engine-room.ts';
import { GatewayLink } from '../shell/gateway-link.ts';
import { TokenSource } from '../shell/token-source.ts';

const CONNECT_MS = 12_000;

export interface TrialLinkOptions {
  readonly platform: Platform;
  readonly token: string | TokenProvider;
  readonly url: string | undefined;
  readonly log: Logger;
}

/** A session of its own with the gateway, which registers nobody and gives up at the first failure. */
export class TrialLink {
  readonly gateway: GatewayLink;
  onNotification: (message: ServerNotification) => void = () => undefined;
  readonly #platform: Platform;
  readonly #tokens: TokenSource;
  readonly #engineRoom: EngineRoom;
  #failed: (name: ClientErrorName) => void = () => undefined;
  #welcomed: () => void = () => undefined;

  constructor({ platform, token, url, log }: TrialLinkOptions) {
    this.#platform = platform;
    this.#tokens = new TokenSource(platform, token);
    this.gateway = new GatewayLink({
      platform,
      device: { ...(url === undefined ? {} : { url }), deviceLabel: 'preflight' },
      tokens: this.#tokens,
      log,
      onWelcome: (welcome) => {
        this.#engineRoom.onWelcome(welcome);
        this.#welcomed();
      },
      onNotification: (message) => this.onNotification(message),
      onSessionLost: () => this.#failed('connection-lost'),
      onFailed: ({ name }: Failure) => this.#failed(name),
      onProven: () => undefined,
      onChange: () => undefined,
    });
    this.#engineRoom = new EngineRoom({ platform, link: this.gateway, log, welcome: null });
  }

  /** Resolves with null when the gateway has welcomed this device, and with what is wrong otherwise. */
  async connect(signal: AbortSignal): Promise<ClientErrorName | null> {
    const outcome = await new Promise<ClientErrorName | null>((resolve, reject) => {
      const cancel = this.#platform.setTimer(() => resolve('timeout'), CONNECT_MS);
      const settle = (name: ClientErrorName | null): void => {
        cancel();
        resolve(name);
      };
      this.#failed = settle;
      this.#welcomed = () => settle(null);
      signal.addEventListener(
        'abort',
        () => {
          cancel();
          reject(signal.reason as Error);
        },
        { once: true },
      );
      this.gateway.feed({ type: 'want', wanted: 'connected' });
    });
    if (outcome !== null) return outcome;
    return this.#engineRoom.load().then(
      () => null,
      (thrown: unknown) => asClientError(thrown, 'no-media-engine').name,
    );
  }

  loadEngine(): Promise<MediaEngine> {
    return this.#engineRoom.load();
  }

  close(): void {
    this.#failed = () => undefined;
    this.gateway.feed({ type: 'want', wanted: 'nothing' });
    this.gateway.stop();
    this.#tokens.stop();
    this.#engineRoom.stop();
  }
}
