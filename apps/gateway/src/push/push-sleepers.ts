import type { PushOver, PushRing } from '@parley/protocol';
import type { OnDeclined, RingOver, Sleepers, SleepingRing } from '../calls/sleepers.ts';
import type { Logger } from '../log.ts';
import type { PushAddress, PushAddresses } from '../store/push-addresses.ts';
import type { PushCourier } from './push-courier.ts';
import type { PushDeclines } from './push-declines.ts';

interface PushSleepersOptions {
  readonly addresses: Pick<PushAddresses, 'of' | 'remove'>;
  readonly courier: Pick<PushCourier, 'send'>;
  readonly declines: Pick<PushDeclines, 'issue' | 'forget'>;
  readonly waitMs: number;
  readonly log: Logger;
}

/** A device that is told of one call. */
interface Told {
  readonly address: PushAddress;
  state: 'told' | 'unreached' | 'declined';
  /** Settles when the push service has answered. */
  rang: Promise<void>;
}

/** Wakes devices by Web Push. What is sent is read by `answerPushes` of `@parley/client/notifications`. */
export class PushSleepers implements Sleepers {
  readonly waitMs: number;
  readonly #options: PushSleepersOptions;

  constructor(options: PushSleepersOptions) {
    this.#options = options;
    this.waitMs = options.waitMs;
  }

  ring(ring: SleepingRing, onDeclined: OnDeclined): ((over: RingOver) => void) | undefined {
    const { callSid, from, identity: to, video } = ring;
    const { declines, log } = this.#options;
    const devices = this.#addressesOf(ring).map((address): Told => ({ address, state: 'told', rang: DONE }));
    if (devices.length === 0) return undefined;
    const weigh = (): void => {
      if (!devices.some(({ state }) => state === 'declined')) return;
      onDeclined({ isLast: !devices.some(({ state }) => state === 'told') });
    };
    for (const device of devices) {
      const decline = declines.issue(callSid, () => {
        device.state = 'declined';
        log.info({ callSid }, 'a person has declined in a notification');
        weigh();
      });
      const message = { type: 'parley-ring', callSid, from, to, video, decline } as const;
      device.rang = this.#send(device.address, message).then((isTaken) => {
        if (isTaken || device.state !== 'told') return;
        device.state = 'unreached';
        weigh();
      });
    }
    return (over) => {
      declines.forget(callSid);
      const message = { type: 'parley-over', callSid, from, to, video, over } as const;
      for (const device of devices) void this.#tellOver(device, message);
    };
  }

  #addressesOf({ accountSid, identity, callSid }: SleepingRing): readonly PushAddress[] {
    try {
      return this.#options.addresses.of(accountSid, identity);
    } catch (err) {
      this.#options.log.error({ callSid, err }, 'nobody could be looked up to be woken');
      return [];
    }
  }

  /** Not before the ring has been taken: a push service may deliver two messages in any order. */
  async #tellOver(device: Told, message: PushOver): Promise<void> {
    await device.rang;
    // Who has declined there knows, and has missed nothing.
    if (device.state === 'told') await this.#send(device.address, message);
  }

  /** Whether the push service has taken it. Never rejects. */
  async #send(address: PushAddress, payload: PushRing | PushOver): Promise<boolean> {
    const { courier, addresses, log } = this.#options;
    const { callSid } = payload;
    const ttlSeconds = Math.ceil(this.waitMs / 1000);
    const outcome = await courier.send(address, { payload, about: callSid, ttlSeconds });
    const service = URL.parse(address.endpoint)?.host;
    if (outcome.type === 'gone') {
      addresses.remove(address);
      log.info({ callSid, service }, 'a device that was to be woken is gone');
    }
    if (outcome.type === 'failed') log.warn({ callSid, service, why: outcome.why }, 'a device was not woken');
    return outcome.type === 'taken';
  }
}

const DONE = Promise.resolve();
