import type { CameraPreview, LevelMeter } from '../api.ts';
import { ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { DeskOptions } from './device-desk.ts';

/** Opens a microphone or a camera outside of any call, for somebody who wants to see whether it works. */
export class InputProbe {
  readonly #options: DeskOptions;
  readonly #openSource: Platform['openSource'];
  readonly #open = new Set<() => void>();
  #isClosed = false;

  constructor(options: DeskOptions, openSource: Platform['openSource']) {
    this.#options = options;
    this.#openSource = openSource;
  }

  async openMeter(): Promise<LevelMeter> {
    const { devices, emit } = this.#options;
    const track = await this.#trackToMeasure();
    let snapshot = { level: 0 };
    const listeners = new Set<() => void>();
    const update = (level: number): void => {
      if (level === snapshot.level) return;
      snapshot = { level };
      for (const listener of listeners) listener();
    };
    const stopMeasuring = devices.measure(track, (level) => {
      update(level);
      emit('inputVolume', level);
    });
    const close = this.#whileOpen(() => {
      stopMeasuring();
      track.stop();
      update(0);
    });
    return {
      store: {
        getSnapshot: () => snapshot,
        subscribe: (listener) => {
          // A wrapper of its own, so that the same function may subscribe twice and stop once.
          const entry = (): void => listener();
          listeners.add(entry);
          return () => listeners.delete(entry);
        },
      },
      get level() {
        return snapshot.level;
      },
      close,
      [Symbol.dispose]: close,
    };
  }

  /**
   * In a call its microphone is measured, through a copy that hears also while the call is muted. Opening it a second
   * time would silence the first on some telephones.
   */
  async #trackToMeasure(): Promise<MediaStreamTrack> {
    const inCall = this.#options.calls.all
      .map(({ media }) => media.session?.own.of('audio').track ?? null)
      .find((track) => track !== null);
    if (inCall === undefined || inCall === null) return this.#openTrack('audio');
    const copy = inCall.clone();
    copy.enabled = true;
    return copy;
  }

  async openPreview(): Promise<CameraPreview> {
    const track = await this.#openTrack('video');
    const stream = this.#options.platform.createStream();
    stream.addTrack(track);
    const close = this.#whileOpen(() => track.stop());
    return { stream, close, [Symbol.dispose]: close };
  }

  async #openTrack(kind: 'audio' | 'video'): Promise<MediaStreamTrack> {
    let track: MediaStreamTrack;
    try {
      track = await this.#openSource(kind, true);
    } catch (thrown) {
      throw this.#options.sourceError(kind, thrown);
    }
    if (this.#isClosed) {
      track.stop();
      throw new ClientError('destroyed');
    }
    return track;
  }

  #whileOpen(shut: () => void): () => void {
    const close = (): void => {
      if (this.#open.delete(close)) shut();
    };
    this.#open.add(close);
    return close;
  }

  close(): void {
    this.#isClosed = true;
    for (const close of [...this.#open]) close();
  }
}
