import type { Sample } from '../core/quality/quality.ts';
import { sustainedLevel } from '../core/quality/muted-level.ts';
import type { CallRunner } from './call-runner.ts';

/** What is kept of a second that is longer than it should be: the newest. */
const LEVELS_MAX = 60;

/**
 * Listens to the microphone of a call while it is open and muted, so that a person who speaks can be told. It hears
 * through a copy of the track, which is sent nowhere: of the sound nothing is kept but how loud it was. What is muted
 * and closed stays closed.
 */
export class MutedEar {
  readonly #call: CallRunner;
  readonly #unsubscribe: () => void;
  #track: MediaStreamTrack | null = null;
  #levels: number[] = [];
  #stop = (): void => undefined;

  constructor(call: CallRunner) {
    this.#call = call;
    // The copy would keep the microphone open for longer than the call does, so it goes in the same step.
    this.#unsubscribe = call.store.subscribe(() => this.#follow());
  }

  /** How loud it has been since this was last asked; null where nobody listens. */
  take(sample: Sample): number | null {
    const { isMuted, conference } = this.#call.store.getSnapshot();
    // Whom only the conference has muted is measured on the way up, as always.
    if (!isMuted && conference?.isMuted === true) return sample.sent.audio?.level ?? null;
    this.#follow();
    const levels = this.#levels;
    this.#levels = [];
    return sustainedLevel(levels);
  }

  #follow(): void {
    const { desk } = this.#call.host.devices;
    const track = desk === null ? null : this.#trackToHear();
    if (this.#track === track) return;
    this.#stop();
    this.#stop = () => undefined;
    this.#levels = [];
    this.#track = track;
    if (track === null || desk === null) return;
    const copy = track.clone();
    copy.enabled = true;
    const stopMeasuring = desk.measure(copy, (level) => {
      this.#levels = [...this.#levels, level].slice(-LEVELS_MAX);
    });
    this.#stop = () => {
      stopMeasuring();
      copy.stop();
    };
  }

  #trackToHear(): MediaStreamTrack | null {
    const { host, store, media } = this.#call;
    const { phase, held, isMuted, conference } = store.getSnapshot();
    // On hold a person speaks to somebody else.
    const isHeld = held.local || held.remote || conference?.isOnHold === true;
    if (host.options.listenWhileMuted === false || phase !== 'joined' || isHeld || !isMuted) return null;
    return media.session?.own.of('audio').track ?? null;
  }

  close(): void {
    this.#unsubscribe();
    this.#stop();
    this.#stop = () => undefined;
  }
}
