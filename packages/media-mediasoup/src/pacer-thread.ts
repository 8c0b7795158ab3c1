// The thread that sends announcements. It does nothing else, so that what the gateway's own thread is busy with is not
// heard; and it sends over a socket, because a DirectTransport belongs to the thread that made it.
import { createSocket } from 'node:dgram';
import { parentPort } from 'node:worker_threads';
import { Pacer, type PacerOrder } from './pacer.ts';

const port = parentPort;
if (port === null) throw new Error('this is the code of a thread');

const socket = createSocket({
  type: 'udp4',
  // Addresses are written as such; Node would ask its look-up all the same, once a packet.
  lookup: (hostname, _options, callback) => callback(null, hostname, 4),
});
// What the SFU reports about reception is of no use here, and must not fill the socket.
socket.on('message', () => {});
// A port that was just closed: the line is about to hear of it.
socket.on('error', () => {});

const pacer = new Pacer({
  send: (packet, to) => socket.send(packet, to, '127.0.0.1', ignore),
  tell: (news) => port.postMessage(news),
});

let timer: NodeJS.Timeout | undefined;

port.on('message', (order: PacerOrder) => {
  pacer.handle(order, performance.now());
  tick();
});

socket.bind({ address: '127.0.0.1', port: 0 }, () => {
  port.postMessage({ type: 'listening', port: socket.address().port });
});

function tick(): void {
  clearTimeout(timer);
  const dueMs = pacer.tick(performance.now());
  // Never early: a timer set for less than a millisecond waits for one.
  if (dueMs !== undefined) timer = setTimeout(tick, Math.max(0, dueMs - performance.now()));
}

function ignore(): void {}
