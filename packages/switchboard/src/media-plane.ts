import type {
  ClientMessageOf,
  IceParameters,
  MediaOffer,
  RtpCapabilities,
  Unnumbered,
} from '@parley/protocol';

declare const partyBrand: unique symbol;
/** One device's part in one call. A leg with three ringing devices has three parties. */
export type PartyId = string & { readonly [partyBrand]: true };

/** Makes the party's name from the names of its session and of the call within it. */
export function partyId(sessionId: string, callId: string): PartyId {
  return `${sessionId}:${callId}` as PartyId;
}

/** What a browser says about its own media. The switchboard passes these by; only the plane reads them. */
export type PartyMessage = ClientMessageOf<
  | 'transportConnect'
  | 'produce'
  | 'producerMuted'
  | 'producerClosed'
  | 'consuming'
  | 'keyFrame'
  | 'preferQuality'
>;

/** What the plane says to a browser about its media. */
export type PartyNotice = Extract<
  Unnumbered,
  {
    type:
      | 'consume'
      | 'consumerResumed'
      | 'consumerMuted'
      | 'consumerClosed'
      | 'producerQuality'
      | 'mediaReset';
  }
>;
type WithoutCallId<T> = T extends unknown ? Omit<T, 'callId'> : never;

/** The same as the plane says it, which knows parties and no people. */
export type PlaneNotice =
  | Exclude<WithoutCallId<PartyNotice>, { type: 'consume' }>
  | (Omit<Extract<PartyNotice, { type: 'consume' }>, 'callId' | 'from'> & {
      /** Who sends it; absent for the gateway's own announcements. */
      readonly speaker?: PartyId;
    });

export interface PartyOptions {
  readonly party: PartyId;
  /**
   * The parties that may ever hear one another name the same room, and share a router. The room begins with its
   * first party and is freed with its last.
   */
  readonly room: string;
  /** Many may look there: see {@link MediaPlane.move}. Default: not. */
  readonly layered?: boolean;
  /** Says something to the browser. Called in order; never after {@link MediaPlane.close} of this party. */
  readonly tell: (notice: PlaneNotice) => void;
  /** The party's media cannot be brought up or kept, and the plane has given up on it. Called at most once. */
  readonly onFailed: (why: string) => void;
}

/** Bytes of RTP by transport, as the SFU counts them, without what it sends to find out how much it may send. */
export interface MediaFlow {
  /** What has arrived of the party's. */
  readonly send: number;
  /** What was sent to its browser. */
  readonly recv: number;
}

/**
 * What the switchboard needs from an SFU, in the switchboard's own words: who may hear and see whom.
 * `media-mediasoup` implements it; `testkit` has a fake. One contract suite (`testkit`) runs against both.
 *
 * Two laws. **Nothing flows before `bridge`**, in either direction: what is prepared is held at the server, so that
 * a person who has not answered is neither heard nor seen, and hears and sees nobody. **Asking twice is fine**, also
 * for a party that is gone: the call machine never waits to learn whether the plane has kept up.
 */
export interface MediaPlane {
  /** What any browser must be able to receive; the same for every room, so it is told once, at registration. */
  readonly rtpCapabilities: RtpCapabilities;

  /**
   * Opens media for one party and resolves with both transports, ready to be brought up. Rejects when no worker
   * is to be had or a ceiling is reached; nothing is held then.
   */
  open(options: PartyOptions): Promise<MediaOffer>;
  /** What this browser can receive. Until it is told, nothing can be consumed by it; told twice, the first counts. */
  setCapabilities(party: PartyId, rtpCapabilities: RtpCapabilities): void;
  /** Carries out what a browser said. Rejects with a sentence when it makes no sense; the party goes on. */
  handle(party: PartyId, message: PartyMessage): Promise<void>;
  /** Fresh ICE credentials for both transports of a party whose network has changed. */
  restartIce(party: PartyId): Promise<{ readonly send: IceParameters; readonly recv: IceParameters }>;
  /** How much media has passed since its transports were made. */
  flow(party: PartyId): Promise<MediaFlow>;
  /** New transports in place of the old ones, everything prepared and bridged again when they are up. */
  renew(party: PartyId): Promise<MediaOffer>;

  /**
   * Makes ready that two parties hear one another, and see one another where `video`, while one of them still
   * rings: consumers are made as producers appear, and held.
   */
  prepare(a: PartyId, b: PartyId, options: { readonly video: boolean }): void;
  /** Lets it flow, in the same tick for all that is ready, and for the rest as soon as the browser has it. */
  bridge(a: PartyId, b: PartyId, options: { readonly video: boolean }): void;
  /**
   * Sends a party its own sound back, from as soon as the browser has it: how a line is tried without anybody else.
   */
  echo(party: PartyId): void;
  /** Parts two parties; each stays open and can be bridged to somebody else. */
  unbridge(a: PartyId, b: PartyId): void;
  /**
   * Brings a party to where others are that it is to hear. It parts from those it leaves, and is told `mediaReset` with
   * transports in the other room; in the room already, nothing happens. From the same turn on it can be paired there.
   * Where the room is `layered`, many may look, and its browser is asked to send pictures in several sizes.
   */
  move(party: PartyId, room: string, options?: { readonly layered: boolean }): void;
  /** Whether nobody may hear this party, whatever its browser sends; its picture goes on. Listeners are told. */
  silence(party: PartyId, isSilenced: boolean): void;
  /** Frees everything held for the party, at once. */
  close(party: PartyId): void;

  /** What is held now. The first thing to read when looking for a leak. */
  readonly counts: MediaCounts;
}

export interface MediaCounts {
  readonly rooms: number;
  readonly parties: number;
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
}
