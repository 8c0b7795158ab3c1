import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const SOFTPHONE = path.join(REPOSITORY, 'apps/softphone/dist');
const READY_MS = 30_000;
const STOP_MS = 5_000;
const LOG_LINES_MAX = 5_000;

export interface Holding {
  readonly calls: number;
  readonly devices: number;
  readonly rooms: number;
  readonly transports: number;
}

/** What of `GET /health` is read here. */
interface Health {
  readonly calls: { readonly calls: number };
  readonly devices: { readonly sessions: number; readonly registered: number };
  readonly media: { readonly rooms: number; readonly transports: number };
  readonly recordings: { readonly inProgress: number };
  readonly workers: { readonly workerRestarts: number };
}

/** The gateway as its operator runs it: a process of its own, with an SFU worker, a data folder and free ports. */
export class Gateway implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #dataFolder: string;
  readonly #log: string[];
  /** Where the softphone is: `http://127.0.0.1:…`. */
  readonly url: string;

  private constructor(child: ChildProcess, url: string, parts: { dataFolder: string; log: string[] }) {
    this.#child = child;
    this.url = url;
    this.#dataFolder = parts.dataFolder;
    this.#log = parts.log;
  }

  /** Starts one and waits until it says where it is. `settings` are more of the variables it reads. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Gateway> {
    // The gateway serves the softphone as it was built. "pnpm e2e" builds it; Playwright alone does not.
    if (!existsSync(path.join(SOFTPHONE, 'index.html'))) {
      throw new Error('the softphone has not been built: "pnpm --dir apps/softphone build" does');
    }
    const dataFolder = mkdtempSync(path.join(tmpdir(), 'parley-e2e-data-'));
    const log: string[] = [];
    const child = spawn(
      process.execPath,
      ['--conditions=@parley/source', path.join(REPOSITORY, 'apps/gateway/src/main.ts')],
      {
        cwd: REPOSITORY,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          PARLEY_HOST: '127.0.0.1',
          PARLEY_PORT: '0',
          PARLEY_MEDIA_PORT: '0',
          PARLEY_WORKERS: '1',
          PARLEY_DATA: dataFolder,
          PARLEY_SOFTPHONE: SOFTPHONE,
          PARLEY_DEMO: 'on',
          PARLEY_DRAIN_SECONDS: '0',
          ...settings,
        },
      },
    );
    // Should the tests themselves crash, the gateway does not outlive them.
    const kill = (): void => void child.kill('SIGKILL');
    process.on('exit', kill);
    child.on('exit', () => process.off('exit', kill));
    try {
      return new Gateway(child, await readyUrl(child, log), { dataFolder, log });
    } catch (error) {
      child.kill('SIGKILL');
      rmSync(dataFolder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What it has printed, as it came. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** What it holds: calls, devices, transports of the SFU. */
  async holds(): Promise<Holding> {
    const { calls, devices, media } = await this.#health();
    return {
      calls: calls.calls,
      devices: devices.sessions,
      rooms: media.rooms,
      transports: media.transports,
    };
  }

  /** How many devices it would ring. */
  async devicesRegistered(): Promise<number> {
    return (await this.#health()).devices.registered;
  }

  /** How many recordings are in progress. */
  async recordings(): Promise<number> {
    return (await this.#health()).recordings.inProgress;
  }

  /** How often it has started an SFU again. */
  async mediaWorkerRestarts(): Promise<number> {
    return (await this.#health()).workers.workerRestarts;
  }

  async #health(): Promise<Health> {
    return (await (await fetch(`${this.url}/health`)).json()) as Health;
  }

  /** Kills its SFU as a crash would, and not the process that is kept in reserve for that. */
  killMediaWorkers(): void {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the gateway does not run');
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    const workers = children.filter(
      (child) => readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('mediasoup') && hasPort(child),
    );
    if (workers.length === 0) throw new Error('the gateway has no SFU to kill');
    for (const worker of workers) process.kill(worker, 'SIGKILL');
  }

  /** Ends it as a power cut would: nothing is said, nothing is closed. Resolves when it is gone. */
  async crash(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
    });
    this.#child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stop(this.#child);
    rmSync(this.#dataFolder, { recursive: true, force: true });
  }
}

/** Resolves with the address that it says it is ready at. */
function readyUrl(child: ChildProcess, log: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void =>
      reject(new Error(`the gateway ${what}. It said:\n${log.join('\n')}`));
    const timer = setTimeout(() => fail(`did not say that it is ready within ${READY_MS} ms`), READY_MS);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      readLines(stream, (line) => {
        if (log.length < LOG_LINES_MAX) log.push(line);
        const url = /ready at (http:\S+)/.exec(line)?.[1];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      });
    }
  });
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let unfinished = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (unfinished + chunk.toString()).split('\n');
    unfinished = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

/** Whether a process can be sent packets. */
function hasPort(pid: number): boolean {
  const [, ...rows] = readFileSync(`/proc/${pid}/net/udp`, 'utf8').trim().split('\n');
  const sockets = new Set(rows.map((row) => `socket:[${row.trim().split(/\s+/)[9]}]`));
  return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
}
