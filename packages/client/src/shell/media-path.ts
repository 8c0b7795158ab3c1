import type { CallMediaSnapshot } from '../api.ts';
import {
  NO_PATH,
  pathDeadlineMs,
  stepPath,
  type PathInput,
  type PathOutput,
  type PathState,
} from '../core/path-machine.ts';
import type { Platform } from '../platform.ts';
import { Driver } from './driver.ts';

/** What a call hears of the socket. `Proven`: it has just given a sign of life that was asked for. */
export type SignalingNews = 'Up' | 'Down' | 'Proven';

export interface MediaPathOptions {
  readonly platform: Platform;
  readonly probe: () => void;
  readonly restartIce: () => Promise<void>;
  readonly renewMedia: (via: 'any' | 'relay') => Promise<void>;
  /** For how long a path is mended before it is given up. */
  readonly patienceMs: () => number;
  readonly giveUp: () => void;
  readonly onHealth: (isWell: boolean) => void;
}

const BROKEN: ReadonlySet<string> = new Set(['probing', 'stranded', 'restarting', 'renewing', 'lost']);

/** Carries out what the path machine decides. */
export class MediaPath {
  readonly #options: MediaPathOptions;
  readonly #driver: Driver<PathInput, PathOutput>;
  #state: PathState = NO_PATH;

  constructor(options: MediaPathOptions) {
    this.#options = options;
    this.#driver = new Driver<PathInput, PathOutput>(options.platform, {
      step: (input, nowMs) => {
        const before = this.#state.path.name;
        const world = { nowMs, patienceMs: options.patienceMs() };
        const { state, outputs } = stepPath(this.#state, input, world);
        this.#state = state;
        const after = state.path.name;
        // Up for the first time is worth saying too: a call taken back after a reload waits for it.
        if (after !== before && (after === 'well' || BROKEN.has(after))) options.onHealth(after === 'well');
        return outputs;
      },
      perform: (output) => this.#perform(output),
      deadlineMs: () => pathDeadlineMs(this.#state),
      clock: { type: 'clock' },
    });
  }

  #perform(output: PathOutput): void {
    switch (output.type) {
      case 'probe':
        this.#options.probe();
        break;
      case 'restartIce':
        this.#try(this.#options.restartIce());
        break;
      case 'renewMedia':
        this.#try(this.#options.renewMedia(output.via));
        break;
      case 'giveUp':
        this.#options.giveUp();
        break;
    }
  }

  #try(cure: Promise<void>): void {
    cure.catch(() => this.#driver.feed({ type: 'cureRefused' }));
  }

  onTransport(state: CallMediaSnapshot['transport']): void {
    switch (state) {
      case 'connecting':
        // After a restart, a transport is `connecting` again: that is the cure at work, not a new beginning.
        if (!BROKEN.has(this.#state.path.name)) this.#driver.feed({ type: 'started' });
        break;
      case 'connected':
        this.#driver.feed({ type: 'connected' });
        break;
      case 'disconnected':
      case 'failed':
        this.#driver.feed({ type: 'broken' });
        break;
      case 'none':
        break;
    }
  }

  /** Nothing passes, whatever ICE says; so often in a row before. `connected` says that something does. */
  onDead(times: number): void {
    this.#driver.feed({ type: 'dead', times });
  }

  /** The gateway gave new transports of its own accord. */
  onRenewed(): void {
    this.#driver.feed({ type: 'started' });
  }

  onSignaling(news: SignalingNews): void {
    this.#driver.feed({ type: `signaling${news}` });
  }

  stop(): void {
    this.#driver.stop();
  }
}
