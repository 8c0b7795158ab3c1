import {
  CLOSE_CODES,
  decodeClientMessage,
  encodeMessage,
  type ClientMessage,
  type ClientMessageOf,
  type ServerMessage,
  type SessionId,
  type Unnumbered,
} from '@parley/protocol';
import type { SocketHandlers } from '../platform.ts';
import { soon } from './virtual-clock.ts';

/** What is kept to be said again; beyond it a session cannot be taken up. */
const KEPT_MAX = 1000;

/** A device as the fake gateway knows it: a session that outlives its sockets, and what was said in it. */
export class FakeSession {
  readonly sessionId: SessionId;
  readonly identity: string;
  readonly deviceLabel: string | undefined;
  isRegistered: boolean;
  #seq = 0;
  #kept: (ServerMessage & { readonly seq: number })[] = [];
  #handlers: SocketHandlers | null = null;
  readonly #answered = new Map<string, ServerMessage>();

  constructor(sessionId: SessionId, identity: string, hello: ClientMessageOf<'hello'>) {
    this.sessionId = sessionId;
    this.identity = identity;
    this.deviceLabel = hello.device.label;
    this.isRegistered = hello.register;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  get isConnected(): boolean {
    return this.#handlers !== null;
  }

  attach(handlers: SocketHandlers): void {
    this.#handlers = handlers;
  }

  isOn(handlers: SocketHandlers): boolean {
    return this.#handlers === handlers;
  }

  detach(): void {
    this.#handlers = null;
  }

  /** Says something that is not numbered. */
  say(message: ServerMessage): void {
    const handlers = this.#handlers;
    if (handlers !== null) deliver(handlers, message);
  }

  /** Says something that is numbered, and kept for a device that comes back. */
  notify(message: Unnumbered): void {
    this.#seq += 1;
    const numbered = { ...message, seq: this.#seq } as ServerMessage & { readonly seq: number };
    this.#kept = [...this.#kept, numbered].slice(-KEPT_MAX);
    this.say(numbered);
  }

  replayAfter(lastSeq: number): void {
    for (const message of this.#kept) if (message.seq > lastSeq) this.say(message);
  }

  /** Answers a request; the same answer, however often it is asked. */
  answer(id: string, message: ServerMessage): void {
    this.#answered.set(id, message);
    this.say(message);
  }

  answerGiven(id: string): ServerMessage | undefined {
    return this.#answered.get(id);
  }

  /** The socket goes, with a close code the SDK understands. */
  close(code: number, reason: string): void {
    const handlers = this.#handlers;
    this.#handlers = null;
    soon(() => handlers?.onClose(code, reason));
  }
}

/** Frames are delivered a turn later, as by a network; never in the call that sent them. */
export function deliver(handlers: SocketHandlers, message: ServerMessage): void {
  const frame = encodeMessage(message);
  soon(() => handlers.onFrame(frame));
}

/** A frame of the SDK's, checked as the gateway checks it. */
export function readClientFrame(frame: string): ClientMessage {
  const decoded = decodeClientMessage(frame);
  if (!decoded.ok) throw new Error(`the SDK said what no gateway understands: ${decoded.error.message}`);
  return decoded.message;
}

export const CODES = {
  tokenRefused: CLOSE_CODES.tokenRefused.code,
  tokenExpired: CLOSE_CODES.tokenExpired.code,
  lost: 1006,
} as const;
