import type { CallSid } from '@parley/protocol';
import { notifications, type Position } from '@parley/rcml';
import {
  Driver,
  endWait,
  SCRIPT_LIMITS,
  startWait,
  stepWait,
  waitDeadlineMs,
  type Music,
  type PartyId,
  type WaitInput,
  type WaitOutput,
  type WaitState,
} from '@parley/switchboard';
import type { Loop } from './announcer.ts';
import type { CallServices } from './call-services.ts';
import type { CallWebhooks } from './call-webhooks.ts';

/** Whose ear it is, and under which call what goes wrong is told. */
export interface Listener {
  readonly leg: CallSid;
  readonly party: PartyId;
}

export type MusicServices = Pick<CallServices, 'announcer' | 'world' | 'log'>;

/** What the people of one call hear while they wait. One thing at a time for each; nothing is left of it when it is closed. */
export class CallMusic {
  readonly #services: MusicServices;
  readonly #webhooks: CallWebhooks;
  readonly #playing = new Map<PartyId, () => void>();

  constructor(services: MusicServices, webhooks: CallWebhooks) {
    this.#services = services;
    this.#webhooks = webhooks;
  }

  /** From now on the party hears this; null ends it at once. Asking twice is fine. */
  play(listener: Listener, music: Music | null): void {
    this.#playing.get(listener.party)?.();
    this.#playing.delete(listener.party);
    if (music !== null) this.#playing.set(listener.party, this.#begin(listener, music));
  }

  close(): void {
    for (const stop of this.#playing.values()) stop();
    this.#playing.clear();
  }

  #begin(listener: Listener, music: Music): () => void {
    if (music.type === 'document') return this.#perform(listener, music);
    return this.#loop(listener, music, 'at' in music ? music.at : undefined);
  }

  #loop({ leg, party }: Listener, loop: Loop, at?: Position): () => void {
    return this.#services.announcer.loop({
      party,
      loop,
      complain: (code, message) => this.#complain(leg, code, message, at),
      // Something else is played to her, or she is gone.
      onOver: () => {},
    });
  }

  /** A document has a life of its own: it is asked for, performed, and asked for again. */
  #perform(listener: Listener, music: Extract<Music, { type: 'document' }>): () => void {
    const { leg, party } = listener;
    const { announcer, world, log } = this.#services;
    let instead: (() => void) | undefined;
    let silence: (() => void) | undefined;
    let isOver = false;
    const perform = (output: WaitOutput): void => {
      switch (output.type) {
        case 'fetch':
          this.#webhooks
            .fetch({ ...output, leg, params: [...music.params, ...output.request.params] }, (input) => {
              if (input.type === 'documentFetched' || input.type === 'documentFailed') driver.feed(input);
            })
            .catch((err: unknown) => {
              log.error({ callSid: leg, err }, 'a document for somebody who waits could not be asked for');
              fail();
            });
          return;
        case 'play':
          silence = announcer.play({
            party,
            prompt: { said: output.prompt, base: output.base },
            complain: (code, message) => this.#complain(leg, code, message, output.prompt.at),
            onOver: () => driver.feed({ type: 'played', playId: output.playId }),
          });
          return;
        case 'stopPlaying':
          silence?.();
          return;
        case 'notify':
          this.#webhooks.notify({ ...output, leg });
          return;
        case 'failed':
          fail();
          return;
      }
    };
    const driver = new Driver<WaitState, WaitInput, WaitOutput>({
      start: (nowMs) => startWait(music.request, SCRIPT_LIMITS, nowMs),
      step: (state, input, nowMs) => stepWait(state, input, SCRIPT_LIMITS, nowMs),
      deadlineMs: waitDeadlineMs,
      clock: { type: 'clock' },
      perform,
      onCrash: (err) => {
        log.error({ callSid: leg, err }, 'what somebody heard while she waited has crashed');
        fail();
      },
      world,
    });
    const fail = (): void => {
      driver.stop();
      silence?.();
      // Nobody is to think that the line is dead.
      if (!isOver) instead ??= this.#loop(listener, { type: 'own' });
    };
    driver.begin();
    return () => {
      isOver = true;
      for (const output of endWait(driver.state).outputs) perform(output);
      driver.stop();
      instead?.();
    };
  }

  #complain(leg: CallSid, code: number, message: string, at?: Position): void {
    const { severity } = notifications.soundUnavailable;
    this.#webhooks.notify({
      type: 'notify',
      leg,
      code,
      severity,
      message,
      ...(at === undefined ? {} : { at }),
    });
  }
}
