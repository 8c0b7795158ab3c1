import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { notifications, type NotificationName } from '@parley/rcml';
import {
  isEmptyRecording,
  RecordingRefusal,
  type PartyId,
  type PauseBehavior,
  type RecordedParty,
  type RecordingEnd,
  type RecordingOptions,
  type RecordingName,
  type RecordingOrder,
  type World,
} from '@parley/switchboard';
import type { OwnedRecordingPlane } from '@parley/recorder';
import type { Logger } from '../log.ts';
import type { CallbackOutbox } from '../out/callback-outbox.ts';
import type { NotificationLog } from '../store/notifications.ts';
import type { RecordingOutcome, Recordings } from '../store/recordings.ts';
import { newSid } from '../store/sid.ts';
import { beganReport, endReport, reportsBeforeEnd, subscriptionOf, trackOf } from './recording-reports.ts';
import type { RecordingUrls } from './recording-urls.ts';

type Recorder = Omit<OwnedRecordingPlane, 'warm' | 'recovered' | symbol>;

export interface RecordingHostOptions {
  readonly recorder: Recorder;
  readonly table: Recordings;
  readonly outbox: Pick<CallbackOutbox, 'enqueue'>;
  readonly notifications: NotificationLog;
  readonly urls: RecordingUrls;
  readonly world: World;
  readonly log: Logger;
}

/** A recording that is to begin, and who wants to hear of its end. */
export interface BeginRecording {
  readonly accountSid: string;
  readonly callSid: string;
  readonly conferenceSid?: string;
  readonly recording: RecordingName;
  readonly order: RecordingOrder;
  /** Told once, never within the call that begins it. */
  readonly onEnded?: (end: RecordingEnd) => void;
}

interface Running extends BeginRecording {
  /** Settled when the recorder records, or has refused to. What is asked before waits for it. */
  readonly ready: Promise<unknown>;
  isRecording: boolean;
  /** Nobody has asked for its end. */
  isWanted: boolean;
  isPaused: boolean;
  readonly whenWhole: ((recording: RecordingName, end: RecordingEnd) => void)[];
  readonly whenOver: (() => void)[];
}

/** What never began. */
const NOTHING: RecordingEnd = { why: 'failed', durationMs: 0, bytes: 0, file: null, isSilent: true };

/**
 * The recordings of this node: their rows, whom their fate is told, and the way to whoever writes them. It decides
 * nothing, and nothing that goes wrong here ends a call.
 */
export class RecordingHost implements AsyncDisposable {
  readonly #options: RecordingHostOptions;
  readonly #running = new Map<string, Running>();
  #whenIdle: (() => void) | undefined;

  constructor(options: RecordingHostOptions) {
    this.#options = options;
  }

  /** A name for the next recording of an account. */
  name(accountSid: string): RecordingName {
    const sid = newSid('RE');
    return { sid, url: this.#options.urls.signed(accountSid, sid) };
  }

  /** Whether it is being recorded, or about to be. */
  isRunning(recordingSid: string): boolean {
    return this.#running.has(recordingSid);
  }

  begin(begun: BeginRecording): void {
    const { table, world, notifications: said } = this.#options;
    const { recording, order, accountSid, callSid, conferenceSid = null } = begun;
    const { sid, url } = recording;
    const createdAtMs = world.nowMs();
    const reported = { accountSid, callSid, conferenceSid, sid, url, beganMs: createdAtMs };
    const subscription = subscriptionOf(reported, order);
    if (subscription === null && order.reports.recordingStatusCallback !== undefined) {
      const { code, severity } = notifications.urlInvalid;
      const message = `recordingStatusCallback "${order.reports.recordingStatusCallback}" is not a URL that can be asked`;
      said.notify({ accountSid, callSid, code, severity, message });
    }
    this.#write(sid, () =>
      table.open({
        sid,
        accountSid,
        callSid,
        conferenceSid,
        source: order.source,
        track: trackOf(order),
        media: order.media === 'audio' ? 'audio' : 'video',
        channels: order.channels,
        subscription,
        createdAtMs,
      }),
    );
    const { parties, channels, media, trim, maxLengthMs, silenceTimeoutMs, withAnnouncements } = order;
    const ready = this.#start({
      recordingSid: sid,
      parties,
      channels,
      media,
      trim,
      maxLengthMs,
      withAnnouncements,
      ...(silenceTimeoutMs === undefined ? {} : { silenceTimeoutMs }),
      onEnded: (end) => this.#ended(sid, end),
    });
    const running: Running = {
      ...begun,
      ready,
      isRecording: false,
      isWanted: true,
      isPaused: false,
      whenWhole: [],
      whenOver: [],
    };
    this.#running.set(sid, running);
    ready.then(
      () => this.#began(running),
      (error: unknown) => this.#refused(running, error),
    );
  }

  /** Resolves when it is being recorded, or with a sentence that says why it is not. */
  async begun(recordingSid: string): Promise<string | undefined> {
    try {
      await this.#running.get(recordingSid)?.ready;
      return undefined;
    } catch (error) {
      return error instanceof RecordingRefusal ? error.message : 'the gateway failed to begin it';
    }
  }

  add(recordingSid: string, party: RecordedParty): void {
    this.#whenReady(recordingSid, (recorder) => recorder.add(recordingSid, party));
  }

  remove(recordingSid: string, party: PartyId): void {
    this.#whenReady(recordingSid, (recorder) => recorder.remove(recordingSid, party));
  }

  /** Asking twice is fine, also for one that is over. */
  stop(recordingSid: string): void {
    const running = this.#running.get(recordingSid);
    if (running !== undefined) running.isWanted = false;
    this.#whenReady(recordingSid, (recorder) => recorder.stop(recordingSid));
  }

  pause(recordingSid: string, how: PauseBehavior): void {
    this.#setPaused(recordingSid, true);
    this.#whenReady(recordingSid, (recorder) => recorder.pause(recordingSid, how));
  }

  resume(recordingSid: string): void {
    this.#setPaused(recordingSid, false);
    this.#whenReady(recordingSid, (recorder) => recorder.resume(recordingSid));
  }

  /** Tells when the file is whole; nothing for a recording that holds nothing, or is none. */
  whenWhole(recordingSid: string, tell: (recording: RecordingName, end: RecordingEnd) => void): void {
    this.#running.get(recordingSid)?.whenWhole.push(tell);
  }

  /** Resolves when a recording is over, or at once where it is, or is none; after 10 s in any case. */
  settled(recordingSid: string): Promise<void> {
    const running = this.#running.get(recordingSid);
    if (running === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOSING_MAX_MS);
      timer.unref();
      running.whenOver.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Resolves when every recording is over. Whoever calls has ended the calls before. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running.size === 0) return;
    for (const sid of this.#running.keys()) this.stop(sid);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSING_MAX_MS);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /**
   * A document may be quicker than the media of whoever it runs for: that is waited for a moment, as long as anybody
   * still wants the recording.
   */
  async #start(options: RecordingOptions): Promise<void> {
    const { recorder } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await recorder.start(options);
      } catch (error) {
        const isNobodyThere = error instanceof RecordingRefusal && error.code === 'no-such-party';
        if (!isNobodyThere || attempt >= START_ATTEMPTS_MAX) throw error;
        await delay(START_AGAIN_MS);
        if (this.#running.get(options.recordingSid)?.isWanted !== true) throw error;
      }
    }
  }

  /** Never throws: people who talk matter more than the books. */
  #write(recordingSid: string, write: () => void): void {
    try {
      write();
    } catch (err) {
      this.#options.log.error({ err, recordingSid }, 'a recording could not be written down');
    }
  }

  #setPaused(recordingSid: string, isPaused: boolean): void {
    const running = this.#running.get(recordingSid);
    if (running === undefined || running.isPaused === isPaused) return;
    running.isPaused = isPaused;
    const { table, world, log } = this.#options;
    const status = isPaused ? 'paused' : 'in-progress';
    this.#write(recordingSid, () => table.setStatus(recordingSid, status, world.nowMs()));
    log.info({ recordingSid, callSid: running.callSid }, `recording ${isPaused ? 'paused' : 'resumed'}`);
  }

  /** What is asked before it records would be lost on the recorder. */
  #whenReady(recordingSid: string, act: (recorder: Recorder) => void): void {
    const running = this.#running.get(recordingSid);
    if (running === undefined) return;
    const { recorder } = this.#options;
    if (running.isRecording) act(recorder);
    else void running.ready.then(() => act(recorder)).catch(ignore);
  }

  #began(running: Running): void {
    const { table, outbox, world, log } = this.#options;
    const { recording, callSid, accountSid, order } = running;
    running.isRecording = true;
    log.info({ recordingSid: recording.sid, callSid, source: order.source }, 'recording began');
    this.#write(recording.sid, () => {
      const row = table.find(accountSid, recording.sid);
      const event = row === undefined ? undefined : beganReport(row, world.nowMs());
      if (event !== undefined) outbox.enqueue(event);
    });
  }

  #refused(running: Running, error: unknown): void {
    const { sid } = running.recording;
    const code = error instanceof RecordingRefusal ? error.code : 'failed';
    // Whoever was to be recorded has gone at the same moment: nothing has gone wrong.
    const isNobodyThere = code === 'no-such-party';
    const message = error instanceof RecordingRefusal ? error.message : 'the gateway failed to begin it';
    if (!isNobodyThere) this.#complain(running, REFUSALS[code], `nothing is recorded: ${message}`);
    if (!(error instanceof RecordingRefusal)) {
      this.#options.log.error({ err: error, recordingSid: sid }, 'a recording could not be begun');
    }
    this.#over(running, NOTHING, {
      ...ABSENT,
      errorCode: isNobodyThere ? null : notifications[REFUSALS[code]].code,
    });
  }

  #ended(recordingSid: string, end: RecordingEnd): void {
    const running = this.#running.get(recordingSid);
    if (running === undefined) return;
    const trouble = TROUBLES[end.why];
    if (trouble !== undefined) {
      const [name, words] = trouble;
      this.#complain(running, name, `the recording ended early: ${words}`);
    }
    const errorCode = trouble === undefined ? null : notifications[trouble[0]].code;
    if (end.file === null || isEmptyRecording(end, running.order)) {
      if (end.file !== null) this.#discard(recordingSid, end.file);
      const status = end.why === 'failed' ? 'failed' : 'absent';
      this.#over(running, end, { ...ABSENT, status, errorCode });
      return;
    }
    this.#over(running, end, {
      status: 'completed',
      fileName: basename(end.file),
      bytes: end.bytes,
      durationSeconds: Math.round(end.durationMs / 1000),
      errorCode,
    });
  }

  #over(running: Running, end: RecordingEnd, outcome: RecordingOutcome): void {
    const { table, outbox, world, log } = this.#options;
    const { recording, accountSid, callSid, onEnded, whenWhole, whenOver } = running;
    const { sid: recordingSid } = recording;
    this.#running.delete(recordingSid);
    const atMs = world.nowMs();
    this.#write(recordingSid, () => {
      const row = table.find(accountSid, recordingSid);
      if (row === undefined || !table.end(recordingSid, outcome, atMs)) return;
      // Whoever wanted to hear of the beginning has heard of it only if it began.
      const sequence = running.isRecording ? reportsBeforeEnd(row) : 0;
      const event = endReport(row, outcome, { sequence, atMs });
      if (event !== undefined) outbox.enqueue(event);
    });
    const { status, durationSeconds } = outcome;
    log.info({ recordingSid, callSid, status, durationSeconds, why: end.why }, 'recording ended');
    if (status === 'completed') for (const tell of whenWhole) tell(recording, end);
    for (const tell of whenOver) tell();
    onEnded?.(end);
    if (this.#running.size === 0) this.#whenIdle?.();
  }

  #complain({ accountSid, callSid }: Running, name: NotificationName, message: string): void {
    const { code, severity } = notifications[name];
    this.#options.notifications.notify({ accountSid, callSid, code, severity, message });
  }

  #discard(recordingSid: string, file: string): void {
    const { recorder, log } = this.#options;
    rm(file, { force: true })
      .then(() => recorder.forget(recordingSid))
      .catch((err: unknown) => log.error({ err, recordingSid }, 'an empty recording could not be deleted'));
  }
}

/** How often, and after how long, it is looked again for somebody whose media are not there yet. */
const START_ATTEMPTS_MAX = 20;
const START_AGAIN_MS = 100;

/** How long a file may take to be closed, for whoever waits for it. */
const CLOSING_MAX_MS = 10_000;

const ABSENT: RecordingOutcome = {
  status: 'absent',
  fileName: null,
  bytes: null,
  durationSeconds: null,
  errorCode: null,
};

const REFUSALS = {
  'no-such-party': 'recordingFailed',
  'too-many': 'recordingsTooMany',
  'disk-full': 'recordingDiskFull',
  failed: 'recordingFailed',
} as const satisfies Readonly<Record<RecordingRefusal['code'], NotificationName>>;

const TROUBLES: Readonly<Partial<Record<RecordingEnd['why'], [NotificationName, string]>>> = {
  'disk-full': [
    'recordingDiskFull',
    'there is no more room for recordings; what was said until then is kept',
  ],
  failed: ['recordingFailed', 'it could not be written'],
};

function ignore(): void {}
