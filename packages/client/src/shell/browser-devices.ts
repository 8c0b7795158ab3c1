import { ClientError } from '../errors.ts';
import type { ListedDevice, PlatformDevices, SystemCall } from '../platform.ts';
import type { Sinkable } from './speaker.ts';

/** Not in every browser, whatever the types say. */
interface MaybeMediaDevices extends EventTarget {
  enumerateDevices?(): Promise<MediaDeviceInfo[]>;
  getDisplayMedia?(options: DisplayMediaStreamOptions): Promise<MediaStream>;
  selectAudioOutput?(): Promise<MediaDeviceInfo>;
}

const LEVEL_EVERY_MS = 50;
/** Of speech close to the microphone; louder than that is full scale. */
const FULL_LEVEL = 0.3;
const TEST_SOUND_S = 0.6;
/** With the time a Bluetooth headset takes to wake. */
const TEST_MAX_MS = 3600;

/** What a web page can do with devices beside opening them. */
export function browserDevices(storageKey: string): PlatformDevices {
  const { mediaDevices: devices } = navigator as { mediaDevices?: MaybeMediaDevices };
  const canChooseOutput = 'setSinkId' in HTMLMediaElement.prototype;
  const select = devices?.selectAudioOutput?.bind(devices);
  return {
    list: async () => (await devices?.enumerateDevices?.()) ?? [],
    watch: (onChange) => watch(devices, onChange),
    openScreen: async (options) => {
      if (devices?.getDisplayMedia === undefined)
        throw new ClientError('screen-failed', 'this browser shares no screens');
      return (await devices.getDisplayMedia(options)).getTracks();
    },
    canChooseOutput,
    ...(select === undefined ? {} : { selectOutput: (): Promise<ListedDevice> => select() }),
    testOutput,
    shownHeight,
    measure,
    recall: () => {
      try {
        return localStorage.getItem(storageKey);
      } catch {
        // A page that may keep nothing.
        return null;
      }
    },
    keep: (value) => {
      try {
        localStorage.setItem(storageKey, value);
      } catch {
        // Full, or not allowed: the choice holds for this visit.
      }
    },
    holdAwake,
    showCall,
  };
}

/** Devices change, or a permission does, after which they have names. */
function watch(devices: EventTarget | undefined, onChange: () => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  devices?.addEventListener('devicechange', onChange, { signal });
  for (const name of ['microphone', 'camera'] as const) {
    navigator.permissions
      .query({ name })
      .then((status) => {
        if (!signal.aborted) status.addEventListener('change', onChange, { signal });
      })
      // Not every browser tells.
      .catch(() => undefined);
  }
  return () => stop.abort();
}

/** Two short notes on every output, through elements, as a call would be heard. */
async function testOutput(deviceIds: readonly string[]): Promise<void> {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const elements: (HTMLAudioElement & Sinkable)[] = [];
  try {
    for (const deviceId of deviceIds.length === 0 ? [''] : deviceIds) {
      const element: HTMLAudioElement & Sinkable = document.createElement('audio');
      elements.push(element);
      element.hidden = true;
      element.srcObject = destination.stream;
      document.body.append(element);
      await element.setSinkId?.(deviceId).catch((thrown: unknown) => {
        throw new ClientError('speaker-failed', undefined, { cause: thrown });
      });
      await element.play().catch((thrown: unknown) => {
        throw new ClientError('sound-blocked', undefined, { cause: thrown });
      });
    }
    await playNotes(context, destination);
  } finally {
    for (const element of elements) {
      element.srcObject = null;
      element.remove();
    }
    context.close().catch(() => undefined);
  }
}

function playNotes(context: AudioContext, destination: AudioNode): Promise<void> {
  const gain = context.createGain();
  gain.gain.value = 0;
  gain.connect(destination);
  const oscillator = context.createOscillator();
  oscillator.connect(gain);
  const startS = context.currentTime + 0.05;
  oscillator.frequency.setValueAtTime(523, startS);
  oscillator.frequency.setValueAtTime(784, startS + TEST_SOUND_S / 2);
  gain.gain.setTargetAtTime(0.2, startS, 0.02);
  gain.gain.setTargetAtTime(0, startS + TEST_SOUND_S - 0.1, 0.02);
  oscillator.start(startS);
  oscillator.stop(startS + TEST_SOUND_S);
  // Not waited for: where there is nothing to play on, or no more, it neither resolves nor rejects in every browser.
  context.resume().catch(() => undefined);
  return new Promise((resolve, reject) => {
    oscillator.addEventListener('ended', () => resolve(), { once: true });
    setTimeout(() => reject(new ClientError('speaker-failed', 'nothing was played')), TEST_MAX_MS);
  });
}

function shownHeight(element: HTMLVideoElement): number {
  return element.isConnected && element.checkVisibility()
    ? Math.round(element.clientHeight * devicePixelRatio)
    : 0;
}

/**
 * Nothing of it is played, so no output is kept open for it: that is four of the five percent of a core which an analyser
 * takes otherwise. Newer than the types; a browser that does not know it plays silence.
 */
const UNHEARD: AudioContextOptions & { readonly sinkId: { readonly type: 'none' } } = {
  sinkId: { type: 'none' },
};

/**
 * An analyser that is read by a timer. A worklet would be more exact in a hidden page, but its code would have to come
 * from a file of its own or from a blob, which a strict content security policy refuses.
 */
function measure(track: MediaStreamTrack, onLevel: (level: number) => void): () => void {
  const context = new AudioContext(UNHEARD);
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  context.resume().catch(() => undefined);
  const wave = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(wave);
    const power = wave.reduce((sum, sample) => sum + sample * sample, 0) / wave.length;
    onLevel(Math.min(1, Math.sqrt(power) / FULL_LEVEL));
  }, LEVEL_EVERY_MS);
  return () => {
    clearInterval(timer);
    context.close().catch(() => undefined);
  };
}

/** The browser lets the screen go whenever the page is hidden, so it is asked again when it is seen. */
function holdAwake(): () => void {
  const stop = new AbortController();
  const { wakeLock } = navigator as { wakeLock?: WakeLock };
  let held: WakeLockSentinel | null = null;
  const hold = async (): Promise<void> => {
    if (document.visibilityState !== 'visible' || wakeLock === undefined) return;
    const lock = await wakeLock.request('screen');
    if (stop.signal.aborted) await lock.release();
    else held = lock;
  };
  // Refused where the battery is low: the call goes on in the dark.
  const tryHold = (): void => void hold().catch(() => undefined);
  document.addEventListener('visibilitychange', tryHold, { signal: stop.signal });
  tryHold();
  return () => {
    stop.abort();
    held?.release().catch(() => undefined);
  };
}

/** Newer than the types. */
interface CallSession {
  metadata: MediaMetadata | null;
  setActionHandler(action: string, handler: (() => void) | null): void;
  setMicrophoneActive?(isActive: boolean): void;
  setCameraActive?(isActive: boolean): void;
}

function showCall(call: SystemCall): () => void {
  const { mediaSession: session } = navigator as { mediaSession?: CallSession };
  if (session === undefined) return () => undefined;
  const actions: readonly (readonly [string, () => void])[] = [
    ['hangup', () => call.hangUp()],
    ['togglemicrophone', () => call.toggleMicrophone()],
    ['togglecamera', () => call.toggleCamera()],
  ];
  const handle = (action: string, handler: (() => void) | null): void => {
    try {
      session.setActionHandler(action, handler);
    } catch {
      // An action this browser does not know.
    }
  };
  for (const [action, handler] of actions)
    if (action !== 'togglecamera' || call.isCameraOn !== null) handle(action, handler);
  session.metadata = new MediaMetadata({ title: call.title });
  session.setMicrophoneActive?.(!call.isMuted);
  if (call.isCameraOn !== null) session.setCameraActive?.(call.isCameraOn);
  return () => {
    for (const [action] of actions) handle(action, null);
    session.metadata = null;
  };
}
