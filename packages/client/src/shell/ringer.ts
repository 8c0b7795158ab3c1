import type { CallEnd, SoundOptions } from '../api.ts';
import { isRingingHere, type CallState } from '../core/call-state.ts';
import type { Platform, PlatformSounds } from '../platform.ts';

const ALL_ON: Required<SoundOptions> = { incoming: true, ringback: true, disconnect: true, dtmf: true };
const ALL_OFF: Required<SoundOptions> = { incoming: false, ringback: false, disconnect: false, dtmf: false };

/** Outgoing calls that end so are answered with the busy tone. */
const BUSY: ReadonlySet<string> = new Set([
  'busy',
  'rejected',
  'no-answer',
  'not-registered',
  'declined',
  'forbidden',
]);

/** Which of the SDK's own sounds is to be heard: decided by the calls there are, made by the platform. */
export class Ringer {
  readonly #platform: Platform;
  readonly #options: Required<SoundOptions>;
  #sounds: PlatformSounds | null = null;
  #isOn = { incoming: false, ringback: false };

  constructor(platform: Platform, options: boolean | SoundOptions | undefined) {
    this.#platform = platform;
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
    if (isOn) this.#open().start(tone);
    else this.#open().stop(tone);
  }

  /** One short tone for a call that is over; none for what this person did. */
  ended(end: CallEnd, state: CallState): void {
    if (!this.#options.disconnect || end.by === 'local') return;
    if (state.answeredAtMs !== null) this.#open().once('hangup');
    else if (state.direction === 'outgoing' && BUSY.has(end.reason)) this.#open().once('busy');
  }

  digit(key: string): void {
    if (this.#options.dtmf) this.#open().digit(key);
  }

  unlock(): Promise<boolean> {
    return this.#sounds?.unlock() ?? Promise.resolve(true);
  }

  #open(): PlatformSounds {
    return (this.#sounds ??= this.#platform.createSounds());
  }

  close(): void {
    this.#sounds?.close();
    this.#sounds = null;
  }
}

/** It rings while a call waits for its person, unless she ignores it or is talking. */
function wantsRingtone(calls: readonly CallState[]): boolean {
  const isTalking = calls.some(({ phase }) => phase.name === 'joined' || phase.name === 'answered');
  return !isTalking && calls.some((call) => isRingingHere(call) && !call.isIgnored);
}

function wantsRingback(calls: readonly CallState[]): boolean {
  return calls.some((call) => call.direction === 'outgoing' && call.phase.name === 'ringing');
}
