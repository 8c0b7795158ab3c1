import type { ClientMessageOf, ServerMessageOf } from '@parley/protocol';
import type { RemotePerson, RemoteState } from '../api.ts';
import type { EngineReceiver, EngineTransport } from '../media-engine.ts';
import type { Platform, PlatformSpeaker } from '../platform.ts';

/** What the gateway says about what it sends us. */
export type ConsumerMessage = ServerMessageOf<
  'consume' | 'consumerResumed' | 'consumerMuted' | 'consumerClosed'
>;

/** What the gateway says about who is there. */
export type PeopleMessage = ServerMessageOf<'joined' | 'parted' | 'participants'>;

interface Consumer {
  /** Whose it is: the id of a participant, or empty in a call of two. */
  readonly from: string;
  readonly kind: 'audio' | 'video';
  receiver: EngineReceiver | null;
  isMuted: boolean;
  isFlowing: boolean;
}

/** What comes from one person. */
interface Voice {
  readonly stream: MediaStream;
  /** Sound alone: the element that plays it would otherwise decode the picture, too. One element per person. */
  sound: MediaStream | null;
  speaker: PlatformSpeaker | null;
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
  readonly #voices = new Map<string, Voice>();
  #stream: MediaStream | null = null;
  #listed: ServerMessageOf<'participants'>['people'] = [];
  #isConference = false;
  #people: readonly RemotePerson[] = [];

  constructor(options: RemoteMediaOptions) {
    this.#options = options;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  /** Everybody else, the same list as long as nothing about them changes. */
  get people(): readonly RemotePerson[] {
    const people = this.#listed.map(({ muted, onHold, ...person }): RemotePerson => {
      const audio = this.stateOf('audio', person.id);
      return {
        ...person,
        stream: this.#voices.get(person.id)?.stream ?? null,
        audio,
        video: this.stateOf('video', person.id),
        isMuted: muted || audio === 'muted',
        isOnHold: onHold,
      };
    });
    const isSame =
      people.length === this.#people.length &&
      people.every((person, index) => areAlike(person, this.#people[index]));
    if (!isSame) this.#people = people;
    return this.#people;
  }

  peopleChanged(message: PeopleMessage): void {
    if (message.type === 'participants') {
      this.#isConference = message.conference !== undefined;
      this.#listed = message.people;
    } else if (!this.#isConference) {
      this.#listed =
        message.type === 'joined' ? [{ ...message.other, id: '', muted: false, onHold: false }] : [];
    }
    for (const from of [...this.#voices.keys()]) this.#leaveOut(from);
    this.#options.onChange();
  }

  /** How one kind stands, over all who send it, or one of them: the best there is. */
  stateOf(kind: 'audio' | 'video', from?: string): RemoteState {
    const states = [...this.#consumers.values()]
      .filter((consumer) => consumer.kind === kind && (from === undefined || consumer.from === from))
      .map(stateOfConsumer);
    return (['on', 'muted', 'held'] as const).find((state) => states.includes(state)) ?? 'none';
  }

  /** Takes what the gateway says, in its order. `transport` settles when there is one to receive with. */
  handle(message: ConsumerMessage, transport: Promise<EngineTransport | null>): void {
    switch (message.type) {
      case 'consume':
        this.#consumers.set(message.consumerId, {
          from: message.from ?? '',
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
    this.#attach(receiver.track, consumer.from);
    this.#options.tell({ type: 'consuming', consumerId });
    this.#options.onChange();
  }

  #attach(track: MediaStreamTrack, from: string): void {
    const { platform } = this.#options;
    this.#stream ??= platform.createStream();
    this.#stream.addTrack(track);
    const voice = this.#voices.get(from) ?? { stream: platform.createStream(), sound: null, speaker: null };
    this.#voices.set(from, voice);
    voice.stream.addTrack(track);
    if (track.kind !== 'audio') return;
    voice.sound ??= platform.createStream();
    voice.sound.addTrack(track);
    voice.speaker ??= platform.createSpeaker();
    voice.speaker.play(voice.sound, this.#options.onBlocked);
  }

  #drop(consumerId: string): void {
    const consumer = this.#consumers.get(consumerId);
    if (consumer === undefined) return;
    this.#consumers.delete(consumerId);
    if (consumer.receiver === null) return;
    this.#detach(consumer.receiver.track, consumer.from);
    consumer.receiver.close().catch(() => undefined);
    this.#leaveOut(consumer.from);
  }

  #detach(track: MediaStreamTrack, from: string): void {
    this.#stream?.removeTrack(track);
    const voice = this.#voices.get(from);
    voice?.stream.removeTrack(track);
    voice?.sound?.removeTrack(track);
  }

  /** Forgets somebody who has left a conference, and of whom nothing comes any more. */
  #leaveOut(from: string): void {
    const isHere = from === '' || this.#listed.some(({ id }) => id === from);
    if (isHere || [...this.#consumers.values()].some((consumer) => consumer.from === from)) return;
    this.#voices.get(from)?.speaker?.close();
    this.#voices.delete(from);
  }

  /** The transport under all consumers is gone; the gateway tells of new ones. */
  reset(): void {
    for (const { receiver, from } of this.#consumers.values()) {
      if (receiver !== null) this.#detach(receiver.track, from);
    }
    this.#consumers.clear();
    this.#options.onChange();
  }

  async unlock(): Promise<boolean> {
    const speakers = [...this.#voices.values()].flatMap(({ speaker }) => speaker ?? []);
    return (await Promise.all(speakers.map((speaker) => speaker.unlock()))).every(Boolean);
  }

  close(): void {
    this.reset();
    for (const { speaker } of this.#voices.values()) speaker?.close();
    this.#voices.clear();
  }
}

function areAlike(one: RemotePerson, other: RemotePerson | undefined): boolean {
  return (
    other !== undefined &&
    (Object.keys(one) as (keyof RemotePerson)[]).every((key) => one[key] === other[key])
  );
}

function stateOfConsumer(consumer: Consumer): RemoteState {
  if (consumer.isMuted) return 'muted';
  return consumer.isFlowing && consumer.receiver !== null ? 'on' : 'held';
}
