import { Worker } from 'node:worker_threads';
import { packFrames, type PacerNews, type PacerOrder, type PacingReport } from './pacer.ts';

/** What whoever plays something hears of it. */
export interface PlayEvents {
  /** More frames are wanted. */
  readonly onLow: () => void;
  /** The last frame has been sent, or the thread is gone; told once, unless the play was stopped. */
  readonly onOver: () => void;
}

/** The thread that paces, as everybody else sees it. It is started with the first line, and again should it die. */
export class PacerClient {
  readonly #plays = new Map<number, PlayEvents>();
  readonly #reports: ((report: PacingReport | undefined) => void)[] = [];
  #thread: Worker | undefined;
  #listening: Promise<number> | undefined;
  #threads = 0;
  #lastNumber = 0;
  #isClosed = false;

  /** Which thread it is that sends now; another number after one died. */
  get thread(): number {
    return this.#threads;
  }

  /** A name for a line or a play; later ones are greater. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** The port packets come from. Rejects when the thread cannot be started. */
  sourcePort(): Promise<number> {
    this.#started();
    return this.#listening ?? Promise.reject(new Error('the media plane is closed'));
  }

  aim(line: number, options: { readonly ssrc: number; readonly port: number }): void {
    this.#order({ type: 'aim', line, ...options });
  }

  begin(play: number, events: PlayEvents): void {
    this.#plays.set(play, events);
  }

  push(line: number, play: number, frames: readonly Uint8Array[]): void {
    const packed = packFrames(frames);
    this.#order({ type: 'frames', line, play, packed }, [packed.bytes.buffer, packed.lengths.buffer]);
  }

  go(line: number, play: number): void {
    this.#order({ type: 'go', line, play });
  }

  end(line: number, play: number): void {
    this.#order({ type: 'end', line, play });
  }

  /** Nothing more is sent. `onOver` is not told. */
  stop(line: number, play: number): void {
    this.#plays.delete(play);
    this.#order({ type: 'stop', line, play });
  }

  hangUp(line: number): void {
    this.#order({ type: 'hangUp', line });
  }

  /** Undefined where nothing was ever sent. */
  report(): Promise<PacingReport | undefined> {
    if (this.#thread === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#reports.push(resolve);
      this.#order({ type: 'report' });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = this.#thread;
    this.#gone();
    await thread?.terminate();
  }

  #order(order: PacerOrder, transfer: ArrayBuffer[] = []): void {
    this.#started()?.postMessage(order, transfer);
  }

  #started(): Worker | undefined {
    if (this.#thread !== undefined || this.#isClosed) return this.#thread;
    // Beside the sources the thread is a source, beside what was built it is built.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const thread = new Worker(new URL(`./pacer-thread.${extension}`, import.meta.url));
    thread.unref();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    // Whoever needs it learns of the failure.
    promise.catch(() => {});
    thread.on('message', (news: PacerNews) => {
      if (news.type === 'listening') resolve(news.port);
      else this.#hear(news);
    });
    const died = (error: unknown): void => {
      reject(new Error('the thread that sends announcements died', { cause: error }));
      if (this.#thread === thread) this.#gone();
    };
    thread.on('error', died);
    thread.on('exit', died);
    this.#thread = thread;
    this.#threads += 1;
    this.#listening = promise;
    return thread;
  }

  #hear(news: Exclude<PacerNews, { type: 'listening' }>): void {
    switch (news.type) {
      case 'low':
        this.#plays.get(news.play)?.onLow();
        return;
      case 'over': {
        const play = this.#plays.get(news.play);
        this.#plays.delete(news.play);
        play?.onOver();
        return;
      }
      case 'report':
        this.#reports.shift()?.(news.report);
    }
  }

  /** Documents go on: what was being played counts as heard. */
  #gone(): void {
    this.#thread = undefined;
    this.#listening = undefined;
    this.#threads += 1;
    for (const resolve of this.#reports.splice(0)) resolve(undefined);
    const plays = Array.from(this.#plays.values());
    this.#plays.clear();
    for (const play of plays) play.onOver();
  }
}
