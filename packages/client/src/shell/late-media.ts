import type { CallMediaSnapshot } from '../api.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { CallMediaSession } from './call-media.ts';
import type * as callParts from './call-parts.ts';

/** What there is before there is anything. */
const NO_MEDIA: CallMediaSnapshot = Object.freeze({
  local: null,
  remote: null,
  microphone: 'off',
  camera: 'off',
  screen: 'off',
  localScreen: null,
  remoteScreen: null,
  interrupted: [],
  remoteAudio: 'none',
  remoteVideo: 'none',
  remotes: [],
  transport: 'none',
});

export type CallParts = typeof callParts;
let loaded: CallParts | null = null;

/**
 * Loads what a call needs once it is answered or placed. Nothing of it is needed to register and to ring. Rejects with
 * `no-media-engine`.
 */
export async function loadCallParts(platform: Platform): Promise<CallParts> {
  const [parts] = await Promise.all([import('./call-parts.ts'), platform.prepareMedia?.()]).catch(
    (thrown: unknown) => {
      throw asClientError(thrown, 'no-media-engine');
    },
  );
  keepCallParts(parts);
  parts.loadAdvice();
  return parts;
}

/** For tests, which have it from the start. */
export function keepCallParts(parts: CallParts): void {
  loaded = parts;
}

/** The same, where it is there already. */
export function loadedCallParts(): CallParts | null {
  return loaded;
}

interface Work {
  readonly run: (session: CallMediaSession, parts: CallParts) => void;
  /** Absent for what is worth doing whenever the media come, were it at the second try. */
  readonly refuse?: (error: ClientError) => void;
}

export interface LateMediaOptions {
  readonly platform: Platform;
  /** Opens the media with what has been loaded. */
  readonly open: (parts: CallParts) => CallMediaSession;
  /** It could not be loaded. */
  readonly onFailed: (error: ClientError) => void;
}

/**
 * The media of a call, which may still have to be loaded. What is asked of it meanwhile is done in its order when it
 * is there; normally it has been since registration, and everything is done in the same tick.
 */
export class LateMedia {
  readonly #options: LateMediaOptions;
  #session: CallMediaSession | null = null;
  #parts: CallParts | null = null;
  #waiting: Work[] = [];
  #isLoading = false;
  #isClosed = false;

  constructor(options: LateMediaOptions) {
    this.#options = options;
    if (loaded === null) this.#load();
    else this.#begin(loaded);
  }

  #load(): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    loadCallParts(this.#options.platform).then(
      (parts) => this.#isClosed || this.#begin(parts),
      (error: ClientError) => this.#isClosed || this.#failed(error),
    );
  }

  #begin(parts: CallParts): void {
    const session = this.#options.open(parts);
    this.#parts = parts;
    this.#session = session;
    for (const { run } of this.#waiting.splice(0)) run(session, parts);
  }

  /** Whoever waits for it hears so; the next who asks has it loaded again. */
  #failed(error: ClientError): void {
    this.#isLoading = false;
    const refused = this.#waiting.filter(({ refuse }) => refuse !== undefined);
    this.#waiting = this.#waiting.filter(({ refuse }) => refuse === undefined);
    for (const { refuse } of refused) refuse?.(error);
    this.#options.onFailed(error);
  }

  get session(): CallMediaSession | null {
    return this.#session;
  }

  get snapshot(): CallMediaSnapshot {
    return this.#session?.snapshot ?? NO_MEDIA;
  }

  /** Does something with it now, or when it is there; never, once it is closed. */
  do(run: Work['run']): void {
    this.#whenThere({ run });
  }

  /** The same for what is waited for. Rejects when it cannot be loaded, and when the call is over first. */
  ask<Result>(work: (session: CallMediaSession, parts: CallParts) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#whenThere({
        run: (session, parts) => void work(session, parts).then(resolve, reject),
        refuse: reject,
      });
    });
  }

  #whenThere(work: Work): void {
    if (this.#isClosed) {
      work.refuse?.(new ClientError('call-ended'));
    } else if (this.#session !== null && this.#parts !== null) {
      work.run(this.#session, this.#parts);
    } else {
      this.#waiting.push(work);
      this.#load();
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse?.(new ClientError('call-ended'));
    this.#session?.close();
  }
}
