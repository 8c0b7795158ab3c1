import type { IceParameters, IceServer, RtpCapabilities, RtpParameters } from '@parley/protocol';
import type { HandlerFactory, HandlerInterface } from 'mediasoup-client/handlers/HandlerInterface';
import * as ortc from 'mediasoup-client/ortc';
import type { types } from 'mediasoup-client';
import type {
  EngineReceiver,
  EngineSender,
  EngineTransport,
  EngineTransportOptions,
  MediaEngine,
  SendOptions,
} from '../media-engine.ts';

/** What a handler of mediasoup-client is made by: one per browser, and `FakeHandler` outside of them. */
export type { HandlerFactory };

/** Makes the engine for one kind of browser. */
export type EngineMaker = (
  gatewayCapabilities: RtpCapabilities,
  certificates: readonly RTCCertificate[],
) => Promise<MediaEngine>;

/**
 * Makes the engine from one of mediasoup-client's handlers. It does what mediasoup-client's own Device, Transport,
 * Producer and Consumer do, less what a call does not need: those come in one module with handlers for every
 * browser, twice the size of the rest of this SDK.
 */
export async function createSfuEngine(
  handlerFactory: HandlerFactory,
  gatewayCapabilities: RtpCapabilities,
  certificates?: readonly RTCCertificate[],
): Promise<MediaEngine> {
  // Everything ortc touches is normalised in place, so it gets copies.
  const gateway = normalised(gatewayCapabilities);
  const [nativeRecv, nativeSend] = await Promise.all([
    handlerFactory.getNativeRtpCapabilities({ direction: 'recvonly' }),
    handlerFactory.getNativeRtpCapabilities({ direction: 'sendonly' }),
  ]);
  const recv = ortc.getRecvRtpCapabilities(
    ortc.getExtendedRtpCapabilities(normalised(nativeRecv), gateway, false),
  );
  const send = ortc.getSendRtpCapabilities(
    ortc.getExtendedRtpCapabilities(normalised(nativeSend), gateway, false),
  );
  return {
    rtpCapabilities: recv as unknown as RtpCapabilities,
    canSend: (kind) => ortc.canSend(kind, send),
    createTransport: (options) =>
      new SfuTransport(
        options,
        handlerFactory.factory({
          direction: options.direction,
          iceParameters: options.offer.iceParameters as types.IceParameters,
          iceCandidates: options.offer.iceCandidates as unknown as types.IceCandidate[],
          dtlsParameters: remoteDtls(options),
          iceServers: options.iceServers as RTCIceServer[],
          iceTransportPolicy: options.iceTransportPolicy ?? 'all',
          ...(certificates === undefined ? {} : { additionalSettings: { certificates: [...certificates] } }),
          getSendExtendedRtpCapabilities: (native) =>
            structuredClone(ortc.getExtendedRtpCapabilities(native, gateway, false)),
        }),
      ),
  };
}

function normalised(capabilities: types.RtpCapabilities): types.RtpCapabilities {
  const copy = structuredClone(capabilities);
  ortc.validateAndNormalizeRtpCapabilities(copy);
  return copy;
}

/**
 * On the way up the gateway is the DTLS client: its first flight rides back with the answer to our connectivity check,
 * and we may send a round trip earlier. On the way down it is we who begin, for the same reason.
 */
function remoteDtls({ direction, offer }: EngineTransportOptions): types.DtlsParameters {
  const role = direction === 'send' ? 'client' : 'auto';
  return { ...(offer.dtlsParameters as types.DtlsParameters), role };
}

interface WaitingReceive {
  readonly consumer: Parameters<EngineTransport['receive']>[0];
  readonly resolve: (receiver: EngineReceiver) => void;
  readonly reject: (thrown: unknown) => void;
}

class SfuTransport implements EngineTransport {
  readonly #handler: HandlerInterface;
  /** The last thing asked for: SDP is a conversation, and has one speaker at a time. */
  #tail: Promise<unknown> = Promise.resolve();
  #waiting: WaitingReceive[] = [];
  #hasProbator = false;
  #isClosed = false;

  constructor(options: EngineTransportOptions, handler: HandlerInterface) {
    this.#handler = handler;
    handler.on('@connect', ({ dtlsParameters }, callback) => {
      options.onConnect(dtlsParameters);
      // The order of the socket is enough; nothing is waited for.
      callback();
    });
    handler.on('@connectionstatechange', (state) => {
      if (!this.#isClosed) options.onState(state);
    });
  }

  send(track: MediaStreamTrack, { encodings, codecOptions }: SendOptions = {}): Promise<EngineSender> {
    return this.#inTurn(async () => {
      const { localId, rtpParameters, rtpSender } = await this.#handler.send({
        track,
        ...(encodings === undefined
          ? {}
          : { encodings: structuredClone(encodings) as RTCRtpEncodingParameters[] }),
        codecOptions: {
          ...(track.kind === 'video' ? { videoGoogleStartBitrate: 1000 } : {}),
          ...codecOptions,
        },
      });
      ortc.validateAndNormalizeRtpParameters(rtpParameters);
      return this.#sender(localId, rtpParameters, rtpSender);
    });
  }

  #sender(localId: string, rtpParameters: RtpParameters, rtpSender: RTCRtpSender | undefined): EngineSender {
    const handler = this.#handler;
    return {
      rtpParameters,
      rtpSender,
      // Straight to the sender where there is one: a swap of tracks needs no SDP, and must not wait for any.
      replaceTrack: async (track) => {
        if (this.#isClosed) return;
        await (rtpSender === undefined
          ? handler.replaceTrack(localId, track)
          : rtpSender.replaceTrack(track));
      },
      requestKeyFrame: () => requestKeyFrame(rtpSender),
      framesEncoded: async () => {
        if (this.#isClosed) return undefined;
        return framesEncoded(await handler.getSenderStats(localId));
      },
      close: () => this.#inTurn(() => handler.stopSending(localId)),
    };
  }

  receive(consumer: WaitingReceive['consumer']): Promise<EngineReceiver> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ consumer, resolve, reject });
      // Sound and picture are told in one go, and become one exchange of SDP.
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#receiveWaiting()).catch(() => undefined);
    });
  }

  async #receiveWaiting(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const results = await this.#handler.receive(
        batch.map(({ consumer }) => ({
          trackId: consumer.consumerId,
          kind: consumer.kind,
          rtpParameters: consumer.rtpParameters as unknown as types.RtpParameters,
        })),
      );
      for (const [index, { localId, track }] of results.entries()) {
        const close = (): Promise<void> => this.#inTurn(() => this.#handler.stopReceiving([localId]));
        batch[index]?.resolve({ track, close });
      }
      await this.#probe(batch);
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    }
  }

  /** The SFU finds out how much it may send with packets of their own, which the browser must be ready to take. */
  async #probe(batch: readonly WaitingReceive[]): Promise<void> {
    const video = batch.find(({ consumer }) => consumer.kind === 'video');
    if (video === undefined || this.#hasProbator) return;
    this.#hasProbator = true;
    const rtpParameters = ortc.generateProbatorRtpParameters(
      video.consumer.rtpParameters as unknown as types.RtpParameters,
    );
    await this.#handler.receive([{ trackId: 'probator', kind: 'video', rtpParameters }]);
  }

  restartIce(iceParameters: IceParameters, iceServers?: readonly IceServer[]): Promise<void> {
    return this.#inTurn(async () => {
      if (iceServers !== undefined) await this.#handler.updateIceServers(iceServers as RTCIceServer[]);
      await this.#handler.restartIce(iceParameters as types.IceParameters);
    });
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#handler.getTransportStats();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { reject } of this.#waiting) reject(new Error('the transport is closed'));
    this.#waiting = [];
    this.#handler.close();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#tail.then(() => {
      if (this.#isClosed) throw new Error('the transport is closed');
      return work();
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}

/** Chromium's word for it; elsewhere the gateway's own request for a key frame does it, a little later. */
async function requestKeyFrame(sender: RTCRtpSender | undefined): Promise<void> {
  if (sender === undefined) return;
  const options = { encodingOptions: sender.getParameters().encodings.map(() => ({ keyFrame: true })) };
  const setParameters: (parameters: RTCRtpSendParameters, options: object) => Promise<void> =
    sender.setParameters.bind(sender);
  try {
    await setParameters(sender.getParameters(), options);
  } catch {
    // Not supported, or the sender is gone: either way there is nothing to do.
  }
}

function framesEncoded(report: RTCStatsReport): number | undefined {
  for (const entry of report.values() as Iterable<{
    readonly type: string;
    readonly framesEncoded?: number;
  }>) {
    if (entry.type === 'outbound-rtp') return entry.framesEncoded ?? 0;
  }
  return undefined;
}
