import type { Audible, Music, PartyId } from '@parley/switchboard';

/** Something to be heard, and where its relative URLs resolve. */
export interface Prompt {
  readonly said: Audible;
  readonly base: string;
}

/** What is heard over and over until it is stopped. What cannot be had is complained about, and the gateway's own heard. */
export type Loop = Extract<Music, { readonly type: 'own' | 'ringback' | 'sound' }>;

export type Beep = 'enter' | 'exit';

/** Plays prompts to one party. Every play is answered once, by `onOver`, unless it is stopped before. */
export interface Announcer {
  /** Returns the function that ends it at once. `onOver` is never called within the same tick. */
  play(options: {
    readonly party: PartyId;
    readonly prompt: Prompt;
    readonly complain: (code: number, message: string) => void;
    readonly onOver: () => void;
  }): () => void;
  /** The same for what has no end: `onOver` is told only when something else is played, or the party is gone. */
  loop(options: {
    readonly party: PartyId;
    readonly loop: Loop;
    readonly complain: (code: number, message: string) => void;
    readonly onOver: () => void;
  }): () => void;
  /** That somebody has come into a conference, or left it. Nobody waits for its end. */
  beep(options: { readonly party: PartyId; readonly beep: Beep }): void;
}

/** An announcer for a gateway that has no voice: it complains about every prompt, and the document goes on. */
export function createSilentAnnouncer(): Announcer {
  return {
    play({ prompt, complain, onOver }) {
      complain(13520, `<${prompt.said.verb}> was skipped: this gateway has no announcements`);
      const timer = setImmediate(onOver);
      return () => clearImmediate(timer);
    },
    loop({ loop, complain }) {
      if (loop.type === 'sound') complain(13233, 'this gateway has no announcements');
      return () => {};
    },
    beep() {},
  };
}
