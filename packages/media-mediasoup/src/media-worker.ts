import { createWorker, type types } from 'mediasoup';
import type { Census } from './census.ts';
import { mediaCodecs } from './codecs.ts';
import type { Settings } from './options.ts';
import { startInOnePipe } from './worker-pipe.ts';

/** Routers kept for the calls to come. An empty one costs a few kilobytes. */
const SPARES_MAX = 16;

/** Somebody whose media is in a worker, and who must hear at once when it dies. */
export interface Tenant {
  workerDied(): void;
}

/** One SFU process with its one door for browsers, and a router kept ready for the next call. */
export class MediaWorker {
  readonly tenants = new Set<Tenant>();
  /** Parties that are or will be in this worker; what the next room is placed by. */
  load = 0;
  readonly #worker: types.Worker;
  readonly #server: types.WebRtcServer;
  readonly #settings: Settings;
  readonly #census: Census;
  /** Routers nobody uses, ready for the next call. */
  readonly #spares: Promise<types.Router>[];
  #cpuMsBefore = 0;
  #cpuAskedAtMs = performance.now();

  private constructor(
    worker: types.Worker,
    server: types.WebRtcServer,
    spare: types.Router,
    settings: Settings,
    census: Census,
  ) {
    this.#worker = worker;
    this.#server = server;
    this.#spares = [Promise.resolve(spare)];
    this.#settings = settings;
    this.#census = census;
  }

  /** Opens the port in this process, or in one that is started for it. Nothing is left running when it fails. */
  static async start(
    settings: Settings,
    port: number,
    census: Census,
    spare?: types.Worker,
  ): Promise<MediaWorker> {
    const worker = spare ?? (await startProcess(settings.workerBin));
    try {
      // People may wait for it, whose worker has died: what need not follow one another does not.
      const [server, spare] = await Promise.all([
        worker.createWebRtcServer({ listenInfos: listenInfos(settings, port) }),
        createRouter(worker, settings, census),
      ]);
      return new MediaWorker(worker, server, spare, settings, census);
    } catch (error) {
      worker.close();
      throw new Error(`the SFU worker could not listen on port ${port}: ${sentenceOf(error)}`, {
        cause: error,
      });
    }
  }

  get pid(): number {
    return this.#worker.pid;
  }

  get isAlive(): boolean {
    return !this.#worker.closed;
  }

  /** The process is gone without having been asked to go. Called at most once. */
  onDied(listener: () => void): void {
    if (this.#worker.died) listener();
    else this.#worker.once('died', listener);
  }

  /** A router nobody else uses; at once, because one is always ready. */
  takeRouter(): Promise<types.Router> {
    const router = this.#spares.shift() ?? this.#createRouter();
    if (this.#spares.length === 0) this.#spares.push(this.#createRouter());
    return router;
  }

  /** Takes back a router whose parties are gone: making one costs a quarter of what a call costs. */
  giveBackRouter(router: types.Router): void {
    if (this.isAlive && this.#spares.length < SPARES_MAX) this.#spares.push(Promise.resolve(router));
    else router.close();
  }

  createTransport(router: types.Router): Promise<types.WebRtcTransport> {
    return router.createWebRtcTransport({
      webRtcServer: this.#server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      enableSctp: false,
      // The default begins a picture between two people at 600 kbit/s and lets them watch it sharpen.
      initialAvailableOutgoingBitrate: 1_000_000,
      iceConsentTimeout: this.#settings.iceConsentTimeoutS,
    });
  }

  /** The share of one core this worker used since it was last asked, 0 to 1. */
  async cpu(): Promise<number> {
    const usage = await this.#worker.getResourceUsage();
    const cpuMs = usage.ru_utime + usage.ru_stime;
    const nowMs = performance.now();
    const share = (cpuMs - this.#cpuMsBefore) / Math.max(1, nowMs - this.#cpuAskedAtMs);
    this.#cpuMsBefore = cpuMs;
    this.#cpuAskedAtMs = nowMs;
    return Math.min(1, Math.max(0, share));
  }

  close(): void {
    this.#worker.close();
  }

  #createRouter(): Promise<types.Router> {
    const router = createRouter(this.#worker, this.#settings, this.#census);
    // Whoever takes it learns of the failure; until then it is nobody's.
    router.catch(() => {});
    return router;
  }
}

/** Starts an SFU process that has no port yet, and nothing to do. */
export async function startProcess(workerBin: string | undefined): Promise<types.Worker> {
  const before = new Set([...process.listeners('SIGTERM'), ...process.listeners('SIGINT')]);
  const starting = startInOnePipe(() =>
    createWorker({ logLevel: 'error', ...(workerBin === undefined ? {} : { workerBin }) }),
  );
  // mediasoup ends all media when the process is told to terminate. Whether calls may still finish then is
  // for the gateway to say (it drains), so the listeners that were added just now are taken off again.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    for (const listener of process.listeners(signal)) {
      if (!before.has(listener)) process.removeListener(signal, listener);
    }
  }
  try {
    return await starting;
  } catch (error) {
    const which = workerBin ?? process.env['MEDIASOUP_WORKER_BIN'];
    throw new Error(
      `the SFU worker could not be started${which === undefined ? '' : ` from ${which}`}: ${sentenceOf(error)}. ` +
        'Set MEDIASOUP_WORKER_BIN, or workerBin, to a mediasoup-worker of this version.',
      { cause: error },
    );
  }
}

async function createRouter(worker: types.Worker, settings: Settings, census: Census): Promise<types.Router> {
  const router = await worker.createRouter({ mediaCodecs: mediaCodecs(settings) });
  census.watch(router);
  return router;
}

function listenInfos(settings: Settings, port: number): types.TransportListenInfo[] {
  return settings.listen.flatMap(({ ip, announcedAddress }) =>
    (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      ip,
      port,
      ...(announcedAddress === undefined ? {} : { announcedAddress }),
    })),
  );
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
