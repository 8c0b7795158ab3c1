import type { DtlsParameters, IceParameters, MediaId, MediaOffer, TransportOffer } from '@parley/protocol';
import type { MediaFlow } from '@parley/switchboard';
import type { types } from 'mediasoup';
import { readDtlsParameters } from './browser-rtp.ts';
import { mediaId } from './media-id.ts';
import type { Seat } from './room.ts';

/** Both directions of one party's media, as long as one worker and one renewal last. */
export class TransportPair {
  readonly send: types.WebRtcTransport;
  readonly recv: types.WebRtcTransport;
  /** Those that were told the browser's certificate. */
  readonly #connected = new Set<MediaId>();

  private constructor(send: types.WebRtcTransport, recv: types.WebRtcTransport) {
    this.send = send;
    this.recv = recv;
  }

  /** Both or none: where one cannot be had, the other is given back. */
  static async create({ worker, router }: Seat): Promise<TransportPair> {
    const made = await Promise.allSettled([worker.createTransport(router), worker.createTransport(router)]);
    const [send, recv] = made;
    if (send.status === 'fulfilled' && recv.status === 'fulfilled')
      return new TransportPair(send.value, recv.value);
    for (const result of made) if (result.status === 'fulfilled') result.value.close();
    throw send.status === 'rejected' ? send.reason : (recv as PromiseRejectedResult).reason;
  }

  get isClosed(): boolean {
    return this.send.closed || this.recv.closed;
  }

  get offer(): MediaOffer {
    return { send: offerOf(this.send), recv: offerOf(this.recv) };
  }

  onStateChange(listener: () => void): void {
    for (const transport of [this.send, this.recv]) {
      transport.on('icestatechange', listener);
      transport.on('dtlsstatechange', listener);
    }
  }

  /** Tells a transport the browser's certificate. Said twice, the first counts. */
  async connect(transportId: MediaId, said: DtlsParameters): Promise<void> {
    const transport = [this.send, this.recv].find(({ id }) => id === transportId);
    if (transport === undefined) throw new Error('no transport of this party has that name');
    if (this.#connected.has(transportId)) return;
    const dtlsParameters = readDtlsParameters(said);
    await transport.connect({ dtlsParameters });
    this.#connected.add(transportId);
  }

  async restartIce(): Promise<{ readonly send: IceParameters; readonly recv: IceParameters }> {
    const [send, recv] = await Promise.all([this.send.restartIce(), this.recv.restartIce()]);
    return { send, recv };
  }

  async flow(): Promise<MediaFlow> {
    const [[send], [recv]] = await Promise.all([this.send.getStats(), this.recv.getStats()]);
    return { send: send?.rtpBytesReceived ?? 0, recv: recv?.rtpBytesSent ?? 0 };
  }

  close(): void {
    this.send.close();
    this.recv.close();
  }
}

function offerOf(transport: types.WebRtcTransport): TransportOffer {
  return {
    id: mediaId(transport.id),
    iceParameters: transport.iceParameters,
    iceCandidates: transport.iceCandidates,
    dtlsParameters: transport.dtlsParameters,
  };
}
