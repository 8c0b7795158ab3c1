import type {
  AudioControls,
  AudioSnapshot,
  DeviceEvents,
  DeviceOptions,
  DeviceSnapshot,
  ReadableStore,
  VideoControls,
  VideoSnapshot,
} from '../api.ts';
import type { Logger } from '../log.ts';
import type { Platform } from '../platform.ts';
import { Store } from '../store.ts';
import type { Calls } from './calls.ts';
import type { DeviceDesk } from './device-desk.ts';
import { loadCallParts } from './late-media.ts';

export interface LateDevicesOptions {
  readonly platform: Platform;
  readonly options: DeviceOptions;
  readonly calls: Calls;
  readonly store: ReadableStore<DeviceSnapshot>;
  readonly log: Logger;
  readonly report: (thrown: unknown) => void;
  readonly emit: <Name extends 'deviceChange' | 'inputVolume'>(
    name: Name,
    ...payload: DeviceEvents[Name]
  ) => void;
}

const NONE = { wanted: [], selected: [] };
const INPUT = 'refresh requestPermission setInputDevice unsetInputDevice ';
const OUTPUT = 'set test choose';

/**
 * The person's devices. Nobody needs to choose one in order to register, to ring or to talk, so what can is loaded when
 * it is first asked for, when a call is open, or when something was chosen in an earlier visit.
 */
export class LateDevices {
  readonly options: LateDevicesOptions;
  readonly audioStore: Store<AudioSnapshot>;
  readonly videoStore: Store<VideoSnapshot>;
  readonly audio: AudioControls;
  readonly video: VideoControls;
  /** The desk as soon as it is there, also while it is still looking what there is. */
  desk: DeviceDesk | null = null;
  /** Null where nobody has asked for it. */
  loading: Promise<DeviceDesk> | null = null;

  constructor(options: LateDevicesOptions) {
    this.options = options;
    const { report } = options;
    const permission = 'unknown';
    this.audioStore = new Store<AudioSnapshot>(
      {
        microphones: [],
        speakers: [],
        microphone: NONE,
        speaker: NONE,
        ringtone: NONE,
        permission,
        canChooseOutput: false,
      },
      report,
    );
    this.videoStore = new Store<VideoSnapshot>({ cameras: [], camera: NONE, permission }, report);
    // The names say which functions they are.
    this.audio = {
      ...this.#verbs('audio', `${INPUT}setAudioConstraints openMeter`),
      store: this.audioStore,
      speakerDevices: this.#verbs('speaker', OUTPUT),
      ringtoneDevices: this.#verbs('ringtone', OUTPUT),
    } as unknown as AudioControls;
    this.video = {
      ...this.#verbs('video', `${INPUT}openPreview`),
      store: this.videoStore,
    } as unknown as VideoControls;
  }

  async #load(): Promise<DeviceDesk> {
    const { loadDesk } = await loadCallParts(this.options.platform);
    return loadDesk(this);
  }

  /** Functions of these names, which do what they say once what can do it has been loaded. */
  #verbs(part: string, names: string): object {
    const verb = (name: string) => async (argument: unknown) => (await this.#load()).do(part, name, argument);
    return Object.fromEntries(names.split(' ').map((name) => [name, verb(name)]));
  }
}
