/** How a call sounds and looks, once a second, from the browser's own counters. What nobody knows is null, never 0. */
export interface Sample {
  /** When it was taken, in ms since the epoch, and how much time it is about. */
  readonly atMs: number;
  readonly periodMs: number;
  /** Round trip to the SFU. The other person's way to it is not in it: only their own browser knows that one. */
  readonly rttMs: number | null;
  /** 1 to 4.5: what a listener would say of the sound that arrives, by the E-model; null while none arrives. */
  readonly mos: number | null;
  readonly path: PathSample | null;
  readonly sent: { readonly audio: SentAudio | null; readonly video: SentVideo | null };
  readonly received: { readonly audio: ReceivedAudio | null; readonly video: ReceivedVideo | null };
}

/** The way the packets go. */
export interface PathSample {
  readonly protocol: 'udp' | 'tcp' | null;
  /** Our end of it, in ICE's words. `relay`: through a TURN server. */
  readonly localType: 'host' | 'srflx' | 'prflx' | 'relay' | null;
  /** How a TURN server is reached. */
  readonly relayProtocol: 'udp' | 'tcp' | 'tls' | null;
  /** What the browser believes it may send, in bits a second. */
  readonly availableBps: number | null;
}

interface SentTrack {
  readonly packets: number;
  readonly bytes: number;
  readonly bps: number;
  /** Of what was sent, what did not arrive at the SFU: 0 to 1. */
  readonly lossFraction: number | null;
  readonly jitterMs: number | null;
  readonly codec: string | null;
}

interface ReceivedTrack {
  readonly packets: number;
  readonly bytes: number;
  readonly bps: number;
  readonly packetsLost: number;
  /** Of what was sent to us, what did not arrive: 0 to 1; null where nothing was sent. */
  readonly lossFraction: number | null;
  readonly jitterMs: number | null;
  readonly codec: string | null;
}

export interface SentAudio extends SentTrack {
  /** Of the microphone: 0 to 1. */
  readonly level: number | null;
}

export interface ReceivedAudio extends ReceivedTrack {
  /** Of what is played: 0 to 1. */
  readonly level: number | null;
  /** Of what was played, what had to be made up: 0 to 1. */
  readonly concealedFraction: number | null;
}

export interface SentVideo extends SentTrack {
  readonly framesPerSecond: number;
  readonly width: number | null;
  readonly height: number | null;
  /** What keeps the browser from sending a better picture. */
  readonly limitedBy: 'none' | 'cpu' | 'bandwidth' | 'other' | null;
}

export interface ReceivedVideo extends ReceivedTrack {
  readonly framesPerSecond: number;
  readonly framesDropped: number;
  /** How often it has stood still, in this period. */
  readonly freezes: number;
  readonly width: number | null;
  readonly height: number | null;
}

/** What may be wrong. The first nine are Twilio's, at Twilio's thresholds. */
export type WarningName =
  | 'high-rtt'
  | 'high-jitter'
  | 'low-mos'
  | 'high-packet-loss'
  | 'high-packets-lost-fraction'
  | 'low-bytes-sent'
  | 'low-bytes-received'
  | 'constant-audio-input-level'
  | 'ice-connectivity-lost'
  /** Nothing has ever been heard of the other side, although this person speaks. */
  | 'one-way-audio'
  /** The microphone is on and gives nothing at all, not even noise. */
  | 'low-local-audio'
  | 'speaking-while-muted'
  | 'relay-in-use'
  /** The packets go another way than before: another network, or through a relay. */
  | 'path-changed'
  | 'cpu-limited'
  | 'frozen-video'
  /** The loudspeaker that was chosen is gone; sound comes out of another. */
  | 'sink-lost';

/** Something that is wrong with a call, told when it begins and when it is over. */
export interface QualityWarning {
  readonly name: WarningName;
  /** `notice`: good to know. `warning`: it can be heard or seen. `critical`: they cannot talk. */
  readonly level: 'notice' | 'warning' | 'critical';
  /** What was measured, and the limit it is beyond; in the unit of the name. Null where there is nothing to measure. */
  readonly value: number | null;
  readonly threshold: number | null;
  /** Since when, in ms since the epoch. */
  readonly sinceMs: number;
  /** Whose ears or eyes it concerns: the other side's (`sent`), or this person's (`received`). */
  readonly direction: 'sent' | 'received' | null;
  /** Names a sentence for a person, with advice, in the tables of `@parley/client/words`. */
  readonly i18nKey: `warning.${WarningName}`;
}

/** One word for how a call is, and why it is not better. */
export interface CallQuality {
  readonly level: 'excellent' | 'good' | 'fair' | 'poor' | 'lost';
  /** The mean of the last seconds; null before there is sound. */
  readonly mos: number | null;
  readonly reasons: readonly WarningName[];
}

/** What a person may say was wrong, after a call. Twilio's words. */
export type FeedbackIssue =
  | 'audio-latency'
  | 'choppy-audio'
  | 'dropped-call'
  | 'echo'
  | 'noisy-call'
  | 'one-way-audio'
  | 'frozen-video'
  | 'other';
