import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createSilentServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Where it listens, said once. */
export interface ReceiverReady {
  readonly ports: readonly number[];
  /** Nobody listens there. */
  readonly refusingPort: number;
  /** Takes connections and says nothing. */
  readonly silentPort: number;
}

export type ReceiverQuestion = 'received';

/** What came since the last question. */
export interface Received {
  readonly callbacks: number;
  /** Came before one with a smaller number of its stream. */
  readonly outOfOrder: number;
  /** Came again with the key it had. */
  readonly duplicates: number;
  readonly cpuUs: number;
}

/** The next number of each stream, and the keys that were seen. */
const nextOf = new Map<string, number>();
const keys = new Set<string>();
let callbacks = 0;
let outOfOrder = 0;
let duplicates = 0;
let cpu = process.cpuUsage();

const servers = Array.from({ length: Number(process.argv[2] ?? 1) }, () =>
  createServer((request, answer) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      take(new URLSearchParams(body), String(request.headers['webhook-id']));
      answer.writeHead(204).end();
    });
  }),
);
const held = new Set<Socket>();
const silent = createSilentServer((socket) => {
  held.add(socket);
  socket.on('error', () => undefined).on('close', () => held.delete(socket));
  socket.resume();
});
// A port that was free a moment ago.
const refusing = createServer();
const ports = await Promise.all(servers.map(listen));
const silentPort = await listen(silent);
const refusingPort = await listen(refusing);
await new Promise((resolve) => refusing.close(resolve));
process.send?.({ ports, silentPort, refusingPort } satisfies ReceiverReady);

process.on('message', () => {
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({ callbacks, outOfOrder, duplicates, cpuUs: user + system } satisfies Received);
  nextOf.clear();
  keys.clear();
  callbacks = outOfOrder = duplicates = 0;
  cpu = process.cpuUsage();
});
process.on('disconnect', () => process.exit(0));

function take(params: URLSearchParams, key: string): void {
  const stream = params.get('CallSid') ?? '';
  const sequence = Number(params.get('SequenceNumber'));
  const next = nextOf.get(stream) ?? 0;
  callbacks += 1;
  if (keys.has(key)) duplicates += 1;
  else if (sequence !== next) outOfOrder += 1;
  keys.add(key);
  nextOf.set(stream, Math.max(next, sequence + 1));
}

function listen(server: HttpServer | Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
