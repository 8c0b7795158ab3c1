import type { CallId, MediaId, MediaKind, MediaOffer, MediaSource } from '@parley/protocol';
import {
  partyId,
  type MediaPlane,
  type PartyId,
  type PartyMessage,
  type PartyOptions,
} from '@parley/switchboard';
import { vi } from 'vitest';

export type Notice = Parameters<PartyOptions['tell']>[0];
export type NoticeOf<T extends Notice['type']> = Extract<Notice, { type: T }>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const CALL_ID = 'call-of-the-contract' as CallId;
export const FINGERPRINT = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16))
  .join(':')
  .toUpperCase();
let ssrc = 1000;

/** What Chromium says it sends. */
export function sentRtp(kind: MediaKind): Record<string, unknown> {
  ssrc += 2;
  const audio = {
    mimeType: 'audio/opus',
    payloadType: 111,
    clockRate: 48_000,
    channels: 2,
    parameters: { useinbandfec: 1 },
  };
  const video = [
    { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: {} },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } },
  ];
  return {
    mid: String(ssrc),
    codecs: kind === 'audio' ? [audio] : video,
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 }],
    encodings: [kind === 'audio' ? { ssrc } : { ssrc, rtx: { ssrc: ssrc + 1 } }],
    rtcp: { cname: 'contract', reducedSize: true },
  };
}

/** A browser as the plane sees it: what it says, and what it has been told. No packet is sent. */
export class ContractPhone {
  readonly id: PartyId;
  readonly told: Notice[] = [];
  readonly failures: string[] = [];
  offer!: MediaOffer;
  readonly #plane: MediaPlane;

  constructor(plane: MediaPlane, name: string) {
    this.#plane = plane;
    this.id = partyId(`session-${name}`, `call-${name}`);
  }

  async open(
    room: string,
    options: { readonly canReceive?: boolean; readonly layered?: boolean } = {},
  ): Promise<this> {
    this.offer = await this.#plane.open({
      party: this.id,
      room,
      ...(options.layered === undefined ? {} : { layered: options.layered }),
      tell: (notice) => this.told.push(notice),
      onFailed: (why) => this.failures.push(why),
    });
    if (options.canReceive !== false) this.canReceive();
    return this;
  }

  canReceive(): void {
    this.#plane.setCapabilities(this.id, this.#plane.rtpCapabilities);
  }

  say(message: DistributiveOmit<PartyMessage, 'callId'>): Promise<void> {
    return this.#plane.handle(this.id, { ...message, callId: CALL_ID });
  }

  connect(transport: 'send' | 'recv'): Promise<void> {
    return this.say({
      type: 'transportConnect',
      transportId: this.offer[transport].id,
      dtlsParameters: { role: 'server', fingerprints: [{ algorithm: 'sha-256', value: FINGERPRINT }] },
    });
  }

  produce(
    producerId: string,
    source: MediaSource,
    options: { kind?: MediaKind; muted?: boolean } = {},
  ): Promise<void> {
    const kind = options.kind ?? (source === 'microphone' ? 'audio' : 'video');
    return this.say({
      type: 'produce',
      transportId: this.offer.send.id,
      producerId: producerId as MediaId,
      kind,
      source,
      rtpParameters: sentRtp(kind),
      muted: options.muted ?? false,
    });
  }

  heardOf<T extends Notice['type']>(type: T): NoticeOf<T>[] {
    return this.told.filter((notice): notice is NoticeOf<T> => notice.type === type);
  }

  /** Waits until it has been told of so many, which for a real plane takes a round trip to its worker. */
  async until<T extends Notice['type']>(type: T, count: number): Promise<NoticeOf<T>[]> {
    return vi.waitFor(
      () => {
        const heard = this.heardOf(type);
        if (heard.length !== count)
          throw new Error(`told of ${type} ${heard.length} times instead of ${count}`);
        return heard;
      },
      { interval: 2 },
    );
  }

  /** Says of everything it was offered that it has it. */
  async consumeAll(): Promise<void> {
    for (const { consumerId } of this.heardOf('consume')) await this.say({ type: 'consuming', consumerId });
  }
}
