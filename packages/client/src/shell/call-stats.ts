import type { CallStats, DirectionStats } from '../api.ts';

/** What is read from an entry of a stats report; each kind of entry has some of it. */
interface StatsEntry {
  readonly type: string;
  readonly kind?: string;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly packetsLost?: number;
  readonly framesDecoded?: number;
  readonly framesEncoded?: number;
  readonly nominated?: boolean;
  readonly currentRoundTripTime?: number;
}

/** The figures of a call, from what the browser reports of both directions. */
export function readStats(send: RTCStatsReport | null, recv: RTCStatsReport | null): CallStats {
  const entries = [...entriesOf(send), ...entriesOf(recv)];
  const pair = entries.find((entry) => entry.type === 'candidate-pair' && entry.nominated === true);
  const roundTripMs = pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000;
  return { send, recv, roundTripMs, audio: readKind(entries, 'audio'), video: readKind(entries, 'video') };
}

function entriesOf(report: RTCStatsReport | null): StatsEntry[] {
  return report === null ? [] : [...(report.values() as Iterable<StatsEntry>)];
}

function readKind(entries: readonly StatsEntry[], kind: 'audio' | 'video'): DirectionStats {
  const rtp = entries.filter((entry) => entry.kind === kind && /^(?:in|out)bound-rtp$/.test(entry.type));
  const sum = (
    field: 'bytesSent' | 'bytesReceived' | 'packetsLost' | 'framesDecoded' | 'framesEncoded',
  ): number => rtp.reduce((total, entry) => total + (entry[field] ?? 0), 0);
  return {
    bytesSent: sum('bytesSent'),
    bytesReceived: sum('bytesReceived'),
    packetsLost: sum('packetsLost'),
    framesDecoded: sum('framesDecoded'),
    framesEncoded: sum('framesEncoded'),
  };
}
