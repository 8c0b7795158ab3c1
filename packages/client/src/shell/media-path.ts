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

export interface MediaPathOptions {
  readonly platform: Platform;
  readonly restartIce: () => Promise<void>;
  readonly renewMedia: () => Promise<void>;
  readonly giveUp: () => void;
  readonly onHealth: (isWell: boolean) => void;
}

const BROKEN: ReadonlySet<string> = new Set(['stranded', 'restarting', 'renewing', 'lost']);

/** Carries out what the path machine decides. */
export class MediaPath {
  readonly #options: MediaPathOptions;
  readonly #driver: Driver<PathInput, PathOutput>;
  #state: PathState = NO_PATH;

  constructor(options: MediaPathOptions) {
    this.#options = options;
    this.#driver = new Driver<PathInput, PathOutput>(options.platform, {
      step: (input, nowMs) => {
        const wasBroken = BROKEN.has(this.#state.path.name);
        const { state, outputs } = stepPath(this.#state, input, nowMs);
        this.#state = state;
        const isBroken = BROKEN.has(state.path.name);
        if (wasBroken !== isBroken) options.onHealth(!isBroken);
        return outputs;
      },
      perform: (output) => this.#perform(output),
      deadlineMs: () => pathDeadlineMs(this.#state),
      clock: { type: 'clock' },
    });
  }

  #perform(output: PathOutput): void {
    switch (output.type) {
      case 'restartIce':
        this.#try(this.#options.restartIce());
        break;
      case 'renewMedia':
        this.#try(this.#options.renewMedia());
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

  /** The gateway gave new transports of its own accord. */
  onRenewed(): void {
    this.#driver.feed({ type: 'started' });
  }

  onSignaling(isUp: boolean): void {
    this.#driver.feed({ type: isUp ? 'signalingUp' : 'signalingDown' });
  }

  stop(): void {
    this.#driver.stop();
  }
}
