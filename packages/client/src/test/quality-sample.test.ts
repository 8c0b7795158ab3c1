import { describe, expect, it } from 'vitest';
import { mosOf } from '../core/quality/mos.ts';
import { readReports, type StatsEntry } from '../core/quality/reading.ts';
import { sampleBetween } from '../core/quality/sample.ts';

/** What Chromium reports of both transports, less what nobody reads. `n` is how much has been counted. */
function reports(n: number, lost = 0, changes: Record<string, Record<string, unknown>> = {}) {
  const entry = (id: string, type: string, fields: Record<string, unknown>): StatsEntry => ({
    id,
    type,
    ...fields,
    ...changes[id],
  });
  const send = [
    entry('C1', 'codec', { mimeType: 'audio/opus' }),
    entry('S1', 'media-source', { kind: 'audio', audioLevel: 0.25 }),
    entry('O1', 'outbound-rtp', { kind: 'audio', codecId: 'C1', packetsSent: 50 * n, bytesSent: 4000 * n }),
    entry('R1', 'remote-inbound-rtp', {
      kind: 'audio',
      fractionLost: 0.02,
      jitter: 0.004,
      packetsLost: 0,
    }),
    entry('O2', 'outbound-rtp', {
      kind: 'video',
      packetsSent: 90 * n,
      bytesSent: 80_000 * n,
      framesEncoded: 30 * n,
      frameWidth: 640,
      frameHeight: 360,
      qualityLimitationReason: 'cpu',
    }),
  ];
  const recv = [
    entry('T1', 'transport', { selectedCandidatePairId: 'P1' }),
    entry('P0', 'candidate-pair', { localCandidateId: 'L0', remoteCandidateId: 'N1', nominated: true }),
    entry('P1', 'candidate-pair', {
      localCandidateId: 'L1',
      remoteCandidateId: 'N1',
      currentRoundTripTime: 0.05,
      availableOutgoingBitrate: 900_000,
    }),
    entry('L1', 'local-candidate', { candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' }),
    entry('N1', 'remote-candidate', { candidateType: 'host', protocol: 'udp' }),
    entry('I1', 'inbound-rtp', {
      kind: 'audio',
      packetsReceived: 50 * n - lost,
      packetsLost: lost,
      bytesReceived: 3000 * n,
      jitter: 0.01,
      audioLevel: 0.1,
      totalSamplesReceived: 48_000 * n,
      concealedSamples: 960 * lost + 100,
      silentConcealedSamples: 100,
    }),
    entry('I2', 'inbound-rtp', {
      kind: 'video',
      packetsReceived: 80 * n,
      bytesReceived: 70_000 * n,
      framesDecoded: 25 * n,
      framesDropped: n,
      freezeCount: n,
    }),
    // What the SFU measures the bandwidth with; Firefox lists it as a picture.
    entry('I3', 'inbound-rtp', { kind: 'video', mid: 'probator', packetsReceived: 1000 * n }),
  ];
  return { send, recv };
}

function read(n: number, lost?: number, changes?: Record<string, Record<string, unknown>>) {
  const { send, recv } = reports(n, lost, changes);
  return readReports(send, recv, n * 1000);
}

describe('a sample', () => {
  it('[QY10] tells what happened in one second, in both directions', () => {
    expect(sampleBetween(read(10), read(11, 5))).toEqual({
      atMs: 11_000,
      periodMs: 1000,
      rttMs: 50,
      mos: expect.closeTo(3.49, 2),
      path: { protocol: 'udp', localType: 'relay', relayProtocol: 'tls', availableBps: 900_000 },
      sent: {
        audio: {
          packets: 50,
          bytes: 4000,
          bps: 32_000,
          lossFraction: 0.02,
          jitterMs: 4,
          codec: 'opus',
          level: 0.25,
        },
        video: {
          packets: 90,
          bytes: 80_000,
          bps: 640_000,
          lossFraction: null,
          jitterMs: null,
          codec: null,
          framesPerSecond: 30,
          width: 640,
          height: 360,
          limitedBy: 'cpu',
        },
      },
      received: {
        audio: {
          packets: 45,
          bytes: 3000,
          bps: 24_000,
          packetsLost: 5,
          lossFraction: 0.1,
          jitterMs: 10,
          codec: null,
          level: 0.1,
          concealedFraction: 0.1,
        },
        video: {
          packets: 80,
          bytes: 70_000,
          bps: 560_000,
          packetsLost: 0,
          lossFraction: 0,
          jitterMs: null,
          codec: null,
          framesPerSecond: 25,
          framesDropped: 1,
          freezes: 1,
          width: null,
          height: null,
        },
      },
    });
  });

  it('[QY10] counters that begin anew, after new transports, are counted from there', () => {
    const { received } = sampleBetween(read(100), read(1));
    expect(received.audio).toMatchObject({ packets: 50, packetsLost: 0, lossFraction: 0 });
  });

  it('[QY10] a packet that was thought lost and came late is no negative loss', () => {
    expect(sampleBetween(read(10, 8), read(11, 5)).received.audio).toMatchObject({ packetsLost: 0 });
  });

  it('[QY10] what is not there is null, and is not taken for nothing', () => {
    const empty = readReports([], [], 1000);
    expect(sampleBetween(empty, { ...empty, atMs: 2000 })).toMatchObject({
      rttMs: null,
      mos: null,
      path: null,
      sent: { audio: null, video: null },
      received: { audio: null, video: null },
    });
  });

  it('[QY10] a Firefox says which pair it has selected on the pair itself', () => {
    const { send, recv } = reports(1);
    const firefoxes = recv
      .filter(({ type }) => type !== 'transport')
      .map((entry) => (entry.id === 'P1' ? { ...entry, selected: true } : entry));
    expect(readReports(send, firefoxes, 1000).path).toMatchObject({ rttMs: 50, localType: 'relay' });
  });
});

describe('the mean opinion score', () => {
  it('[QY11] is what the simplified E-model gives, worked out by hand', () => {
    const figures: [rttMs: number, jitterMs: number, lossFraction: number, mos: number][] = [
      [1, 0, 0, 4.43],
      [100, 10, 0, 4.37],
      [300, 20, 0.01, 3.56],
      [50, 5, 0.1, 3.5],
      [2000, 100, 0.5, 1],
    ];
    for (const [rttMs, jitterMs, lossFraction, mos] of figures) {
      expect(mosOf({ rttMs, jitterMs, lossFraction })).toBeCloseTo(mos, 2);
    }
  });

  it('[QY11] only falls when delay, jitter or loss grow, and stays between 1 and 4.5', () => {
    let before = 4.5;
    for (let step = 0; step < 60; step += 1) {
      const now = mosOf({ rttMs: step * 20, jitterMs: step, lossFraction: step / 100 });
      expect(now).toBeLessThanOrEqual(before);
      expect(now).toBeGreaterThanOrEqual(1);
      before = now;
    }
  });
});
