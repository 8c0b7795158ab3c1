import type { Standing, StandingOutcome } from '@parley/protocol';
import type { Clock } from './virtual-clock.ts';

/** The two ends of a call. */
export type Side = 'caller' | 'callee';

export function otherSide(side: Side): Side {
  return side === 'caller' ? 'callee' : 'caller';
}

/** How long the answer to a question for video is waited for, as with the gateway. */
const ASK_MS = 30_000;

export interface FakeTalkOptions {
  readonly clock: Clock;
  readonly video: boolean;
  readonly tell: (side: Side, standing: Standing, outcome?: StandingOutcome) => void;
  /** The two see one another from now on, or do not any more. */
  readonly onVideo: (isOn: boolean) => void;
}

/** Two who are joined, and what they settle between themselves: who is on hold, and whether they see one another. */
export class FakeTalk {
  readonly #options: FakeTalkOptions;
  #holds: Readonly<Record<Side, boolean>> = { caller: false, callee: false };
  #video: boolean;
  #asks: Side | null = null;
  #cancelAsk = (): void => undefined;

  constructor(options: FakeTalkOptions) {
    this.#options = options;
    this.#video = options.video;
  }

  /** Who has asked to see and be seen, while the answer is waited for. */
  get asks(): Side | null {
    return this.#asks;
  }

  isHeldBy(side: Side): boolean {
    return this.#holds[side];
  }

  hold(side: Side, on: boolean): void {
    this.#change(() => {
      this.#holds = { ...this.#holds, [side]: on };
    });
  }

  /** Asks for video. Whoever asks the one who asks has said yes. */
  ask(side: Side): void {
    if (this.#video || this.#asks === side) return;
    if (this.#asks !== null) {
      this.#answered(true, 'video-accepted');
      return;
    }
    this.#change(() => {
      this.#asks = side;
    });
    this.#cancelAsk = this.#options.clock.setTimer(() => this.#answered(false, 'video-expired'), ASK_MS);
  }

  /** Nobody looks any more; or the question is taken back. */
  withoutVideo(side: Side): void {
    if (this.#video) {
      this.#change(() => {
        this.#video = false;
      });
      this.#options.onVideo(false);
    } else if (this.#asks === side) {
      this.#cancelAsk();
      this.#change(() => {
        this.#asks = null;
      });
    }
  }

  /** Answers the other's question; without one, nothing happens. */
  answer(side: Side, accepted: boolean): void {
    if (this.#asks === null || this.#asks === side) return;
    this.#answered(accepted, accepted ? 'video-accepted' : 'video-declined');
  }

  standingOf(side: Side): Standing {
    const held = { local: this.#holds[side], remote: this.#holds[otherSide(side)] };
    const standing = { held, video: this.#video };
    if (this.#asks === null) return standing;
    return { ...standing, asks: this.#asks === side ? 'local' : 'remote' };
  }

  /** The two are not joined any more. */
  end(): void {
    this.#cancelAsk();
  }

  #answered(isYes: boolean, outcome: StandingOutcome): void {
    const by = this.#asks;
    if (by === null) return;
    this.#cancelAsk();
    this.#change(
      () => {
        this.#asks = null;
        this.#video = isYes;
      },
      { side: by, outcome },
    );
    if (isYes) this.#options.onVideo(true);
  }

  /** Tells each of the two what has become different for them. */
  #change(make: () => void, news?: { readonly side: Side; readonly outcome: StandingOutcome }): void {
    const sides = ['caller', 'callee'] as const;
    const before = sides.map((side) => JSON.stringify(this.standingOf(side)));
    make();
    for (const [index, side] of sides.entries()) {
      const standing = this.standingOf(side);
      const outcome = news?.side === side ? news.outcome : undefined;
      if (outcome !== undefined || JSON.stringify(standing) !== before[index])
        this.#options.tell(side, standing, outcome);
    }
  }
}
