import type { Call as ParleyCall } from '../call.ts';
import type { Device as ParleyDevice } from '../device.ts';
import { ClientError } from '../errors.ts';

/** So long a call that is forwarded may take to ring here; it rings as soon as this device is registered. */
const RINGS_MS = 15_000;

/**
 * Calls that came in at one device of a person and are taken at another, by `connectToken`. Here every device of a person
 * rings, so that taking a call there is to let that device ring, and answer.
 */
export class Forwarding {
  readonly #parley: ParleyDevice;
  readonly #awaited = new Map<string, (call: ParleyCall) => void>();

  constructor(parley: ParleyDevice) {
    this.#parley = parley;
  }

  /** Whether this call was forwarded here: then it is taken, and is news to nobody. */
  take(call: ParleyCall): boolean {
    const taken = this.#awaited.get(call.parameters.CallSid);
    taken?.(call);
    return taken !== undefined;
  }

  /**
   * The call of a token. A device that was not registered is so only while it finds the call.
   *
   * @throws {ClientError} `call-ended` where it does not ring any more, or is another person's; and what `register()` rejects with
   */
  async find(connectToken: string): Promise<ParleyCall> {
    const parley = this.#parley;
    if (!/^CA[0-9a-f]{32}$/.test(connectToken))
      throw new ClientError('invalid-argument', 'connectToken: as an incoming call has it');
    const here = parley.calls.find(
      (call) => call.parameters.CallSid === connectToken && call.status() === 'pending',
    );
    if (here !== undefined) return here;
    const wasIdle = parley.state === 'unregistered';
    let deadline: ReturnType<typeof setTimeout> | undefined;
    const ringing = new Promise<ParleyCall>((resolve, reject) => {
      this.#awaited.set(connectToken, resolve);
      const tooLate = (): void =>
        reject(new ClientError('call-ended', 'the forwarded call does not ring here'));
      deadline = setTimeout(tooLate, RINGS_MS);
    });
    try {
      const [call] = await Promise.all([ringing, parley.register()]);
      return call;
    } finally {
      clearTimeout(deadline);
      this.#awaited.delete(connectToken);
      // The call keeps its session; others do not ring here.
      if (wasIdle) void parley.unregister();
    }
  }
}
