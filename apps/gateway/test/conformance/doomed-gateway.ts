import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Application } from './application.ts';
import { ACCOUNT } from './stage.ts';

/** A gateway that is a process, and can be killed as a crash or an operator in a hurry would. */
export class DoomedGateway implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(data: string, application: Application): Promise<DoomedGateway> {
    const child = fork(new URL('gateway-process.ts', import.meta.url), {
      execArgv: ['--conditions=@parley/source'],
      env: {
        ...process.env,
        PARLEY_PORT: '0',
        PARLEY_DATA: data,
        PARLEY_DEMO: 'off',
        PARLEY_ACCOUNT_SID: ACCOUNT.sid,
        PARLEY_AUTH_TOKEN: ACCOUNT.authToken,
        PARLEY_VOICE_URL: application.url('/voice'),
        PARLEY_ALLOW: application.host,
        PARLEY_LOG: 'silent',
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const died = once(child, 'exit').then(([code]: unknown[]) => {
      throw new Error(`the gateway ended with ${String(code)} before it was ready`);
    });
    const [ready] = (await Promise.race([once(child, 'message'), died])) as [{ readonly url: string }];
    died.catch(() => {});
    return new DoomedGateway(child, ready.url);
  }

  get socketUrl(): string {
    return `${this.url.replace('http', 'ws')}/parley`;
  }

  /** At once, without a word to anybody. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
