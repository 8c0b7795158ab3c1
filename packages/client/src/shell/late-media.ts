import type { CallMediaSnapshot } from '../api.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { CallMediaOptions, CallMediaSession } from './call-media.ts';

/** What there is before there is anything. */
const NO_MEDIA: CallMediaSnapshot = Object.freeze({
  local: null,
  remote: null,
  microphone: 'off',
  camera: 'off',
  remoteAudio: 'none',
  remoteVideo: 'none',
  transport: 'none',
});

type CallMediaModule = typeof import('./call-media.ts');
let loaded: CallMediaModule | null = null;

/** Loads what a call's media needs. Nothing of it is needed to register and to ring. */
export async function loadCallMedia(platform: Platform): Promise<CallMediaModule> {
  const [module] = await Promise.all([import('./call-media.ts'), platform.prepareMedia?.()]);
  loaded = module;
  return module;
}

/**
 * The media of a call, which may still have to be loaded. What is asked of it meanwhile is done in its order when it
 * is there; normally it has been since registration, and everything is done in the same tick.
 */
export class LateMedia {
  readonly #options: CallMediaOptions;
  #session: CallMediaSession | null = null;
  readonly #waiting: ((session: CallMediaSession | null) => void)[] = [];
  #isClosed = false;

  constructor(options: CallMediaOptions) {
    this.#options = options;
    if (loaded !== null) this.#session = new loaded.CallMediaSession(options);
    else this.#load();
  }

  #load(): void {
    loadCallMedia(this.#options.platform).then(
      (module) => {
        if (this.#isClosed) return;
        const session = new module.CallMediaSession(this.#options);
        this.#session = session;
        for (const work of this.#waiting.splice(0)) work(session);
      },
      (thrown: unknown) => {
        if (!this.#isClosed) this.#options.onFailed(asClientError(thrown, 'no-media-engine'));
      },
    );
  }

  get snapshot(): CallMediaSnapshot {
    return this.#session?.snapshot ?? NO_MEDIA;
  }

  /** Does something with it now, or when it is there; never, once it is closed. */
  do(work: (session: CallMediaSession) => void): void {
    this.#whenThere((session) => {
      if (session !== null) work(session);
    });
  }

  /** The same for what is waited for. Rejects when the call is over first. */
  ask<Result>(work: (session: CallMediaSession) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#whenThere((session) => {
        if (session === null) reject(new ClientError('call-ended'));
        else work(session).then(resolve, reject);
      });
    });
  }

  #whenThere(work: (session: CallMediaSession | null) => void): void {
    if (this.#isClosed) work(null);
    else if (this.#session === null) this.#waiting.push(work);
    else work(this.#session);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const work of this.#waiting.splice(0)) work(null);
    this.#session?.close();
  }
}
