import type { CallId, CallMessage as WireMessage, ServerMessageOf } from '@parley/protocol';
import type {
  CallMessage,
  OutgoingMessage,
  TransferOptions,
  VideoOptions,
  VideoRequest,
  WaitOptions,
} from '../api.ts';
import type { CallState } from '../core/call-state.ts';
import { ClientError } from '../errors.ts';
import type { CallRunner } from './call-runner.ts';
import { talkingBeside } from './hold-others.ts';

/** What the wire takes; kept equal to it by a test. */
export const MESSAGE_BYTES_MAX = 10 * 1024;

type Told = ServerMessageOf<'standing'>;
type Outcome = NonNullable<Told['outcome']>;

/** What is waited for from the other side, or from a third. */
interface Wait<Result> {
  readonly promise: Promise<Result>;
  readonly settle: (result: Result) => void;
}

/**
 * What a call can do between being joined and its end: hold, hand over, messages, and video by consent. Loaded when it
 * is first wanted; asking twice is once.
 */
export class MidCall {
  readonly #runner: CallRunner;
  #transfer: { readonly to: TransferOptions['to']; readonly done: Promise<void> } | null = null;
  #handedOver: Wait<Told> | null = null;
  #video: Wait<Outcome | 'over'> | null = null;
  /** The hold, or its end, that the gateway has not confirmed yet. */
  #asked: { readonly on: boolean; readonly done: Promise<void> } | null = null;
  /** This person has answered the question that is open. */
  #hasAnswered = false;

  constructor(runner: CallRunner) {
    this.#runner = runner;
  }

  async hold(on: boolean): Promise<void> {
    const { callId, state } = this.#runner;
    if (state.phase.name === 'ended') return;
    // What was asked for last counts, also while it is on its way.
    if (this.#asked === null ? state.standing.held.local === on : this.#asked.on === on)
      return this.#asked?.done;
    // One side at a time: the others are put away before this one is taken back.
    if (!on) await Promise.all(talkingBeside(this.#runner).map(({ call }) => call.hold(true)));
    const done = this.#runner.host.link.request({ type: 'hold', callId, on }).then(() => undefined);
    const asked = { on, done };
    this.#asked = asked;
    const forget = (): void => {
      if (this.#asked === asked) this.#asked = null;
    };
    done.then(forget, forget);
    return done;
  }

  /** The same promise for all who ask for the same, while it goes on. */
  transfer(options: TransferOptions): Promise<void> {
    const { to, signal } = options;
    if (this.#transfer?.to !== to) {
      const done = typeof to === 'string' ? this.#handOver(to, options.params) : this.#merge(to.callId);
      const transfer = { to, done };
      this.#transfer = transfer;
      const forget = (): void => {
        if (this.#transfer === transfer) this.#transfer = null;
      };
      done.then(forget, forget);
    }
    return unlessAborted(this.#transfer?.done ?? Promise.resolve(), signal);
  }

  async #handOver(to: string, params: TransferOptions['params']): Promise<void> {
    const { callId, ended } = this.#runner;
    // What comes of it may be told before the answer to the question.
    const wait = later<Told>();
    this.#handedOver = wait;
    await this.#runner.host.link.request({
      type: 'transfer',
      callId,
      to: to.replace(/^client:/, ''),
      ...(params === undefined ? {} : { params: { ...params } }),
    });
    const first = await Promise.race([wait.promise, ended]);
    if (this.#handedOver === wait) this.#handedOver = null;
    if ('type' in first) throw new ClientError('transfer-failed', first.reason);
    // Who hangs up meanwhile has left them to one another.
    if (first.reason !== 'transferred' && first.by !== 'local') {
      throw new ClientError('call-ended', first.reason);
    }
  }

  async #merge(otherId: string): Promise<void> {
    const { callId } = this.#runner;
    await this.#runner.host.link.request({ type: 'merge', callId, with: otherId as CallId });
  }

  async sendMessage(options: OutgoingMessage): Promise<{ readonly id: string }> {
    const { contentType = 'application/json', messageType = 'user-defined-message' } = options;
    const content = isJson(contentType) ? JSON.stringify(options.content) : options.content;
    if (typeof content !== 'string') {
      throw new ClientError('invalid-argument', 'content: text, or anything that JSON can say');
    }
    if (new TextEncoder().encode(content).length > MESSAGE_BYTES_MAX) {
      throw new ClientError('message-too-large');
    }
    const { callId, call } = this.#runner;
    const said = { content, contentType, messageType };
    const { messageId: id = '' } = await this.#runner.host.link.request({ type: 'message', callId, ...said });
    call.emit('messageSent', parsed({ id, ...said }));
    return { id };
  }

  async requestVideo({ video = true, signal }: VideoOptions & WaitOptions = {}): Promise<
    'accepted' | 'declined'
  > {
    const { callId, ended } = this.#runner;
    if (signal?.aborted === true) throw new ClientError('aborted');
    if (!this.#runner.state.video) {
      const wait = (this.#video ??= later());
      const asked = this.#runner.host.link.request({ type: 'video', callId, on: true });
      const outcome = await unlessAborted(
        asked.then(() => Promise.race([wait.promise, ended])),
        signal,
      ).catch((thrown: unknown) => {
        if (signal?.aborted === true)
          void this.#runner.host.link.request({ type: 'video', callId, on: false });
        throw thrown;
      });
      if (outcome !== 'video-accepted') return 'declined';
    }
    if (video) await this.#runner.muteVideo(false);
    return 'accepted';
  }

  async removeVideo(): Promise<void> {
    const { callId, state } = this.#runner;
    if (state.phase.name !== 'ended')
      await this.#runner.host.link.request({ type: 'video', callId, on: false });
  }

  /** How the two stand with one another has changed. */
  told(before: CallState['standing'], message: Told): void {
    const { call } = this.#runner;
    const { standing, outcome } = message;
    if (before.held.local !== standing.held.local || before.held.remote !== standing.held.remote) {
      call.emit('hold', standing.held);
    }
    if (before.videoRequest !== 'remote' && standing.asks === 'remote') {
      this.#hasAnswered = false;
      call.emit('videoRequested', this.#question());
    }
    const isGone = before.videoRequest === 'remote' && standing.asks !== 'remote' && !standing.video;
    if (isGone && !this.#hasAnswered) call.emit('videoWithdrawn');
    if (before.videoRequest === 'local' && standing.asks !== 'local') {
      this.#video?.settle(outcome ?? 'over');
      this.#video = null;
    }
    if (outcome === 'transfer-failed') this.#handedOver?.settle(message);
  }

  received(message: WireMessage): void {
    this.#runner.call.emit('messageReceived', parsed(message));
  }

  #question(): VideoRequest {
    const { callId } = this.#runner;
    const answer = async (accepted: boolean): Promise<void> => {
      this.#hasAnswered = true;
      await this.#runner.host.link.request({ type: 'videoAnswer', callId, accepted });
    };
    return {
      accept: async ({ video = true } = {}) => {
        await answer(true);
        // Too late, where it is still an audio call: then nothing is opened.
        if (video && this.#runner.state.video) await this.#runner.muteVideo(false);
      },
      decline: () => answer(false),
    };
  }
}

function isJson(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/.test(contentType);
}

function parsed(message: WireMessage): CallMessage {
  if (!isJson(message.contentType)) return message;
  try {
    return { ...message, content: JSON.parse(message.content) as unknown };
  } catch {
    return message;
  }
}

function later<Result>(): Wait<Result> {
  let settle = (_result: Result): void => undefined;
  const promise = new Promise<Result>((resolve) => (settle = resolve));
  return { promise, settle };
}

/** The wait ends with the signal; what is waited for goes on. */
async function unlessAborted<Result>(
  wait: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return wait;
  if (signal.aborted) throw new ClientError('aborted');
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new ClientError('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    wait.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
