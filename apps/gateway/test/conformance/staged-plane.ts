import type { Call } from '@parley/client';
import type { MediaHealth, OwnedMediaPlane, WorkerUsage } from '@parley/media-mediasoup';
import type { MediaOffer } from '@parley/protocol';
import type { PartyId, PartyOptions } from '@parley/switchboard';
import { FakeMediaPlane } from '@parley/testkit';

/** The plane without media as a gateway owns one: always well, until a test says otherwise. */
export class StagedPlane extends FakeMediaPlane implements OwnedMediaPlane {
  readonly health: MediaHealth = { workersAlive: 1, workersWanted: 1, workerRestarts: 0 };
  readonly #opened = new Set<PartyId>();

  override open(options: PartyOptions): Promise<MediaOffer> {
    this.#opened.add(options.party);
    return super.open(options);
  }

  /** As if the media of this phone's part in a call could not be kept. */
  failMediaOf(call: Call): void {
    const party = Array.from(this.#opened).find((each) => each.endsWith(call.callId));
    if (party === undefined) throw new Error('this call has no media');
    this.failParty(party, 'its transport could not be kept');
  }

  /** Whatever is said is over at once. */
  announce(_party: PartyId, onOver: () => void): ReturnType<OwnedMediaPlane['announce']> {
    const over: { soon?: NodeJS.Immediate } = {};
    return {
      push: async () => {},
      end: () => void (over.soon = setImmediate(onOver)),
      stop: () => clearImmediate(over.soon),
    };
  }

  async pacing(): Promise<undefined> {}

  /** From now on, until it has happened once, this fails as only a mistake of ours can. */
  breakOnce(what: 'bridge' | 'prepare'): void {
    const whole = this[what];
    this[what] = () => {
      this[what] = whole;
      throw new Error(`${what} is broken`);
    };
  }

  async workerUsage(): Promise<readonly WorkerUsage[]> {
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
