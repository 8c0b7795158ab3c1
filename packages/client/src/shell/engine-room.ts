import type { RtpCapabilities, ServerMessageOf } from '@parley/protocol';
import { asClientError, ClientError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { MediaEngine } from '../media-engine.ts';
import type { Platform } from '../platform.ts';
import type { GatewayLink } from './gateway-link.ts';
import { loadCallParts } from './late-media.ts';

export interface EngineRoomOptions {
  readonly platform: Platform;
  readonly link: GatewayLink;
  readonly log: Logger;
  /** What the gateway has said already. */
  readonly welcome: ServerMessageOf<'welcome'> | null;
}

/** The engine room of a device, which is opened when what a call needs has been loaded. */
export function engineRoomOf(device: EngineRoomOptions & { engineRoom: EngineRoom | null }): EngineRoom {
  return (device.engineRoom ??= new EngineRoom(device));
}

/**
 * The one media engine of a device. It is loaded in the background as soon as the gateway has said what it can do, so
 * that neither a ring nor a click waits for it; and the gateway learns once per session what this browser can receive.
 */
export class EngineRoom {
  readonly #options: EngineRoomOptions;
  #gatewayCapabilities: RtpCapabilities | null = null;
  #engine: Promise<MediaEngine> | null = null;
  #isTold = false;
  /** Resolves when a gateway has said what it can do; rejects when none will any more. */
  readonly #onGateway: Promise<void>;
  #gatewayCame: () => void = () => undefined;
  #stop: (error: ClientError) => void = () => undefined;

  constructor(options: EngineRoomOptions) {
    this.#options = options;
    this.#onGateway = new Promise((resolve, reject) => {
      this.#gatewayCame = resolve;
      this.#stop = reject;
    });
    this.#onGateway.catch(() => undefined);
    if (options.welcome !== null) this.onWelcome(options.welcome);
  }

  onWelcome(welcome: ServerMessageOf<'welcome'>): void {
    const isOther = JSON.stringify(this.#gatewayCapabilities) !== JSON.stringify(welcome.rtpCapabilities);
    if (isOther) this.#engine = null;
    this.#gatewayCapabilities = welcome.rtpCapabilities;
    this.#gatewayCame();
    if (!welcome.resumed) this.#isTold = false;
    // A failure here is nobody's call; the next call tries again, and says so.
    this.load().catch((error: unknown) => this.#options.log.warn('the media engine did not load', { error }));
  }

  onSessionLost(): void {
    this.#isTold = false;
  }

  /** Resolves with the engine, loading it where that has not been done or has failed. */
  async load(): Promise<MediaEngine> {
    await this.#onGateway;
    const gatewayCapabilities = this.#gatewayCapabilities ?? {};
    const loading = (this.#engine ??= this.#load(gatewayCapabilities));
    try {
      const engine = await loading;
      this.#tell(engine);
      return engine;
    } catch (thrown) {
      if (this.#engine === loading) this.#engine = null;
      throw asClientError(thrown, 'no-media-engine');
    }
  }

  async #load(gatewayCapabilities: RtpCapabilities): Promise<MediaEngine> {
    const { platform } = this.#options;
    const [engine] = await Promise.all([
      platform.loadMediaEngine(gatewayCapabilities),
      loadCallParts(platform),
    ]);
    return engine;
  }

  #tell(engine: MediaEngine): void {
    if (this.#isTold || this.#options.link.state.session === null) return;
    this.#isTold = true;
    this.#options.link.tell({ type: 'capabilities', rtpCapabilities: engine.rtpCapabilities });
  }

  stop(): void {
    this.#stop(new ClientError('destroyed'));
  }
}
