import type { ClientMessageOf, MediaId, ServerMessageOf } from '@parley/protocol';
import type { RemotePerson, RemoteState } from '../api.ts';
import type { EngineReceiver, EngineTransport } from '../media-engine.ts';
import type { Platform, PlatformSpeaker } from '../platform.ts';

/** What the gateway says about what it sends us. */
export type ConsumerMessage = ServerMessageOf<
  'consume' | 'consumerResumed' | 'consumerMuted' | 'consumerClosed'
>;

/** What the gateway says about who is there. */
export type PeopleMessage = ServerMessageOf<'joined' | 'parted' | 'participants'>;

export interface Consumer {
  /** Whose it is: the id of a participant, or empty in a call of two. */
  readonly from: string;
  readonly kind: 'audio' | 'video';
  readonly isScreen: boolean;
  receiver: EngineReceiver | null;
  isMuted: boolean;
  isFlowing: boolean;
}

/** What comes from one person, or from their screen. */
export interface Voice {
  readonly from: string;
  readonly isScreen: boolean;
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
  /** Where it is to be heard; an empty list is the system's default. */
  readonly outputs: () => readonly string[];
  readonly onTrouble: (thrown: unknown) => void;
}

/**
 * What comes from the other side, consumer by consumer. Tracks are attached while it rings, when nothing flows yet:
 * the gateway holds everything until somebody has answered.
 */
export class RemoteMedia {
  readonly #options: RemoteMediaOptions;
  readonly consumers: Map<MediaId, Consumer> = new Map<MediaId, Consumer>();
  readonly voices: Map<string, Voice> = new Map<string, Voice>();
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

  /** What is shared of a screen: of whoever began last, or of one person. */
  screenOf(from?: string): MediaStream | null {
    const shown = [...this.consumers.values()].filter(
      (consumer) => consumer.isScreen && consumer.kind === 'video' && stateOfConsumer(consumer) === 'on',
    );
    const of = shown.findLast((consumer) => from === undefined || consumer.from === from);
    return of === undefined ? null : (this.voices.get(nameOf(of))?.stream ?? null);
  }

  /** Everybody else, the same list as long as nothing about them changes. */
  get people(): readonly RemotePerson[] {
    const people = this.#listed.map(({ muted, onHold, ...person }): RemotePerson => {
      const audio = this.stateOf('audio', person.id);
      return {
        ...person,
        stream: this.voices.get(person.id)?.stream ?? null,
        screen: this.screenOf(person.id),
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
    for (const voice of [...this.voices.values()]) this.#leaveOut(voice);
    this.#options.onChange();
  }

  /** How one kind stands, over all who send it, or one of them: the best there is. */
  stateOf(kind: 'audio' | 'video', from?: string): RemoteState {
    const states = [...this.consumers.values()]
      .filter((consumer) => consumer.kind === kind && !consumer.isScreen)
      .filter((consumer) => from === undefined || consumer.from === from)
      .map(stateOfConsumer);
    return (['on', 'muted', 'held'] as const).find((state) => states.includes(state)) ?? 'none';
  }

  /** Takes what the gateway says, in its order. `transport` settles when there is one to receive with. */
  handle(message: ConsumerMessage, transport: Promise<EngineTransport | null>): void {
    switch (message.type) {
      case 'consume':
        this.consumers.set(message.consumerId, {
          from: message.from ?? '',
          kind: message.kind,
          isScreen: message.source === 'screen',
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

  #change(consumerId: MediaId, changes: Partial<Pick<Consumer, 'isMuted' | 'isFlowing'>>): void {
    const consumer = this.consumers.get(consumerId);
    if (consumer !== undefined) Object.assign(consumer, changes);
  }

  async #consume(
    message: ServerMessageOf<'consume'>,
    transport: Promise<EngineTransport | null>,
  ): Promise<void> {
    const { consumerId, kind, rtpParameters } = message;
    const recv = await transport;
    const consumer = this.consumers.get(consumerId);
    if (recv === null || consumer === undefined) return;
    const receiver = await recv.receive({ consumerId, kind, rtpParameters });
    if (this.consumers.get(consumerId) !== consumer) {
      await receiver.close();
      return;
    }
    consumer.receiver = receiver;
    this.#attach(receiver.track, consumer);
    this.#options.tell({ type: 'consuming', consumerId });
    this.#options.onChange();
  }

  #attach(track: MediaStreamTrack, { from, isScreen }: Pick<Consumer, 'from' | 'isScreen'>): void {
    const { platform } = this.#options;
    if (!isScreen) {
      this.#stream ??= platform.createStream();
      this.#stream.addTrack(track);
    }
    const name = nameOf({ from, isScreen });
    const stream = this.voices.get(name)?.stream ?? platform.createStream();
    const voice = this.voices.get(name) ?? { from, isScreen, stream, sound: null, speaker: null };
    this.voices.set(name, voice);
    voice.stream.addTrack(track);
    if (track.kind !== 'audio') return;
    voice.sound ??= platform.createStream();
    voice.sound.addTrack(track);
    voice.speaker ??= this.#openSpeaker();
    voice.speaker.play(voice.sound, this.#options.onBlocked);
  }

  #openSpeaker(): PlatformSpeaker {
    const speaker = this.#options.platform.createSpeaker();
    const outputs = this.#options.outputs();
    if (outputs.length > 0) speaker.setOutputs?.(outputs);
    return speaker;
  }

  #drop(consumerId: MediaId): void {
    const consumer = this.consumers.get(consumerId);
    if (consumer === undefined) return;
    this.consumers.delete(consumerId);
    if (consumer.receiver === null) return;
    this.#detach(consumer.receiver.track, consumer);
    consumer.receiver.close().catch(() => undefined);
    this.#leaveOut(consumer);
  }

  #detach(track: MediaStreamTrack, whose: Pick<Consumer, 'from' | 'isScreen'>): void {
    this.#stream?.removeTrack(track);
    const voice = this.voices.get(nameOf(whose));
    voice?.stream.removeTrack(track);
    voice?.sound?.removeTrack(track);
  }

  /** Forgets somebody who has left a conference, or a screen that is not shared any more, once nothing comes of it. */
  #leaveOut(whose: Pick<Consumer, 'from' | 'isScreen'>): void {
    const { from, isScreen } = whose;
    const isHere = !isScreen && (from === '' || this.#listed.some(({ id }) => id === from));
    const name = nameOf(whose);
    if (isHere || [...this.consumers.values()].some((consumer) => nameOf(consumer) === name)) return;
    this.voices.get(name)?.speaker?.close();
    this.voices.delete(name);
  }

  /** The transport under all consumers is gone; the gateway tells of new ones. */
  reset(): void {
    for (const consumer of this.consumers.values()) {
      if (consumer.receiver !== null) this.#detach(consumer.receiver.track, consumer);
    }
    this.consumers.clear();
    this.#options.onChange();
  }

  async unlock(): Promise<boolean> {
    const speakers = [...this.voices.values()].flatMap(({ speaker }) => speaker ?? []);
    return (await Promise.all(speakers.map((speaker) => speaker.unlock()))).every(Boolean);
  }

  close(): void {
    this.reset();
    // Elements of the application that show it let go of it, too.
    this.#stream = null;
    for (const { speaker } of this.voices.values()) speaker?.close();
    this.voices.clear();
  }
}

/** People are known by their id, and their screens apart from them. */
function nameOf({ from, isScreen }: Pick<Consumer, 'from' | 'isScreen'>): string {
  return isScreen ? `${from} screen` : from;
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
