import type { Clock } from './virtual-clock.ts';

/** How good the way to a fake gateway is. */
export interface FakeNetwork {
  /** Of what comes in, so much is lost: 0 to 1. */
  lossFraction: number;
  rttMs: number;
  jitterMs: number;
}

const PACKETS_A_SECOND = 50;
const BYTES_A_PACKET = 80;
const FRAMES_A_SECOND = 25;
/** Of somebody who speaks: never equally loud for long. */
const SPEECH = [0.1, 0.15, 0.2];

/** Counts what a browser would, for one direction of one call. */
export class FakeCounters {
  readonly #clock: Clock;
  readonly #network: FakeNetwork;
  readonly #direction: 'send' | 'recv';
  readonly #tracks = new Map<
    string,
    { readonly kind: string; readonly track: () => MediaStreamTrack | null }
  >();
  readonly #counted = { packets: 0, lost: 0 };
  #seenMs: number;

  constructor(clock: Clock, network: FakeNetwork, direction: 'send' | 'recv') {
    this.#clock = clock;
    this.#network = network;
    this.#direction = direction;
    this.#seenMs = clock.nowMs();
  }

  add(id: string, kind: string, track: () => MediaStreamTrack | null): void {
    this.#tracks.set(id, { kind, track });
  }

  remove(id: string): void {
    this.#tracks.delete(id);
  }

  read(): RTCStatsReport {
    const nowMs = this.#clock.nowMs();
    const { lossFraction, rttMs, jitterMs } = this.#network;
    const expected = ((nowMs - this.#seenMs) / 1000) * PACKETS_A_SECOND;
    this.#seenMs = nowMs;
    this.#counted.packets += expected * (1 - lossFraction);
    this.#counted.lost += expected * lossFraction;
    const packets = Math.round(this.#counted.packets);
    const frames = Math.round((packets / PACKETS_A_SECOND) * FRAMES_A_SECOND);
    const entries: Entry[] = [...this.#tracks].flatMap(([id, { kind, track }]) => {
      const shared = { id, kind, level: levelOf(track(), nowMs), packets, frames };
      return this.#direction === 'send'
        ? sent(shared)
        : [received(shared, Math.round(this.#counted.lost), jitterMs)];
    });
    entries.push(
      {
        type: 'candidate-pair',
        id: 'pair',
        nominated: true,
        currentRoundTripTime: rttMs / 1000,
        localCandidateId: 'local',
        remoteCandidateId: 'remote',
      },
      { type: 'local-candidate', id: 'local', candidateType: 'host', protocol: 'udp' },
      { type: 'remote-candidate', id: 'remote', protocol: 'udp' },
    );
    return new Map(entries.map((entry) => [String(entry['id']), entry]));
  }
}

interface Counted {
  readonly id: string;
  readonly kind: string;
  readonly level: number;
  readonly packets: number;
  readonly frames: number;
}

type Entry = Readonly<Record<string, unknown>>;

function sent({ id, kind, level, packets, frames }: Counted): Entry[] {
  const bytes = packets * BYTES_A_PACKET;
  return [
    { type: 'media-source', id: `${id}-source`, kind, audioLevel: level },
    { type: 'outbound-rtp', id, kind, packetsSent: packets, bytesSent: bytes, framesEncoded: frames },
  ];
}

function received({ id, kind, level, packets, frames }: Counted, lost: number, jitterMs: number): Entry {
  return {
    type: 'inbound-rtp',
    id,
    kind,
    packetsReceived: packets,
    packetsLost: lost,
    bytesReceived: packets * BYTES_A_PACKET,
    jitter: jitterMs / 1000,
    audioLevel: level,
    framesDecoded: frames,
  };
}

function levelOf(track: MediaStreamTrack | null, nowMs: number): number {
  if (track?.enabled !== true) return 0;
  return SPEECH[Math.floor(nowMs / 1000) % SPEECH.length] ?? 0;
}
