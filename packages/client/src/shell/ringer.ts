import type { CallEnd, SoundOptions } from '../api.ts';
import { isRingingHere, type CallState } from '../core/call-state.ts';
import type { Platform, PlatformSounds } from '../platform.ts';

const ALL_ON: Required<SoundOptions> = { incoming: true, ringback: true, disconnect: true, dtmf: true };
const ALL_OFF: Required<SoundOptions> = { incoming: false, ringback: false, disconnect: false, dtmf: false };

/** How outgoing calls that nobody took are answered, without words. */
const TONES: Readonly<Record<string, 'busy' | 'unavailable'>> = {
  busy: 'busy',
  rejected: 'busy',
  'no-answer': 'busy',
  declined: 'busy',
  'not-registered': 'unavailable',
  forbidden: 'unavailable',
};

/** Which of the SDK's own sounds is to be heard: decided by the calls there are, made by the platform. */
export class Ringer {
  readonly #options: Required<SoundOptions>;
  readonly #create: () => PlatformSounds | Promise<PlatformSounds>;
  #sounds: Promise<PlatformSounds> | null = null;
  #isOn = { incoming: false, ringback: false };

  constructor(
    platform: Platform,
    options: boolean | SoundOptions | undefined,
    onBlocked: (isBlocked: boolean) => void,
  ) {
    this.#create = () => platform.createSounds(onBlocked);
    this.#options =
      typeof options === 'object' ? { ...ALL_ON, ...options } : options === false ? ALL_OFF : ALL_ON;
  }

  /** Starts and stops what rings, after any change of any call. */
  update(calls: readonly CallState[]): void {
    this.#set('incoming', wantsRingtone(calls));
    this.#set('ringback', wantsRingback(calls));
  }

  #set(tone: 'incoming' | 'ringback', isWanted: boolean): void {
    const isOn = isWanted && this.#options[tone];
    if (this.#isOn[tone] === isOn) return;
    this.#isOn[tone] = isOn;
    this.#do((sounds) => (isOn ? sounds.start(tone) : sounds.stop(tone)));
  }

  /** One short tone for a call that is over; none for what this person did. */
  ended(end: CallEnd, state: CallState): void {
    if (!this.#options.disconnect || end.by === 'local') return;
    const { tone } = end;
    const isAnswered = state.answeredAtMs !== null;
    const own = isAnswered ? 'hangup' : state.direction === 'outgoing' ? TONES[end.reason] : undefined;
    if (tone !== undefined) this.#do((sounds) => sounds.tone(tone));
    else if (own !== undefined) this.#do((sounds) => sounds.once(own));
  }

  digit(key: string): void {
    if (this.#options.dtmf) this.#do((sounds) => sounds.digit(key));
  }

  async unlock(): Promise<boolean> {
    return (await this.#sounds?.catch(() => null))?.unlock() ?? true;
  }

  /** Sound may be loaded late, or not at all: neither is waited for, and a phone without is still a phone. */
  #do(work: (sounds: PlatformSounds) => void): void {
    this.#sounds ??= this.#load();
    this.#sounds.then(work).catch(() => undefined);
  }

  async #load(): Promise<PlatformSounds> {
    const create = this.#create;
    try {
      return await create();
    } catch (thrown) {
      // The next sound tries again.
      this.#sounds = null;
      throw thrown;
    }
  }

  close(): void {
    this.#sounds?.then((sounds) => sounds.close()).catch(() => undefined);
    this.#sounds = null;
  }
}

/** It rings while a call waits for its person, unless she ignores it or is talking. */
function wantsRingtone(calls: readonly CallState[]): boolean {
  const isTalking = calls.some(({ phase }) => phase.name === 'joined' || phase.name === 'answered');
  return !isTalking && calls.some((call) => isRingingHere(call) && !call.isIgnored);
}

function wantsRingback(calls: readonly CallState[]): boolean {
  return calls.some(
    (call) => call.direction === 'outgoing' && call.phase.name === 'ringing' && !call.hasEarlyMedia,
  );
}
