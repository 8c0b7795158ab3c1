import { notifications } from '@parley/rcml';
import type { CallInput, CallOutput } from '@parley/switchboard';
import type { Ears } from '../speech/ears.ts';
import type { CallWebhooks } from './call-webhooks.ts';

type Of<T extends CallOutput['type']> = Extract<CallOutput, { type: T }>;

/** Who of one call is being listened to. Nothing is left of it when it is closed. */
export class CallHearing {
  readonly #ears: Ears;
  readonly #webhooks: CallWebhooks;
  readonly #feed: (input: CallInput) => void;
  readonly #listening = new Map<string, () => void>();

  constructor(ears: Ears, webhooks: CallWebhooks, feed: (input: CallInput) => void) {
    this.#ears = ears;
    this.#webhooks = webhooks;
    this.#feed = feed;
  }

  listen({ leg, party, listenId, verb }: Of<'listen'>): void {
    const { language, hints, at, timeoutSeconds, speechTimeoutSeconds = timeoutSeconds } = verb;
    const key = `${leg}:${listenId}`;
    const stop = this.#ears.listen({
      party,
      language,
      hints,
      silenceMs: speechTimeoutSeconds === 'auto' ? AUTO_SILENCE_MS : speechTimeoutSeconds * 1000,
      complain: (code, message) => {
        const { severity } = notifications.oddity;
        this.#webhooks.notify({ type: 'notify', leg, code, severity, message, at });
      },
      onHeard: (hearing) => {
        if (hearing.what === 'understood' || hearing.what === 'failed') this.#listening.delete(key);
        this.#feed({ type: 'heard', leg, listenId, hearing });
      },
    });
    this.#listening.set(key, stop);
  }

  stop({ leg, listenId }: Of<'stopListening'>): void {
    const key = `${leg}:${listenId}`;
    this.#listening.get(key)?.();
    this.#listening.delete(key);
  }

  close(): void {
    for (const stop of this.#listening.values()) stop();
    this.#listening.clear();
  }
}

/** Where the document leaves it to us: as long as a person takes to breathe. The recogniser may be sooner. */
const AUTO_SILENCE_MS = 1000;
