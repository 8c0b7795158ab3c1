import type { ReadableStore, SourceState } from './api.ts';
import type { Permission } from './platform.ts';

/** A microphone, a camera, or a place where sound comes out. */
export interface MediaDeviceEntry {
  readonly kind: 'microphone' | 'camera' | 'speaker';
  readonly deviceId: string;
  /** Devices of one piece of hardware, a headset's two ends for instance, have the same. */
  readonly groupId: string;
  /** Empty where the browser tells no names before it has been asked for the device. */
  readonly label: string;
}

/** What a device is wanted for. A ringtone may come out somewhere else than the other side's voice. */
export type DeviceRole = 'microphone' | 'camera' | 'speaker' | 'ringtone';

/** Which device is meant, and which one it is now. */
export interface DeviceSelection {
  /** The ids that were chosen; empty means the system's default. Kept while a device is away. */
  readonly wanted: readonly string[];
  /** The chosen ones that are there; without any, the system's default as far as the browser tells. */
  readonly selected: readonly MediaDeviceEntry[];
}

/** What there is to hear and to speak with. Lists are empty until somebody has looked: see `refresh`. */
export interface AudioSnapshot {
  readonly microphones: readonly MediaDeviceEntry[];
  readonly speakers: readonly MediaDeviceEntry[];
  readonly microphone: DeviceSelection;
  readonly speaker: DeviceSelection;
  readonly ringtone: DeviceSelection;
  /** Whether the page may open a microphone. `unknown` where the browser does not tell. */
  readonly permission: Permission;
  /** Whether sound can be sent to a chosen output at all. */
  readonly canChooseOutput: boolean;
}

/** What there is to be seen with. */
export interface VideoSnapshot {
  readonly cameras: readonly MediaDeviceEntry[];
  readonly camera: DeviceSelection;
  readonly permission: Permission;
}

/** What came and what went since the last time. */
export interface DeviceChange {
  readonly added: readonly MediaDeviceEntry[];
  readonly lost: readonly MediaDeviceEntry[];
}

/** What microphones and cameras have in common. Every verb may be used before, during and after calls. */
interface InputControls<Snapshot> {
  readonly store: ReadableStore<Snapshot>;
  /** Looks what there is. Asks the person nothing; names may be missing until they have been asked once. */
  refresh(): Promise<Snapshot>;
  /** Asks the person, where that has not been done: opens the device and closes it again. Rejects with why not. */
  requestPermission(): Promise<void>;
  /**
   * Uses this device from now on, in calls that are running and in later ones. `'default'` follows the system's own
   * choice. A device that is unplugged is replaced by the default, and used again when it comes back. Rejects when it
   * is not there, or cannot be opened for a running call: what was used before goes on then.
   */
  setInputDevice(deviceId: string): Promise<void>;
  /** The same as `setInputDevice('default')`. */
  unsetInputDevice(): Promise<void>;
}

/** Where sound comes out. */
export interface OutputControls {
  /** Uses these outputs, all of them at once; `'default'` or an empty list follows the system. */
  set(deviceIds: string | readonly string[]): Promise<void>;
  /** Plays a short sound there. Resolves when it is over; rejects with `sound-blocked` or `speaker-failed`. */
  test(): Promise<void>;
  /**
   * Lets the person choose in the browser's own dialogue, where there is one (`selectAudioOutput`, Firefox), and uses
   * what they chose. Call it from a click. Null where there is none, or nothing was chosen.
   */
  choose(): Promise<MediaDeviceEntry | null>;
}

/** How loud an open microphone is. Dispose of it: the microphone is closed with it. */
export interface LevelMeter extends Disposable {
  /** 0 to 1, the loudest of the last 50 ms. */
  readonly store: ReadableStore<{ readonly level: number }>;
  readonly level: number;
  close(): void;
}

/** A camera's picture, before any call. Dispose of it: the camera is closed with it. */
export interface CameraPreview extends Disposable {
  readonly stream: MediaStream;
  close(): void;
}

/** `device.audio`: the microphone, and where the other side and the ringing are heard. */
export interface AudioControls extends InputControls<AudioSnapshot> {
  readonly speakerDevices: OutputControls;
  readonly ringtoneDevices: OutputControls;
  /** What every microphone is opened with, beside what a call asks for; null for the browser's own proposal. */
  setAudioConstraints(constraints: MediaTrackConstraints | null): Promise<void>;
  /**
   * Opens the microphone and measures it, in or out of a call; in one it hears a muted person, too, and `inputVolume`
   * says what it hears.
   */
  openMeter(): Promise<LevelMeter>;
}

/** `device.video`: the camera. */
export interface VideoControls extends InputControls<VideoSnapshot> {
  /** Opens the camera that a call would use, for a look into the mirror. */
  openPreview(): Promise<CameraPreview>;
}

/** Something this person sends in a call. */
export interface LocalSource<Options = MediaTrackConstraints> {
  readonly state: SourceState;
  /** What is open now, or null. */
  readonly track: MediaStreamTrack | null;
  /** The system has taken it away for now: a telephone call, another program. It comes back by itself. */
  readonly isInterrupted: boolean;
  /** Opens and sends it; with options, opens it anew with them. Rejects when it cannot be opened. */
  on(options?: Options): Promise<void>;
  /** Closes it. The other side is told that nothing comes. */
  off(): Promise<void>;
}

/** The camera in a call. */
export interface CameraSource extends LocalSource {
  /**
   * Another camera: this one, the one that looks at the person (`user`) or away from them (`environment`). Without an
   * argument, the next there is. The old one is closed first, because telephones open one at a time.
   */
  switch(to?: string): Promise<void>;
}

/** How a screen is shared. */
export interface ScreenOptions {
  /** With its sound, where browser and system can. Default `true`. */
  readonly audio?: boolean;
  /** Which kind the browser proposes first. */
  readonly surface?: 'monitor' | 'window' | 'browser';
  /** `detail` keeps letters sharp, `motion` keeps films fluent. Default `detail`. */
  readonly optimizeFor?: 'detail' | 'motion';
  /** No larger than this. Default 1920 × 1080, at 15 pictures a second (30 for `motion`). */
  readonly maxWidth?: number;
  readonly maxHeight?: number;
  readonly maxFrameRate?: number;
}

/**
 * How large the others' pictures are wanted. `auto` is all of it in a call of two; in a conference, what the elements
 * need in which they are shown.
 */
export type PreferredQuality = 'auto' | 'low' | 'medium' | 'high' | { readonly maxHeight: number };

/** How a microphone is encoded. */
export interface AudioCodecOptions {
  /** Sends next to nothing while nobody speaks. Spares the network; recordings of it have gaps. Default `false`. */
  readonly dtx?: boolean;
  /** Carries a coarse copy of the packet before, for networks that lose some. Default `true`. */
  readonly fec?: boolean;
  /** Bits per second, 6,000 to 510,000. Default: the browser's own, about 32,000. */
  readonly maxBitrate?: number;
}
