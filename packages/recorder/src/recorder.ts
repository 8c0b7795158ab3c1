import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  RecordingRefusal,
  type PartyId,
  type PauseBehavior,
  type RecordedParty,
  type RecordingCounts,
  type RecordingEnd,
  type RecordingOptions,
} from '@parley/switchboard';
import type { DiskGuard } from './disk-guard.ts';
import type { OwnedRecordingPlane, RecorderSettings, RecoveredRecording } from './options.ts';
import { discard, PART } from './part-file.ts';
import type { RecorderNews } from './recorder-order.ts';
import { Recording } from './recording.ts';
import { isLeftOver } from './recording-file.ts';
import { ThreadLink } from './thread-link.ts';

type ThreadNews = Exclude<RecorderNews, { type: 'listening' }>;

/** The name of a file is made of it, so it can be nothing else. */
const SID = /^[\w-]{1,64}$/;
const LEFT = /^([\w-]{1,64})\.(?:ogg|webm)\.part$/;
/** What a party sends may take a moment until it is copied; a recording that waits longer begins without. */
const READY_DEADLINE_MS = 2000;
/** How long the end of what is being recorded is waited for when the gateway ends. */
const CLOSE_DEADLINE_MS = 15_000;

interface Entry {
  readonly recording: Recording;
  readonly desk: Desk;
  readonly begun: PromiseWithResolvers<void>;
}

/** A thread, and what it does. */
interface Desk {
  readonly link: ThreadLink;
  readonly sids: Set<string>;
  sizes: Readonly<Record<string, number>>;
}

/** Recordings by name, spread over threads that write them. */
export class Recorder implements OwnedRecordingPlane {
  readonly recovered: RecoveredRecording[] = [];
  readonly #settings: RecorderSettings;
  readonly #guard: DiskGuard;
  readonly #desks: readonly Desk[];
  readonly #entries = new Map<string, Entry>();
  #packets = 0;
  #packetsLost = 0;
  /** Those that are about to begin. */
  readonly #starting = new Map<string, Promise<void>>();
  readonly #recovering = new Map<string, (end: Omit<RecordingEnd, 'why'>) => void>();
  #isClosed = false;

  constructor(settings: RecorderSettings, guard: DiskGuard) {
    this.#settings = settings;
    this.#guard = guard;
    this.#desks = Array.from({ length: settings.threads }, () => this.#createDesk());
  }

  get recordingCounts(): RecordingCounts {
    let taps = 0;
    for (const { recording } of this.#entries.values()) taps += recording.taps;
    return {
      inProgress: this.#entries.size,
      taps,
      bytes: this.#guard.bytes,
      packets: this.#packets,
      packetsLost: this.#packetsLost,
    };
  }

  /** Makes whole what an earlier run left behind. */
  async recover(): Promise<void> {
    const { directory, log } = this.#settings;
    for (const name of await readdir(directory)) {
      if (isLeftOver(name)) await discard(join(directory, name));
      const sid = LEFT.exec(name)?.[1];
      if (sid === undefined) continue;
      const end = await this.#recover(sid, join(directory, name));
      log('info', 'a recording that was cut off has been made whole', { sid, durationMs: end.durationMs });
      this.recovered.push({ recordingSid: sid, ...end });
    }
  }

  async warm(): Promise<void> {
    await this.#desks[0]?.link.port();
  }

  start(options: RecordingOptions): Promise<void> {
    const { recordingSid: sid } = options;
    const known = this.#starting.get(sid) ?? this.#entries.get(sid)?.begun.promise;
    if (known !== undefined) return known;
    const starting = this.#start(options).finally(() => this.#starting.delete(sid));
    this.#starting.set(sid, starting);
    return starting;
  }

  pause(recordingSid: string, how: PauseBehavior): void {
    this.#entries.get(recordingSid)?.desk.link.order({ type: 'pause', sid: recordingSid, how });
  }

  resume(recordingSid: string): void {
    this.#entries.get(recordingSid)?.desk.link.order({ type: 'resume', sid: recordingSid });
  }

  stop(recordingSid: string): void {
    this.#entries.get(recordingSid)?.recording.end('stopped');
  }

  add(recordingSid: string, track: RecordedParty): void {
    this.#entries.get(recordingSid)?.recording.add(track);
  }

  remove(recordingSid: string, party: PartyId): void {
    this.#entries.get(recordingSid)?.recording.remove(party);
  }

  forget(recordingSid: string): void {
    for (const extension of ['ogg', 'webm']) this.#guard.forget(`${recordingSid}.${extension}`);
  }

  async killThreads(): Promise<void> {
    await Promise.all(this.#desks.map(({ link }) => link.kill()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { recording } of Array.from(this.#entries.values())) recording.end('stopped');
    const deadlineMs = performance.now() + CLOSE_DEADLINE_MS;
    while (this.#entries.size > 0 && performance.now() < deadlineMs) await after(10);
    await Promise.all(this.#desks.map(({ link }) => link.close()));
    for (const { recording } of Array.from(this.#entries.values())) recording.release();
    this.#entries.clear();
  }

  async #start(options: RecordingOptions): Promise<void> {
    const { recordingSid: sid, media } = options;
    const { recordingsMax, directory, bytesPerRecordingMax } = this.#settings;
    if (this.#isClosed) throw new RecordingRefusal('failed', 'the recorder is closed');
    if (!SID.test(sid)) throw new RecordingRefusal('failed', 'a recording cannot have this name');
    if (new Set([...this.#entries.keys(), ...this.#starting.keys()]).size >= recordingsMax) {
      throw new RecordingRefusal(
        'too-many',
        `${recordingsMax} recordings are in progress, and no more may be`,
      );
    }
    const complaint = await this.#complaint();
    if (complaint !== undefined) throw new RecordingRefusal('disk-full', complaint);
    const desk = this.#leastBusy();
    const port = await desk.link.port().catch((error: unknown) => {
      throw new RecordingRefusal('failed', 'the thread that records cannot be started', { cause: error });
    });
    const recording = new Recording(options, {
      media: this.#settings.media,
      port,
      order: (order) => desk.link.order(order),
    });
    const entry: Entry = { recording, desk, begun: Promise.withResolvers() };
    // Whoever asked learns of the failure, once.
    entry.begun.promise.catch(() => {});
    const isEverybodyThere =
      options.parties.length > 0 && options.parties.every((track) => recording.add(track));
    if (!isEverybodyThere) {
      recording.release();
      throw new RecordingRefusal('no-such-party', 'somebody who is to be recorded is not in a call');
    }
    this.#entries.set(sid, entry);
    desk.sids.add(sid);
    // Before any of its streams: they come in later turns.
    desk.link.order({
      type: 'begin',
      sid,
      path: join(directory, `${sid}.${media === 'audio' ? 'ogg' : 'webm'}`),
      channels: options.channels,
      media,
      trim: options.trim,
      maxLengthMs: options.maxLengthMs,
      silenceTimeoutMs: options.silenceTimeoutMs,
      bytesMax: bytesPerRecordingMax,
    });
    await entry.begun.promise;
    await Promise.race([recording.ready(), after(READY_DEADLINE_MS)]);
  }

  async #complaint(): Promise<string | undefined> {
    try {
      return await this.#guard.complaint();
    } catch (error) {
      return `it cannot be seen how much room there is: ${String(error)}`;
    }
  }

  #leastBusy(): Desk {
    const [first, ...others] = this.#desks;
    if (first === undefined) throw new RangeError('a recorder has at least one thread');
    return others.reduce((least, desk) => (desk.sids.size < least.sids.size ? desk : least), first);
  }

  #createDesk(): Desk {
    const desk: Desk = {
      sids: new Set(),
      sizes: {},
      link: new ThreadLink({
        onNews: (news) => this.#hear(desk, news),
        onDied: (why) => void this.#died(desk, why),
      }),
    };
    return desk;
  }

  #hear(desk: Desk, news: ThreadNews): void {
    switch (news.type) {
      case 'begun':
        return this.#entries.get(news.sid)?.begun.resolve();
      case 'refused': {
        const entry = this.#drop(news.sid);
        entry?.recording.release();
        const code = news.isDiskFull ? 'disk-full' : 'failed';
        return entry?.begun.reject(new RecordingRefusal(code, news.message));
      }
      case 'ended':
        return this.#ended(news.sid, news.end);
      case 'recovered':
        return this.#recovering.get(news.sid)?.(news.end);
      case 'keyFrame':
        return this.#entries.get(news.sid)?.recording.requestKeyFrame(news.id);
      case 'trouble':
        return this.#settings.log('warn', 'a recording is in trouble', { sid: news.sid, why: news.message });
      case 'sizes':
        desk.sizes = news.bytes;
        this.#packets += news.packets;
        this.#packetsLost += news.packetsLost;
        return void this.#weigh();
    }
  }

  #ended(sid: string, end: RecordingEnd): void {
    const entry = this.#drop(sid);
    if (entry === undefined) return;
    if (end.file !== null) this.#guard.keep(basename(end.file), end.bytes);
    try {
      entry.recording.ended(end);
    } catch (error) {
      this.#settings.log('error', 'the end of a recording could not be told', { sid, why: String(error) });
    }
  }

  #drop(sid: string): Entry | undefined {
    const entry = this.#entries.get(sid);
    this.#entries.delete(sid);
    entry?.desk.sids.delete(sid);
    return entry;
  }

  /** Ends everything where there is no more room: nothing that is running may suffer from what is written. */
  async #weigh(): Promise<void> {
    this.#guard.growing(new Map(this.#desks.flatMap(({ sizes }) => Object.entries(sizes))));
    if (this.#entries.size === 0) return;
    const complaint = await this.#complaint();
    if (complaint === undefined) return;
    this.#settings.log('error', 'recordings end because there is no room for them', { why: complaint });
    for (const { recording } of Array.from(this.#entries.values())) recording.end('disk-full');
  }

  /** What was written is kept; the recording is over, because what was said meanwhile is lost. */
  async #died(desk: Desk, why: string): Promise<void> {
    const sids = Array.from(desk.sids);
    desk.sizes = {};
    this.#settings.log('error', 'a thread that records died', { why, recordings: sids.length });
    for (const recovering of Array.from(this.#recovering.values())) {
      recovering({ durationMs: 0, bytes: 0, file: null, isSilent: false });
    }
    for (const sid of sids) {
      const entry = this.#entries.get(sid);
      if (entry === undefined) continue;
      entry.recording.release();
      entry.begun.reject(new RecordingRefusal('failed', 'the thread that records died'));
      const extension = entry.recording.options.media === 'audio' ? 'ogg' : 'webm';
      const part = join(this.#settings.directory, `${sid}.${extension}${PART}`);
      this.#ended(sid, { why: 'failed', ...(await this.#recover(sid, part)) });
    }
  }

  #recover(sid: string, part: string): Promise<Omit<RecordingEnd, 'why'>> {
    const [desk] = this.#desks;
    return new Promise((resolve) => {
      this.#recovering.set(sid, (end) => {
        this.#recovering.delete(sid);
        if (end.file !== null) this.#guard.keep(basename(end.file), end.bytes);
        resolve(end);
      });
      desk?.link.order({ type: 'recover', sid, part });
    });
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
