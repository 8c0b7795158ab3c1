// oxlint-disable typescript/unbound-method -- Methods of the browser's prototypes are replaced by ones that call them.
/** What a page that was opened for a test can tell about itself. */
export interface PageProbe {
  /** Listens for a moment to everything that reaches this page's loudspeaker, and names the loudest sound in it. */
  listen(): Promise<Sound>;
  /** Listens for a moment, and says how strong each of these waves was at its strongest: 0 in silence. */
  strengths(frequenciesHz: readonly number[]): Promise<number[]>;
  /** Listens until each of these waves has been so strong, were it one after another; at most for so long. */
  awaitWaves(frequenciesHz: readonly number[], strength: number, withinMs: number): Promise<boolean>;
  /** Looks for a moment at what a video element shows: its average colour, if the picture moves on. */
  look(selector: string): Promise<Sight>;
  /**
   * From now on notes when there was something to hear, fifty times a second. Answers every silence of at least
   * `SILENCE_MS` since it began to; one that goes on has no end. In ms since the epoch.
   */
  silences(): readonly { readonly fromMs: number; readonly toMs: number | null }[];
  /** What the page has asked the browser to open, from the beginning. */
  readonly asked: readonly ('microphone' | 'camera')[];
  /** What is open now: what the lights beside a real microphone and camera would say. */
  open(): ('microphone' | 'camera')[];
  /** How many peer connections the page has made so far, and how many of them it has closed. */
  peerConnections(): { readonly made: number; readonly closed: number };
}

export interface Sound {
  /** 0 to 1. */
  readonly level: number;
  /** Of the strongest wave; 0 in silence. */
  readonly frequencyHz: number;
}

export type Sight =
  | { readonly type: 'nothing' }
  /** There is a picture, but no new one came. */
  | { readonly type: 'frozen' }
  | { readonly type: 'moving'; readonly rgb: readonly [number, number, number] };

declare global {
  interface Window {
    readonly probe: PageProbe;
  }
}

/**
 * Puts `window.probe` into a page before the page's own scripts run. It is sent to the browser as text, so it uses
 * nothing from this module. It listens where sound leaves the page, so it hears what a person would hear: media
 * elements that play and are not muted, and whatever is connected to the destination of an audio context.
 */
export function installProbe(): void {
  const FFT_SIZE = 8192;
  const LISTEN_MS = 400;
  const SAMPLE_EVERY_MS = 50;
  const FRAME_WAIT_MS = 1500;
  const NOTE_EVERY_MS = 20;
  /** Shorter ones are heard as a crackle, if at all. */
  const SILENCE_MS = 100;
  /** Below this there is no frequency to speak of. */
  const AUDIBLE = 0.001;

  /** Held weakly: a page that forgets an element must not be made to keep it. */
  const elements = new Set<WeakRef<HTMLMediaElement>>();
  const known = new WeakSet<HTMLMediaElement>();
  const remember = (element: HTMLMediaElement): void => {
    if (known.has(element)) return;
    known.add(element);
    elements.add(new WeakRef(element));
  };
  const contextTaps = new Map<BaseAudioContext, AnalyserNode>();
  const trackTaps = new Map<MediaStreamTrack, AnalyserNode>();
  const asked: ('microphone' | 'camera')[] = [];
  let opened: MediaStreamTrack[] = [];
  let ear: AudioContext | undefined;

  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function (): Promise<void> {
    remember(this);
    return play.call(this);
  };

  const connect = AudioNode.prototype.connect as (...parts: unknown[]) => AudioNode;
  const tapOf = (context: BaseAudioContext): AnalyserNode => {
    const known = contextTaps.get(context);
    if (known !== undefined) return known;
    const tap = context.createAnalyser();
    tap.fftSize = FFT_SIZE;
    tap.smoothingTimeConstant = 0;
    contextTaps.set(context, tap);
    return tap;
  };
  Object.defineProperty(AudioNode.prototype, 'connect', {
    configurable: true,
    writable: true,
    value(this: AudioNode, ...parts: unknown[]): AudioNode {
      if (parts[0] instanceof AudioDestinationNode) connect.call(this, tapOf(this.context));
      return connect.apply(this, parts);
    },
  });

  // Absent on the blank page that a tab begins with.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  const getUserMedia = devices?.getUserMedia.bind(devices);
  if (devices && getUserMedia)
    devices.getUserMedia = async (constraints) => {
      if (constraints?.audio) asked.push('microphone');
      if (constraints?.video) asked.push('camera');
      const stream = await getUserMedia(constraints);
      opened = [...opened.filter((track) => track.readyState === 'live'), ...stream.getTracks()];
      return stream;
    };
  // A device is open for as long as any copy of its track is.
  const clone = Reflect.get(MediaStreamTrack.prototype, 'clone');
  MediaStreamTrack.prototype.clone = function (this: MediaStreamTrack): MediaStreamTrack {
    const copy = clone.call(this);
    if (opened.includes(this)) opened = [...opened, copy];
    return copy;
  };

  /** Everything that plays now, each with a tap of its own. */
  const taps = (): AnalyserNode[] => {
    for (const element of Array.from(document.querySelectorAll<HTMLMediaElement>('audio, video')))
      remember(element);
    ear ??= new AudioContext();
    const context = ear;
    if (context.state === 'suspended') void context.resume();
    const audible = Array.from(elements)
      .flatMap((reference) => reference.deref() ?? [])
      .filter((element) => !element.paused && !element.muted && element.volume > 0)
      .flatMap(({ srcObject }) => (srcObject instanceof MediaStream ? srcObject.getAudioTracks() : []))
      .filter((track) => track.readyState === 'live');
    const heard = audible.map((track) => {
      const known = trackTaps.get(track);
      if (known !== undefined) return known;
      const tap = context.createAnalyser();
      tap.fftSize = FFT_SIZE;
      tap.smoothingTimeConstant = 0;
      context.createMediaStreamSource(new MediaStream([track])).connect(tap);
      trackTaps.set(track, tap);
      return tap;
    });
    const playing = Array.from(contextTaps).filter(([{ state }]) => state === 'running');
    return [...heard, ...playing.map(([, tap]) => tap)];
  };

  const wave = new Float32Array(1024);
  const levelOf = (tap: AnalyserNode): number => {
    // The newest 20 ms only: an older sound in the buffer is over.
    tap.getFloatTimeDomainData(wave);
    return Math.sqrt(wave.reduce((sum, sample) => sum + sample * sample, 0) / wave.length);
  };

  const measure = (tap: AnalyserNode): Sound => {
    const level = levelOf(tap);
    if (level < AUDIBLE) return { level, frequencyHz: 0 };
    const spectrum = new Float32Array(tap.frequencyBinCount);
    tap.getFloatFrequencyData(spectrum);
    const binHz = tap.context.sampleRate / FFT_SIZE;
    let loudest = 0;
    spectrum.forEach((decibels, bin) => {
      if (decibels > (spectrum[loudest] ?? -Infinity)) loudest = bin;
    });
    return { level, frequencyHz: loudest * binHz };
  };

  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  const listen = async (): Promise<Sound> => {
    let loudest: Sound = { level: 0, frequencyHz: 0 };
    const untilMs = performance.now() + LISTEN_MS;
    taps();
    while (performance.now() < untilMs) {
      await pause(SAMPLE_EVERY_MS);
      for (const tap of taps()) {
        const sound = measure(tap);
        if (sound.level > loudest.level) loudest = sound;
      }
    }
    return loudest;
  };

  const collect = async (
    frequenciesHz: readonly number[],
    withinMs: number,
    isEnough: (strongest: readonly number[]) => boolean,
  ): Promise<number[]> => {
    const strongest = frequenciesHz.map(() => 0);
    const untilMs = performance.now() + withinMs;
    taps();
    while (performance.now() < untilMs && !isEnough(strongest)) {
      await pause(SAMPLE_EVERY_MS);
      for (const tap of taps()) {
        const spectrum = new Float32Array(tap.frequencyBinCount);
        tap.getFloatFrequencyData(spectrum);
        frequenciesHz.forEach((hertz, index) => {
          const bin = Math.round((hertz * FFT_SIZE) / tap.context.sampleRate);
          const strength = 10 ** ((spectrum[bin] ?? -Infinity) / 20);
          strongest[index] = Math.max(strongest[index] ?? 0, strength);
        });
      }
    }
    return strongest;
  };
  const strengths = (frequenciesHz: readonly number[]): Promise<number[]> =>
    collect(frequenciesHz, LISTEN_MS, () => false);
  const awaitWaves = async (
    frequenciesHz: readonly number[],
    strength: number,
    withinMs: number,
  ): Promise<boolean> => {
    const areHeard = (strongest: readonly number[]): boolean => strongest.every((each) => each >= strength);
    return areHeard(await collect(frequenciesHz, withinMs, areHeard));
  };

  const silences: { fromMs: number; toMs: number | null }[] = [];
  let isNoting = false;
  const note = (): void => {
    let quietSinceMs = Date.now();
    let silence: { fromMs: number; toMs: number | null } | null = null;
    setInterval(() => {
      const nowMs = Date.now();
      if (taps().some((tap) => levelOf(tap) > AUDIBLE)) {
        if (silence !== null) silence.toMs = nowMs;
        silence = null;
        quietSinceMs = nowMs;
      } else if (silence === null && nowMs - quietSinceMs >= SILENCE_MS) {
        silence = { fromMs: quietSinceMs, toMs: null };
        silences.push(silence);
      }
    }, NOTE_EVERY_MS);
  };
  const noted = (): typeof silences => {
    if (!isNoting) note();
    isNoting = true;
    return silences;
  };

  const nextFrame = (video: HTMLVideoElement): Promise<boolean> =>
    Promise.race([
      new Promise<boolean>((resolve) => {
        video.requestVideoFrameCallback(() => resolve(true));
      }),
      pause(FRAME_WAIT_MS).then(() => false),
    ]);

  const look = async (selector: string): Promise<Sight> => {
    const video = document.querySelector<HTMLVideoElement>(selector);
    if (video === null || !video.checkVisibility() || video.videoWidth === 0) return { type: 'nothing' };
    // Two, because the first may have been on its way before we looked.
    if (!((await nextFrame(video)) && (await nextFrame(video)))) return { type: 'frozen' };
    const canvas = document.createElement('canvas');
    canvas.width = 16;
    canvas.height = 9;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) return { type: 'nothing' };
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const sums: [number, number, number] = [0, 0, 0];
    data.forEach((value, index) => {
      const channel = index % 4;
      if (channel < 3) sums[channel as 0 | 1 | 2] += value;
    });
    const pixels = canvas.width * canvas.height;
    const [red, green, blue] = sums;
    return { type: 'moving', rgb: [red / pixels, green / pixels, blue / pixels] };
  };

  const open = (): ('microphone' | 'camera')[] => {
    const live = opened.filter((track) => track.readyState === 'live').map(({ kind }) => kind);
    return [
      ...(live.includes('audio') ? (['microphone'] as const) : []),
      ...(live.includes('video') ? (['camera'] as const) : []),
    ];
  };

  // Counted and not held, so that the page can let go of them.
  let made = 0;
  let closed = 0;
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(native, parts: ConstructorParameters<typeof RTCPeerConnection>, wanted) {
      made += 1;
      return Reflect.construct(native, parts, wanted) as RTCPeerConnection;
    },
  });
  const close = RTCPeerConnection.prototype.close;
  RTCPeerConnection.prototype.close = function (): void {
    if (this.signalingState !== 'closed') closed += 1;
    close.call(this);
  };

  Object.defineProperty(window, 'probe', {
    value: {
      listen,
      strengths,
      awaitWaves,
      look,
      silences: noted,
      asked,
      open,
      peerConnections: () => ({ made, closed }),
    } satisfies PageProbe,
  });
}
