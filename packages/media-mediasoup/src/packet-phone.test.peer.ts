import type { CallId, MediaId, MediaOffer, TransportOffer } from '@parley/protocol';
import { partyId, type MediaPlane, type PartyId, type PartyOptions } from '@parley/switchboard';
import {
  IceCandidate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceTransport,
  RtpHeader,
} from 'werift';

type Notice = Parameters<PartyOptions['tell']>[0];

const CALL_ID = 'call-with-packets' as CallId;
const VP8 = {
  mimeType: 'video/VP8',
  payloadType: 96,
  clockRate: 90_000,
  rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
};
/** What the SFU sends of itself beside a picture, to learn how much the path can carry. */
const PROBATION = 127;
/** RFC 4585 §6.1 and §6.3.1. */
const PAYLOAD_SPECIFIC_FEEDBACK = 206;
const OPUS = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 };
const PACKET_EVERY_MS = 20;
let phones = 0;

export interface PacketPhoneOptions {
  /** What it sends: sound by default. */
  readonly source?: 'microphone' | 'camera';
  /** Whether it says its certificate is one that it does not have. */
  readonly hasOtherCertificate?: boolean;
}

/**
 * A telephone in Node with real ICE, real DTLS and real packets, each of which carries its number, so that a test
 * can say which were heard. It behaves as the SDK does: it sends from the start, and says of what it is offered
 * that it has it.
 */
export class PacketPhone {
  readonly id: PartyId;
  readonly told: Notice[] = [];
  readonly failures: string[] = [];
  /** The numbers of the packets heard, in the order of their arrival. */
  readonly heard: number[] = [];
  offer: MediaOffer | undefined;
  /** The number of the next packet it will send. */
  next = 0;
  resets = 0;
  /** How often it was asked for a picture that stands alone. */
  keyFrameRequests = 0;
  readonly #plane: MediaPlane;
  readonly #ssrc: number;
  readonly #source: 'microphone' | 'camera';
  readonly #hasOtherCertificate: boolean;
  #owesKeyFrame = false;
  #transports: readonly RTCDtlsTransport[] = [];
  #clock: NodeJS.Timeout | undefined;

  constructor(plane: MediaPlane, name: string, options: PacketPhoneOptions = {}) {
    phones += 1;
    this.#plane = plane;
    this.#source = options.source ?? 'microphone';
    this.#hasOtherCertificate = options.hasOtherCertificate ?? false;
    this.#ssrc = phones * 1000;
    this.id = partyId(`session-${name}`, `call-${name}`);
  }

  /** Opens media, brings it up and begins to send. */
  async start(room: string): Promise<this> {
    const offer = await this.#plane.open({
      party: this.id,
      room,
      tell: (notice) => this.#hear(notice),
      onFailed: (why) => this.failures.push(why),
    });
    this.#plane.setCapabilities(this.id, this.#plane.rtpCapabilities);
    await this.#bringUp(offer);
    return this;
  }

  mute(muted: boolean): Promise<void> {
    return this.#plane.handle(this.id, {
      type: 'producerMuted',
      callId: CALL_ID,
      producerId: 'mic' as MediaId,
      muted,
    });
  }

  /** Asks for a picture that stands alone, of what it was offered. */
  async askForKeyFrame(consumerId: MediaId | undefined): Promise<void> {
    if (consumerId === undefined) throw new Error('it was offered nothing');
    await this.#plane.handle(this.id, { type: 'keyFrame', callId: CALL_ID, consumerId });
  }

  async renew(): Promise<void> {
    await this.#bringUp(await this.#plane.renew(this.id));
  }

  /** The number of the latest packet heard, or -1. */
  get lastHeard(): number {
    return this.heard.at(-1) ?? -1;
  }

  /** As if the network were gone: nothing is sent or answered any more. */
  async stop(): Promise<void> {
    clearInterval(this.#clock);
    for (const dtls of this.#transports) {
      await dtls.stop();
      await dtls.iceTransport.stop();
    }
    this.#transports = [];
  }

  /** Brings the transports of the offer up and produces, without waiting for one before asking for the next. */
  async #bringUp(offer: MediaOffer): Promise<void> {
    this.offer = offer;
    const [send, recv] = await Promise.all([
      this.#connect(offer.send, 'server'),
      this.#connect(offer.recv, 'client'),
      this.#plane.handle(this.id, {
        type: 'produce',
        callId: CALL_ID,
        transportId: offer.send.id,
        producerId: 'mic' as MediaId,
        kind: this.#source === 'camera' ? 'video' : 'audio',
        source: this.#source,
        rtpParameters: { mid: '0', codecs: [this.#codec], encodings: [{ ssrc: this.#ssrc }] },
        muted: false,
      }),
    ]);
    this.#transports = [send, recv];
    recv.onRtp.subscribe(({ header, payload }) => {
      // The silence around an announcement has no number.
      if (header.payloadType !== PROBATION && payload.length >= 5) this.heard.push(payload.readUInt32BE(1));
    });
    send.onRtcp.subscribe(({ type }) => {
      if (type !== PAYLOAD_SPECIFIC_FEEDBACK) return;
      this.keyFrameRequests += 1;
      this.#owesKeyFrame = true;
    });
    this.#clock = setInterval(() => this.#sendPacket(send), PACKET_EVERY_MS);
  }

  async #connect(offer: TransportOffer, role: 'server' | 'client'): Promise<RTCDtlsTransport> {
    const ice = new RTCIceTransport(
      new RTCIceGatherer({ iceLite: false, useIpv6: false, additionalHostAddresses: ['127.0.0.1'] }),
    );
    await ice.gather();
    ice.connection.iceControlling = true;
    ice.setRemoteParams({ ...offer.iceParameters, iceLite: true });
    for (const candidate of offer.iceCandidates) {
      if (candidate['protocol'] === 'udp') await ice.addRemoteCandidate(iceCandidate(candidate));
    }
    await ice.addRemoteCandidate(undefined);
    const dtls = new RTCDtlsTransport({}, ice, await RTCDtlsTransport.SetupCertificate(), [7, 1]);
    dtls.role = role;
    const fingerprints = dtls.localParameters.fingerprints.map(({ value }) => ({
      algorithm: 'sha-256',
      value: this.#hasOtherCertificate ? value.replaceAll(/[A-F]/gi, '0') : value,
    }));
    await this.#plane.handle(this.id, {
      type: 'transportConnect',
      callId: CALL_ID,
      transportId: offer.id,
      dtlsParameters: { role, fingerprints },
    });
    const remote = offer.dtlsParameters.fingerprints.map(
      ({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value),
    );
    dtls.setRemoteParams(new RTCDtlsParameters(remote, role === 'server' ? 'client' : 'server'));
    await ice.start();
    await dtls.start();
    return dtls;
  }

  #hear(notice: Notice): void {
    this.told.push(notice);
    if (notice.type === 'consume') {
      void this.#plane.handle(this.id, { type: 'consuming', callId: CALL_ID, consumerId: notice.consumerId });
    } else if (notice.type === 'mediaReset') {
      this.resets += 1;
      void this.stop().then(() => this.#bringUp(notice.offer));
    }
  }

  get #codec(): typeof OPUS | typeof VP8 {
    return this.#source === 'camera' ? VP8 : OPUS;
  }

  #sendPacket(send: RTCDtlsTransport): void {
    const number = this.next;
    this.next += 1;
    // The first byte describes the frame: Opus, or a VP8 frame that stands alone (the 0 behind it says so), or the
    // middle of one. Nobody between here and the listener looks at the rest.
    const payload = Buffer.alloc(5, this.#source === 'microphone' ? 0xf8 : this.#owesKeyFrame ? 0x10 : 0x00);
    this.#owesKeyFrame = false;
    payload.writeUInt32BE(number, 1);
    const header = new RtpHeader({
      version: 2,
      payloadType: this.#codec.payloadType,
      sequenceNumber: number & 0xffff,
      timestamp: number * this.#codec.clockRate * (PACKET_EVERY_MS / 1000),
      ssrc: this.#ssrc,
    });
    send.sendRtp(payload, header).catch(() => {});
  }
}

function iceCandidate(said: Readonly<Record<string, unknown>>): IceCandidate {
  const { foundation, address, port, priority, protocol, type } = said;
  return new IceCandidate(
    1,
    String(foundation),
    String(address),
    Number(port),
    Number(priority),
    String(protocol),
    String(type),
  );
}
