import { asClientError } from '../errors.ts';
import type { Studio, StudioOptions } from './studio.ts';

/** The studio of a call, which most calls never need: it is loaded when somebody asks for it. */
export class LateStudio {
  readonly #options: Omit<StudioOptions, 'surroundings'>;
  /** The studio, if there is one yet. */
  now: Studio | null = null;
  #loading: Promise<Studio> | null = null;
  #isClosed = false;

  constructor(options: Omit<StudioOptions, 'surroundings'>) {
    this.#options = options;
  }

  load(): Promise<Studio> {
    this.#loading ??= import('./device-parts.ts')
      .then(async ({ openStudio }) => {
        const studio = await openStudio(this.#options);
        if (this.#isClosed) studio.close();
        return (this.now = studio);
      })
      .catch((thrown: unknown) => {
        // The next who asks tries again.
        this.#loading = null;
        throw asClientError(thrown, 'no-media-engine');
      });
    return this.#loading;
  }

  close(): void {
    this.#isClosed = true;
    this.now?.close();
  }
}
