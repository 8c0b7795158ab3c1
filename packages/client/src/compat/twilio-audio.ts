import type { AudioSnapshot, LevelMeter, MediaDeviceEntry, OutputControls, SoundOptions } from '../api.ts';
import type { Device as ParleyDevice } from '../device.ts';
import { ClientError } from '../errors.ts';
import { Listeners } from './listeners.ts';

/** What a device's audio tells, in Twilio's words. */
export interface TwilioAudioEvents {
  /** Devices came or went; of those that went, the ones that were in use. */
  deviceChange: [lostActiveDevices: MediaDeviceInfo[]];
  /** 0 to 1, while somebody listens and a microphone was chosen or a call is open. */
  inputVolume: [inputVolume: number];
}

/** Which of the SDK's own sounds are on; Twilio's `outgoing` is what a caller hears while it rings. */
export interface SoundSwitches {
  get(): SoundOptions;
  set(sounds: SoundOptions): void;
}

type Kind = 'audioinput' | 'audiooutput';
const DEFAULT_ID = 'default';

/**
 * Microphones and outputs, as Twilio Voice has them. Unlike Twilio's, choosing a microphone opens nothing before a call,
 * and what was chosen is remembered in this browser (`persistDevices: false` does without).
 */
export class AudioHelper extends Listeners<TwilioAudioEvents> {
  /** By id; empty until they are known, which `deviceChange` tells. `default` is the system's own choice. */
  readonly availableInputDevices: Map<string, MediaDeviceInfo> = new Map<string, MediaDeviceInfo>();
  readonly availableOutputDevices: Map<string, MediaDeviceInfo> = new Map<string, MediaDeviceInfo>();
  readonly speakerDevices: OutputDeviceCollection;
  readonly ringtoneDevices: OutputDeviceCollection;
  readonly isVolumeSupported: boolean = typeof AudioContext !== 'undefined';
  readonly #parley: ParleyDevice;
  readonly #sounds: SoundSwitches;
  readonly #stops: (() => void)[];
  #constraints: MediaTrackConstraints | null = null;
  #isDefaultChosen = false;
  #meter: Promise<LevelMeter | null> | null = null;

  /** @internal Made by the device. */
  constructor(parley: ParleyDevice, sounds: SoundSwitches) {
    super();
    this.#parley = parley;
    this.#sounds = sounds;
    const { audio } = parley;
    this.speakerDevices = this.#collection(audio.speakerDevices, ({ speaker }) => speaker.selected);
    this.ringtoneDevices = this.#collection(audio.ringtoneDevices, ({ ringtone }) => ringtone.selected);
    this.#stops = [
      audio.store.subscribe(() => this.#listed()),
      parley.store.subscribe(() => this.callsChanged()),
      parley.listen('deviceChange', ({ lost }) => this.#changed(lost)),
      parley.listen('inputVolume', (level) => this.emit('inputVolume', level)),
    ];
    // Outside of a browser there is nothing to list.
    audio.refresh().catch(() => undefined);
  }

  get isOutputSelectionSupported(): boolean {
    if (this.#parley.audio.store.getSnapshot().canChooseOutput) return true;
    return typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;
  }

  get audioConstraints(): MediaTrackConstraints | null {
    return this.#constraints;
  }

  /** The microphone that was chosen; null where nobody has chosen one. */
  get inputDevice(): MediaDeviceInfo | null {
    const { wanted, selected } = this.#parley.audio.store.getSnapshot().microphone;
    if (wanted.length === 0)
      return (this.#isDefaultChosen && this.availableInputDevices.get(DEFAULT_ID)) || null;
    return this.availableInputDevices.get(selected[0]?.deviceId ?? '') ?? null;
  }

  /** What the microphone gives to the call that talks; null without one. */
  get inputStream(): MediaStream | null {
    return this.#parley.activeCall?.media.local ?? null;
  }

  /** Uses this microphone from now on, in calls that run as well. Rejects where it is not there. */
  async setInputDevice(deviceId: string): Promise<void> {
    await this.#parley.audio.setInputDevice(deviceId);
    this.#isDefaultChosen = deviceId === DEFAULT_ID;
    this.callsChanged();
  }

  /** Uses the system's own choice again. */
  async unsetInputDevice(): Promise<void> {
    await this.#parley.audio.unsetInputDevice();
    this.#isDefaultChosen = false;
    this.callsChanged();
  }

  async setAudioConstraints(audioConstraints: MediaTrackConstraints): Promise<void> {
    await this.#parley.audio.setAudioConstraints(audioConstraints);
    this.#constraints = { ...audioConstraints };
  }

  async unsetAudioConstraints(): Promise<void> {
    await this.#parley.audio.setAudioConstraints(null);
    this.#constraints = null;
  }

  /** Whether a call that comes in rings audibly; with an argument, whether it does from now on. */
  incoming(doEnable?: boolean): boolean {
    return this.#switch('incoming', doEnable);
  }

  /** The same for what a caller hears while it rings at the other end. */
  outgoing(doEnable?: boolean): boolean {
    return this.#switch('ringback', doEnable);
  }

  /** The same for the tone at the end of a call. */
  disconnect(doEnable?: boolean): boolean {
    return this.#switch('disconnect', doEnable);
  }

  #switch(name: 'incoming' | 'ringback' | 'disconnect', doEnable: boolean | undefined): boolean {
    if (doEnable !== undefined) this.#sounds.set({ ...this.#sounds.get(), [name]: doEnable });
    return this.#sounds.get()[name] ?? true;
  }

  #collection(
    controls: OutputControls,
    selected: (snapshot: AudioSnapshot) => readonly MediaDeviceEntry[],
  ): OutputDeviceCollection {
    const used = (): string[] =>
      selected(this.#parley.audio.store.getSnapshot()).map(({ deviceId }) => deviceId);
    return new OutputDeviceCollection(controls, used, this.availableOutputDevices);
  }

  /** Keeps both maps; what has not changed stays the same object. */
  #listed(): void {
    const { microphones, speakers, microphone, speaker } = this.#parley.audio.store.getSnapshot();
    const wasEmpty = this.availableInputDevices.size + this.availableOutputDevices.size === 0;
    keep(this.availableInputDevices, 'audioinput', microphones, microphone.wanted, microphone.selected);
    keep(this.availableOutputDevices, 'audiooutput', speakers, speaker.wanted, speaker.selected);
    // The first look finds them; Twilio tells that, too.
    if (wasEmpty && this.availableInputDevices.size + this.availableOutputDevices.size > 0)
      this.emit('deviceChange', []);
  }

  /** Told after the lists have changed: what was in use is known from what was wanted. */
  #changed(lost: readonly MediaDeviceEntry[]): void {
    const { microphone, speaker, ringtone } = this.#parley.audio.store.getSnapshot();
    const used = new Set([...microphone.wanted, ...speaker.wanted, ...ringtone.wanted]);
    const active = lost.filter(({ deviceId, kind }) => kind !== 'camera' && used.has(deviceId));
    if (lost.length > 0 && lost.every(({ kind }) => kind === 'camera')) return;
    this.emit(
      'deviceChange',
      active.map((device) => infoOf(device.kind === 'microphone' ? 'audioinput' : 'audiooutput', device)),
    );
  }

  /** @internal A call has been opened, or is over. */
  callsChanged(): void {
    const isWanted =
      this.listenerCount('inputVolume') > 0 && (this.inputDevice !== null || this.inputStream !== null);
    if (isWanted && this.#meter === null) {
      // A microphone that cannot be opened is not loud.
      this.#meter = this.#parley.audio.openMeter().catch(() => null);
    } else if (!isWanted && this.#meter !== null) {
      void this.#meter.then((meter) => meter?.close());
      this.#meter = null;
    }
  }

  protected override listenersChanged(): void {
    this.callsChanged();
  }

  /** @internal */
  close(): void {
    this.removeAllListeners();
    for (const stop of this.#stops) stop();
  }
}

/** Where sound comes out, as Twilio has it. */
export class OutputDeviceCollection {
  readonly #controls: OutputControls;
  readonly #used: () => string[];
  readonly #available: ReadonlyMap<string, MediaDeviceInfo>;
  /** What is left after `delete`, which answers at once, until it is so. */
  #left: string[] | null = null;

  /** @internal */
  constructor(
    controls: OutputControls,
    used: () => string[],
    available: ReadonlyMap<string, MediaDeviceInfo>,
  ) {
    this.#controls = controls;
    this.#used = used;
    this.#available = available;
  }

  /** What is used now. */
  get(): Set<MediaDeviceInfo> {
    return new Set((this.#left ?? this.#used()).flatMap((deviceId) => this.#available.get(deviceId) ?? []));
  }

  /** Uses these, all at once. Rejects where one is not there, or none is named. */
  async set(deviceIdOrIds: string | string[]): Promise<void> {
    const deviceIds = [deviceIdOrIds].flat();
    if (deviceIds.length === 0) throw new ClientError('invalid-argument', 'name at least one device');
    await this.#controls.set(deviceIds);
  }

  /** Leaves one out; the system's own choice, where none is left. Whether it was in use. */
  delete(device: MediaDeviceInfo): boolean {
    const used = this.#left ?? this.#used();
    if (!used.includes(device.deviceId)) return false;
    const left = used.filter((deviceId) => deviceId !== device.deviceId);
    this.#left = left;
    this.#controls
      .set(left.length === 0 ? DEFAULT_ID : left)
      // Nobody waits for this, as with Twilio.
      .catch(() => undefined)
      .finally(() => {
        if (this.#left === left) this.#left = null;
      });
    return true;
  }

  /** Plays a short sound there. It is made, never downloaded: an address is of no effect. */
  async test(_soundUrl?: string): Promise<unknown> {
    return this.#controls.test();
  }
}

function keep(
  map: Map<string, MediaDeviceInfo>,
  kind: Kind,
  devices: readonly MediaDeviceEntry[],
  wanted: readonly string[],
  selected: readonly MediaDeviceEntry[],
): void {
  const listed = devices.map((device) => infoOf(kind, device));
  // Chromium lists the system's choice under a name of its own; here every browser does. Its label is known while it is used.
  const [used] = wanted.length === 0 ? selected : [];
  if (listed.length > 0) {
    const label = used === undefined ? 'Default' : `Default - ${used.label}`;
    listed.unshift(infoOf(kind, { deviceId: DEFAULT_ID, groupId: used?.groupId ?? '', label }));
  }
  for (const deviceId of map.keys())
    if (!listed.some((device) => device.deviceId === deviceId)) map.delete(deviceId);
  for (const device of listed) {
    const known = map.get(device.deviceId);
    if (known?.label !== device.label || known.groupId !== device.groupId) map.set(device.deviceId, device);
  }
}

function infoOf(kind: Kind, { deviceId, groupId, label }: Omit<MediaDeviceEntry, 'kind'>): MediaDeviceInfo {
  const info = { deviceId, groupId, kind, label };
  return { ...info, toJSON: () => info };
}
