import { availableParallelism } from 'node:os';
import type { RecordingEnd, RecordingPlane } from '@parley/switchboard';
import type { TappedMedia } from './tapped-media.ts';

const GIB = 1024 ** 3;

/** One line of the log. The facts never hold an address or what was said. */
export type RecorderLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  facts: Readonly<Record<string, string | number>>,
) => void;

export interface RecorderOptions {
  /** Where recordings are kept. It is made where it does not exist, and belongs to one recorder at a time. */
  readonly directory: string;
  readonly media: TappedMedia;
  /** Threads that record. Default: one for every two cores. */
  readonly threads?: number;
  /** Recordings at once. Default 500. */
  readonly recordingsMax?: number;
  /** What all recordings may take on the disk. Default 20 GiB. */
  readonly bytesMax?: number;
  /** What one may take. Default 2 GiB, which is 150 hours of sound or 4 hours of pictures. */
  readonly bytesPerRecordingMax?: number;
  /** What must stay free on the disk. Default 0.5 GiB. */
  readonly freeBytesMin?: number;
  readonly log?: RecorderLog;
}

export type RecorderSettings = Required<RecorderOptions>;

/** A recording that an earlier run did not end: it has been made whole. */
export type RecoveredRecording = Omit<RecordingEnd, 'why'> & { readonly recordingSid: string };

/** A recording plane with threads and files behind it, which must be disposed of; what is in progress ends then. */
export interface OwnedRecordingPlane extends RecordingPlane, AsyncDisposable {
  /** What was found and made whole at the beginning. Of these it is not known whether anybody was heard. */
  readonly recovered: readonly RecoveredRecording[];
  /** Starts the thread that records before it is needed, so that the first recording does not wait for it. */
  warm(): Promise<void>;
  /** As if every thread had crashed: for tests of what happens then. */
  killThreads(): Promise<void>;
  /** Somebody has deleted the file: it takes no room any more. */
  forget(recordingSid: string): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Fills in the defaults, and complains in a sentence about what cannot be meant. */
export function settingsOf(options: RecorderOptions): RecorderSettings {
  const settings: RecorderSettings = {
    directory: options.directory,
    media: options.media,
    threads: options.threads ?? Math.max(1, Math.floor(availableParallelism() / 2)),
    recordingsMax: options.recordingsMax ?? 500,
    bytesMax: options.bytesMax ?? 20 * GIB,
    bytesPerRecordingMax: options.bytesPerRecordingMax ?? 2 * GIB,
    freeBytesMin: options.freeBytesMin ?? 0.5 * GIB,
    log: options.log ?? (() => {}),
  };
  for (const name of ['threads', 'recordingsMax', 'bytesMax', 'bytesPerRecordingMax'] as const) {
    if (!(settings[name] >= 1)) throw new RangeError(`${name} is ${settings[name]}; at least 1 is needed`);
  }
  return settings;
}
