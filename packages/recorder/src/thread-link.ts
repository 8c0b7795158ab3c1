import { Worker } from 'node:worker_threads';
import type { RecorderNews, RecorderOrder } from './recorder-order.ts';

type ThreadNews = Exclude<RecorderNews, { type: 'listening' }>;

export interface ThreadLinkOptions {
  readonly onNews: (news: ThreadNews) => void;
  /** It is gone without having been asked to; another is started with the next order. */
  readonly onDied: (why: string) => void;
}

/** A thread that records, as everybody else sees it. Started when it is first needed, and again should it die. */
export class ThreadLink {
  readonly #options: ThreadLinkOptions;
  #thread: Worker | undefined;
  #listening: Promise<number> | undefined;
  #isClosed = false;

  constructor(options: ThreadLinkOptions) {
    this.#options = options;
  }

  /** The port packets go to. Rejects when the thread cannot be started. */
  port(): Promise<number> {
    this.#started();
    return this.#listening ?? Promise.reject(new Error('the recorder is closed'));
  }

  order(order: RecorderOrder): void {
    this.#started()?.postMessage(order);
  }

  /** As if it had crashed. For tests of what happens then. */
  async kill(): Promise<void> {
    await this.#thread?.terminate();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }

  #started(): Worker | undefined {
    if (this.#thread !== undefined || this.#isClosed) return this.#thread;
    // Beside the sources the thread is a source, beside what was built it is built.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const thread = new Worker(new URL(`./recorder-thread.${extension}`, import.meta.url));
    // A gateway that wants to end is not held up by it.
    thread.unref();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    // Whoever needs it learns of the failure.
    promise.catch(() => {});
    thread.on('message', (news: RecorderNews) => {
      if (this.#thread !== thread) return;
      if (news.type === 'listening') resolve(news.port);
      else this.#options.onNews(news);
    });
    const died = (error: unknown): void => {
      reject(new Error('a thread that records died', { cause: error }));
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#listening = undefined;
      this.#options.onDied(String(error));
    };
    thread.on('error', died);
    thread.on('exit', died);
    this.#thread = thread;
    this.#listening = promise;
    return thread;
  }
}
