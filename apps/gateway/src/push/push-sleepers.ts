import type { RingOver, Sleepers, SleepingRing } from '../calls/sleepers.ts';
import type { Logger } from '../log.ts';
import type { PushAddress, PushAddresses } from '../store/push-addresses.ts';
import type { PushCourier, PushMessage } from './push-courier.ts';

interface PushSleepersOptions {
  readonly addresses: Pick<PushAddresses, 'of' | 'remove'>;
  readonly courier: Pick<PushCourier, 'send'>;
  readonly waitMs: number;
  readonly log: Logger;
}

/** Wakes devices by Web Push. What is sent is read by `answerPushes` of `@parley/client/notifications`. */
export class PushSleepers implements Sleepers {
  readonly waitMs: number;
  readonly #options: PushSleepersOptions;

  constructor(options: PushSleepersOptions) {
    this.#options = options;
    this.waitMs = options.waitMs;
  }

  ring(ring: SleepingRing): ((over: RingOver) => void) | undefined {
    const { callSid, from, identity: to, video } = ring;
    let addresses: readonly PushAddress[];
    try {
      addresses = this.#options.addresses.of(ring.accountSid, to);
    } catch (err) {
      this.#options.log.error({ callSid, err }, 'nobody could be looked up to be woken');
      return undefined;
    }
    if (addresses.length === 0) return undefined;
    const told = (payload: object): PushMessage => ({
      payload,
      about: callSid,
      ttlSeconds: Math.ceil(this.waitMs / 1000),
    });
    const rang = addresses.map((address) =>
      this.#send(address, callSid, told({ type: 'parley-ring', callSid, from, to, video })),
    );
    return (over) => {
      const message = told({ type: 'parley-over', callSid, from, to, video, over });
      // Not before the ring has been taken: a push service may deliver two messages in any order.
      addresses.forEach((address, index) => {
        void rang[index]?.then((isTaken) => (isTaken ? this.#send(address, callSid, message) : isTaken));
      });
    };
  }

  /** Whether the push service has taken it. Never rejects. */
  async #send(address: PushAddress, callSid: string, message: PushMessage): Promise<boolean> {
    const { courier, addresses, log } = this.#options;
    const outcome = await courier.send(address, message);
    const service = URL.parse(address.endpoint)?.host;
    if (outcome.type === 'gone') {
      addresses.remove(address);
      log.info({ callSid, service }, 'a device that was to be woken is gone');
    }
    if (outcome.type === 'failed') log.warn({ callSid, service, why: outcome.why }, 'a device was not woken');
    return outcome.type === 'taken';
  }
}
