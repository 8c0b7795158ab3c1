import type { RecordingEnd, RecordingEndCause } from '@parley/switchboard';
import { LossCount } from './loss-count.ts';
import { isDiskFull } from './part-file.ts';
import type { BeginOrder, RecorderNews, RecorderOrder, StreamOrder } from './recorder-order.ts';
import { PictureFile, recoverFile, SoundFile, type RecordingFile } from './recording-file.ts';
import { readRtp, ssrcOf } from './rtp.ts';
import { Take } from './take.ts';

export interface RecorderDeskOptions {
  readonly tell: (news: RecorderNews) => void;
  readonly nowMs: () => number;
}

interface Job {
  readonly take: Take;
  readonly file: RecordingFile;
  readonly startedAtMs: number;
}

interface Route {
  readonly job: Job;
  readonly stream: StreamOrder;
  readonly losses: LossCount;
}

/** Everything one thread records. It is told orders and given packets, and asked often to write what is due. */
export class RecorderDesk {
  readonly #options: RecorderDeskOptions;
  readonly #jobs = new Map<string, Job>();
  /** By the port packets come from and their SSRC. One may be in several recordings: each has a copy of its own. */
  readonly #routes = new Map<string, Route>();
  readonly #routesOf = new Map<string, string>();
  #packets = 0;
  #packetsLost = 0;

  constructor(options: RecorderDeskOptions) {
    this.#options = options;
  }

  /** Nothing is being recorded, so that nothing is due. */
  get isIdle(): boolean {
    return this.#jobs.size === 0;
  }

  handle(order: RecorderOrder): void {
    switch (order.type) {
      case 'begin':
        return this.#begin(order);
      case 'recover':
        return void this.#recover(order.sid, order.part);
      case 'end':
        return this.#end(order.sid, order.why);
      case 'stream':
      case 'streamOver':
      case 'muted':
      case 'report':
      case 'pause':
      case 'resume': {
        const job = this.#jobs.get(order.sid);
        if (job !== undefined) this.#during(job, order);
      }
    }
  }

  /** A packet as it came. What nobody records is dropped. */
  packet(bytes: Buffer, fromPort: number): void {
    const ssrc = ssrcOf(bytes);
    const route = ssrc === undefined ? undefined : this.#routes.get(routeKey(fromPort, ssrc));
    if (route === undefined) return;
    const packet = readRtp(bytes, route.stream.audioLevelId);
    if (packet === undefined) return;
    this.#packets += 1;
    this.#packetsLost += route.losses.take(packet.sequence);
    route.job.take.packet(route.stream.id, packet, this.#options.nowMs() - route.job.startedAtMs);
  }

  tick(): void {
    const nowMs = this.#options.nowMs();
    for (const { take, startedAtMs } of Array.from(this.#jobs.values())) take.tick(nowMs - startedAtMs);
  }

  /** Tells how large everything is, and what has come since it was last told. */
  weigh(): void {
    const bytes = Object.fromEntries(Array.from(this.#jobs, ([sid, { file }]) => [sid, file.bytes]));
    this.#options.tell({ type: 'sizes', bytes, packets: this.#packets, packetsLost: this.#packetsLost });
    this.#packets = 0;
    this.#packetsLost = 0;
  }

  #begin(order: BeginOrder): void {
    const { sid } = order;
    const { tell, nowMs } = this.#options;
    let file: RecordingFile;
    try {
      file = order.media === 'audio' ? new SoundFile(order) : new PictureFile(order);
    } catch (error) {
      tell({ type: 'refused', sid, isDiskFull: isDiskFull(error), message: sentenceOf(error) });
      return;
    }
    const take = new Take({
      ...order,
      file,
      requestKeyFrame: (id) => tell({ type: 'keyFrame', sid, id }),
      onOver: (why) => this.#end(sid, why),
      onTrouble: (error) => tell({ type: 'trouble', sid, message: sentenceOf(error) }),
    });
    this.#jobs.set(sid, { take, file, startedAtMs: nowMs() });
    tell({ type: 'begun', sid });
  }

  #during(
    job: Job,
    order: Extract<
      RecorderOrder,
      { type: 'stream' | 'streamOver' | 'muted' | 'report' | 'pause' | 'resume' }
    >,
  ): void {
    const { take, startedAtMs } = job;
    const atMs = this.#options.nowMs() - startedAtMs;
    switch (order.type) {
      case 'stream': {
        const { stream } = order;
        const key = routeKey(stream.fromPort, stream.ssrc);
        this.#routes.set(key, { job, stream, losses: new LossCount() });
        this.#routesOf.set(stream.id, key);
        return take.add(stream);
      }
      case 'streamOver':
        this.#unroute(order.id);
        return take.remove(order.id);
      case 'muted':
        return take.muted(order.id, order.isMuted);
      case 'report':
        return take.report(order.id, order);
      case 'pause':
        return take.pause(order.how, atMs);
      case 'resume':
        return take.resume(atMs);
    }
  }

  #end(sid: string, why: RecordingEndCause): void {
    const job = this.#jobs.get(sid);
    if (job === undefined) return;
    this.#jobs.delete(sid);
    for (const [id, key] of Array.from(this.#routesOf))
      if (this.#routes.get(key)?.job === job) this.#unroute(id);
    void this.#finish(sid, job, why);
  }

  async #finish(sid: string, { take, file, startedAtMs }: Job, why: RecordingEndCause): Promise<void> {
    const { tell, nowMs } = this.#options;
    const { slots, isSilent } = take.end(nowMs() - startedAtMs);
    let end: RecordingEnd;
    try {
      end = { why, ...(await file.finish({ slots })), isSilent };
    } catch (error) {
      // What was written is left where it is: it is made whole when the recorder starts the next time.
      tell({ type: 'trouble', sid, message: sentenceOf(error) });
      const cause = isDiskFull(error) ? 'disk-full' : 'failed';
      end = { why: cause, durationMs: 0, bytes: 0, file: null, isSilent };
    }
    tell({ type: 'ended', sid, end });
  }

  async #recover(sid: string, part: string): Promise<void> {
    const { tell } = this.#options;
    try {
      tell({ type: 'recovered', sid, end: { ...(await recoverFile(part)), isSilent: false } });
    } catch (error) {
      tell({ type: 'trouble', sid, message: sentenceOf(error) });
      tell({ type: 'recovered', sid, end: { durationMs: 0, bytes: 0, file: null, isSilent: false } });
    }
  }

  #unroute(id: string): void {
    const key = this.#routesOf.get(id);
    this.#routesOf.delete(id);
    const route = key === undefined ? undefined : this.#routes.get(key);
    if (key === undefined || route?.stream.id !== id) return;
    this.#packetsLost += route.losses.finish();
    this.#routes.delete(key);
  }
}

function routeKey(port: number, ssrc: number): string {
  return `${port}:${ssrc}`;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
