import type {
  DtlsParameters,
  IceParameters,
  IceServer,
  RtpCapabilities,
  RtpParameters,
  TransportOffer,
} from '@parley/protocol';

/** Loads the engine for a gateway that can do this. */
export type MediaEngineLoader = (gatewayCapabilities: RtpCapabilities) => Promise<MediaEngine>;

/** How one direction stands, in WebRTC's words. */
export type TransportState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

/** What an engine's transport is made from, and whom it tells. */
export interface EngineTransportOptions {
  readonly direction: 'send' | 'recv';
  readonly offer: TransportOffer;
  readonly iceServers: readonly IceServer[];
  /** `relay`: through a TURN server, or not at all. Default: `all`. */
  readonly iceTransportPolicy?: 'all' | 'relay';
  /** Our half of DTLS is known. Told once, before the first sender or receiver is there. */
  readonly onConnect: (dtlsParameters: DtlsParameters) => void;
  readonly onState: (state: TransportState) => void;
}

/**
 * What the SDK needs from a WebRTC stack that speaks to an SFU, in the SDK's own words. `sfu-engine.ts` implements
 * it on mediasoup-client's handlers.
 */
export interface MediaEngine {
  /** What this browser can receive from this gateway. */
  readonly rtpCapabilities: RtpCapabilities;
  canSend(kind: 'audio' | 'video'): boolean;
  /** Whether a picture can be sent in several sizes at once. */
  readonly canLayer?: boolean;
  createTransport(options: EngineTransportOptions): EngineTransport;
}

/** How a track is encoded; the engine's own proposal where nothing is said. */
export interface SendOptions {
  /** One for each size of a picture, the smallest first. */
  readonly encodings?: readonly RTCRtpEncodingParameters[];
  /** As mediasoup-client names them. */
  readonly codecOptions?: Readonly<Record<string, boolean | number | undefined>>;
}

/** One direction of a device's media. Work on it is done in the order it was asked for. */
export interface EngineTransport {
  send(track: MediaStreamTrack, options?: SendOptions): Promise<EngineSender>;
  receive(consumer: {
    readonly consumerId: string;
    readonly kind: 'audio' | 'video';
    readonly rtpParameters: RtpParameters;
  }): Promise<EngineReceiver>;
  /** Connects anew. Where `iceServers` are given, through those from now on. */
  restartIce(iceParameters: IceParameters, iceServers?: readonly IceServer[]): Promise<void>;
  getStats(): Promise<RTCStatsReport>;
  close(): void;
}

/** One track on its way to the SFU. */
export interface EngineSender {
  readonly rtpParameters: RtpParameters;
  /** The browser's own, where there is one. */
  readonly rtpSender?: RTCRtpSender | undefined;
  /** Swaps the track; null sends nothing. */
  replaceTrack(track: MediaStreamTrack | null): Promise<void>;
  /** Makes the encoder begin afresh, where the browser can be asked to. Never rejects. */
  requestKeyFrame(): Promise<void>;
  /** Frames encoded so far; undefined where nobody knows. */
  framesEncoded(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** One track on its way from the SFU. */
export interface EngineReceiver {
  readonly track: MediaStreamTrack;
  close(): Promise<void>;
}
