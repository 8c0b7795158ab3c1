import {
  SUBPROTOCOL,
  type ClientMessage,
  type ClientRequest,
  type ReplyData,
  type RequestId,
  type ServerMessageOf,
  type ServerNotification,
} from '@parley/protocol';
import type { DeviceOptions } from '../api.ts';
import {
  connectionDeadlineMs,
  OFFLINE,
  type Connection,
  type ConnectionInput,
  type ConnectionOutput,
  type PageStep,
} from '../core/connection.ts';
import { stepConnection } from '../core/connection-machine.ts';
import type { Failure } from '../core/failure.ts';
import { readFrame } from '../core/read-frame.ts';
import { ClientError, errorFromWire } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Platform, PlatformSocket } from '../platform.ts';
import { Driver } from './driver.ts';
import { loadedCallParts } from './late-media.ts';
import type { TokenSource } from './token-source.ts';

type WithoutId<Message> = Message extends unknown ? Omit<Message, 'id'> : never;
/** A request before it has been given its id. */
export type NamelessRequest = WithoutId<ClientRequest>;
/** A message that is not answered. */
export type Statement = Exclude<ClientMessage, ClientRequest>;

export interface GatewayLinkOptions {
  readonly platform: Platform;
  readonly device: DeviceOptions;
  readonly tokens: TokenSource;
  readonly log: Logger;
  readonly onWelcome: (welcome: ServerMessageOf<'welcome'>) => void;
  readonly onNotification: (message: ServerNotification) => void;
  readonly onSessionLost: (unanswered: readonly ClientMessage[], failure: Failure | null) => void;
  readonly onFailed: (failure: Failure, isFatal: boolean) => void;
  readonly onProven: () => void;
  /** Heard after every step. */
  readonly onChange: (connection: Connection) => void;
}

interface Waiting {
  readonly resolve: (data: ReplyData) => void;
  readonly reject: (error: ClientError) => void;
}

/** Carries out what the connection machine decides: one socket at a time, tokens, requests and their answers. */
export class GatewayLink {
  readonly #options: GatewayLinkOptions;
  readonly #driver: Driver<ConnectionInput, ConnectionOutput>;
  readonly #waiting = new Map<string, Waiting>();
  #state: Connection = OFFLINE;
  #socket: PlatformSocket | null = null;
  /** How many requests have been made in this session, by this page and those before it: ids are used once. */
  requestCount = 0;
  /** No token is used before it has settled. */
  #gate: Promise<unknown> = Promise.resolve();

  constructor(options: GatewayLinkOptions) {
    this.#options = options;
    this.#driver = new Driver<ConnectionInput, ConnectionOutput>(options.platform, {
      step: (input, nowMs) => this.#step(input, nowMs),
      perform: (output) => this.#perform(output),
      deadlineMs: () => connectionDeadlineMs(this.#state),
      clock: { type: 'clock' },
      settled: () => options.onChange(this.#state),
    });
  }

  get state(): Connection {
    return this.#state;
  }

  feed(input: ConnectionInput): void {
    this.#driver.feed(input);
  }

  /** A session that is to be adopted may have to be found first: nothing is said before. */
  holdUntil(found: Promise<unknown>): void {
    this.#gate = found.catch(() => undefined);
  }

  /** A step that the page has brought. */
  step(step: PageStep): void {
    this.feed({ type: 'page', step });
  }

  /** Says something, now or as soon as the session is there. */
  tell(message: Statement): void {
    this.#driver.feed({ type: 'say', message });
  }

  /** Asks for something. Rejects with what the gateway refuses, or with `connection-lost` when nobody will answer. */
  request(request: NamelessRequest): Promise<ReplyData> {
    this.requestCount += 1;
    const id = `r${this.requestCount}` as RequestId;
    const answer = new Promise<ReplyData>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    // Whoever does not care for the answer need not catch it.
    answer.catch(() => undefined);
    this.#driver.feed({ type: 'say', message: { ...request, id } });
    return answer;
  }

  #step(input: ConnectionInput, nowMs: number): readonly ConnectionOutput[] {
    const { platform, device, tokens } = this.#options;
    const { state, outputs } = stepConnection(this.#state, input, {
      nowMs,
      random: platform.random(),
      deviceLabel: device.deviceLabel,
      agent: platform.agent,
      canAskToken: tokens.canAsk,
    });
    this.#state = state;
    return outputs;
  }

  #perform(output: ConnectionOutput): void {
    switch (output.type) {
      case 'askToken':
        this.#askToken(output.reason);
        break;
      case 'openSocket':
        this.#openSocket();
        break;
      case 'closeSocket':
        this.#socket?.close(output.code, output.reason);
        this.#socket = null;
        break;
      case 'transmit':
        this.#socket?.send(JSON.stringify(output.message));
        break;
      case 'welcomed':
        this.#options.onWelcome(output.welcome);
        break;
      case 'notified':
        this.#options.onNotification(output.message);
        break;
      case 'proven':
        this.#options.onProven();
        break;
      case 'replied':
        this.#take(output.re)?.resolve(output.data);
        break;
      case 'refused':
        this.#take(output.re)?.reject(errorFromWire(output.error));
        break;
      case 'sessionLost':
        this.#refuseAll(output.unanswered, output.failure);
        this.#options.onSessionLost(output.unanswered, output.failure);
        break;
      case 'failed':
        this.#options.onFailed(output.failure, output.isFatal);
        break;
      case 'misread':
        this.#options.log.warn('a frame was not understood', {
          name: output.error.name,
          message: output.error.message,
        });
        break;
    }
  }

  #askToken(reason: 'initial' | 'expired' | 'refused'): void {
    this.#fetchToken(reason).then(
      (token) => this.feed({ type: 'tokenCame', token }),
      (thrown: unknown) => {
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        this.feed({ type: 'tokenFailed', message });
      },
    );
  }

  async #fetchToken(reason: 'initial' | 'expired' | 'refused'): Promise<string> {
    // Read a turn later: whatever is asked for in the same breath as this comes first.
    await Promise.resolve();
    const [token] = await Promise.all([this.#options.tokens.fetch(reason), this.#gate]);
    return token;
  }

  #openSocket(): void {
    const { platform, device } = this.#options;
    try {
      const socket = platform.openSocket(platform.resolveUrl(device.url), SUBPROTOCOL, {
        onOpen: () => this.feed({ type: 'opened' }),
        onFrame: (frame) =>
          this.feed({ type: 'frame', decoded: readFrame(frame, loadedCallParts()?.CALL_SHAPES) }),
        onClose: (code, reason) => {
          if (this.#socket === socket) this.#socket = null;
          this.feed({ type: 'closed', code, reason });
        },
      });
      this.#socket = socket;
    } catch (thrown) {
      this.feed({ type: 'closed', code: 1006, reason: thrown instanceof Error ? thrown.message : '' });
    }
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #refuseAll(unanswered: readonly ClientMessage[], failure: Failure | null): void {
    for (const message of unanswered) {
      if (!('id' in message)) continue;
      const error = new ClientError(failure?.name ?? 'connection-lost', failure?.message);
      this.#take(message.id)?.reject(error);
    }
  }

  stop(): void {
    this.#driver.stop();
  }
}
