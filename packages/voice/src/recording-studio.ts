import { Worker } from 'node:worker_threads';
import { unpackFrames, type PackedFrames } from './packed-frames.ts';
import type { RecordingOrder } from './recording.ts';
import { Tape } from './tape.ts';
import { VoiceError } from './voice-error.ts';

export interface ThreadOrder extends RecordingOrder {
  readonly id: number;
}

export type ThreadAnswer = { readonly id: number } & (
  | { readonly type: 'frames'; readonly packed: PackedFrames }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly message: string; readonly isSound: boolean }
);

export interface RecordingStudioOptions {
  /** How many recordings may be under way; what is asked beyond it is refused. */
  readonly recordingsMax: number;
}

/**
 * Makes sounds into tapes, on a thread of its own that is started with the first and started again should it die.
 * A tape can be listened to from the moment it is ordered.
 */
export class RecordingStudio implements AsyncDisposable {
  readonly #options: RecordingStudioOptions;
  readonly #tapes = new Map<number, Tape>();
  #thread: Worker | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: RecordingStudioOptions) {
    this.#options = options;
  }

  get underWay(): number {
    return this.#tapes.size;
  }

  /** Fills the tape from the sound. Resolves when it is whole or broken; never rejects. */
  async fill(tape: Tape, order: RecordingOrder): Promise<void> {
    if (this.#isClosed) return tape.break(new VoiceError('closed', 'the voice is being closed'));
    if (this.#tapes.size >= this.#options.recordingsMax) {
      return tape.break(new VoiceError('too-busy', 'too many prompts are being made at a time'));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    this.#tapes.set(id, tape);
    const message: ThreadOrder = { ...order, id };
    this.#startedThread().postMessage(message);
    for await (const _ of this.#untilSettled(tape));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#breakAll(new VoiceError('closed', 'the voice is being closed'));
    await this.#thread?.terminate();
    this.#thread = undefined;
  }

  async *#untilSettled(tape: Tape): AsyncGenerator<void, void, void> {
    try {
      for await (const _ of tape.listen()) yield;
    } catch {
      // Whoever listens is told.
    }
  }

  #startedThread(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    // Beside the sources the thread is a source, beside what was built it is built.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const thread = new Worker(new URL(`./recording-thread.${extension}`, import.meta.url));
    // A gateway that wants to end is not held up by it.
    thread.unref();
    thread.on('message', (answer: ThreadAnswer) => this.#hear(answer));
    const died = (error: unknown): void => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#breakAll(new VoiceError('speech-failed', 'the thread that makes prompts died', { cause: error }));
    };
    thread.on('error', died);
    thread.on('exit', died);
    this.#thread = thread;
    return thread;
  }

  #hear(answer: ThreadAnswer): void {
    const tape = this.#tapes.get(answer.id);
    if (tape === undefined) return;
    if (answer.type === 'frames') return tape.append(unpackFrames(answer.packed));
    this.#tapes.delete(answer.id);
    if (answer.type === 'done') tape.finish();
    else tape.break(new VoiceError(answer.isSound ? 'sound-unreadable' : 'speech-failed', answer.message));
  }

  #breakAll(error: VoiceError): void {
    const tapes = Array.from(this.#tapes.values());
    this.#tapes.clear();
    for (const tape of tapes) tape.break(error);
  }
}
