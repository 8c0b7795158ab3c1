import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { OwnedMediaPlane, Tap, TappedStream } from '@parley/media-mediasoup';
import { notifications } from '@parley/rcml';
import type { Hearing, PartyId } from '@parley/switchboard';
import {
  createOpusEar,
  SpeechDetector,
  VoiceError,
  type OpusEar,
  type Recognition,
  type RecognitionOrder,
  type Recognizer,
} from '@parley/voice';
import { readRtp } from './rtp-payload.ts';

/** Whom to listen to, and for what. */
export interface ListenOrder {
  readonly party: PartyId;
  readonly language: string;
  readonly hints: readonly string[];
  /** Silence that ends what is said. */
  readonly silenceMs: number;
  /** Never told within the same turn; not after it was stopped. Of `understood` and `failed` one is the last. */
  readonly onHeard: (hearing: Hearing) => void;
  readonly complain: (code: number, message: string) => void;
}

/** Listens to people. */
export interface Ears {
  /** Returns the function that ends it at once. */
  listen(order: ListenOrder): () => void;
}

export interface EarsOptions {
  readonly media: Pick<OwnedMediaPlane, 'tap'>;
  /** Absent: whatever is said counts as silence, and the author is told. */
  readonly recognizer?: Recognizer;
}

/** People who are listened to at once. */
const LISTENED_MAX = 200;
/** Nobody is listened to for longer in one go. */
const UTTERANCE_MS_MAX = 60_000;
const LOOK_EVERY_MS = 100;
/** How much of what was heard before it was known to be speech goes with it: its first sounds are soft. */
const PRE_ROLL_PIECES = 25;
/** What is understood so far is told no more often. */
const PARTIAL_EVERY_MS = 250;

/** Ears that tap what a party sends and give it to a recogniser from the first word on. */
export function createEars({ media, recognizer }: EarsOptions): Ears {
  let listened = 0;
  const deaf = (order: ListenOrder, code: number, message: string): (() => void) => {
    const soon = setImmediate(() => {
      order.complain(code, message);
      order.onHeard({ what: 'failed' });
    });
    return () => clearImmediate(soon);
  };
  return {
    listen(order) {
      if (recognizer === undefined) {
        const { code } = notifications.oddity;
        return deaf(order, code, 'no speech recogniser is configured; what is said counts as silence');
      }
      if (listened >= LISTENED_MAX) {
        const { code } = notifications.internalFailure;
        return deaf(
          order,
          code,
          `${listened} people are being listened to already; what is said counts as silence`,
        );
      }
      listened += 1;
      const listening = new Listening(order, { media, recognizer, onOver: () => (listened -= 1) });
      void listening.begin();
      return () => listening.stop();
    },
  };
}

interface Means {
  readonly media: Pick<OwnedMediaPlane, 'tap'>;
  readonly recognizer: Recognizer;
  readonly onOver: () => void;
}

/** One party that is listened to, until something has been understood. */
class Listening {
  readonly #order: ListenOrder;
  readonly #means: Means;
  readonly #detector: SpeechDetector;
  #socket: Socket | undefined;
  #tap: Tap | undefined;
  #ear: OpusEar | undefined;
  #looking: NodeJS.Timeout | undefined;
  #before: Int16Array[] = [];
  #recognition: Recognition | undefined;
  #beganMs = 0;
  #partialToldMs = 0;
  /** The microphone that is listened to now. */
  #stream: Pick<TappedStream, 'ssrc' | 'fromPort'> | undefined;
  #isOver = false;

  constructor(order: ListenOrder, means: Means) {
    this.#order = order;
    this.#means = means;
    this.#detector = new SpeechDetector({ silenceMs: order.silenceMs });
  }

  async begin(): Promise<void> {
    try {
      const socket = createSocket('udp4');
      this.#socket = socket;
      socket.on('error', (error) => this.#fail('what is said could not be heard', error));
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const ear = await createOpusEar((piece) => this.#hear(piece), Date.now());
      if (this.#isOver) return ear.close();
      this.#ear = ear;
      socket.on('message', (packet, from) => this.#take(packet, from.port));
      this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
      this.#looking.unref();
      this.#tap = this.#means.media.tap(this.#order.party, {
        port: socket.address().port,
        video: false,
        announcements: false,
        // Of two microphones after one another the later is listened to.
        onStream: (stream) => {
          if (stream.kind === 'audio') this.#stream = stream;
        },
        onMuted: () => {},
        onSenderReport: () => {},
        onStreamOver: () => {},
        onGone: () => this.stop(),
      });
    } catch (error) {
      this.#fail('what is said could not be heard', error);
    }
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#looking);
    this.#tap?.close();
    this.#ear?.close();
    this.#recognition?.abort();
    this.#socket?.close();
    this.#means.onOver();
  }

  #take(packet: Buffer, fromPort: number): void {
    // Nobody else on this machine puts words into her mouth.
    if (fromPort !== this.#stream?.fromPort) return;
    const rtp = readRtp(packet);
    if (rtp === undefined || rtp.ssrc !== this.#stream.ssrc) return;
    this.#ear?.take(rtp, Date.now());
  }

  /** Also where nothing comes time passes. */
  #look(): void {
    this.#ear?.pass(Date.now());
    if (this.#recognition !== undefined && Date.now() - this.#beganMs > UTTERANCE_MS_MAX)
      this.#recognition.end();
  }

  #hear(piece: Int16Array): void {
    if (this.#isOver) return;
    const event = this.#detector.take(piece);
    if (this.#recognition === undefined) {
      this.#before = [...this.#before, piece].slice(-PRE_ROLL_PIECES);
      if (event === 'began') this.#speechBegan();
      return;
    }
    this.#recognition.push(piece);
    if (event === 'ended') this.#recognition.end();
  }

  #speechBegan(): void {
    const { language, hints, onHeard } = this.#order;
    const order: RecognitionOrder = { language, hints, onPartial: (text) => this.#partial(text) };
    const recognition = this.#means.recognizer.listen(order);
    this.#recognition = recognition;
    this.#beganMs = Date.now();
    for (const piece of this.#before.splice(0)) recognition.push(piece);
    recognition.result.then(
      (understood) => {
        if (this.#isOver) return;
        this.stop();
        onHeard({ what: 'understood', ...understood });
      },
      (error: unknown) => this.#fail('what was said could not be understood', error),
    );
    onHeard({ what: 'began' });
  }

  #partial(text: string): void {
    const nowMs = Date.now();
    if (this.#isOver || nowMs - this.#partialToldMs < PARTIAL_EVERY_MS) return;
    this.#partialToldMs = nowMs;
    this.#order.onHeard({ what: 'partial', text });
  }

  #fail(what: string, error: unknown): void {
    if (this.#isOver) return;
    this.stop();
    const why = error instanceof VoiceError ? error.message : 'the gateway failed';
    this.#order.complain(notifications.internalFailure.code, `<Gather>: ${what}: ${why}`);
    this.#order.onHeard({ what: 'failed' });
  }
}
