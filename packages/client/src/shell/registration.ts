import type { ServerMessageOf } from '@parley/protocol';
import type { DeviceEvents, DeviceSnapshot } from '../api.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { Store } from '../store.ts';
import type { GatewayLink } from './gateway-link.ts';
import { Waiting } from './waiting.ts';

export interface RegistrationOptions {
  readonly link: GatewayLink;
  readonly store: Store<DeviceSnapshot>;
  readonly emit: <Name extends keyof DeviceEvents>(name: Name, ...payload: DeviceEvents[Name]) => void;
}

/** Whether this device rings: what the application wants, what the gateway says, and who waits to hear of it. */
export class Registration {
  readonly #options: RegistrationOptions;
  readonly #waiting = new Waiting();

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  register(signal: AbortSignal | undefined): Promise<void> {
    if (this.#state === 'registered') return Promise.resolve();
    const registered = this.#waiting.join(signal);
    if (this.#state === 'unregistered' && signal?.aborted !== true) this.#begin();
    return registered;
  }

  #begin(): void {
    const { link, store, emit } = this.#options;
    store.update({ state: 'registering' });
    emit('registering');
    const hasSession = link.state.session !== null;
    link.feed({ type: 'want', wanted: 'registered' });
    // A session that began without it is told; one that begins now says it in its hello.
    if (!hasSession) return;
    link.request({ type: 'register', on: true }).then(
      () => this.#registered(true),
      (thrown: unknown) => this.lost(asClientError(thrown, 'forbidden')),
    );
  }

  async unregister(hasCalls: boolean): Promise<void> {
    const { link } = this.#options;
    if (this.#state === 'unregistered' && hasCalls) return;
    if (hasCalls) {
      link.feed({ type: 'want', wanted: 'connected' });
      this.lost(undefined);
      await link.request({ type: 'register', on: false }).catch(() => undefined);
      return;
    }
    link.feed({ type: 'want', wanted: 'nothing' });
    this.lost(undefined);
  }

  onWelcome({ registered }: ServerMessageOf<'welcome'>): void {
    if (this.#state === 'registering' || this.#state === 'registered') this.#registered(registered);
  }

  #registered(rings: boolean): void {
    const { store, emit } = this.#options;
    const isNew = this.#state === 'registering';
    if (!isNew && this.#state !== 'registered') return;
    store.update({ state: 'registered', rings });
    this.#waiting.tell();
    if (!isNew) return;
    emit('registered');
    // Registered all the same (D29): it may place calls, and learns why it never rings.
    if (!rings) emit('error', new ClientError('incoming-not-allowed'));
  }

  /** The gateway has forgotten us; the connection, if it is still wanted, brings a new session. */
  onSessionLost(): void {
    // Where nobody wants it any more, what follows says so.
    if (this.#state !== 'registered' || this.#options.link.state.wanted !== 'registered') return;
    this.#options.store.update({ state: 'registering', rings: false });
    this.#options.emit('registering');
  }

  /** Not registered any more, and nothing is done about it. */
  lost(error: ClientError | undefined): void {
    const { store, emit } = this.#options;
    this.#waiting.tell(error ?? new ClientError('aborted', 'unregistered meanwhile'));
    if (this.#state !== 'registering' && this.#state !== 'registered') return;
    store.update({ state: 'unregistered', rings: false });
    if (error === undefined) emit('unregistered');
    else emit('unregistered', error);
  }

  destroy(): void {
    this.#waiting.tell(new ClientError('destroyed'));
    this.#options.store.update({ state: 'destroyed', rings: false });
    this.#options.emit('destroyed');
  }

  get #state(): DeviceSnapshot['state'] {
    return this.#options.store.getSnapshot().state;
  }
}
