import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createIceServers } from '../calls/turn.ts';
import type { GatewayConfig } from '../config.ts';
import { odd, sentenceOf, well, wrong, type Finding } from './finding.ts';
import { readStunAnswer, stunRequest, type StunAnswer, type StunCredential } from './stun-message.ts';

const ANSWER_MS = 3000;
const UNAUTHORIZED = 401;

/** Whether every TURN server that devices are told of grants what they will ask of it. */
export async function turnFindings({ turn }: Pick<GatewayConfig, 'turn'>): Promise<readonly Finding[]> {
  if (turn === undefined) {
    return [well('No TURN server is offered; networks that let nothing out but port 443 need one')];
  }
  const [server] = createIceServers(turn, Date.now)('doctor');
  const { username = '', credential: password = '' } = server ?? {};
  return Promise.all(turn.urls.map((url) => turnFinding(url, { username, password })));
}

async function turnFinding(
  url: string,
  who: Pick<StunCredential, 'username' | 'password'>,
): Promise<Finding> {
  const unreachable = 'Check the address, its DNS name and the firewall; the server must be up.';
  let line: Line;
  try {
    line = await openLine(url);
  } catch (error) {
    return wrong(`The TURN server ${url} cannot be reached: ${sentenceOf(error)}`, unreachable);
  }
  try {
    const refusal = await line.ask(stunRequest('allocate', undefined));
    if (refusal.errorCode === 0) {
      const remedy = 'Anybody can send through it: set use-auth-secret and static-auth-secret.';
      return odd(`The TURN server ${url} asks for no credential`, remedy);
    }
    if (refusal.errorCode !== UNAUTHORIZED)
      return wrong(`The TURN server ${url} refuses with ${refusal.errorCode}`, 'Look at its log.');
    const credential = { ...who, realm: refusal.realm, nonce: refusal.nonce };
    const answer = await line.ask(stunRequest('allocate', credential));
    if (answer.errorCode !== 0) {
      const remedy =
        'PARLEY_TURN_SECRET and the server’s static-auth-secret must be the same, and both clocks right.';
      return wrong(`The TURN server ${url} does not take our credentials (${answer.errorCode})`, remedy);
    }
    // Given back at once; should this be lost, the server takes it back by itself.
    line.send(stunRequest('refresh', credential));
    return well(`The TURN server ${url} takes our credentials`);
  } catch (error) {
    return wrong(`The TURN server ${url} does not answer: ${sentenceOf(error)}`, unreachable);
  } finally {
    line.close();
  }
}

interface Line {
  send(request: Buffer): void;
  /** Rejects when no answer comes in time. */
  ask(request: Buffer): Promise<StunAnswer>;
  close(): void;
}

async function openLine(url: string): Promise<Line> {
  const [, scheme = '', host = '', port, transport] =
    /^(turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/.exec(url) ?? [];
  const address = {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (scheme === 'turns' ? 5349 : 3478)),
  };
  if (scheme === 'turn' && transport !== 'tcp') return openUdp(address);
  return openStream(
    scheme === 'turns'
      ? () => connectTls({ ...address, servername: address.host })
      : () => connectTcp(address),
  );
}

async function openUdp({ host, port }: { readonly host: string; readonly port: number }): Promise<Line> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const waiting = new Answers();
  socket.on('message', (bytes) => waiting.take(bytes));
  socket.on('error', (error) => waiting.fail(error));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    socket.close();
    throw error;
  });
  return {
    send: (request) => socket.send(request),
    ask: (request) => waiting.next(() => socket.send(request)),
    close: () => setImmediate(() => socket.close()),
  };
}

async function openStream(open: () => Socket): Promise<Line> {
  const socket = open();
  const waiting = new Answers();
  socket.on('data', (bytes) => waiting.take(bytes));
  socket.on('error', (error) => waiting.fail(error));
  await waiting.next(() => {
    socket.once('connect', () => waiting.take(CONNECTED));
  });
  return {
    send: (request) => void socket.write(request),
    ask: (request) => waiting.next(() => void socket.write(request)),
    close: () => socket.end(),
  };
}

/** Stands for the connection itself, which is waited for as answers are. */
const CONNECTED = Buffer.concat([Buffer.from([0x01, 0x03, 0, 0, 0x21, 0x12, 0xa4, 0x42]), Buffer.alloc(12)]);

/** One answer at a time, with a deadline. */
class Answers {
  #take: (answer: StunAnswer) => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  next(ask: () => void): Promise<StunAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
      this.#take = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.#fail = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      ask();
    });
  }

  take(bytes: Buffer): void {
    const answer = readStunAnswer(bytes);
    if (answer !== undefined) this.#take(answer);
  }

  fail(error: Error): void {
    this.#fail(error);
  }
}
