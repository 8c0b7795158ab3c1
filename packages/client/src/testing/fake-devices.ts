import type { ListedDevice, Permission, PlatformDevices, SystemCall } from '../platform.ts';
import { fakeTrack } from './fake-media.ts';
import type { Clock } from './virtual-clock.ts';

/** A microphone, a camera or a speaker that a test plugs into a page. */
export interface FakeDevice {
  readonly kind: 'microphone' | 'camera' | 'speaker';
  readonly label: string;
  /** Default: made from kind and label. */
  readonly deviceId?: string;
  /** Devices of one headset have the same. Default: the label. */
  readonly groupId?: string;
}

/** A device that is plugged in. */
export type PluggedDevice = Required<FakeDevice>;

/** What opening a microphone, a camera or a screen meets: the name of the error the browser would reject with. */
export type SourceRefusal =
  | 'NotAllowedError'
  | 'NotFoundError'
  | 'NotReadableError'
  | 'OverconstrainedError'
  | 'AbortError';

const LISTED = { microphone: 'audioinput', camera: 'videoinput', speaker: 'audiooutput' } as const;
/** A meter is told so often, and whenever the test makes the microphone louder. */
const LEVEL_EVERY_MS = 1000;

export interface FakeDeviceShelfOptions {
  readonly clock: Clock;
  readonly permission: () => Permission;
  readonly refusal: (source: 'microphone' | 'camera' | 'screen') => SourceRefusal | undefined;
  readonly onSound: (name: string) => void;
}

/** What is plugged into a fake page, what of it is open, and what else a page can do with devices. */
export class FakeDeviceShelf {
  readonly open = new Set<MediaStreamTrack>();
  readonly outputs: { speaker: readonly string[]; ringtone: readonly string[] } = {
    speaker: [],
    ringtone: [],
  };
  plugged: readonly PluggedDevice[] = [];
  isAwake = false;
  systemCall: SystemCall | null = null;
  readonly #options: FakeDeviceShelfOptions;
  readonly #openIds = new Map<MediaStreamTrack, string>();
  readonly #watching = new Set<() => void>();
  readonly #meters = new Set<(level: number) => void>();
  #level = 0;
  #kept: string | null = null;

  constructor(options: FakeDeviceShelfOptions) {
    this.#options = options;
    for (const kind of ['microphone', 'camera', 'speaker'] as const)
      this.plugIn({ kind, label: `Fake ${kind}` });
  }

  get level(): number {
    return this.#level;
  }

  set level(level: number) {
    this.#level = level;
    for (const tell of this.#meters) tell(level);
  }

  plugIn({ kind, label, deviceId = `${kind}: ${label}`, groupId = label }: FakeDevice): string {
    const others = this.plugged.filter((device) => device.deviceId !== deviceId);
    this.plugged = [...others, { kind, label, deviceId, groupId }];
    this.changed();
    return deviceId;
  }

  unplug(deviceId: string): void {
    if (!this.plugged.some((device) => device.deviceId === deviceId))
      throw new RangeError(`nothing is plugged in as "${deviceId}"`);
    this.plugged = this.plugged.filter((device) => device.deviceId !== deviceId);
    for (const [track, id] of this.#openIds) if (id === deviceId) this.#end(track);
    this.changed();
  }

  /** Something was plugged in or out, or may be seen now. */
  changed(): void {
    for (const watching of this.#watching) watching();
  }

  openSource(kind: 'audio' | 'video', constraints: MediaTrackConstraints | true): MediaStreamTrack {
    const source = kind === 'audio' ? 'microphone' : 'camera';
    const refusal = this.#options.refusal(source);
    if (refusal !== undefined) throw new DOMException(`the fake page refuses its ${source}`, refusal);
    const wanted = exactId(constraints);
    const there = this.plugged.filter((device) => device.kind === source);
    const device = wanted === undefined ? there[0] : there.find(({ deviceId }) => deviceId === wanted);
    if (device === undefined)
      throw new DOMException(
        `no ${source} is plugged in`,
        wanted === undefined ? 'NotFoundError' : 'OverconstrainedError',
      );
    const track = this.#opened(kind);
    this.#openIds.set(track, device.deviceId);
    Object.defineProperty(track, 'label', { value: device.label });
    Object.defineProperty(track, 'getSettings', { value: () => ({ deviceId: device.deviceId }) });
    return track;
  }

  /** What the SDK loads when it looks after devices. */
  platformDevices(): PlatformDevices {
    return {
      list: async () => this.#list(),
      watch: (onChange) => {
        this.#watching.add(onChange);
        return () => this.#watching.delete(onChange);
      },
      openScreen: async () => {
        const refusal = this.#options.refusal('screen');
        if (refusal !== undefined) throw new DOMException('the fake page shares no screen', refusal);
        return [this.#opened('video')];
      },
      canChooseOutput: true,
      testOutput: async () => this.#options.onSound('test'),
      shownHeight: (element) => element.clientHeight,
      measure: (_track, onLevel) => this.#measure(onLevel),
      recall: () => this.#kept,
      keep: (value) => {
        this.#kept = value;
      },
      holdAwake: () => {
        this.isAwake = true;
        return () => {
          this.isAwake = false;
        };
      },
      showCall: (call) => {
        this.systemCall = call;
        return () => {
          if (this.systemCall === call) this.systemCall = null;
        };
      },
    };
  }

  get hasChosen(): boolean {
    return this.#kept !== null;
  }

  /** Without permission a browser says that there is one of a kind, and nothing about it. */
  #list(): readonly ListedDevice[] {
    const isNamed = this.#options.permission() === 'granted';
    const listed = this.plugged.map(({ kind, ...rest }) => ({ kind: LISTED[kind], ...rest }));
    if (isNamed) return listed;
    return [...new Set(listed.map(({ kind }) => kind))].map((kind) => ({
      kind,
      deviceId: '',
      groupId: '',
      label: '',
    }));
  }

  #measure(onLevel: (level: number) => void): () => void {
    const { clock } = this.#options;
    const tell = (level: number): void => onLevel(level);
    let cancel = (): void => undefined;
    const again = (): void => {
      tell(this.#level);
      cancel = clock.setTimer(again, LEVEL_EVERY_MS);
    };
    this.#meters.add(tell);
    cancel = clock.setTimer(again, 0);
    return () => {
      this.#meters.delete(tell);
      cancel();
    };
  }

  #opened(kind: 'audio' | 'video'): MediaStreamTrack {
    const track = fakeTrack(kind);
    const stop = track.stop.bind(track);
    track.stop = () => {
      this.open.delete(track);
      this.#openIds.delete(track);
      stop();
    };
    this.open.add(track);
    return track;
  }

  #end(track: MediaStreamTrack): void {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }
}

function exactId(constraints: MediaTrackConstraints | true): string | undefined {
  if (constraints === true) return undefined;
  const { deviceId } = constraints;
  return typeof deviceId === 'object' && 'exact' in deviceId && typeof deviceId.exact === 'string'
    ? deviceId.exact
    : undefined;
}
