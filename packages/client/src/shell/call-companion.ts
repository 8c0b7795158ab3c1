import type { Call } from '../call.ts';
import { CallFollower } from './call-follower.ts';
import type { DeskOptions } from './device-desk.ts';

/**
 * What belongs to a call outside of the page: the screen stays on while one is open, and the system's own controls
 * (headset keys, the lock screen) can hang up, mute, and switch the camera.
 */
export class Companion {
  readonly #options: DeskOptions;
  readonly #follower: CallFollower;
  #releaseScreen: (() => void) | null = null;
  #hideCall: (() => void) | null = null;
  /** What is shown, so that nothing is shown twice. */
  #shown = '';

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#follower = new CallFollower(options.store, () => this.#look());
  }

  #look(): void {
    const { options, devices, store } = this.#options;
    const { calls } = store.getSnapshot();
    const open = calls.find((call) => call.store.getSnapshot().answeredAtMs !== null);
    if (options.wakeLock !== 'off') {
      if (open !== undefined) this.#releaseScreen ??= devices.holdAwake();
      else this.#letScreenGo();
    }
    if (options.mediaSession !== false) this.#show(open);
  }

  #show(call: Call | undefined): void {
    const now = call?.store.getSnapshot();
    const isMuted = now?.isMuted ?? false;
    const isCameraOn = now?.video === true ? now.media.camera === 'on' : null;
    const shown = now === undefined ? '' : `${now.callId} ${String(isMuted)} ${String(isCameraOn)}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#hideCall?.();
    this.#hideCall = null;
    if (call === undefined || now === undefined) return;
    const { From, To } = now.parameters;
    this.#hideCall = this.#options.devices.showCall({
      title: now.other?.identity ?? (now.direction === 'incoming' ? From : To),
      isMuted,
      isCameraOn,
      hangUp: () => void call.disconnect(),
      toggleMicrophone: () => call.mute(!call.isMuted()),
      toggleCamera: () => void call.muteVideo(!call.isVideoMuted()).catch(() => undefined),
    });
  }

  #letScreenGo(): void {
    this.#releaseScreen?.();
    this.#releaseScreen = null;
  }

  close(): void {
    this.#follower.close();
    this.#letScreenGo();
    this.#hideCall?.();
  }
}
