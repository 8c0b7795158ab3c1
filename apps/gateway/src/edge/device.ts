import {
  wireError,
  type CloseCodeName,
  type Identity,
  type ReplyData,
  type RequestId,
  type RtpCapabilities,
  type ServerMessage,
  type ServerMessageOf,
  type SessionId,
  type Unnumbered,
  type ClientRequest,
} from '@parley/protocol';
import {
  isRegistered,
  openSession,
  sessionDeadlineMs,
  stepSession,
  type SessionInput,
  type SessionLimits,
  type SessionOutput,
  type SessionState,
  type Away,
} from '@parley/switchboard';
import type { CallDoor } from './call-door.ts';
import type { DeviceRegistry } from './device-registry.ts';
import type { DeviceSession } from './device-session.ts';
import type { EdgeLog } from './edge-log.ts';
import type { ParleySocket } from './parley-socket.ts';
import type { TokenGrants, VerifiedToken } from './token-grants.ts';
import { WireRefusal } from './wire-refusal.ts';

/** What a device needs from the edge. One object for all devices. */
export interface DeviceWorld {
  readonly door: CallDoor;
  readonly registry: DeviceRegistry;
  readonly log: EdgeLog;
  readonly session: SessionLimits;
  readonly unreadBytesMax: number;
  nowMs(): number;
  /** When a token that ends at this time of day ends on the clock of `nowMs`. */
  deadlineOf(token: VerifiedToken): number;
  welcome(device: Device, isResumed: boolean): ServerMessageOf<'welcome'>;
  /** Carries out a request, whoever it is for. */
  carryOut(device: Device, message: ClientRequest): Promise<ReplyData>;
}

/** What is known of a socket that has closed. */
export interface HowSocketClosed {
  /** The browser closed it, as it does when a page goes away. */
  readonly isLeaving: boolean;
  /** The page said that it is put aside, and may be back. */
  readonly isSuspended: boolean;
}

/**
 * The shell of one session: feeds the machine with what happens, and does what it says. The only place where a session
 * meets a socket.
 */
export class Device implements DeviceSession {
  readonly id: SessionId;
  readonly accountSid: string;
  readonly identity: Identity;
  readonly label: string | undefined;
  grants: TokenGrants;
  rtpCapabilities: RtpCapabilities | undefined = undefined;

  readonly #world: DeviceWorld;
  #state: SessionState;
  #socket: ParleySocket | undefined;
  /** Whether the page said, closing its newest socket, that it is put aside. */
  #isSuspended = false;
  /** The socket a resume came on, until the machine has said what becomes of it. */
  #arriving: ParleySocket | undefined = undefined;
  /** The request that is being fed. */
  #asked: ClientRequest | undefined = undefined;
  #isPerforming = false;
  #waiting: SessionInput[] | undefined = undefined;

  constructor(
    hello: {
      readonly id: SessionId;
      readonly token: VerifiedToken;
      readonly label: string | undefined;
      readonly wantsCalls: boolean;
    },
    socket: ParleySocket,
    world: DeviceWorld,
  ) {
    const { id, token, label, wantsCalls } = hello;
    this.id = id;
    this.accountSid = token.accountSid;
    this.identity = token.identity;
    this.label = label;
    this.grants = token.grants;
    this.#world = world;
    this.#socket = socket;
    const tokenExpiresAtMs = world.deadlineOf(token);
    const mayBeRung = token.grants.incomingAllow;
    this.#state = openSession({ wantsCalls, mayBeRung, tokenExpiresAtMs }, world.session, world.nowMs());
  }

  get registered(): boolean {
    return isRegistered(this.#state);
  }

  get online(): boolean {
    return this.#state.name === 'online';
  }

  get away(): Away | undefined {
    if (this.online) return undefined;
    return this.#isSuspended ? 'suspended' : 'lost';
  }

  get lastSeq(): number {
    return this.#state.name === 'gone' ? 0 : this.#state.lastSeq;
  }

  get tokenExpiresInMs(): number {
    if (this.#state.name === 'gone') return 0;
    return Math.max(0, Math.round(this.#state.tokenExpiresAtMs - this.#world.nowMs()));
  }

  get isTokenExpired(): boolean {
    return this.#state.name === 'gone' || this.#state.token === 'expired';
  }

  get deadlineMs(): number {
    return sessionDeadlineMs(this.#state, this.#world.session);
  }

  /** Greets the first socket, and only then lets the device be rung. */
  begin(): void {
    const { registry, log } = this.#world;
    registry.add(this);
    log.info(this.#names(), 'a device has come');
    if (this.#socket !== undefined) this.#socket.stage = { name: 'device', device: this };
    this.#send(this.#world.welcome(this, false));
    if (this.registered) this.#perform({ type: 'registered' });
  }

  tell(notice: Unnumbered): void {
    this.feed({ type: 'notice', notice });
  }

  ask(message: ClientRequest): void {
    this.#asked = message;
    this.feed({ type: 'request', id: message.id });
    this.#asked = undefined;
  }

  /** Takes up a newer token. */
  renew(token: VerifiedToken): void {
    this.grants = token.grants;
    const mayBeRung = token.grants.incomingAllow;
    this.feed({ type: 'tokenRenewed', expiresAtMs: this.#world.deadlineOf(token), mayBeRung });
  }

  /** Goes on with a newer socket. False: too much was missed; this device is gone, and the socket is not its. */
  resume(socket: ParleySocket, lastSeq: number): boolean {
    this.#arriving = socket;
    this.feed({ type: 'resume', lastSeq });
    this.#arriving = undefined;
    return this.#socket === socket;
  }

  /** A socket has closed. One that was replaced before is none of this device's business any more. */
  socketClosed(socket: ParleySocket, { isLeaving, isSuspended }: HowSocketClosed): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#isSuspended = isSuspended;
    this.feed({ type: 'socketLost', isLeaving });
  }

  /** Takes the socket away; the session goes into its grace period. */
  drop(why: CloseCodeName): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isSuspended = false;
    socket?.dismiss(why);
    this.feed({ type: 'socketLost' });
  }

  /** What happens while the outputs of another input are being carried out waits its turn: no re-entry. */
  feed(input: SessionInput): void {
    if (this.#isPerforming) {
      (this.#waiting ??= []).push(input);
      return;
    }
    this.#isPerforming = true;
    try {
      for (let next: SessionInput | undefined = input; next !== undefined; next = this.#waiting?.shift()) {
        const step = stepSession(this.#state, next, this.#world.session, this.#world.nowMs());
        this.#state = step.state;
        for (const output of step.outputs) this.#perform(output);
      }
    } finally {
      this.#isPerforming = false;
      this.#waiting = undefined;
    }
  }

  #perform(output: SessionOutput): void {
    const { door, registry, log } = this.#world;
    switch (output.type) {
      case 'send':
        this.#send(output.message);
        break;
      case 'carryOut':
        if (this.#asked !== undefined) void this.#carryOut(this.#asked);
        break;
      case 'closeSocket': {
        const socket = this.#socket;
        this.#socket = undefined;
        socket?.dismiss(output.why);
        break;
      }
      case 'welcome':
        this.#socket = this.#arriving;
        if (this.#socket !== undefined) this.#socket.stage = { name: 'device', device: this };
        this.#send(this.#world.welcome(this, true));
        break;
      case 'resumeRefused':
        log.info(this.#names(), 'a device had missed too much to be resumed');
        break;
      case 'away':
        log.debug(this.#names(), 'a device has lost its socket');
        registry.announce('away', this);
        this.#tellDoor(() => door.deviceAway(this));
        break;
      case 'back':
        log.debug(this.#names(), 'a device is back');
        registry.announce('back', this);
        this.#tellDoor(() => door.deviceBack(this));
        break;
      case 'registered':
        registry.announce('registered', this);
        this.#tellDoor(() => door.deviceRegistered(this));
        break;
      case 'unregistered':
        registry.announce('unregistered', this);
        break;
      case 'gone':
        log.info({ ...this.#names(), how: output.how }, 'a device has gone');
        registry.remove(this);
        registry.announceGone(this, output.how);
        this.#tellDoor(() => door.deviceGone(this, output.how));
        break;
    }
  }

  async #carryOut(message: ClientRequest): Promise<void> {
    const re: RequestId = message.id;
    try {
      const data = await this.#world.carryOut(this, message);
      this.feed({ type: 'answered', answer: { type: 'reply', re, ok: true, data } });
    } catch (err) {
      const isRefusal = err instanceof WireRefusal;
      if (!isRefusal)
        this.#world.log.error({ ...this.#names(), request: message.type, err }, 'a request failed');
      const error = isRefusal ? err.wire : wireError('internal', 'the gateway could not carry this out');
      this.feed({ type: 'answered', answer: { type: 'refusal', re, error } });
    }
  }

  #send(message: ServerMessage): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.say(message);
    // What it missed is sent at once when it comes back, which is no sign of slowness.
    if (this.#arriving !== undefined) return;
    // What it has not read is kept in the session too, and told again when it is back: nothing is lost by closing.
    if (socket.bufferedAmount > this.#world.unreadBytesMax) this.drop('slowReader');
  }

  /** The host of calls must not throw; when it does, this device and the others go on. */
  #tellDoor(tell: () => void): void {
    try {
      tell();
    } catch (err) {
      this.#world.log.error({ ...this.#names(), err }, 'the host of calls failed');
    }
  }

  #names(): { readonly session: string; readonly account: string; readonly identity: string } {
    return { session: this.id, account: this.accountSid, identity: this.identity };
  }
}
