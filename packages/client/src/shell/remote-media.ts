import type { ClientMessageOf, ServerMessageOf } from '@parley/protocol';
import type { RemoteState } from '../api.ts';
import type { EngineReceiver, EngineTransport } from '../media-engine.ts';
import type { Platform, PlatformSpeaker } from '../platform.ts';

/** What the gateway says about what it sends us. */
export type ConsumerMessage = ServerMessageOf<
  'consume' | 'consumerResumed' | 'consumerMuted' | 'consumerClosed'
>;

interface Consumer {
  readonly producerId: string;
  readonly kind: 'audio' | 'video';
  receiver: EngineReceiver | null;
  isMuted: boolean;
  isFlowing: boolean;
}

export interface RemoteMediaOptions {
  readonly platform: Platform;
  readonly tell: (message: Omit<ClientMessageOf<'consuming'>, 'callId'>) => void;
  readonly onChange: () => void;
  readonly onBlocked: (isBlocked: boolean) => void;
  readonly onTrouble: (thrown: unknown) => void;
}

/**
 * What comes from the other side, consumer by consumer. Tracks are attached while it rings, when nothing flows yet:
 * the gateway holds everything until somebody has answered.
 */
export class RemoteMedia {
  readonly #options: RemoteMediaOptions;
  readonly #consumers = new Map<string, Consumer>();
  #stream: MediaStream | null = null;
  /** Sound alone: the element that plays it would otherwise decode the picture, too. */
  #sound: MediaStream | null = null;
  #speaker: PlatformSpeaker | null = null;

  constructor(options: RemoteMediaOptions) {
    this.#options = options;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  /** How one kind stands, over all who send it: the best of them. */
  stateOf(kind: 'audio' | 'video'): RemoteState {
    const states = [...this.#consumers.values()]
      .filter((consumer) => consumer.kind === kind)
      .map(stateOfConsumer);
    return (['on', 'muted', 'held'] as const).find((state) => states.includes(state)) ?? 'none';
  }

  /** Takes what the gateway says, in its order. `transport` settles when there is one to receive with. */
  handle(message: ConsumerMessage, transport: Promise<EngineTransport | null>): void {
    switch (message.type) {
      case 'consume':
        this.#consumers.set(message.consumerId, {
          producerId: message.producerId,
          kind: message.kind,
          receiver: null,
          isMuted: message.muted,
          isFlowing: false,
        });
        this.#consume(message, transport).catch(this.#options.onTrouble);
        break;
      case 'consumerResumed':
        this.#change(message.consumerId, { isFlowing: true });
        break;
      case 'consumerMuted':
        this.#change(message.consumerId, { isMuted: message.muted });
        break;
      case 'consumerClosed':
        this.#drop(message.consumerId);
        break;
    }
    this.#options.onChange();
  }

  #change(consumerId: string, changes: Partial<Pick<Consumer, 'isMuted' | 'isFlowing'>>): void {
    const consumer = this.#consumers.get(consumerId);
    if (consumer !== undefined) Object.assign(consumer, changes);
  }

  async #consume(
    message: ServerMessageOf<'consume'>,
    transport: Promise<EngineTransport | null>,
  ): Promise<void> {
    const { consumerId, kind, rtpParameters } = message;
    const recv = await transport;
    const consumer = this.#consumers.get(consumerId);
    if (recv === null || consumer === undefined) return;
    const receiver = await recv.receive({ consumerId, kind, rtpParameters });
    if (this.#consumers.get(consumerId) !== consumer) {
      await receiver.close();
      return;
    }
    consumer.receiver = receiver;
    this.#attach(receiver.track);
    this.#options.tell({ type: 'consuming', consumerId });
    this.#options.onChange();
  }

  #attach(track: MediaStreamTrack): void {
    const { platform } = this.#options;
    this.#stream ??= platform.createStream();
    this.#stream.addTrack(track);
    if (track.kind !== 'audio') return;
    this.#sound ??= platform.createStream();
    this.#sound.addTrack(track);
    this.#speaker ??= platform.createSpeaker();
    this.#speaker.play(this.#sound, this.#options.onBlocked);
  }

  #drop(consumerId: string): void {
    const consumer = this.#consumers.get(consumerId);
    if (consumer === undefined) return;
    this.#consumers.delete(consumerId);
    if (consumer.receiver === null) return;
    this.#detach(consumer.receiver.track);
    consumer.receiver.close().catch(() => undefined);
  }

  #detach(track: MediaStreamTrack): void {
    this.#stream?.removeTrack(track);
    this.#sound?.removeTrack(track);
  }

  /** The transport under all consumers is gone; the gateway tells of new ones. */
  reset(): void {
    for (const { receiver } of this.#consumers.values()) {
      if (receiver !== null) this.#detach(receiver.track);
    }
    this.#consumers.clear();
    this.#options.onChange();
  }

  unlock(): Promise<boolean> {
    return this.#speaker?.unlock() ?? Promise.resolve(true);
  }

  close(): void {
    this.reset();
    this.#speaker?.close();
    this.#speaker = null;
  }
}

function stateOfConsumer(consumer: Consumer): RemoteState {
  if (consumer.isMuted) return 'muted';
  return consumer.isFlowing && consumer.receiver !== null ? 'on' : 'held';
}
