// Two gateways that are given one folder of recordings: real processes, as an operator starts them by mistake.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';

class GatewayProcess {
  readonly #child: ChildProcess;
  readonly #complaint: Promise<string>;

  constructor(data: string, recordings: string) {
    this.#child = fork(new URL('conformance/gateway-process.ts', import.meta.url), {
      execArgv: ['--conditions=@parley/source'],
      env: {
        ...process.env,
        PARLEY_PORT: '0',
        PARLEY_DATA: data,
        PARLEY_RECORDINGS: recordings,
        PARLEY_LOG: 'silent',
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const { stderr } = this.#child;
    this.#complaint = stderr === null ? Promise.resolve('') : text(stderr);
    onTestFinished(() => this.kill());
  }

  /** Resolves when it can be called; rejects with what it complains of when it ends instead. */
  async ready(): Promise<void> {
    const ended = once(this.#child, 'exit').then(async () => {
      throw new Error(`the gateway ended: ${await this.#complaint}`);
    });
    ended.catch(() => {});
    await Promise.race([once(this.#child, 'message'), ended]);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

it('[GW11] a second gateway on one folder of recordings does not start; one after a crash does', async () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-folder-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const recordings = join(root, 'recordings');
  mkdirSync(recordings);
  const first = new GatewayProcess(join(root, 'first'), recordings);
  await first.ready();
  // What the first is just recording: another gateway would take it for what a crash left behind.
  const part = join(recordings, 'RE1.ogg.part');
  writeFileSync(part, '');

  const second = new GatewayProcess(join(root, 'second'), recordings).ready();
  await expect(second).rejects.toThrow(
    `Another gateway keeps its recordings in ${recordings}. Give this one a folder of its own with PARLEY_RECORDINGS`,
  );
  expect(existsSync(part)).toBe(true);

  await first.kill();
  await new GatewayProcess(join(root, 'third'), recordings).ready();
  expect(existsSync(part)).toBe(false);
}, 60_000);
