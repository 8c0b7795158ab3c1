import { fork, type ChildProcess } from 'node:child_process';
import { VoiceError } from './voice-error.ts';

/** What a child is asked; the answer carries the same number. */
interface Question {
  readonly id: number;
}
type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string };

export interface ChildLinkOptions {
  readonly module: URL;
  readonly args: readonly string[];
  readonly deadlineMs: number;
  readonly waitingMax: number;
}

/** A process that answers questions, started with the first and again should it die. */
export class ChildLink {
  readonly #options: ChildLinkOptions;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #child: ChildProcess | undefined;
  #lastId = 0;

  constructor(options: ChildLinkOptions) {
    this.#options = options;
  }

  /** Rejects with a {@link VoiceError}. One that takes too long is ended, because it answers in its own time only. */
  async ask(question: object): Promise<unknown> {
    const { deadlineMs, waitingMax } = this.#options;
    if (this.#waiting.size >= waitingMax)
      throw new VoiceError('too-busy', 'too many prompts are being spoken');
    this.#lastId += 1;
    const id = this.#lastId;
    const child = this.#started();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const message = { ...question, id } satisfies Question;
    const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    child.send(message);
    const answer = await promise;
    clearTimeout(deadline);
    if (answer.ok) return answer.value;
    throw new VoiceError('speech-failed', answer.message);
  }

  close(): void {
    this.#child?.kill('SIGKILL');
  }

  #started(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const { module, args } = this.#options;
    const child = fork(module, [...args], {
      serialization: 'advanced',
      // It needs nothing of ours, least of all what the gateway's environment keeps secret.
      env: { PATH: process.env['PATH'] ?? '' },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (answer: Answer) => this.#settle(answer.id, answer));
    const died = (): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      for (const id of Array.from(this.#waiting.keys())) {
        this.#settle(id, { id, ok: false, message: 'the speech engine ended before it had spoken' });
      }
    };
    child.on('error', died);
    child.on('exit', died);
    child.unref();
    child.channel?.unref();
    this.#child = child;
    return child;
  }

  #settle(id: number, answer: Answer): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(answer);
  }
}
