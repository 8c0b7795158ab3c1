/** An entry of a stats report: whatever fields it has. Browsers leave out what they do not know. */
export type StatsEntry = Readonly<Record<string, unknown>> & {
  readonly id?: unknown;
  readonly type?: unknown;
};

/** What the browser has counted for one kind of media in one direction, from the beginning. */
export interface Flow {
  readonly packets: number;
  readonly bytes: number;
  readonly packetsLost: number;
  readonly lossFraction: number | null;
  readonly jitterMs: number | null;
  readonly codec: string | null;
  readonly level: number | null;
  readonly energy: number | null;
  readonly samplesPlayed: number;
  readonly samplesConcealed: number;
  readonly frames: number;
  readonly framesDropped: number;
  readonly freezes: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly limitedBy: string | null;
}

export interface PathReading {
  /** Tells one way from another. */
  readonly key: string;
  readonly rttMs: number | null;
  readonly protocol: string | null;
  readonly localType: string | null;
  readonly relayProtocol: string | null;
  readonly availableBps: number | null;
}

/** Everything counted so far, at one moment. Absent: there is no such media. */
export interface Reading {
  readonly atMs: number;
  readonly path: PathReading | null;
  readonly sentAudio: Flow | null;
  readonly sentVideo: Flow | null;
  readonly receivedAudio: Flow | null;
  readonly receivedVideo: Flow | null;
}

/** Reads the reports of both transports. Of several tracks of one kind, as in a conference, it takes the sum. */
export function readReports(send: readonly StatsEntry[], recv: readonly StatsEntry[], atMs: number): Reading {
  return {
    atMs,
    path: readPath(recv) ?? readPath(send),
    sentAudio: readFlow(send, 'outbound-rtp', 'audio'),
    sentVideo: readFlow(send, 'outbound-rtp', 'video'),
    receivedAudio: readFlow(recv, 'inbound-rtp', 'audio'),
    receivedVideo: readFlow(recv, 'inbound-rtp', 'video'),
  };
}

function readFlow(
  entries: readonly StatsEntry[],
  type: 'outbound-rtp' | 'inbound-rtp',
  kind: 'audio' | 'video',
): Flow | null {
  const isSent = type === 'outbound-rtp';
  const rtp = entries.filter((entry) => entry.type === type && entry['kind'] === kind && !isProbe(entry));
  const [first] = rtp;
  if (first === undefined) return null;
  const total = (field: string): number => rtp.reduce((sum, entry) => sum + (number(entry[field]) ?? 0), 0);
  const most = (field: string, among: readonly StatsEntry[] = rtp): number | null =>
    among.reduce<number | null>((max, entry) => larger(max, number(entry[field])), null);
  // Only whoever receives knows what was lost: of what we send, the SFU reports it.
  const remote = entries.filter((entry) => entry.type === 'remote-inbound-rtp' && entry['kind'] === kind);
  const jitter = isSent ? most('jitter', remote) : most('jitter');
  const sources = entries.filter((entry) => entry.type === 'media-source' && entry['kind'] === kind);
  const codec = entries.find(({ id }) => id !== undefined && id === first['codecId']);
  return {
    packets: total(isSent ? 'packetsSent' : 'packetsReceived'),
    bytes: total(isSent ? 'bytesSent' : 'bytesReceived'),
    packetsLost: isSent
      ? remote.reduce((sum, entry) => sum + (number(entry['packetsLost']) ?? 0), 0)
      : total('packetsLost'),
    lossFraction: isSent ? most('fractionLost', remote) : null,
    jitterMs: jitter === null ? null : jitter * 1000,
    codec: text(codec?.['mimeType'])?.replace(/^.*\//, '') ?? null,
    level: most('audioLevel', isSent ? sources : rtp),
    energy: most('totalAudioEnergy', isSent ? sources : rtp),
    samplesPlayed: total('totalSamplesReceived'),
    // What was made up because nobody spoke is not a loss.
    samplesConcealed: Math.max(0, total('concealedSamples') - total('silentConcealedSamples')),
    frames: total(isSent ? 'framesEncoded' : 'framesDecoded'),
    framesDropped: total('framesDropped'),
    freezes: total('freezeCount'),
    width: most('frameWidth'),
    height: most('frameHeight'),
    limitedBy: text(first['qualityLimitationReason']),
  };
}

/** The SFU measures what it may send with packets of a stream of its own, which has no picture. Firefox lists it. */
function isProbe(entry: StatsEntry): boolean {
  return entry['kind'] === 'video' && entry['mid'] === 'probator';
}

function readPath(entries: readonly StatsEntry[]): PathReading | null {
  const byId = (id: unknown): StatsEntry | undefined => entries.find((entry) => entry.id === id);
  const transport = entries.find(
    (entry) => entry.type === 'transport' && entry['selectedCandidatePairId'] !== undefined,
  );
  const pair =
    (transport === undefined ? undefined : byId(transport['selectedCandidatePairId'])) ??
    // Firefox says it on the pair itself.
    entries.find((entry) => entry.type === 'candidate-pair' && entry['selected'] === true) ??
    entries.find((entry) => entry.type === 'candidate-pair' && entry['nominated'] === true);
  if (pair === undefined) return null;
  const local = byId(pair['localCandidateId']);
  const remote = byId(pair['remoteCandidateId']);
  const rttS = number(pair['currentRoundTripTime']);
  return {
    key: `${String(pair['localCandidateId'])}>${String(pair['remoteCandidateId'])}`,
    rttMs: rttS === null ? null : rttS * 1000,
    protocol: text(remote?.['protocol']) ?? text(local?.['protocol']),
    localType: text(local?.['candidateType']),
    relayProtocol: text(local?.['relayProtocol']),
    availableBps: number(pair['availableOutgoingBitrate']),
  };
}

function larger(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
