import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import {
  HEARING_RATE,
  RECOGNITION_DEADLINE_MS,
  type Recognition,
  type RecognitionOrder,
  type Recognized,
  type Recognizer,
} from './recognizer.ts';
import { VoiceError } from './voice-error.ts';

const AT_ONCE_MAX = 100;
/** What a provider may say about one utterance. */
const ANSWER_BYTES_MAX = 256 * 1024;
/** What may wait to be sent: five seconds. A provider that is slower than a person speaks is of no use. */
const WAITING_BYTES_MAX = HEARING_RATE * 2 * 5;
const TEXT_LETTERS_MAX = 4000;

export interface HttpRecognizerOptions {
  /** Asked with POST for every utterance; the operator's own server, so no address is refused. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string;
}

/**
 * Understands by asking a server, so that any engine can be plugged in. The sound is streamed while it is said; what is
 * asked and answered is in `docs/spec/speech-input.md`.
 */
export function createHttpRecognizer(options: HttpRecognizerOptions): Recognizer {
  let underWay = 0;
  return {
    listen(order) {
      if (underWay >= AT_ONCE_MAX) {
        return refused(`${underWay} people are being listened to already`);
      }
      underWay += 1;
      const recognition = new HttpRecognition(order, options);
      void recognition.over.then(() => (underWay -= 1));
      return recognition;
    },
  };
}

function refused(why: string): Recognition {
  const settle = Promise.withResolvers<Recognized>();
  settle.reject(new VoiceError('too-busy', why));
  return { result: settle.promise, push: () => {}, end: () => {}, abort: () => {} };
}

class HttpRecognition implements Recognition {
  readonly result: Promise<Recognized>;
  /** Resolves when it is, whatever came of it. */
  readonly over: Promise<void>;
  readonly #request: ClientRequest;
  readonly #settle: PromiseWithResolvers<Recognized>;
  readonly #onPartial: ((text: string) => void) | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #isOver = false;
  #last: Recognized | undefined;

  constructor(order: RecognitionOrder, { url: written, token }: HttpRecognizerOptions) {
    this.#settle = Promise.withResolvers();
    this.result = this.#settle.promise;
    this.#onPartial = order.onPartial;
    // Whoever aborts need not listen to the result.
    this.over = this.result.then(
      () => {},
      () => {},
    );
    const url = new URL(written);
    url.searchParams.set('language', order.language);
    for (const hint of order.hints) url.searchParams.append('hint', hint);
    this.#request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      headers: {
        'content-type': `audio/l16; rate=${HEARING_RATE}; channels=1`,
        accept: 'application/json, application/x-ndjson',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    this.#request.on('response', (response) => void this.#hear(response));
    this.#request.on('error', (error) => this.#fail('the speech recogniser could not be asked', error));
    this.#request.flushHeaders();
  }

  push(samples: Int16Array): void {
    if (this.#isOver || this.#request.writableEnded) return;
    if (this.#request.writableLength > WAITING_BYTES_MAX) {
      this.#fail('the speech recogniser takes what is said more slowly than it is said');
      return;
    }
    // L16 is what RFC 2586 says: the high byte first.
    const bytes = Buffer.alloc(samples.length * 2);
    samples.forEach((sample, i) => bytes.writeInt16BE(sample, i * 2));
    this.#request.write(bytes);
  }

  end(): void {
    if (this.#isOver || this.#request.writableEnded) return;
    this.#request.end();
    this.#deadline = setTimeout(
      () => this.#fail('the speech recogniser took too long'),
      RECOGNITION_DEADLINE_MS,
    );
    this.#deadline.unref();
  }

  abort(): void {
    this.#fail('nobody waits for it any more');
  }

  async #hear(response: IncomingMessage): Promise<void> {
    try {
      const status = response.statusCode ?? 0;
      if (status !== 200) {
        this.#fail(`the speech recogniser answered with status ${status}`);
        return;
      }
      let bytes = 0;
      let line = '';
      response.setEncoding('utf8');
      for await (const piece of response) {
        bytes += Buffer.byteLength(piece as string);
        if (bytes > ANSWER_BYTES_MAX) {
          this.#fail('what the speech recogniser answered is too large');
          return;
        }
        const lines = (line + String(piece)).split('\n');
        line = lines.pop() ?? '';
        for (const whole of lines) this.#take(whole);
        if (this.#isOver) return;
      }
      this.#take(line);
      if (this.#last === undefined) this.#fail('the speech recogniser answered nothing');
      else this.#finish(this.#last);
    } catch (error) {
      this.#fail('what the speech recogniser answered cannot be read', error);
    }
  }

  /** One line of the answer: what has been understood so far, or, the last of them, in the end. */
  #take(line: string): void {
    if (this.#isOver || line.trim() === '') return;
    const said = JSON.parse(line) as unknown;
    const { text, confidence, final } = (said ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof text !== 'string') throw new TypeError('without text');
    const isSure = typeof confidence === 'number' && confidence >= 0 && confidence <= 1;
    this.#last = { text: text.slice(0, TEXT_LETTERS_MAX), ...(isSure ? { confidence } : {}) };
    if (final === true) this.#finish(this.#last);
    else if (final === false) this.#onPartial?.(this.#last.text);
  }

  #finish(recognized: Recognized): void {
    if (this.#isOver) return;
    this.#over();
    this.#settle.resolve(recognized);
  }

  #fail(message: string, cause?: unknown): void {
    if (this.#isOver) return;
    this.#over();
    this.#settle.reject(new VoiceError('recognition-failed', message, { cause }));
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#request.destroy();
  }
}
