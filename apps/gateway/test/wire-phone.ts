import { once } from 'node:events';
import {
  decodeServerMessage,
  SUBPROTOCOL,
  WIRE_VERSION,
  type ServerMessage,
  type ServerMessageOf,
} from '@parley/protocol';
import { WebSocket } from 'ws';
import { soon } from './conformance/soon.ts';

/** A device that says what the test says, frame by frame, and keeps what it hears. */
export class WirePhone implements Disposable {
  readonly heard: ServerMessage[] = [];
  readonly #socket: WebSocket;
  #requests = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const decoded = decodeServerMessage(data.toString());
      if (!decoded.ok)
        throw new Error(`the gateway said what no device understands: ${decoded.error.message}`);
      this.heard.push(decoded.message);
    });
  }

  /** Resolves when it has been welcomed. */
  static async connect(url: string, token: string): Promise<WirePhone> {
    const socket = new WebSocket(url, SUBPROTOCOL);
    const phone = new WirePhone(socket);
    await once(socket, 'open');
    phone.say({ type: 'hello', version: WIRE_VERSION, token, register: true, device: {} });
    await phone.hears('welcome');
    return phone;
  }

  say(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Asks for something; resolves with the reply, or with the refusal. */
  async ask(frame: object): Promise<ServerMessageOf<'reply'> | ServerMessageOf<'refusal'>> {
    this.#requests += 1;
    const id = `r${this.#requests}`;
    this.say({ ...frame, id });
    return soon(
      () =>
        this.heard.find(
          (message): message is ServerMessageOf<'reply'> | ServerMessageOf<'refusal'> =>
            (message.type === 'reply' || message.type === 'refusal') && message.re === id,
        ),
      () => `an answer to ${JSON.stringify(frame)}`,
    );
  }

  /** The first message of this type, now or soon. */
  hears<Type extends ServerMessage['type']>(type: Type): Promise<ServerMessageOf<Type>> {
    return soon(
      () => this.heard.find((message): message is ServerMessageOf<Type> => message.type === type),
      () => `${type}; it heard ${this.heard.map((message) => message.type).join(', ')}`,
    );
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
