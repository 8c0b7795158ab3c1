import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { GatewayCounts } from '../src/gateway.ts';

/** What a gateway holds at one moment, after a full collection. */
export interface Measure {
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly counts: GatewayCounts;
  /** What keeps its event loop busy, by kind: timers, sockets … */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners on `process`, which only ever grow by mistake. */
  readonly processListeners: number;
}

/** CPU of the gateway's process so far. Asked apart from {@link Measure}, whose collection would be counted. */
export interface CpuUsed {
  /** All threads of the process: the compiler's, the collector's and the database's among them. */
  readonly processUs: number;
  /** The thread on which calls are decided. */
  readonly mainThreadUs: number;
}

export type GatewayQuestion =
  | { readonly type: 'measure' }
  | { readonly type: 'cpu' }
  | { readonly type: 'counts' }
  | { readonly type: 'token'; readonly identity: string };

/** A gateway in a process of its own, so that its memory and CPU are nobody else's. */
export class MeasuredGateway implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Starts one with these settings beside its own, on the first core where `taskset` exists. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<MeasuredGateway> {
    const child = fork(new URL('gateway-process.ts', import.meta.url), {
      execArgv: [
        '--conditions=@parley/source',
        '--expose-gc',
        ...(process.env['PARLEY_BENCH_NODE'] ?? '').split(' ').filter(Boolean),
      ],
      env: { ...process.env, PARLEY_LOG: process.env['PARLEY_LOG'] ?? 'silent', ...settings },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    pin(child.pid, 0);
    pin(process.pid, 1);
    const died = once(child, 'exit').then(([code]: unknown[]) => {
      throw new Error(`the gateway ended with ${String(code)} before it was ready`);
    });
    const [ready] = (await Promise.race([once(child, 'message'), died])) as [{ url: string }];
    died.catch(() => {});
    return new MeasuredGateway(child, ready.url);
  }

  get socketUrl(): string {
    return `${this.url.replace(/^http/, 'ws')}/parley`;
  }

  measure(): Promise<Measure> {
    return this.#ask<Measure>({ type: 'measure' });
  }

  cpu(): Promise<CpuUsed> {
    return this.#ask<CpuUsed>({ type: 'cpu' });
  }

  /** What it holds now, without a collection. */
  counts(): Promise<GatewayCounts> {
    return this.#ask<GatewayCounts>({ type: 'counts' });
  }

  /** A token for a name, minted in the gateway's process: the page that hands them out has a ceiling. */
  async token(identity: string): Promise<string> {
    return (await this.#ask<{ readonly token: string }>({ type: 'token', identity })).token;
  }

  /** One question at a time, answered in order. */
  #ask<Answer>(question: GatewayQuestion): Promise<Answer> {
    const answer = this.#last.then(async () => {
      this.#child.send(question);
      const [said] = (await once(this.#child, 'message')) as [Answer];
      return said;
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGINT');
    await once(this.#child, 'exit');
  }
}

/** Keeps a process on one core, so that what it costs is not hidden by its neighbours. Best effort. */
export function pin(pid: number | undefined, core: number): void {
  if (pid !== undefined && availableParallelism() > 1)
    spawnSync('taskset', ['-cp', String(core), String(pid)]);
}
