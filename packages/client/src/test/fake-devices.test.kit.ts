import type { ListedDevice, PlatformDevices, SystemCall } from '../platform.ts';

/** Microphones, cameras and outputs of a page that a test plugs in and out. */
export class FakeDevices implements PlatformDevices {
  plugged: ListedDevice[] = [
    ...['audioinput', 'videoinput', 'audiooutput'].flatMap((kind) =>
      ['one', 'two'].map((name) => fakeDevice(kind, name)),
    ),
  ];
  lists = 0;
  canChooseOutput = true;
  selectOutput?: () => Promise<ListedDevice>;
  readonly tested: (readonly string[])[] = [];
  readonly shown: SystemCall[] = [];
  kept: string | null = null;
  awake = 0;
  meters = 0;
  level: (level: number) => void = () => undefined;
  screen: FakeTrack[] | string = 'NotAllowedError';
  screensAsked: DisplayMediaStreamOptions[] = [];
  heights = new Map<unknown, number>();
  #changed = new Set<() => void>();

  async list(): Promise<readonly ListedDevice[]> {
    this.lists += 1;
    return this.plugged;
  }
  watch(onChange: () => void): () => void {
    this.#changed.add(onChange);
    return () => this.#changed.delete(onChange);
  }
  /** Says that something was plugged in or out, as often as a browser does for one headset. */
  change(plugged: readonly ListedDevice[]): void {
    this.plugged = [...plugged];
    for (let event = 0; event < 3; event += 1) for (const changed of this.#changed) changed();
  }
  unplug(deviceId: string): void {
    this.change(this.plugged.filter((device) => device.deviceId !== deviceId));
  }
  plugIn(kind: string, name: string): void {
    this.change([...this.plugged, fakeDevice(kind, name)]);
  }
  async openScreen(options: DisplayMediaStreamOptions): Promise<readonly MediaStreamTrack[]> {
    this.screensAsked.push(options);
    const { screen } = this;
    if (typeof screen === 'string') throw Object.assign(new Error(screen), { name: screen });
    return screen as unknown as MediaStreamTrack[];
  }
  async testOutput(deviceIds: readonly string[]): Promise<void> {
    this.tested.push(deviceIds);
  }
  shownHeight(element: HTMLVideoElement): number {
    return this.heights.get(element) ?? 0;
  }
  measure(_track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
    this.meters += 1;
    this.level = onLevel;
    return () => {
      this.meters -= 1;
    };
  }
  recall(): string | null {
    return this.kept;
  }
  keep(value: string): void {
    this.kept = value;
  }
  holdAwake(): () => void {
    this.awake += 1;
    return () => {
      this.awake -= 1;
    };
  }
  showCall(call: SystemCall): () => void {
    this.shown.push(call);
    return () => this.shown.splice(this.shown.indexOf(call), 1);
  }
}

function fakeDevice(kind: string, name: string): ListedDevice {
  return { kind, deviceId: `${kind} ${name}`, groupId: `group ${name}`, label: `${kind} called ${name}` };
}

export class FakeTrack extends EventTarget {
  enabled = true;
  muted = false;
  contentHint = '';
  height = 360;
  deviceId: string | undefined;
  readyState: 'live' | 'ended' = 'live';
  readonly kind: 'audio' | 'video';
  readonly label: string;

  constructor(kind: 'audio' | 'video', label: string) {
    super();
    this.kind = kind;
    this.label = label;
  }

  stop(): void {
    this.readyState = 'ended';
  }

  getSettings(): MediaTrackSettings {
    return { height: this.height, ...(this.deviceId === undefined ? {} : { deviceId: this.deviceId }) };
  }

  clone(): FakeTrack {
    return Object.assign(new FakeTrack(this.kind, `copy of ${this.label}`), { enabled: this.enabled });
  }

  /** As if its device had been unplugged, or taken by the system. */
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }
}
