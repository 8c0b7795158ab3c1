import type {
  AudioCodecOptions,
  CameraSource,
  DeviceChange,
  LocalSource,
  PreferredQuality,
  ScreenOptions,
} from './api-devices.ts';
import type { Call } from './call.ts';
import type { CallEnd, Party } from './core/call-end.ts';
import type { CallQuality, QualityWarning, Sample } from './core/quality/quality.ts';
import type { ClientError } from './errors.ts';
import type { LogLevel, Logger } from './log.ts';
import type { Platform } from './platform.ts';

export type * from './api-devices.ts';
export type { CallEnd, LocalEndReason, Party } from './core/call-end.ts';
export type * from './core/quality/quality.ts';

/** Why the SDK asks for a token. */
export type TokenReason = 'initial' | 'expiring' | 'expired' | 'refused';

/**
 * Fetches an access token. Asked once at a time, however many need it; given up on when `signal` aborts, which it
 * does after fifteen seconds and when the device is destroyed.
 */
export type TokenProvider = (request: {
  readonly reason: TokenReason;
  readonly signal: AbortSignal;
}) => string | Promise<string>;

/** Which sounds the SDK makes by itself. All are synthesised: nothing is downloaded. */
export interface SoundOptions {
  /** Rings when a call comes in. */
  readonly incoming?: boolean;
  /** What the caller hears while the other side rings. */
  readonly ringback?: boolean;
  /** A soft tone now and then for a call that waits while another one talks. */
  readonly waiting?: boolean;
  /** A short falling tone when a call that was answered ends, and a busy tone when it was not answered. */
  readonly disconnect?: boolean;
  /** The two tones of a key pressed by `sendDigits`. */
  readonly dtmf?: boolean;
}

/**
 * Which ways to the SFU are tried.
 *
 * - `all`: straight, and beside it through the gateway's TURN server where it has one; the best that works is used;
 * - `relay`: through TURN alone, for networks whose rules or people want it so. Without a TURN server no call connects;
 * - `auto-escalate`: `all`, until a path has broken and a restart has not mended it; then `relay`.
 */
export type IceTransportPolicy = 'all' | 'relay' | 'auto-escalate';

/** How a {@link Device} behaves. Everything has a default that suits a page served beside the gateway. */
export interface DeviceOptions {
  /** The gateway's socket, `wss://…`, or a path on this origin. Default: `/parley` on this origin. */
  readonly url?: string;
  /** What this device is called when other devices are told who was faster: "Anna's laptop". At most 128 characters. */
  readonly deviceLabel?: string;
  /** `false` for a silent SDK, or single sounds. Default: all on. */
  readonly sounds?: boolean | SoundOptions;
  /** Whether a second call may ring while one is talking. Default `true`; otherwise it is rejected on this device. */
  readonly allowIncomingWhileBusy?: boolean;
  /** Which ways to the SFU are tried. Default `all`. */
  readonly iceTransportPolicy?: IceTransportPolicy;
  /**
   * What happens when this person has several pages of this origin open.
   *
   * - `leader` (default): all of them show a call and may answer it; one, elected by a Web Lock, rings audibly;
   * - `all`: every page rings audibly;
   * - `off`: no lock is taken, and `isLeaderTab` is always true.
   */
  readonly multiTab?: 'leader' | 'all' | 'off';
  /**
   * Whether the person talks with one side at a time: answering, placing and taking back a call puts the others on
   * hold. Default `true`.
   */
  readonly autoHold?: boolean;
  /**
   * Whether running calls are measured once a second, for `quality`, samples and warnings, and to mend a path on which
   * nothing passes though it is up. Default `true`.
   */
  readonly quality?: boolean;
  /**
   * Whether a microphone that is muted and still open is listened to on this page, so that `speaking-while-muted` can be
   * told. Only how loud it is is looked at, and nothing of it leaves the page. Default `true`.
   */
  readonly listenWhileMuted?: boolean;
  /** Remembers chosen devices in this browser, by origin. Default `true`. */
  readonly persistDevices?: boolean;
  /** Keeps the screen on while a call is open. Default `'call'`. */
  readonly wakeLock?: 'call' | 'off';
  /** Offers hang-up, microphone and camera to the system's own media controls. Default `true`. */
  readonly mediaSession?: boolean;
  readonly audio?: AudioCodecOptions;
  /** Where log lines go. Default: the console. */
  readonly logger?: Logger;
  /** The least serious line that is written. Default `warn`. */
  readonly logLevel?: LogLevel;
  /** Everything the SDK asks of its surroundings; for tests and for phones outside a browser. */
  readonly platform?: Platform;
}

/** What `updateOptions` may change; the rest is settled when a device is made. */
export type DeviceOptionChanges = Partial<
  Pick<DeviceOptions, 'deviceLabel' | 'sounds' | 'allowIncomingWhileBusy' | 'logger' | 'logLevel'>
>;

/** Twilio's four words. A device stays `registered` while its socket is being re-opened within the grace period. */
export type DeviceState = 'unregistered' | 'registering' | 'registered' | 'destroyed';

/** How the socket to the gateway stands. */
export interface ConnectionStatus {
  readonly state: 'offline' | 'connecting' | 'connected' | 'reconnecting' | 'suspended';
  /** Failed attempts since the last time it was connected. */
  readonly attempt: number;
  /** When the next attempt is made, in ms since the epoch; absent unless one is waited for. */
  readonly retryAtMs?: number;
}

/** A person who can be called, as the gateway tells it after {@link Device.watchPresence}. */
export interface PresenceEntry {
  readonly identity: string;
  /** How many devices ring when this person is called. */
  readonly devices: number;
  readonly busy: boolean;
}

/** Everything there is to know about a device, at one moment. Never changed; replaced. */
export interface DeviceSnapshot {
  readonly state: DeviceState;
  readonly connection: ConnectionStatus;
  /** The name this device is called by, once the gateway has read the token. */
  readonly identity: string | null;
  /** Whether it will ring. `false` while registered means that the token does not allow incoming calls. */
  readonly rings: boolean;
  /** Of all pages of this origin in which this person is registered, the one that rings audibly. */
  readonly isLeaderTab: boolean;
  /** Calls that are not over, oldest first. */
  readonly calls: readonly Call[];
  readonly isBusy: boolean;
  /** Empty until {@link Device.watchPresence}. */
  readonly presence: readonly PresenceEntry[];
  readonly playback: {
    /** The browser refuses to play sound until the person has touched the page; then call `playback.unlock()`. */
    readonly blocked: boolean;
  };
}

/** An immutable value and its changes, in the shape of React's `useSyncExternalStore`. */
export interface ReadableStore<Snapshot> {
  readonly getSnapshot: () => Snapshot;
  /** Calls `listener` after every change; returns the function that stops it. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** What a device tells. Each event follows from a change of its store, which has changed by then. */
export interface DeviceEvents {
  registering: [];
  registered: [];
  /** `reason` is absent when the application asked for it. */
  unregistered: [reason?: ClientError];
  destroyed: [];
  /** A call rings here. Fired within 50 ms of the frame, whatever sound or media do. */
  incoming: [call: Call];
  error: [error: ClientError, call?: Call];
  /** The token expires in `inMs`. With a token provider the SDK has already asked it. */
  tokenWillExpire: [inMs: number];
  connection: [status: ConnectionStatus];
  /** Another page rings from now on; or this one does, because the other was closed. */
  leaderChanged: [isLeaderTab: boolean];
  presence: [people: readonly PresenceEntry[]];
  /** Microphones, cameras or speakers came or went. Told once somebody has looked (`device.audio.refresh()`), or a call was open. */
  deviceChange: [change: DeviceChange];
  /** How loud the microphone is, 0 to 1, while a meter is open. */
  inputVolume: [level: number];
}

/** `true` for what the browser proposes, or constraints of your own. */
export type SourceOption = boolean | MediaTrackConstraints;

/** What a call is placed with. */
export interface ConnectOptions {
  /** Whom to call: short for `params.To`, which the document's server is asked with. */
  readonly to?: string;
  /** Sent to the document's server, with their keys as written. 4 KiB in all. */
  readonly params?: Readonly<Record<string, string>>;
  /** Whether to call with video. Default `false`. */
  readonly video?: SourceOption;
  /** `false` to listen only. Default `true`. */
  readonly microphone?: SourceOption;
  /**
   * Of the step of your own that leads to this call, as W3C Trace Context has it; it goes along to the gateway and to the
   * document's server. Default: a new trace.
   */
  readonly traceparent?: string;
  /** Aborting it cancels the call, also after it exists. */
  readonly signal?: AbortSignal;
}

/** What a call is answered with. */
export interface AcceptOptions {
  /** Whether to answer with one's own picture. Default: `false`. The other side's picture is shown in any case. */
  readonly video?: SourceOption;
  /** `false` to listen only. Default `true`. */
  readonly microphone?: SourceOption;
  /** Another word for `microphone`, for those who come from elsewhere. */
  readonly audio?: SourceOption;
  /** Aborting it before the gateway has taken the answer hangs up. */
  readonly signal?: AbortSignal;
}

/** What ends a wait; what was asked for may come to pass all the same. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
}

/** Whom a call is handed over to: whoever is called by a name, or the other side of another call of this device. */
export interface TransferOptions extends WaitOptions {
  readonly to: string | Call;
  /** Reach whoever is called as `customParameters`. 4 KiB in all. */
  readonly params?: Readonly<Record<string, string>>;
}

/** A message within a call, as `sendMessage` takes it. Twilio's names. */
export interface OutgoingMessage {
  /** At most 10 KiB as UTF-8. What is not a string is sent as JSON. */
  readonly content: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default `user-defined-message`. */
  readonly messageType?: string;
}

/** A message within a call. */
export interface CallMessage {
  readonly id: string;
  /** Parsed, where the type is JSON. */
  readonly content: unknown;
  readonly contentType: string;
  readonly messageType: string;
}

/** Who has put whom on hold: `local`, this device the other; `remote`, the other this device. */
export interface HoldState {
  readonly local: boolean;
  readonly remote: boolean;
}

/** What a call becomes one with video by. */
export interface VideoOptions {
  /** `false` to see the other side and not be seen. Default `true`. */
  readonly video?: boolean;
}

/** The other side asks whether the two shall see one another. No camera is open before one of these is called. */
export interface VideoRequest {
  /** Says yes, and opens this person's own camera unless `video` is `false`. Rejects when it cannot be opened. */
  accept(options?: VideoOptions): Promise<void>;
  decline(): Promise<void>;
}

/** What a call is refused with. */
export interface RejectOptions {
  /** Refuse for all of this person's devices, not only for this one. Default `false`. */
  readonly everywhere?: boolean;
}

/** Twilio's words for how a call stands. */
export type CallStatus = 'pending' | 'connecting' | 'ringing' | 'open' | 'reconnecting' | 'closed';

/**
 * The same in more detail.
 *
 * - `calling`: placed, nobody is being told yet;
 * - `ringing`: the other side is being told (outgoing), or this device rings (incoming);
 * - `accepting`: answered here, the gateway has not yet said that we were first;
 * - `screening`: answered, a document runs before the two are joined;
 * - `answered`: the gateway talks to us: an announcement, a prompt;
 * - `joined`: the two people hear one another;
 * - `ended`.
 */
export type CallPhase = 'calling' | 'ringing' | 'accepting' | 'screening' | 'answered' | 'joined' | 'ended';

/** Twilio's names for who calls whom. Plain names, without `client:`. */
export interface CallParameters {
  readonly From: string;
  readonly To: string;
  /** Empty until the gateway has named the call. */
  readonly CallSid: string;
}

/**
 * One of this person's own sources.
 *
 * - `off`: not in use; the device behind it is closed;
 * - `opening`: asked for, the browser has not given it yet;
 * - `on`;
 * - `muted`: in use and silenced (a camera is then closed as well);
 * - `failed`: could not be opened; `call.mute(false)` or `call.muteVideo(false)` tries again.
 */
export type SourceState = 'off' | 'opening' | 'on' | 'muted' | 'failed';

/** One kind of media from the other side: not there, there but held at the gateway or switched off, or flowing. */
export type RemoteState = 'none' | 'held' | 'muted' | 'on';

/** Somebody else in a call: the other of two, or one of many in a conference. */
export interface RemotePerson extends Party {
  /** Tells one from another for as long as they are in this call; empty in a call of two. */
  readonly id: string;
  /** This person's sound and picture alone. The SDK plays the sound by itself. */
  readonly stream: MediaStream | null;
  readonly audio: RemoteState;
  readonly video: RemoteState;
  /** What this person shares of their screen, while they do. */
  readonly screen: MediaStream | null;
  /** Nobody hears this person now, whether by choice or because the conference has it so. */
  readonly isMuted: boolean;
  /** Kept apart from the conference for a while. */
  readonly isOnHold: boolean;
}

/** The conference a call is in. */
export interface ConferenceStatus {
  readonly name: string;
  /** Until somebody comes who starts it, nobody hears anybody. */
  readonly isStarted: boolean;
  /** The conference lets nobody hear this person, whatever `call.mute` says. */
  readonly isMuted: boolean;
  readonly isOnHold: boolean;
}

/** Media of a call, at one moment. A stream keeps its identity for as long as the call lasts. */
export interface CallMediaSnapshot {
  /** The self-view and microphone; for a `<video muted>` element of your own. */
  readonly local: MediaStream | null;
  /** The other side. The SDK plays its sound by itself. */
  readonly remote: MediaStream | null;
  readonly microphone: SourceState;
  readonly camera: SourceState;
  readonly screen: SourceState;
  /** What is shared of this person's screen. */
  readonly localScreen: MediaStream | null;
  /** What is shared of the other side's, apart from their face; in a conference, whoever began last. */
  readonly remoteScreen: MediaStream | null;
  /** Which of this person's sources the system has taken away for now. */
  readonly interrupted: readonly ('microphone' | 'camera')[];
  readonly remoteAudio: RemoteState;
  readonly remoteVideo: RemoteState;
  /** Everybody else, in the order in which they came. Empty until somebody is joined, or listed by a conference. */
  readonly remotes: readonly RemotePerson[];
  /** How the way to the SFU stands. */
  readonly transport: 'none' | 'connecting' | 'connected' | 'disconnected' | 'failed';
}

/** Everything there is to know about a call, at one moment. Never changed; replaced. */
export interface CallSnapshot {
  /** Names the call on this device from the moment it exists, before it has a CallSid. */
  readonly callId: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly status: CallStatus;
  readonly phase: CallPhase;
  readonly parameters: CallParameters;
  readonly customParameters: ReadonlyMap<string, string>;
  /** Known from the start for a call that comes in; for one that is placed, from the moment of being joined. */
  readonly other: Party | null;
  /** Set while the call is in a conference. `other` is then whoever has been heard for longest. */
  readonly conference: ConferenceStatus | null;
  /** Incoming: the call is offered with video. Then: whether the two see one another. */
  readonly video: boolean;
  readonly media: CallMediaSnapshot;
  /** Whether the person has silenced the microphone. An intention: it outlives devices and reconnects. */
  readonly isMuted: boolean;
  /** Whether the person has switched the camera off. */
  readonly isVideoMuted: boolean;
  /** `ignore()` was called: it rings on, but not audibly here. */
  readonly isIgnored: boolean;
  /** Outgoing, while it rings: the gateway plays what the document asks for, and the SDK no tone of its own. */
  readonly hasEarlyMedia: boolean;
  /** It rings here while another call talks: heard as a soft tone now and then. */
  readonly isWaiting: boolean;
  readonly held: HoldState;
  /** Who has asked for video, while the answer is waited for. */
  readonly videoRequest: 'local' | 'remote' | null;
  /** The other side is being handed over, and rings for somebody else. */
  readonly isTransferring: boolean;
  /** When it was answered (by a person or by the gateway), in ms since the epoch. */
  readonly answeredAtMs: number | null;
  /** How it sounds, in a word; null while nobody is joined, on hold, and for the first seconds. */
  readonly quality: CallQuality | null;
  /** Finds this call in the logs of the gateway and of the document's server: the trace id of its `traceparent`. */
  readonly traceId: string;
  /** How it ended, once it has. */
  readonly end: CallEnd | null;
}

/** What a call tells. Nothing after `disconnect`, except where `cancel` or `reject` come with it, just before. */
export interface CallEvents {
  /** Outgoing: the other side is being told. With early media the gateway plays what is heard meanwhile, and the SDK nothing. */
  ringing: [hasEarlyMedia: boolean];
  /** Picked up; a document runs before the two are joined. */
  screening: [];
  /** The gateway itself has answered, with an announcement or a prompt. */
  answered: [];
  /** The two people are joined. */
  accept: [call: Call];
  /** The other side has left, the document goes on. */
  parted: [];
  mute: [isMuted: boolean, call: Call];
  muteVideo: [isVideoMuted: boolean, call: Call];
  mediaChanged: [media: CallMediaSnapshot];
  /** The system has taken a microphone or a camera away, for a telephone call perhaps; and given it back. */
  interrupted: [source: { readonly kind: 'audio' | 'video' }];
  restored: [source: { readonly kind: 'audio' | 'video' }];
  /** Keys the other side pressed. */
  digits: [digits: string];
  hold: [held: HoldState];
  messageReceived: [message: CallMessage];
  messageSent: [message: CallMessage];
  /** The other side asks to see and be seen. */
  videoRequested: [request: VideoRequest];
  /** The other side has taken the question back, or waited long enough. */
  videoWithdrawn: [];
  /**
   * The socket (`connection-lost`) or the media path (`media-failed`) is lost, and is being brought back: there is
   * nothing to do but to say so. What is muted stays so.
   */
  reconnecting: [error: ClientError];
  /** All is well again, `gapMs` after `reconnecting`. A lost socket alone leaves no gap in the sound. */
  reconnected: [gap: { readonly gapMs: number }];
  /** Once a second while the call talks. */
  sample: [sample: Sample];
  /** With each sample: how loud the microphone is, and what is played; 0 to 1. */
  volume: [input: number, output: number];
  /** Something is wrong, … */
  warning: [warning: QualityWarning];
  /** … and is not any more. */
  'warning-cleared': [warning: QualityWarning];
  quality: [quality: CallQuality | null];
  /** Incoming: over before it was answered here: the caller gave up, or somebody else was faster (`end.reason`). */
  cancel: [end: CallEnd];
  /** Refused: by this device, or, outgoing, by the other side. */
  reject: [end: CallEnd];
  disconnect: [call: Call, end: CallEnd];
  error: [error: ClientError];
}

/** A call that the page before this one, in the same tab, was in. */
export interface ResumableCall {
  readonly callId: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly parameters: CallParameters;
  readonly customParameters: ReadonlyMap<string, string>;
  readonly other: Party | null;
  /** When it was answered, in ms since the epoch. */
  readonly answeredAtMs: number | null;
  /** Settles when it is over, taken back or not. */
  readonly ended: Promise<CallEnd>;
  /**
   * Takes the call back: the same call, with what was muted still muted, and its media anew. Resolves when they are on
   * their way; `reconnected` says that they are there. Aborting `signal` hangs up. Rejects when the call is over first.
   */
  resume(options?: { readonly signal?: AbortSignal }): Promise<Call>;
  /** Hangs it up. */
  hangup(): Promise<CallEnd>;
}

/** Sound of the other side, and of the SDK, on this page. */
export interface PlaybackControls {
  readonly blocked: boolean;
  /** Starts what the browser refused to start. Call it from a click; resolves with whether it helped, within 3 s. */
  unlock(): Promise<boolean>;
}

/** A call's media, at hand: the fields of its snapshot, and the person's own sources as things that can be used. */
export interface CallMedia extends Omit<CallMediaSnapshot, 'microphone' | 'camera' | 'screen'> {
  readonly microphone: LocalSource;
  readonly camera: CameraSource;
  readonly screen: LocalSource<ScreenOptions>;
  /** How large the others' pictures are wanted; see {@link PreferredQuality}. Until then `auto`. */
  setPreferredQuality(quality: PreferredQuality): void;
  /**
   * Shows the other side in this element, now and whenever its tracks change, until disposed of. The element is
   * muted: the SDK plays the sound itself, once. With the `id` of one of `remotes`, that person alone.
   */
  attach(element: HTMLVideoElement, id?: string): Disposable & (() => void);
  /** The same for what the other side shares of their screen, or the one of `remotes` with this `id`. */
  attachScreen(element: HTMLVideoElement, id?: string): Disposable & (() => void);
  /** The same for this person's own picture. */
  attachLocal(element: HTMLVideoElement): Disposable & (() => void);
  /**
   * Asks the other side whether the two shall see one another. The camera opens when they have said yes. Silence for
   * thirty seconds is a no; an aborted signal takes the question back.
   */
  requestVideo(options?: VideoOptions & WaitOptions): Promise<'accepted' | 'declined'>;
  /** Makes an audio call of it again: both cameras are closed. */
  removeVideo(): Promise<void>;
}

/** Figures of a running call. */
export interface CallStats {
  /** As the browser reports it, both directions, for those who want to look closer. */
  readonly send: RTCStatsReport | null;
  readonly recv: RTCStatsReport | null;
  /** Round trip to the SFU in ms, where the browser knows it. */
  readonly roundTripMs: number | null;
  readonly audio: DirectionStats;
  readonly video: DirectionStats;
}

/** One kind of media, counted since the call began. */
export interface DirectionStats {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  readonly framesDecoded: number;
  readonly framesEncoded: number;
}
