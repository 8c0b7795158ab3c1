import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { networkInterfaces, tmpdir } from 'node:os';
import process from 'node:process';
import type { PortRange } from './media-relay.ts';

const READY_MS = 10_000;
/** Below those that a system gives out by itself. */
const RELAY_PORTS: PortRange = { from: 24_000, to: 24_199 };

/** A real coturn that checks credentials as it would for an operator, on the machine's own address. */
export class TurnServer implements AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  /** From where it sends what it relays. */
  readonly relayPorts: PortRange;
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    { url, secret, relayPorts }: Pick<TurnServer, 'url' | 'secret' | 'relayPorts'>,
  ) {
    this.#child = child;
    this.url = url;
    this.secret = secret;
    this.relayPorts = relayPorts;
  }

  static async start(): Promise<TurnServer> {
    const secret = `secret of a test ${process.pid}`;
    const ip = ownAddress();
    const port = await freePort(ip);
    const child = spawn(
      'turnserver',
      [
        '-n',
        '--no-cli',
        '--no-tls',
        '--no-dtls',
        '--log-file=stdout',
        '--simple-log',
        `--pidfile=${tmpdir()}/parley-e2e-turn-${process.pid}.pid`,
        `--listening-ip=${ip}`,
        `--relay-ip=${ip}`,
        `--listening-port=${port}`,
        `--min-port=${RELAY_PORTS.from}`,
        `--max-port=${RELAY_PORTS.to}`,
        '--realm=parley.test',
        '--use-auth-secret',
        `--static-auth-secret=${secret}`,
        '--allow-loopback-peers',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const kill = (): void => void child.kill('SIGKILL');
    process.on('exit', kill);
    child.on('exit', () => process.off('exit', kill));
    try {
      await ready(child, ip, port);
    } catch (error) {
      kill();
      throw error;
    }
    const url = `turn:${ip}:${port}?transport=udp`;
    return new TurnServer(child, { url, secret, relayPorts: RELAY_PORTS });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
    });
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Asks it who we are (a STUN binding request) until it answers. */
async function ready(child: ChildProcess, ip: string, port: number): Promise<void> {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      if (lines.length < 500) lines.push(chunk.toString());
    });
  const request = Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), Buffer.alloc(12, 7)]);
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string): void => reject(new Error(`coturn ${what}. It said:\n${lines.join('')}`));
      const asking = setInterval(() => socket.send(request, port, ip), 100);
      const timer = setTimeout(() => fail(`was not ready within ${READY_MS} ms`), READY_MS);
      const settle = (act: () => void): void => {
        clearInterval(asking);
        clearTimeout(timer);
        act();
      };
      socket.once('message', () => settle(resolve));
      child.once('error', (error) =>
        settle(() => fail(`could not be started (${error.message}); Debian's "coturn" has it`)),
      );
      child.once('exit', (code) => settle(() => fail(`ended with code ${code}`)));
    });
  } finally {
    socket.close();
  }
}

function ownAddress(): string {
  const entries = Object.values(networkInterfaces()).flat();
  const found = entries.find((entry) => entry?.family === 'IPv4' && !entry.internal);
  return found?.address ?? '127.0.0.1';
}

/** A port that nobody has now. */
function freePort(ip: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, ip, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
