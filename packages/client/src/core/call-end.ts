import type { EndReason } from '@parley/protocol';
import type { ClientError } from '../errors.ts';

/** Somebody at the other end, by the plain name and the label of the device. */
export interface Party {
  readonly identity: string;
  readonly deviceLabel?: string | undefined;
}

/** Reasons the SDK finds by itself, when there is no gateway to say it. */
export type LocalEndReason = 'destroyed' | 'page-unload' | 'microphone';

/** How a call ended. An outcome, not an error: `busy` is data. */
export interface CallEnd {
  readonly reason: EndReason | LocalEndReason;
  readonly by: 'local' | 'remote' | 'server';
  /** Who was faster, or who refused for all. */
  readonly elsewhere?: Party | undefined;
  /** What the gateway complains about in the document. */
  readonly fault?:
    | {
        readonly code: number;
        readonly message: string;
        readonly line?: number | undefined;
        readonly column?: number | undefined;
      }
    | undefined;
  /**
   * One turn of the tone that says so, where the document named a country's: the SDK repeats it a few times in place of its
   * own. Without frequencies a stretch is silent.
   */
  readonly tone?: readonly { readonly hertz: readonly number[]; readonly ms: number }[] | undefined;
  /** From pick-up to the end; 0 for a call that was never answered. */
  readonly durationMs: number;
  /** What went wrong, where something did. */
  readonly error?: ClientError | undefined;
}
