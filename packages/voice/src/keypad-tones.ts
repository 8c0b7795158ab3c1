import type { ToneCadence, ToneStep } from './tone.ts';

/** ITU-T Q.23: a row and a column for each key. */
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477, 1633];
const KEYS = ['123A', '456B', '789C', '*0#D'];

/** Long enough for every receiver there is (ITU-T Q.24 asks for 40 ms). */
const KEY_MS = 120;
const GAP_MS = 80;
/** `w` waits half a second, `W` a whole one; a comma is what modems wrote. */
const WAITS_MS: ReadonlyMap<string, number> = new Map([
  ['w', 500],
  ['W', 1000],
  [',', 500],
]);

/** The tones of a text of keys, once. What is no key is left out. */
export function keypadTones(keys: string): ToneCadence {
  return Array.from(keys).flatMap((key): ToneCadence => {
    const waitMs = WAITS_MS.get(key);
    if (waitMs !== undefined) return [{ frequencies: [], durationMs: waitMs }];
    const frequencies = frequenciesOf(key);
    if (frequencies === undefined) return [];
    return [
      { frequencies, durationMs: KEY_MS },
      { frequencies: [], durationMs: GAP_MS },
    ] satisfies readonly ToneStep[];
  });
}

function frequenciesOf(key: string): readonly number[] | undefined {
  const row = KEYS.findIndex((keys) => keys.includes(key.toUpperCase()));
  const [low, high] = [ROWS[row], COLUMNS[KEYS[row]?.indexOf(key.toUpperCase()) ?? -1]];
  return low === undefined || high === undefined ? undefined : [low, high];
}
