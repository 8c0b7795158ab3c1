import type { CallEnd } from './core/call-end.ts';
import type { MediaEngineLoader } from './media-engine.ts';

/** An open, or opening, text socket. The handlers are called later than the call that made it, and never after `close`. */
export interface PlatformSocket {
  send(frame: string): void;
  /** Closes at once as far as the SDK is concerned: no handler is called afterwards. */
  close(code: number, reason: string): void;
}

/** What a socket tells. */
export interface SocketHandlers {
  onOpen(): void;
  onFrame(frame: string): void;
  /** The socket is gone, or could not be opened (then with code 1006). Told once. */
  onClose(code: number, reason: string): void;
}

/**
 * What happens to a page.
 *
 * - `leave`: it is going away for good;
 * - `suspend`: it goes into the back/forward cache, and may come back;
 * - `freeze`: the browser is about to stop its scripts, to save energy;
 * - `resume`: it is back from either;
 * - `wake`: something happened after which a look at the connection is worth while: visible again, awake after sleep;
 * - `online`, `offline`: what the browser believes about the network.
 */
export type LifecycleEvent = 'leave' | 'suspend' | 'freeze' | 'resume' | 'wake' | 'online' | 'offline';

/** What a browser says about a microphone or camera before it is asked for it. */
export type Permission = 'granted' | 'denied' | 'prompt' | 'unknown';

/** A source the SDK can send while the real one is not open: silence, or black. */
export interface PlaceholderTrack {
  readonly track: MediaStreamTrack;
  /** Draws the next frame of a picture; does nothing for sound. */
  paint(): void;
  /** From now on `paint` draws this camera. Absent where nothing can be drawn: then the camera itself is sent. */
  show?(camera: MediaStreamTrack): void;
  /** Frees what makes it. */
  close(): void;
}

/** The sounds a phone makes by itself. Every one may fail silently: sound never delays or ends a call. */
export interface PlatformSounds {
  start(tone: 'incoming' | 'waiting' | 'ringback'): void;
  stop(tone: 'incoming' | 'waiting' | 'ringback'): void;
  once(tone: 'hangup' | 'busy' | 'unavailable'): void;
  /** The same with a tone that the gateway has named: one turn of it. */
  tone(turn: NonNullable<CallEnd['tone']>): void;
  digit(key: string): void;
  /** Where ringing, and everything else, comes out; an empty list is the system's default. */
  setOutputs?(role: 'ringtone' | 'speaker', deviceIds: readonly string[]): void;
  /** Starts what was refused; resolves with whether sound can be heard now. */
  unlock(): Promise<boolean>;
  close(): void;
}

/** The one place where the other side's sound comes out. */
export interface PlatformSpeaker {
  /** Plays this stream. `onBlocked` hears whether the browser refuses to, each time that changes. */
  play(stream: MediaStream, onBlocked: (isBlocked: boolean) => void): void;
  unlock(): Promise<boolean>;
  /** Plays it on these outputs, all at once; an empty list is the system's default. Absent where that cannot be chosen. */
  setOutputs?(deviceIds: readonly string[]): void;
  close(): void;
}

/** What one page leaves for the next in the same tab. May throw where a page is forbidden to store anything. */
export interface TabStorage {
  /** Reads it and takes it away. */
  take(name: string): string | null;
  put(name: string, value: string): void;
}

/** A microphone, camera or speaker as `enumerateDevices` lists it. */
export interface ListedDevice {
  readonly kind: string;
  readonly deviceId: string;
  readonly groupId: string;
  readonly label: string;
}

/** What a page can do with devices beside opening them. Nothing of it is needed to register, to ring, or to talk. */
export interface PlatformDevices {
  list(): Promise<readonly ListedDevice[]>;
  /** Tells that something was plugged in or out, or may be seen now; returns the function that stops it. */
  watch(onChange: () => void): () => void;
  /** Opens a screen, a window or a tab that the person chooses: its picture, and its sound where there is one. */
  openScreen(options: DisplayMediaStreamOptions): Promise<readonly MediaStreamTrack[]>;
  readonly canChooseOutput: boolean;
  /** The browser's own dialogue for outputs; absent where there is none. */
  selectOutput?(): Promise<ListedDevice>;
  /** Plays a short sound on these outputs; resolves when it is over. */
  testOutput(deviceIds: readonly string[]): Promise<void>;
  /** How many pixels of the screen an element takes in height; 0 when it is not to be seen. */
  shownHeight(element: HTMLVideoElement): number;
  /** Measures how loud a track is, 0 to 1, every 50 ms, until it is stopped. */
  measure(track: MediaStreamTrack, onLevel: (level: number) => void): () => void;
  /** What was kept in this browser under this name, and keeping it. Neither throws. */
  recall(): string | null;
  keep(value: string): void;
  /** Keeps the screen on; returns the function that lets it go. */
  holdAwake(): () => void;
  /** Shows a call to the system's media controls; returns the function that takes it away. */
  showCall(call: SystemCall): () => void;
}

/** A call as the system's media controls show it, and what they may do with it. */
export interface SystemCall {
  readonly title: string;
  readonly isMuted: boolean;
  /** Null where there is no camera to switch. */
  readonly isCameraOn: boolean | null;
  hangUp(): void;
  toggleMicrophone(): void;
  toggleCamera(): void;
}

/**
 * Everything the SDK asks of its surroundings. `browserPlatform()` is the one that ships; a phone outside a browser,
 * or a test, brings its own. Nothing else in the SDK touches a browser global.
 */
export interface Platform {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Calls back once, not before `delayMs`; returns the function that prevents it. */
  setTimer(callback: () => void, delayMs: number): () => void;
  /** A number in [0, 1). */
  random(): number;
  /** A fresh name, 8 to 64 letters, digits, `-` and `_`; never the same twice. */
  randomId(): string;

  /** What this device is, for the gateway's log: browser and system, at most 128 characters. */
  readonly agent: string;
  /** Makes an absolute socket URL of what the application gave; undefined is the default. Throws when there is none. */
  resolveUrl(url: string | undefined): string;
  openSocket(url: string, subprotocol: string, handlers: SocketHandlers): PlatformSocket;
  /** Loads what the next three need, where that is not there from the start. Called before any of them is. */
  preparePage?(): Promise<void>;
  /** Tells what happens to the page; returns the function that stops it. */
  watchLifecycle(listener: (event: LifecycleEvent) => void): () => void;

  /**
   * Holds a lock that one page of this origin has at a time, or waits for it. `onHeld` is called once, when it is held.
   * Returns the function that gives it back, or stops waiting. Absent: pages do not know of one another.
   */
  readonly holdLock?: ((name: string, onHeld: () => void) => () => void) | undefined;
  /** What one page leaves for the next in the same tab, and nowhere else. Absent: nothing survives a page. */
  readonly tabStorage?: TabStorage | undefined;

  /** What opening it would meet, without asking the person. */
  queryPermission(kind: 'audio' | 'video'): Promise<Permission>;
  /** Whether there is one to open. Absent where nobody can tell; one is tried then. */
  hasSource?(kind: 'audio' | 'video'): Promise<boolean>;
  /** Makes the phone's own sounds, or loads what does. `onBlocked` hears whether the browser refuses to play them. */
  createSounds(onBlocked: (isBlocked: boolean) => void): PlatformSounds | Promise<PlatformSounds>;

  /** Loads what speaks to the SFU. Called when a call is near; may be called again after a failure. */
  readonly loadMediaEngine: MediaEngineLoader;
  /** Loads what the rest of this interface needs, where that is not there from the start. Called before any of it is. */
  prepareMedia?(): Promise<void>;
  /** Opens a microphone or a camera. Rejects as `getUserMedia` does. */
  openSource(kind: 'audio' | 'video', constraints: MediaTrackConstraints | true): Promise<MediaStreamTrack>;
  createStream(): MediaStream;
  createPlaceholder(kind: 'audio' | 'video'): PlaceholderTrack;
  createSpeaker(): PlatformSpeaker;
  /** Whether devices were chosen here in an earlier visit, so that it is worth loading what looks for them. Asked after `prepareMedia`. */
  hasChosenDevices?(): boolean;
  /** Loads what a page can do with devices, after `prepareMedia`. Absent where there is nothing to choose from. */
  loadDevices?(): Promise<PlatformDevices>;
  /** Whether nobody looks at the page, so that its timers are late. Absent: somebody does. */
  isHidden?(): boolean;
}
