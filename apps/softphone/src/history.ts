import type { LastCall } from './calls.ts';
import type { EndTone } from './end-words.ts';
import { Cell, watch, type Readable, type Scope } from './view.ts';

/** A call that is over, as this browser remembers it. */
export interface CallRecord {
  /** Names it in the list. */
  readonly id: string;
  readonly other: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly video: boolean;
  /** Why it ended, in words. */
  readonly sentence: string;
  readonly tone: EndTone;
  readonly endedAtMs: number;
  readonly durationMs: number;
}

/** How many calls are remembered; the oldest go. */
export const RECORDS_MAX = 50;

/** The calls of one person in this browser, newest first. */
export interface CallHistory {
  readonly records: Readable<readonly CallRecord[]>;
  readonly forget: () => void;
}

/** Remembers what ends, for as long as the scope lasts, and what ended before. */
export function keepHistory(self: string, last: Readable<LastCall | null>, scope: Scope): CallHistory {
  const key = `parley-softphone-calls:${self}`;
  const records = new Cell<readonly CallRecord[]>(load(key));
  const keep = (next: readonly CallRecord[]): void => {
    records.set(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Storage is full or forbidden: they are remembered until the page is left.
    }
  };
  watch(
    last,
    (call) => call,
    (call) => {
      if (call === null) return;
      const { other, direction, video, sentence, tone, durationMs } = call;
      const endedAtMs = Date.now();
      const record = {
        // Without https, where one may still listen, there is no randomUUID.
        id: crypto.getRandomValues(new Uint32Array(2)).join('-'),
        other,
        direction,
        video,
        sentence,
        tone,
        endedAtMs,
        durationMs,
      };
      keep([record, ...records.getSnapshot()].slice(0, RECORDS_MAX));
    },
    scope,
  );
  // Another tab of the same person remembers in the same place.
  addEventListener(
    'storage',
    (event) => {
      if (event.key === key) records.set(recordsFrom(event.newValue));
    },
    { signal: scope },
  );
  return { records, forget: () => keep([]) };
}

function load(key: string): readonly CallRecord[] {
  try {
    return recordsFrom(localStorage.getItem(key));
  } catch {
    return [];
  }
}

/** Reads what was stored, by this version of the page or another; what makes no sense is left out. */
export function recordsFrom(stored: string | null): readonly CallRecord[] {
  try {
    const read: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(read) ? read.filter(isRecord).slice(0, RECORDS_MAX) : [];
  } catch {
    return [];
  }
}

function isRecord(value: unknown): value is CallRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { id, other, direction, video, sentence, tone, endedAtMs, durationMs } = value as Record<
    string,
    unknown
  >;
  return (
    typeof id === 'string' &&
    typeof other === 'string' &&
    (direction === 'incoming' || direction === 'outgoing') &&
    typeof video === 'boolean' &&
    typeof sentence === 'string' &&
    (tone === 'calm' || tone === 'missed' || tone === 'problem') &&
    Number.isFinite(endedAtMs) &&
    Number.isFinite(durationMs)
  );
}
