import type { Sample } from '../api.ts';

/** Figures of one second, or of all seconds so far, in Twilio's units. */
export interface TwilioSampleTotals {
  bytesReceived: number;
  bytesSent: number;
  packetsLost: number;
  /** In percent. */
  packetsLostFraction: number;
  packetsReceived: number;
  packetsSent: number;
}

/** A second of a call, as Twilio's `sample` event has it. */
export interface TwilioSample extends TwilioSampleTotals {
  /** 0 to 32767. */
  audioInputLevel: number;
  audioOutputLevel: number;
  codecName: string;
  /** In ms. */
  jitter: number;
  mos: number | null;
  /** In ms. */
  rtt: number;
  timestamp: number;
  totals: TwilioSampleTotals;
}

const FULL_LEVEL = 32_767;

/** Turns our samples into Twilio's, one after the other, and adds them up. */
export class TwilioSamples {
  #totals: TwilioSampleTotals = {
    bytesReceived: 0,
    bytesSent: 0,
    packetsLost: 0,
    packetsLostFraction: 0,
    packetsReceived: 0,
    packetsSent: 0,
  };

  get totals(): TwilioSampleTotals {
    return { ...this.#totals };
  }

  /** What nobody knows is 0 here, as with Twilio. */
  add({ atMs, rttMs, mos, sent, received }: Sample): TwilioSample {
    const second = {
      bytesReceived: received.audio?.bytes ?? 0,
      bytesSent: sent.audio?.bytes ?? 0,
      packetsLost: received.audio?.packetsLost ?? 0,
      packetsReceived: received.audio?.packets ?? 0,
      packetsSent: sent.audio?.packets ?? 0,
    };
    const before = this.#totals;
    const sum = {
      bytesReceived: before.bytesReceived + second.bytesReceived,
      bytesSent: before.bytesSent + second.bytesSent,
      packetsLost: before.packetsLost + second.packetsLost,
      packetsReceived: before.packetsReceived + second.packetsReceived,
      packetsSent: before.packetsSent + second.packetsSent,
    };
    this.#totals = { ...sum, packetsLostFraction: percentLost(sum) };
    return {
      ...second,
      packetsLostFraction: percentLost(second),
      audioInputLevel: Math.round((sent.audio?.level ?? 0) * FULL_LEVEL),
      audioOutputLevel: Math.round((received.audio?.level ?? 0) * FULL_LEVEL),
      codecName: (received.audio?.codec ?? 'opus').toLowerCase(),
      jitter: received.audio?.jitterMs ?? 0,
      mos,
      rtt: rttMs ?? 0,
      timestamp: atMs,
      totals: this.totals,
    };
  }
}

function percentLost(counted: Pick<TwilioSampleTotals, 'packetsLost' | 'packetsReceived'>): number {
  const expected = counted.packetsLost + counted.packetsReceived;
  return expected === 0 ? 0 : Math.round((counted.packetsLost / expected) * 10_000) / 100;
}
