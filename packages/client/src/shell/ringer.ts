import type { CallEnd, DeviceOptions, SoundOptions } from '../api.ts';
import { isRingingHere, type CallState } from '../core/call-state.ts';
import type { Platform, PlatformSounds } from '../platform.ts';
import { loadedCallParts } from './late-media.ts';

/** Which of the SDK's own sounds is to be heard: decided by the calls there are, made by the platform. */
export class Ringer {
  readonly #isAllowed: (sound: keyof SoundOptions) => boolean;
  readonly #create: () => PlatformSounds | Promise<PlatformSounds>;
  #sounds: Promise<PlatformSounds> | null = null;
  #isOn = { incoming: false, waiting: false, ringback: false };

  constructor(platform: Platform, options: DeviceOptions, onBlocked: (isBlocked: boolean) => void) {
    this.#create = () => platform.createSounds(onBlocked);
    // Asked each time: `updateOptions` may have changed it.
    this.#isAllowed = (sound) => {
      const { sounds = true } = options;
      return typeof sounds === 'object' ? (sounds[sound] ?? true) : sounds;
    };
  }

  /** Starts and stops what rings, after any change of any call. `mayRing`: no other page rings for this one. */
  update(calls: readonly CallState[], mayRing: boolean): void {
    const isTalking = isAnyTalking(calls);
    const rings = mayRing && calls.some((call) => isRingingHere(call) && !call.isIgnored);
    this.#set('incoming', rings && !isTalking);
    this.#set('waiting', rings && isTalking);
    this.#set('ringback', wantsRingback(calls));
  }

  #set(tone: 'incoming' | 'waiting' | 'ringback', isWanted: boolean): void {
    const isOn = isWanted && this.#isAllowed(tone);
    if (this.#isOn[tone] === isOn) return;
    this.#isOn[tone] = isOn;
    this.do((sounds) => (isOn ? sounds.start(tone) : sounds.stop(tone)));
  }

  /** One short tone for a call that is over. */
  ended(end: CallEnd, state: CallState): void {
    // What has never been answered or placed has ended without a sound.
    const work = loadedCallParts()?.soundOfEnd(end, state) ?? null;
    if (work !== null && this.#isAllowed('disconnect')) this.do(work);
  }

  digit(key: string): void {
    if (this.#isAllowed('dtmf')) this.do((sounds) => sounds.digit(key));
  }

  async unlock(): Promise<boolean> {
    return (await this.#sounds?.catch(() => null))?.unlock() ?? true;
  }

  /** Sound may be loaded late, or not at all: neither is waited for, and a phone without is still a phone. */
  do(work: (sounds: PlatformSounds) => void): void {
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

/** Who talks is not rung at: a second call makes itself felt. */
export function isAnyTalking(calls: readonly CallState[]): boolean {
  return calls.some(({ phase }) => phase.name === 'joined' || phase.name === 'answered');
}

function wantsRingback(calls: readonly CallState[]): boolean {
  return calls.some((call) => call.phase.name === 'ringing' && !isRingingHere(call) && !call.hasEarlyMedia);
}
