// A thread that records. Packets reach it over a socket, because a DirectTransport belongs to the thread that made it;
// so neither what the gateway is busy with nor what a recording costs is felt by the other.
import { createSocket } from 'node:dgram';
import { parentPort } from 'node:worker_threads';
import { RecorderDesk } from './recorder-desk.ts';
import type { RecorderOrder } from './recorder-order.ts';

/** How often what is due is written. */
const TICK_MS = 40;
const WEIGH_EVERY_MS = 1000;
/** Seconds of packets of hundreds of recordings, should the thread be kept from running. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

const port = parentPort;
if (port === null) throw new Error('this is the code of a thread');

const desk = new RecorderDesk({
  tell: (news) => port.postMessage(news),
  nowMs: () => performance.now(),
});
const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
socket.on('message', (bytes, { port: fromPort }) => desk.packet(bytes, fromPort));
// A port that was just closed: the recording is about to hear of it.
socket.on('error', () => {});
socket.bind({ address: '127.0.0.1', port: 0 }, () => {
  port.postMessage({ type: 'listening', port: socket.address().port });
});
// Nothing wakes the thread, or whom it tells, while nothing is recorded.
let stopClock: (() => void) | undefined;

function startClock(): () => void {
  const ticking = setInterval(() => desk.tick(), TICK_MS);
  const weighing = setInterval(() => {
    desk.weigh();
    if (desk.isIdle) stopClock?.();
  }, WEIGH_EVERY_MS);
  return () => {
    clearInterval(ticking);
    clearInterval(weighing);
    stopClock = undefined;
  };
}

port.on('message', (order: RecorderOrder) => {
  desk.handle(order);
  if (!desk.isIdle) stopClock ??= startClock();
});
