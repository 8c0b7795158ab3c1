import type { Dispatcher } from 'undici';

/** Told when a request must end, in whichever exchange it is then; a signal made for each would cost more than this. */
export class Ending {
  #isOver = false;
  /** What is going on just then. */
  onOver: (() => void) | undefined;

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The first time counts. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onOver?.();
  }
}

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
}

/** An answer as far as it was read. */
export interface ExchangedAnswer extends AnswerHead {
  readonly body: Buffer;
  /** `unread`: nobody wanted the body. `broken`: it did not come to its end, and `error` says why. */
  readonly end: 'whole' | 'unread' | 'too-large' | 'broken';
  readonly error?: unknown;
}

export interface ExchangeOptions {
  readonly request: Dispatcher.DispatchOptions;
  /** Whether the body of such an answer is wanted. */
  readonly isWanted: (head: AnswerHead) => boolean;
  /** What is longer is not read on. */
  readonly bodyBytesMax: number;
  readonly ending: Ending;
}

/** Why an exchange of ours was cut off; never shown, because whoever cuts it off knows. */
const CUT_OFF = new Error('the exchange was cut off');

/**
 * One request and its answer. Rejects when there is no answer at all. An answer of which nothing more is wanted, and an
 * ending, close the connection; one that was read to its end leaves it for the next.
 *
 * It takes the pieces of an answer as they come: documents are small and callbacks are answered with nothing, so that a
 * stream for each of them was the dearest part of asking.
 */
export function exchange(dispatcher: Dispatcher, options: ExchangeOptions): Promise<ExchangedAnswer> {
  return new Promise((resolve, reject) => {
    const handler = new AnswerReader(options, resolve, reject);
    options.ending.onOver = () => handler.cutOff();
    // Asked when it was over already, nothing is sent.
    if (options.ending.isOver) handler.cutOff();
    else dispatcher.dispatch(options.request, handler);
  });
}

class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #resolve: (answer: ExchangedAnswer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #head: AnswerHead | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #isSettled = false;

  constructor(
    options: ExchangeOptions,
    resolve: (answer: ExchangedAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Ends it from outside, also while there is no connection yet. */
  cutOff(): void {
    this.#fail(CUT_OFF);
    this.#controller?.abort(CUT_OFF);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was over while the connection was made.
    if (this.#isSettled) controller.abort(CUT_OFF);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Dispatcher.ResponseData['headers'],
  ): void {
    // An informational answer is followed by the real one.
    if (status < 200 || this.#isSettled) return;
    this.#head = { status, headers };
    if (this.#options.isWanted(this.#head)) return;
    this.#settle('unread');
    controller.abort(CUT_OFF);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length <= this.#options.bodyBytesMax) return;
    this.#settle('too-large');
    // A server that would send for ever is not listened to.
    controller.abort(CUT_OFF);
  }

  onResponseEnd(): void {
    this.#settle('whole');
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: unknown): void {
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#head !== undefined) return this.#settle('broken', error);
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#options.ending.onOver = undefined;
    this.#reject(error);
  }

  #settle(end: ExchangedAnswer['end'], error?: unknown): void {
    if (this.#isSettled || this.#head === undefined) return;
    this.#isSettled = true;
    this.#options.ending.onOver = undefined;
    const [first] = this.#chunks;
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#resolve({ ...this.#head, body, end, ...(error !== undefined && { error }) });
  }
}
