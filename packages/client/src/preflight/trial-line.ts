import type { CallId, MediaOffer, ServerNotification } from '@parley/protocol';
import type { CallMediaSnapshot, CallStats, IceTransportPolicy } from '../api.ts';
import { ClientError } from '../errors.ts';
import type { MediaEngine } from '../media-engine.ts';
import type { Platform } from '../platform.ts';
import { CallMediaSession } from '../shell/call-media.ts';
import type { GatewayLink } from '../shell/gateway-link.ts';
import type { LateDevices } from '../shell/late-devices.ts';

/** The ways to the SFU: all of them, or one alone. */
export type Way = 'any' | 'udp' | 'tcp' | 'turn';

export interface TrialLineOptions {
  readonly platform: Platform;
  readonly link: GatewayLink;
  readonly loadEngine: () => Promise<MediaEngine>;
  readonly way: Way;
  readonly iceTransportPolicy: IceTransportPolicy;
  /** Whether a tone goes up, so that it can be told what comes back. */
  readonly hasTone: boolean;
}

/** One line on which this device hears itself, by one way or by any. Closed by whoever opened it. */
export class TrialLine {
  readonly callId: CallId;
  readonly #options: TrialLineOptions;
  readonly #session: CallMediaSession;
  #onChange: (() => void)[] = [];
  #failure: ClientError | null = null;
  #isClosed = false;

  constructor(options: TrialLineOptions) {
    const { platform, link, way } = options;
    this.#options = options;
    this.callId = platform.randomId() as CallId;
    const { callId } = this;
    this.#session = new CallMediaSession({
      platform,
      // A line is tried with what the browser proposes. Nobody chooses a device in it, and then no more than this is read.
      devices: { desk: null, loading: null, options: { platform } } as unknown as LateDevices,
      audio: undefined,
      iceTransportPolicy: way === 'turn' ? 'relay' : way === 'any' ? options.iceTransportPolicy : 'all',
      loadEngine: options.loadEngine,
      tell: (message) => link.tell({ ...message, callId }),
      // A line that breaks has told what it was asked.
      request: () => Promise.reject(new ClientError('media-failed')),
      probe: () => undefined,
      patienceMs: () => 0,
      onChange: () => this.#changed(),
      onHealth: () => undefined,
      onBlocked: () => undefined,
      onSourceError: (_kind, error) => this.#fail(error),
      onFailed: (error) => this.#fail(error),
    });
  }

  get media(): CallMediaSnapshot {
    return this.#session.snapshot;
  }

  getStats(): Promise<CallStats> {
    return this.#session.getStats();
  }

  /** Asks the gateway for the line. Answers whether this way is there to be tried. */
  async open(): Promise<boolean> {
    const { link, way, hasTone } = this.#options;
    const { media } = await link.request({ type: 'loopback', callId: this.callId });
    const offer = media === undefined ? null : offerFor(media, way);
    if (offer === null || this.#isClosed) return false;
    this.#session.start(offer, { audio: true, video: false });
    if (hasTone) this.#session.own.open(true, false);
    return true;
  }

  handle(message: ServerNotification): void {
    switch (message.type) {
      case 'consume':
      case 'consumerResumed':
      case 'consumerMuted':
      case 'consumerClosed':
        this.#session.consume(message);
        break;
      case 'ended':
        this.#fail(new ClientError('media-failed', `the gateway ended the line: ${message.reason}`));
        break;
      default:
    }
  }

  /** Resolves with whether both directions came up in time. Rejects when `signal` aborts. */
  async comesUp(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const { platform } = this.#options;
    const untilMs = platform.nowMs() + timeoutMs;
    for (;;) {
      signal.throwIfAborted();
      const { transport, remoteAudio } = this.media;
      if (transport === 'connected' && remoteAudio === 'on') return true;
      if (this.#failure !== null || transport === 'failed' || platform.nowMs() >= untilMs) return false;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          cancel();
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const cancel = platform.setTimer(wake, Math.max(0, untilMs - platform.nowMs()));
        signal.addEventListener('abort', wake);
        this.#onChange.push(wake);
      });
    }
  }

  #fail(error: ClientError): void {
    this.#failure ??= error;
    this.#changed();
  }

  #changed(): void {
    for (const wake of this.#onChange.splice(0)) wake();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#session.close();
    // Nobody waits for the answer: a line that is unknown has ended by itself.
    this.#options.link.request({ type: 'hangup', callId: this.callId }).catch(() => undefined);
  }
}

/** The offer with one way left in it; null where that way is not offered. */
function offerFor(offer: MediaOffer, way: Way): MediaOffer | null {
  if (way === 'any') return offer;
  if (way === 'turn') {
    const hasTurn = offer.iceServers?.some(({ urls }) => urls.some((url) => url.startsWith('turn'))) ?? false;
    return hasTurn ? offer : null;
  }
  const only = (transport: MediaOffer['send']): MediaOffer['send'] => ({
    ...transport,
    iceCandidates: transport.iceCandidates.filter(({ protocol }) => protocol === way),
  });
  const [send, recv] = [only(offer.send), only(offer.recv)];
  if (send.iceCandidates.length === 0 || recv.iceCandidates.length === 0) return null;
  return { send, recv, iceServers: [] };
}
