import type { CallRunner } from './call-runner.ts';
import { CallFollower } from './call-follower.ts';
import type { DeskOptions } from './device-desk.ts';
import type { LocalSource } from './local-source.ts';

/**
 * Sees when the system takes a microphone or a camera away from a call and gives it back: for a telephone call, another
 * program, a switch on the headset. A browser says so by muting the track.
 */
export class SourceWatch {
  readonly #options: DeskOptions;
  readonly #follower: CallFollower;
  readonly #known = new WeakSet<MediaStreamTrack>();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#follower = new CallFollower(options.store, () => this.#look());
  }

  #look(): void {
    for (const runner of this.#options.calls.all) {
      for (const kind of ['audio', 'video'] as const) {
        const source = runner.media.session?.own.of(kind);
        const track = source?.track ?? null;
        if (source === undefined || track === null || this.#known.has(track)) continue;
        this.#known.add(track);
        const look = (): void => this.#lookAt(runner, source, track);
        for (const type of ['mute', 'unmute']) track.addEventListener(type, look);
        look();
      }
    }
  }

  #lookAt({ call }: CallRunner, source: LocalSource, track: MediaStreamTrack): void {
    if (source.track !== track || source.isInterrupted === track.muted) return;
    source.setInterrupted(track.muted);
    const kind = track.kind === 'audio' ? 'audio' : 'video';
    call.emit(track.muted ? 'interrupted' : 'restored', { kind });
  }

  /** Somebody looks at the page again: what the system took away and forgot to give back is opened anew. */
  woke(): void {
    for (const { call, media } of this.#options.calls.all) {
      for (const kind of ['audio', 'video'] as const) {
        const source = media.session?.own.of(kind);
        if (source?.isInterrupted !== true) continue;
        source.reopen().then(
          () => call.emit('restored', { kind }),
          // The source says itself that it has failed.
          () => undefined,
        );
      }
    }
  }

  close(): void {
    this.#follower.close();
  }
}
