import type { AudioSnapshot, DeviceRole, DeviceSelection, MediaDeviceEntry, VideoSnapshot } from '../api.ts';
import {
  kindOf,
  NOTHING_CHOSEN,
  selectedFor,
  stepChoice,
  type ChoiceInput,
  type ChoiceOutput,
  type ChoiceState,
} from '../core/device-choice.ts';
import { ClientError, type ClientErrorName } from '../errors.ts';
import type { PlatformDevices } from '../platform.ts';
import type { Store } from '../store.ts';
import { Companion } from './call-companion.ts';
import { DeviceMemory } from './device-memory.ts';
import { InputProbe } from './input-probe.ts';
import type { LateDevicesOptions } from './late-devices.ts';
import type { LocalSource } from './local-source.ts';
import { SourceWatch } from './source-watch.ts';

export interface DeskOptions extends LateDevicesOptions {
  readonly audio: Store<AudioSnapshot>;
  readonly video: Store<VideoSnapshot>;
  readonly devices: PlatformDevices;
  readonly sourceError: (kind: 'audio' | 'video', thrown: unknown) => ClientError;
}

/** Plugging in one headset is several events; they are looked at together. */
const DEBOUNCE_MS = 200;
/** A browser that has not changed a device by then will not; the next change must not wait for it. */
const TURN_MAX_MS = 15_000;

/**
 * Chooses devices, and follows them: a call that is running, the sound of the other side, and the ringing. Changes are
 * made one after the other, and devices are listed only when something has happened: on some systems listing them
 * disturbs the sound.
 */
export class DeviceDesk {
  readonly #options: DeskOptions;
  readonly #memory: DeviceMemory;
  readonly #probe: InputProbe;
  readonly #companion: Companion;
  readonly #watch: SourceWatch;
  readonly #stops: (() => void)[];
  #choice: ChoiceState = NOTHING_CHOSEN;
  #audioConstraints: MediaTrackConstraints = {};
  #turn: Promise<unknown> = Promise.resolve();
  #cancelLook = (): void => undefined;
  #isClosed = false;

  constructor(options: DeskOptions) {
    const { platform, devices } = options;
    this.#options = options;
    this.#memory = new DeviceMemory(devices, options.options.persistDevices !== false);
    this.#probe = new InputProbe(options, this.openSource);
    this.#companion = new Companion(options);
    this.#watch = new SourceWatch(options);
    this.#stops = [
      devices.watch(() => this.#lookSoon()),
      platform.watchLifecycle((event) => event === 'wake' && this.#watch.woke()),
    ];
  }

  /** Reads what was chosen before, and looks what is there. */
  async open(): Promise<this> {
    await this.#feed({ type: 'remembered', wanted: this.#memory.recall() });
    await this.refresh();
    return this;
  }

  /** A verb of `device.audio`, `device.video`, or one of the outputs. */
  do(part: string, verb: string, argument: unknown): unknown {
    const role = part as DeviceRole;
    const kind = part === 'video' ? 'video' : 'audio';
    switch (verb) {
      case 'refresh':
        return this.refresh().then(() => this.#options[kind].getSnapshot());
      case 'requestPermission':
        return this.#requestPermission(kind);
      case 'setInputDevice':
        return this.setInput(kind, String(argument));
      case 'unsetInputDevice':
        return this.setInput(kind, 'default');
      case 'setAudioConstraints':
        this.#audioConstraints = (argument as MediaTrackConstraints | null) ?? {};
        return this.#inTurn(() => this.#reopen('audio', ''));
      case 'openMeter':
        return this.#probe.openMeter();
      case 'openPreview':
        return this.#probe.openPreview();
      case 'set':
        return this.#setOutput(role, [argument as string | readonly string[]].flat());
      case 'test':
        return this.#options.devices.testOutput(this.#choice.used[role].deviceIds);
      case 'choose':
        return this.#chooseOutput(role);
    }
    return undefined;
  }

  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const { devices, platform } = this.#options;
      const [listed, microphone, camera] = await Promise.all([
        devices.list(),
        platform.queryPermission('audio'),
        platform.queryPermission('video'),
      ]);
      if (this.#isClosed) return;
      this.#options.audio.update({ permission: microphone });
      this.#options.video.update({ permission: camera });
      await this.#perform({ type: 'listed', devices: listed });
    });
  }

  #lookSoon(): void {
    this.#cancelLook();
    const look = (): void => void this.refresh().catch(() => undefined);
    this.#cancelLook = this.#options.platform.setTimer(look, DEBOUNCE_MS);
  }

  /** One change after the other. A turn that takes for ever loses it. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const { platform } = this.#options;
    const turn = this.#turn.then(() => {
      if (this.#isClosed) throw new ClientError('destroyed');
      return work();
    });
    this.#turn = new Promise<void>((resolve) => {
      const cancel = platform.setTimer(resolve, TURN_MAX_MS);
      const done = (): void => {
        cancel();
        resolve();
      };
      void turn.catch(() => undefined).finally(done);
    });
    return turn;
  }

  #feed(input: ChoiceInput): Promise<void> {
    return this.#inTurn(() => this.#perform(input));
  }

  async #perform(input: ChoiceInput): Promise<void> {
    const { state, outputs } = stepChoice(this.#choice, input);
    this.#choice = state;
    this.#publish();
    for (const output of outputs) await this.#carryOut(output);
  }

  async #carryOut(output: ChoiceOutput): Promise<void> {
    const { emit, log } = this.#options;
    switch (output.type) {
      case 'use': {
        const { role, deviceIds } = output;
        log.info('another device is used', { role, isDefault: deviceIds.length === 0 });
        if (role === 'microphone') await this.#reopen('audio', deviceIds[0] ?? '');
        else if (role === 'camera') await this.#reopen('video', deviceIds[0] ?? '');
        else this.#useOutputs(role, deviceIds);
        return;
      }
      case 'changed':
        emit('deviceChange', { added: output.added, lost: output.lost });
        return;
      case 'remember':
        this.#memory.keep(output.wanted);
        return;
    }
  }

  /** In every call that has it open. One call's trouble is its own, and the first is told to whoever asked. */
  async #reopen(kind: 'audio' | 'video', deviceId: string): Promise<void> {
    const sessions = this.#options.calls.all.flatMap(({ media }) => media.session ?? []);
    const open = sessions.filter(({ own }) => {
      const current = own.of(kind).track?.getSettings().deviceId;
      return deviceId === '' || current !== deviceId;
    });
    const results = await Promise.allSettled(open.map(({ own }) => own.of(kind).reopen()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #useOutputs(role: 'speaker' | 'ringtone', deviceIds: readonly string[]): void {
    const { calls } = this.#options;
    calls.ringer.do((sounds) => sounds.setOutputs?.(role, deviceIds));
    if (role !== 'speaker') return;
    for (const { media } of calls.all) {
      const voices = media.session?.remote.voices.values() ?? [];
      for (const { speaker } of voices) speaker?.setOutputs?.(deviceIds);
    }
  }

  /** Where the other side of a call is heard. */
  get outputs(): readonly string[] {
    return this.#choice.used.speaker.deviceIds;
  }

  /** A speaker that was chosen and in use is gone. */
  get isSpeakerLost(): boolean {
    return this.#choice.used.speaker.isLost;
  }

  /** How loud a track is: see {@link PlatformDevices.measure}. */
  measure(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
    return this.#options.devices.measure(track, onLevel);
  }

  #publish(): void {
    const { audio, video, devices } = this.#options;
    const list = (kind: MediaDeviceEntry['kind']): readonly MediaDeviceEntry[] =>
      (this.#choice.devices ?? []).filter((device) => device.kind === kind);
    const selection = (role: DeviceRole): DeviceSelection => ({
      wanted: this.#choice.wanted[role].map(({ deviceId }) => deviceId),
      selected: selectedFor(this.#choice, role),
    });
    audio.update(
      whereDifferent(audio.getSnapshot(), {
        microphones: list('microphone'),
        speakers: list('speaker'),
        microphone: selection('microphone'),
        speaker: selection('speaker'),
        ringtone: selection('ringtone'),
        canChooseOutput: devices.canChooseOutput,
      }),
    );
    video.update(
      whereDifferent(video.getSnapshot(), { cameras: list('camera'), camera: selection('camera') }),
    );
  }

  async setInput(kind: 'audio' | 'video', deviceId: string): Promise<void> {
    const role = kind === 'audio' ? 'microphone' : 'camera';
    const deviceIds = deviceId === 'default' ? [] : [deviceId];
    await this.#want(role, deviceIds, `${role}-not-found`);
  }

  async #setOutput(role: DeviceRole, deviceIds: readonly string[]): Promise<void> {
    if (!this.#options.devices.canChooseOutput)
      throw new ClientError('speaker-failed', 'this browser has no choice of outputs');
    await this.#want(
      role,
      deviceIds.filter((deviceId) => deviceId !== 'default'),
      'speaker-failed',
    );
  }

  /** What cannot be used is not chosen: what was before is used again. */
  async #want(role: DeviceRole, deviceIds: readonly string[], missing: ClientErrorName): Promise<void> {
    if (deviceIds.some((deviceId) => !this.#isThere(role, deviceId))) await this.refresh();
    if (deviceIds.some((deviceId) => !this.#isThere(role, deviceId))) throw new ClientError(missing);
    await this.#inTurn(async () => {
      const before = this.#choice.wanted[role].map((wanted) => wanted.deviceId);
      try {
        await this.#perform({ type: 'wanted', role, deviceIds });
      } catch (thrown) {
        await this.#perform({ type: 'wanted', role, deviceIds: before }).catch(() => undefined);
        throw thrown;
      }
    });
  }

  #isThere(role: DeviceRole, deviceId: string): boolean {
    const kind = kindOf(role);
    return (this.#choice.devices ?? []).some(
      (device) => device.kind === kind && device.deviceId === deviceId,
    );
  }

  async #chooseOutput(role: DeviceRole): Promise<MediaDeviceEntry | null> {
    const { devices } = this.#options;
    if (devices.selectOutput === undefined) return null;
    let chosen: { readonly deviceId: string };
    try {
      chosen = await devices.selectOutput();
    } catch {
      // Closed by the person, or not asked for from a click: nothing is chosen either way.
      return null;
    }
    // An output that was allowed just now is in the list from now on.
    await this.refresh();
    await this.#setOutput(role, [chosen.deviceId]);
    return selectedFor(this.#choice, role)[0] ?? null;
  }

  async #requestPermission(kind: 'audio' | 'video'): Promise<void> {
    try {
      (await this.openSource(kind, true)).stop();
    } catch (thrown) {
      throw this.#options.sourceError(kind, thrown);
    } finally {
      // Names are told from now on, or it is known that they will not be.
      await this.refresh();
    }
  }

  /** Opens the device that is wanted; the system's default where it is not there. */
  readonly openSource = async (
    kind: 'audio' | 'video',
    asked: MediaTrackConstraints | true,
  ): Promise<MediaStreamTrack> => {
    const { platform } = this.#options;
    const own = { ...(kind === 'audio' ? this.#audioConstraints : {}), ...(asked === true ? {} : asked) };
    const plain = Object.keys(own).length === 0 ? true : own;
    const [wanted] = this.#choice.used[kind === 'audio' ? 'microphone' : 'camera'].deviceIds;
    if (wanted === undefined || 'deviceId' in own || 'facingMode' in own)
      return platform.openSource(kind, plain);
    try {
      return await platform.openSource(kind, { ...own, deviceId: { exact: wanted } });
    } catch (thrown) {
      const name = thrown instanceof Error ? thrown.name : '';
      // Gone since it was last looked at.
      if (name !== 'OverconstrainedError' && name !== 'NotFoundError') throw thrown;
      return platform.openSource(kind, plain);
    }
  };

  /**
   * A device that is open in a call is gone. Looks what is there; one that was unplugged is replaced, which following the
   * choice may have done already. A permission that was taken back is not asked for again.
   */
  async rescue(source: LocalSource, track: MediaStreamTrack): Promise<void> {
    const { deviceId } = track.getSettings();
    try {
      await this.refresh();
      const role = track.kind === 'audio' ? 'microphone' : 'camera';
      const isUnplugged = deviceId !== undefined && !this.#isThere(role, deviceId);
      if (isUnplugged && source.track === null && source.state !== 'opening') await source.open();
    } catch {
      // It says itself that it has failed.
    }
  }

  /** Another camera for the calls: see `CameraSource.switch`. Answers the side it is to look to, where only that was said. */
  async switchCamera(to: string | undefined, current: string | undefined): Promise<string | null> {
    if (to === 'user' || to === 'environment') {
      await this.setInput('video', 'default');
      return to;
    }
    if (to === undefined) await this.refresh();
    const { cameras } = this.#options.video.getSnapshot();
    const at = cameras.findIndex(({ deviceId }) => deviceId === current);
    const next = to ?? cameras[(at + 1) % cameras.length]?.deviceId;
    if (next === undefined) throw new ClientError('camera-not-found');
    await this.setInput('video', next);
    return null;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
    for (const stop of this.#stops) stop();
    this.#probe.close();
    this.#companion.close();
    this.#watch.close();
  }
}

/** Lists that say the same stay the same, so that whoever compares by identity sees no change. */
function whereDifferent<Snapshot extends object>(
  before: Snapshot,
  now: Partial<Snapshot>,
): Partial<Snapshot> {
  const different = Object.entries(now).filter(
    ([key, value]) => JSON.stringify(before[key as keyof Snapshot]) !== JSON.stringify(value),
  );
  return Object.fromEntries(different) as Partial<Snapshot>;
}
