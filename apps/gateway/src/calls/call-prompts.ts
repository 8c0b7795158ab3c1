import type { CallInput, CallOutput } from '@parley/switchboard';
import type { Announcer } from './announcer.ts';
import type { CallWebhooks } from './call-webhooks.ts';

type Of<T extends CallOutput['type']> = Extract<CallOutput, { type: T }>;

/** What is being played to those of one call. Nothing is left of it when it is closed. */
export class CallPrompts {
  readonly #announcer: Announcer;
  readonly #webhooks: CallWebhooks;
  readonly #feed: (input: CallInput) => void;
  readonly #playing = new Map<string, () => void>();

  constructor(announcer: Announcer, webhooks: CallWebhooks, feed: (input: CallInput) => void) {
    this.#announcer = announcer;
    this.#webhooks = webhooks;
    this.#feed = feed;
  }

  play({ leg, party, playId, prompt, base }: Of<'play'>): void {
    const key = `${leg}:${playId}`;
    const stop = this.#announcer.play({
      party,
      prompt: { said: prompt, base },
      complain: (code, message) =>
        this.#webhooks.notify({ type: 'notify', leg, code, severity: 'warning', message, at: prompt.at }),
      onOver: () => {
        this.#playing.delete(key);
        this.#feed({ type: 'played', leg, playId });
      },
    });
    this.#playing.set(key, stop);
  }

  stop({ leg, playId }: Of<'stopPlaying'>): void {
    const key = `${leg}:${playId}`;
    this.#playing.get(key)?.();
    this.#playing.delete(key);
  }

  /** Ends all of them, whichever of them fails; the first failure is thrown afterwards. */
  close(): void {
    const failures: unknown[] = [];
    for (const stop of this.#playing.values()) {
      try {
        stop();
      } catch (error) {
        failures.push(error);
      }
    }
    this.#playing.clear();
    if (failures.length > 0) throw failures[0];
  }
}
