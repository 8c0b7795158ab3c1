import type { PathSample, ReceivedAudio, ReceivedVideo, Sample, SentAudio, SentVideo } from './quality.ts';
import { mosOf } from './mos.ts';
import type { Flow, PathReading, Reading } from './reading.ts';

/** What happened between two readings. Pure: figures in, figures out. */
export function sampleBetween(before: Reading, now: Reading): Sample {
  const periodMs = now.atMs - before.atMs;
  const rttMs = now.path?.rttMs ?? null;
  const audio = receivedAudio(before.receivedAudio, now.receivedAudio, periodMs);
  return {
    atMs: now.atMs,
    periodMs,
    rttMs,
    mos:
      audio === null || audio.lossFraction === null || rttMs === null
        ? null
        : mosOf({ rttMs, jitterMs: audio.jitterMs ?? 0, lossFraction: audio.lossFraction }),
    path: now.path === null ? null : pathSample(now.path),
    sent: {
      audio: sentAudio(before.sentAudio, now.sentAudio, periodMs),
      video: sentVideo(before.sentVideo, now.sentVideo, periodMs),
    },
    received: { audio, video: receivedVideo(before.receivedVideo, now.receivedVideo, periodMs) },
  };
}

/**
 * By how much a counter has grown. A track that was replaced, or new transports after a failure, begin again at zero:
 * then everything counted since is new.
 */
function growth(before: number | undefined, now: number): number {
  return before === undefined || now < before ? now : now - before;
}

function common(before: Flow | null, now: Flow, periodMs: number) {
  const bytes = growth(before?.bytes, now.bytes);
  return {
    packets: growth(before?.packets, now.packets),
    bytes,
    bps: periodMs <= 0 ? 0 : Math.round((bytes * 8 * 1000) / periodMs),
    jitterMs: now.jitterMs,
    codec: now.codec,
  };
}

function received(before: Flow | null, now: Flow, periodMs: number) {
  const shared = common(before, now, periodMs);
  // A packet that was thought lost and came late takes one off: that is no negative loss.
  const packetsLost = Math.max(0, growthOfLoss(before, now));
  const expected = shared.packets + packetsLost;
  return { ...shared, packetsLost, lossFraction: expected === 0 ? null : packetsLost / expected };
}

function growthOfLoss(before: Flow | null, now: Flow): number {
  if (before === null || now.packets < before.packets) return now.packetsLost;
  return now.packetsLost - before.packetsLost;
}

function receivedAudio(before: Flow | null, now: Flow | null, periodMs: number): ReceivedAudio | null {
  if (now === null) return null;
  const played = growth(before?.samplesPlayed, now.samplesPlayed);
  const concealed = growth(before?.samplesConcealed, now.samplesConcealed);
  return {
    ...received(before, now, periodMs),
    level: now.level,
    concealedFraction: played === 0 ? null : Math.min(1, concealed / played),
  };
}

function sentAudio(before: Flow | null, now: Flow | null, periodMs: number): SentAudio | null {
  if (now === null) return null;
  return { ...common(before, now, periodMs), lossFraction: now.lossFraction, level: now.level };
}

function framesPerSecond(before: Flow | null, now: Flow, periodMs: number): number {
  return periodMs <= 0 ? 0 : Math.round((growth(before?.frames, now.frames) * 10_000) / periodMs) / 10;
}

function sentVideo(before: Flow | null, now: Flow | null, periodMs: number): SentVideo | null {
  if (now === null) return null;
  return {
    ...common(before, now, periodMs),
    lossFraction: now.lossFraction,
    framesPerSecond: framesPerSecond(before, now, periodMs),
    width: now.width,
    height: now.height,
    limitedBy: oneOf(now.limitedBy, ['none', 'cpu', 'bandwidth', 'other']),
  };
}

function receivedVideo(before: Flow | null, now: Flow | null, periodMs: number): ReceivedVideo | null {
  if (now === null) return null;
  return {
    ...received(before, now, periodMs),
    framesPerSecond: framesPerSecond(before, now, periodMs),
    framesDropped: growth(before?.framesDropped, now.framesDropped),
    freezes: growth(before?.freezes, now.freezes),
    width: now.width,
    height: now.height,
  };
}

function pathSample({ protocol, localType, relayProtocol, availableBps }: PathReading): PathSample {
  return {
    protocol: oneOf(protocol, ['udp', 'tcp']),
    localType: oneOf(localType, ['host', 'srflx', 'prflx', 'relay']),
    relayProtocol: oneOf(relayProtocol, ['udp', 'tcp', 'tls']),
    availableBps,
  };
}

function oneOf<const Word extends string>(word: string | null, words: readonly Word[]): Word | null {
  return words.find((known) => known === word) ?? null;
}
