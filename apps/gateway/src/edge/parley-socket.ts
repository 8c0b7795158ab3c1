import type { Writable } from 'node:stream';
import { writeTogether } from '@parley/media-mediasoup/write-together';
import { CLOSE_CODES, encodeMessage, type CloseCodeName, type ServerMessage } from '@parley/protocol';
import { WebSocket } from 'ws';
import type { Device } from './device.ts';

/** What a socket is waiting for: a hello, the proof of its token, or what the device says next. */
export type SocketStage =
  | { readonly name: 'stranger'; readonly helloByMs: number }
  | { readonly name: 'proving'; readonly waiting: string[] }
  | { readonly name: 'device'; readonly device: Device }
  | { readonly name: 'closed' };

const CLOSED: SocketStage = { name: 'closed' };

/** What `ws` closes with by itself when a frame breaks RFC 6455, in the words of our own table. */
const OUR_CODE: ReadonlyMap<number, CloseCodeName> = new Map([
  [1002, 'malformedFrame'],
  [1007, 'malformedFrame'],
  [1008, 'frameTooLarge'],
  [1009, 'frameTooLarge'],
]);

/**
 * A socket that knows how far it has come. It has fields of its own, so that its listeners can be shared by all
 * sockets: a closure for each of them would cost more than everything else an idle phone needs.
 */
export class ParleySocket extends WebSocket {
  stage: SocketStage = CLOSED;
  address = '';
  /** What carries the frames; set when the socket opens. */
  connection: Writable | undefined = undefined;
  malformedCount = 0;
  /** The token bucket of its frames. */
  allowance = 0;
  allowanceAtMs = 0;

  /** Whether another frame may be read now. */
  takeFrame(nowMs: number, rate: { readonly framesPerSecond: number; readonly frameBurst: number }): boolean {
    const gained = ((nowMs - this.allowanceAtMs) / 1000) * rate.framesPerSecond;
    this.allowance = Math.min(rate.frameBurst, this.allowance + gained);
    this.allowanceAtMs = nowMs;
    if (this.allowance < 1) return false;
    this.allowance -= 1;
    return true;
  }

  say(message: ServerMessage): void {
    if (this.readyState !== WebSocket.OPEN) return;
    if (this.connection !== undefined) writeTogether(this.connection);
    this.send(encodeMessage(message));
  }

  /** Closes for a reason of our table. What still arrives on the socket is not read. */
  dismiss(why: CloseCodeName | 'bye'): void {
    this.stage = CLOSED;
    if (why === 'bye') super.close(1000, 'bye');
    else super.close(CLOSE_CODES[why].code, CLOSE_CODES[why].reason);
  }

  override close(code?: number, data?: string | Buffer): void {
    const ours = code === undefined ? undefined : OUR_CODE.get(code);
    if (ours === undefined) super.close(code, data);
    else super.close(CLOSE_CODES[ours].code, CLOSE_CODES[ours].reason);
  }
}
