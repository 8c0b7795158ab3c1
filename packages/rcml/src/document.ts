/** A place in the text as its author sees it: both count from 1, and a column is one UTF-16 unit. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The two methods a webhook may be asked with. */
export type HttpMethod = 'GET' | 'POST';

/** What a parsed RCML answer says to do, in order. */
export interface Document {
  readonly verbs: readonly Verb[];
}

/** One step of a document; `verb` is its name as written in XML. */
export type Verb = Dial | Say | Play | Gather | Record | Pause | Hangup | Redirect | Reject;

/** The name of a verb as written in XML. */
export type VerbName = Verb['verb'];

/** What may be played while a `<Gather>` listens. */
export type Prompt = Say | Play | Pause;

/** Whom a `<Dial>` may reach. */
export type Noun = Client | Number | Sip | Conference;

/** The name of a noun as written in XML (`<Uri>` is read as `Sip`). */
export type NounName = Noun['noun'];

/** Why a noun cannot be rung. It stays a branch of its dial, so that its callbacks are still owed. */
export interface Refusal {
  /** From the table in `codes.ts`. */
  readonly code: number;
  readonly message: string;
}

/** How a dial is recorded; `record="true"` is read as `record-from-answer`. */
export type DialRecording =
  | 'do-not-record'
  | 'record-from-answer'
  | 'record-from-ringing'
  | 'record-from-answer-dual'
  | 'record-from-ringing-dual';

/** Whether silence at both ends of a recording is cut. */
export type Trim = 'trim-silence' | 'do-not-trim';

/** What a recording callback may tell. */
export type RecordingEvent = 'in-progress' | 'completed' | 'absent';

/** What a leg's status callback may tell, in the order of a leg's life. */
export type LegEvent = 'initiated' | 'ringing' | 'answered' | 'completed';

/** What a conference's status callback may tell. */
export type ConferenceEvent = 'start' | 'end' | 'join' | 'leave' | 'mute' | 'hold' | 'modify' | 'speaker';

/** Where the fate of a recording is reported. */
export interface RecordingReports {
  readonly recordingStatusCallback?: string;
  readonly recordingStatusCallbackMethod: HttpMethod;
  /** Without a list of its own: `completed` alone. */
  readonly recordingStatusCallbackEvents: readonly RecordingEvent[];
}

/** Calls somebody and joins her with the caller. */
export interface Dial extends RecordingReports {
  readonly verb: 'Dial';
  readonly at: Position;
  /** Asked when the dial is over; without it the caller goes on with the next verb. */
  readonly action?: string;
  readonly method: HttpMethod;
  /** How long the nouns ring. */
  readonly timeoutSeconds: number;
  /** How long the joined parties may talk. */
  readonly timeLimitSeconds: number;
  readonly callerId?: string;
  readonly hangupOnStar: boolean;
  readonly record: DialRecording;
  readonly trim: Trim;
  /** A country code or the URL of a sound, as written. */
  readonly ringTone?: string;
  /** The URL of what the caller hears instead of ringing. */
  readonly dialMusic?: string;
  /** True rings the nouns one after another instead of all at once. */
  readonly sequential: boolean;
  /** False answers the caller before anybody is joined; only an explicit `answerOnBridge="false"` says so. */
  readonly answerOnBridge: boolean;
  /** Every noun as written, refused ones included: each is a branch of the dial. */
  readonly nouns: readonly Noun[];
}

/** What the nouns that become a leg have in common: `Client`, `Number` and `Sip`. */
export interface LegNoun {
  readonly at: Position;
  /** Null when the document named nobody; `refused` is then present. */
  readonly target: string | null;
  readonly refused?: Refusal;
  /** Custom parameters, keys as written, in the order of the document. */
  readonly parameters: ReadonlyMap<string, string>;
  /** A document that runs on this leg between pick-up and being joined. */
  readonly url?: string;
  readonly method: HttpMethod;
  /** The limit of that document. */
  readonly screeningTimeoutSeconds: number;
  readonly statusCallback?: string;
  readonly statusCallbackMethod: HttpMethod;
  /** In the order of a leg's life, without repeats; never empty. */
  readonly statusCallbackEvents: readonly LegEvent[];
}

/** What a `<Video>` child asks for beside video itself. */
export interface VideoAttributes {
  readonly mode: 'mcu' | 'sfu';
  readonly resolution: VideoResolution;
  readonly layout: 'tile' | 'linear';
  readonly overlay: string;
}

/** The picture sizes RCML knows. */
export type VideoResolution = 'QCIF' | 'CIF' | '4CIF' | '16CIF' | 'VGA' | '720p';

/** A noun that may ask for video. */
export interface WithVideo {
  /** True when a `<Video>` child asks for video; a child without `enable` does. */
  readonly video: boolean;
  /** Present when there is a `<Video>` child, also a disabled one. */
  readonly videoAttributes?: VideoAttributes;
}

/** Somebody registered by name; `target` is the plain name, without `client:`. */
export interface Client extends LegNoun, WithVideo {
  readonly noun: 'Client';
}

/** A telephone number; `target` keeps `+`, digits, `*` and `#` only. */
export interface Number extends LegNoun {
  readonly noun: 'Number';
  /** Keys sent after pick-up; `w` waits half a second. */
  readonly sendDigits?: string;
}

/** A SIP address; `target` is the URI up to its `?`. */
export interface Sip extends LegNoun, WithVideo {
  readonly noun: 'Sip';
  readonly username?: string;
  readonly password?: string;
}

/** A room of many; `target` is its name. */
export interface Conference extends RecordingReports, WithVideo {
  readonly noun: 'Conference';
  readonly at: Position;
  /** Null when the document named no room; `refused` is then present. */
  readonly target: string | null;
  readonly refused?: Refusal;
  readonly muted: boolean;
  readonly beep: boolean | 'onEnter' | 'onExit';
  readonly startConferenceOnEnter: boolean;
  readonly endConferenceOnExit: boolean;
  readonly maxParticipants: number;
  /** Absent: the built-in music. Empty: silence. */
  readonly waitUrl?: string;
  readonly waitMethod: HttpMethod;
  readonly record: 'do-not-record' | 'record-from-start';
  readonly trim: Trim;
  readonly statusCallback?: string;
  readonly statusCallbackMethod: HttpMethod;
  readonly statusCallbackEvents: readonly ConferenceEvent[];
}

/** Speaks a text. */
export interface Say {
  readonly verb: 'Say';
  readonly at: Position;
  /** The words alone, with the tags of SSML left out. */
  readonly text: string;
  /** The body as well-formed XML, present when it holds tags. */
  readonly ssml?: string;
  readonly voice: string;
  readonly language: string;
  /** 0 repeats until something else happens. */
  readonly loop: number;
}

/** Plays a sound, or digits. At least one of `url` and `digits` is present. */
export interface Play {
  readonly verb: 'Play';
  readonly at: Position;
  readonly url?: string;
  readonly digits?: string;
  /** 0 repeats until something else happens. */
  readonly loop: number;
}

/** Collects keys or speech while prompts play. */
export interface Gather {
  readonly verb: 'Gather';
  readonly at: Position;
  /** Absent: the current document is asked. */
  readonly action?: string;
  readonly method: HttpMethod;
  /** Silence after the last key or prompt. */
  readonly timeoutSeconds: number;
  /** The keys that end the input; empty when none does. */
  readonly finishOnKey: string;
  readonly numDigits?: number;
  /** What counts as input, without repeats; never empty. */
  readonly input: readonly GatherInput[];
  readonly actionOnEmptyResult: boolean;
  /** The keys an input may begin with; absent: any. */
  readonly startInputKey?: string;
  readonly language: string;
  readonly hints: readonly string[];
  readonly partialResultCallback?: string;
  readonly partialResultCallbackMethod: HttpMethod;
  /** Silence that ends speech; `auto` leaves it to the recogniser. */
  readonly speechTimeoutSeconds?: number | 'auto';
  readonly prompts: readonly Prompt[];
}

/** What a `<Gather>` listens for. */
export type GatherInput = 'dtmf' | 'speech';

/** Records the caller. */
export interface Record extends RecordingReports {
  readonly verb: 'Record';
  readonly at: Position;
  /** Absent: the current document is asked. */
  readonly action?: string;
  readonly method: HttpMethod;
  /** Silence that ends the recording. */
  readonly timeoutSeconds: number;
  /** The keys that end the recording; empty when none does. */
  readonly finishOnKey: string;
  readonly maxLengthSeconds: number;
  readonly playBeep: boolean;
  readonly media: 'audio_only' | 'video_only' | 'audio_video';
  readonly trim: Trim;
  readonly transcribe: boolean;
  readonly transcribeCallback?: string;
}

/** Waits. */
export interface Pause {
  readonly verb: 'Pause';
  readonly at: Position;
  readonly lengthSeconds: number;
}

/** Ends the call. */
export interface Hangup {
  readonly verb: 'Hangup';
  readonly at: Position;
}

/** Goes on with another document. */
export interface Redirect {
  readonly verb: 'Redirect';
  readonly at: Position;
  /** Empty: the current document is asked again. */
  readonly url: string;
  readonly method: HttpMethod;
}

/** Declines a call that is not yet answered. */
export interface Reject {
  readonly verb: 'Reject';
  readonly at: Position;
  readonly reason: 'rejected' | 'busy';
}

/** One thing to be said about a document, fit to be shown to its author. */
export interface Complaint {
  /** From the table in `codes.ts`. */
  readonly code: number;
  /** An `error` made us leave something out; a `warning` says what we read instead. */
  readonly severity: 'error' | 'warning';
  /** What is wrong. */
  readonly message: string;
  readonly at: Position;
  /** What would be right. */
  readonly remedy: string;
}

/** What a text that is no document looks like. */
export type LooksLike =
  | 'empty'
  | 'html-page'
  | 'login-page'
  | 'placeholder-left-in'
  | 'bare-text'
  | 'text-after-response'
  | 'word-processor-file'
  | 'wrong-encoding'
  | 'wrong-root'
  | 'wrong-content-type'
  | 'document-type'
  | 'too-large'
  | 'too-deep'
  | 'broken-xml';

/** What became of a text. A refused one has at least one complaint of severity `error`. */
export type ParseResult =
  | { readonly ok: true; readonly document: Document; readonly complaints: readonly Complaint[] }
  | { readonly ok: false; readonly looksLike: LooksLike; readonly complaints: readonly Complaint[] };
