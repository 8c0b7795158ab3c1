import type { Tape, Voice } from '@parley/voice';
import type { SoundClient, SoundValidators } from '../out/sound-client.ts';

/** What became of looking for a sound. */
export type ShelvedSound =
  | { readonly ok: true; readonly tape: Tape }
  | { readonly ok: false; readonly code: number; readonly message: string };

/** Sounds by their URLs. */
export interface SoundShelf {
  /** Never rejects. */
  find(url: string): Promise<ShelvedSound>;
}

export interface SoundShelfOptions {
  readonly voice: Voice;
  readonly client: Pick<SoundClient, 'fetchSound'>;
  readonly nowMs?: () => number;
}

/** Only names and validators: what weighs is in the voice's own cache. */
const URLS_MAX = 1000;

interface Known {
  readonly key: string;
  readonly validators: SoundValidators;
  readonly freshUntilMs: number;
}

/**
 * Asks for each sound as seldom as its server allows: not at all while it is fresh, with its validators after that, and
 * once for all calls that want it at the same time.
 */
export function createSoundShelf({ voice, client, nowMs = Date.now }: SoundShelfOptions): SoundShelf {
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<ShelvedSound>>();

  const ask = async (url: string): Promise<ShelvedSound> => {
    const before = known.get(url);
    // Made once and not kept any more: then its validators would only bring the answer that nothing has changed.
    const kept = before === undefined ? undefined : voice.keptSound(before.key);
    if (before !== undefined && kept !== undefined && nowMs() < before.freshUntilMs) {
      return { ok: true, tape: kept };
    }
    const fetched = await client.fetchSound(url, kept === undefined ? undefined : before?.validators);
    if (fetched.type === 'fault') return { ok: false, ...fetched.fault };
    if (fetched.type === 'unchanged') {
      if (before === undefined || kept === undefined) {
        return { ok: false, code: 11200, message: 'the server answered with status 304 unasked' };
      }
      remember(url, { ...before, freshUntilMs: nowMs() + fetched.freshMs });
      return { ok: true, tape: kept };
    }
    const { key, tape } = voice.sound(fetched.bytes);
    remember(url, { key, validators: fetched.validators, freshUntilMs: nowMs() + fetched.freshMs });
    return { ok: true, tape };
  };

  const remember = (url: string, what: Known): void => {
    known.delete(url);
    known.set(url, what);
    const [oldest] = known.keys();
    if (known.size > URLS_MAX && oldest !== undefined) known.delete(oldest);
  };

  return {
    find(url) {
      let asked = asking.get(url);
      if (asked === undefined) {
        asked = ask(url).finally(() => asking.delete(url));
        asking.set(url, asked);
      }
      return asked;
    },
  };
}
