import {
  RecordingRefusal,
  type PartyId,
  type PauseBehavior,
  type RecordedParty,
  type RecordingCounts,
  type RecordingEnd,
  type RecordingEndCause,
  type RecordingOptions,
  type RecordingPlane,
  type RecordingRefusalCode,
} from '@parley/switchboard';

export interface FakeRecordingPlaneOptions {
  /** Whether the media plane holds this party. Default: every party is there. */
  readonly hasParty?: (party: PartyId) => boolean;
  readonly recordingsMax?: number;
}

interface FakeRecording {
  readonly options: RecordingOptions;
  readonly parties: Map<PartyId, RecordedParty>;
  pause: PauseBehavior | undefined;
  recordedMs: number;
  silentMs: number;
  isSilent: boolean;
}

/**
 * A recording plane without files: it keeps the books of the real one. It has no clock: time passes when it is told so,
 * and somebody is heard when it is told so, so that a simulation on it runs the same way every time.
 */
export class FakeRecordingPlane implements RecordingPlane {
  readonly #hasParty: (party: PartyId) => boolean;
  readonly #recordingsMax: number;
  readonly #recordings = new Map<string, FakeRecording>();
  #refusal: { readonly code: RecordingRefusalCode; readonly why: string } | undefined;

  constructor(options: FakeRecordingPlaneOptions = {}) {
    this.#hasParty = options.hasParty ?? (() => true);
    this.#recordingsMax = options.recordingsMax ?? Number.POSITIVE_INFINITY;
  }

  get recordingCounts(): RecordingCounts {
    const recordings = Array.from(this.#recordings.values());
    return {
      inProgress: recordings.length,
      taps: recordings.reduce((sum, { parties }) => sum + parties.size, 0),
      bytes: 0,
      packets: 0,
      packetsLost: 0,
    };
  }

  /** From now on `start` is refused so, until it is called with nothing. */
  refuseStart(code?: RecordingRefusalCode, why = 'refused by the test'): void {
    this.#refusal = code === undefined ? undefined : { code, why };
  }

  /** The sids of what is being recorded, in the order of their beginning. */
  get inProgress(): readonly string[] {
    return Array.from(this.#recordings.keys());
  }

  /** Who is in a recording now; empty where there is none of that name. */
  parties(recordingSid: string): readonly RecordedParty[] {
    return Array.from(this.#recordings.get(recordingSid)?.parties.values() ?? []);
  }

  pausedHow(recordingSid: string): PauseBehavior | undefined {
    return this.#recordings.get(recordingSid)?.pause;
  }

  /** Time passes in every recording; where `speaking` is in it, it was heard all the while. */
  pass(ms: number, speaking: readonly PartyId[] = []): void {
    for (const [sid, recording] of Array.from(this.#recordings)) this.#pass(sid, recording, { ms, speaking });
  }

  /** As if the media plane had closed this party. */
  closeParty(party: PartyId): void {
    for (const [sid, recording] of Array.from(this.#recordings)) {
      if (recording.parties.delete(party) && recording.parties.size === 0) this.end(sid, 'party-gone');
    }
  }

  /** As if the recording had ended by itself, for instance because the disk is full. */
  end(recordingSid: string, why: RecordingEndCause): void {
    const recording = this.#recordings.get(recordingSid);
    if (recording === undefined) return;
    this.#recordings.delete(recordingSid);
    const { options, recordedMs, isSilent } = recording;
    const isKept = recordedMs > 0 && why !== 'failed' && !(options.trim && isSilent);
    const extension = options.media === 'audio' ? 'ogg' : 'webm';
    const end: RecordingEnd = {
      why,
      durationMs: isKept ? recordedMs : 0,
      bytes: isKept ? recordedMs * 4 : 0,
      file: isKept ? `/recordings/${recordingSid}.${extension}` : null,
      isSilent,
    };
    queueMicrotask(() => options.onEnded(end));
  }

  async start(options: RecordingOptions): Promise<void> {
    if (this.#recordings.has(options.recordingSid)) return;
    if (this.#refusal !== undefined) throw new RecordingRefusal(this.#refusal.code, this.#refusal.why);
    if (this.#recordings.size >= this.#recordingsMax) {
      throw new RecordingRefusal('too-many', `${this.#recordingsMax} recordings are in progress`);
    }
    const missing = options.parties.find(({ party }) => !this.#hasParty(party));
    if (missing !== undefined || options.parties.length === 0) {
      throw new RecordingRefusal('no-such-party', 'nobody of that name is in the media plane');
    }
    this.#recordings.set(options.recordingSid, {
      options,
      parties: new Map(options.parties.map((track) => [track.party, track])),
      pause: undefined,
      recordedMs: 0,
      silentMs: 0,
      isSilent: true,
    });
  }

  pause(recordingSid: string, how: PauseBehavior): void {
    const recording = this.#recordings.get(recordingSid);
    if (recording !== undefined) recording.pause = how;
  }

  resume(recordingSid: string): void {
    const recording = this.#recordings.get(recordingSid);
    if (recording === undefined) return;
    recording.pause = undefined;
    recording.silentMs = 0;
  }

  stop(recordingSid: string): void {
    this.end(recordingSid, 'stopped');
  }

  add(recordingSid: string, track: RecordedParty): void {
    if (!this.#hasParty(track.party)) return;
    this.#recordings.get(recordingSid)?.parties.set(track.party, track);
  }

  remove(recordingSid: string, party: PartyId): void {
    this.#recordings.get(recordingSid)?.parties.delete(party);
  }

  #pass(
    sid: string,
    recording: FakeRecording,
    passed: { readonly ms: number; readonly speaking: readonly PartyId[] },
  ): void {
    const { maxLengthMs, silenceTimeoutMs = Number.POSITIVE_INFINITY } = recording.options;
    if (recording.pause === 'skip') return;
    const untilMaxMs = maxLengthMs - recording.recordedMs;
    if (recording.pause === 'silence') {
      recording.recordedMs += Math.min(passed.ms, untilMaxMs);
      if (passed.ms >= untilMaxMs) this.end(sid, 'max-length');
      return;
    }
    const isHeard = passed.speaking.some((party) => recording.parties.has(party));
    const untilSilenceMs = isHeard ? Number.POSITIVE_INFINITY : silenceTimeoutMs - recording.silentMs;
    const ms = Math.min(passed.ms, untilMaxMs, untilSilenceMs);
    recording.recordedMs += ms;
    recording.silentMs = isHeard ? 0 : recording.silentMs + ms;
    if (isHeard) recording.isSilent = false;
    if (ms === untilMaxMs) this.end(sid, 'max-length');
    else if (ms === untilSilenceMs) this.end(sid, 'silence');
  }
}
