import type { Call } from '@parley/client';
import type { MediaHealth, OwnedMediaPlane, WorkerUsage } from '@parley/media-mediasoup';
import type { MediaKind, MediaOffer } from '@parley/protocol';
import type { PartyId, PartyOptions } from '@parley/switchboard';
import { FakeMediaPlane } from '@parley/testkit';

/** A second. */
const FRAMES_TAKEN = 50;

interface Sounding {
  frames: number;
  readonly onOver: () => void;
}

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
    this.failParty(this.#partyOf(call), 'its transport could not be kept');
  }

  /** Whether packets go from one phone's part in a call to another's. */
  flows(from: Call, to: Call, kind: MediaKind): boolean {
    return this.isFlowing(this.#partyOf(from), this.#partyOf(to), kind);
  }

  #partyOf({ callId }: Call): PartyId {
    const party = Array.from(this.#opened).find((each) => each.endsWith(callId));
    if (party === undefined) throw new Error('this call has no media');
    return party;
  }

  /** Nothing is sent that could be copied. */
  tap(): undefined {}

  /** What each phone hears of the gateway itself: of two things the later counts. */
  readonly #sounding = new Map<PartyId, Sounding>();

  /**
   * Whatever is said is over at once. What has no end sounds until it is stopped: no more than a second is taken of it,
   * so that nobody encodes for ever what nobody hears.
   */
  announce(party: PartyId, onOver: () => void): ReturnType<OwnedMediaPlane['announce']> {
    const before = this.#sounding.get(party);
    const sounding: Sounding = { frames: 0, onOver };
    const silent = (): void => {
      if (this.#sounding.get(party) === sounding) this.#sounding.delete(party);
    };
    this.#sounding.set(party, sounding);
    if (before !== undefined) setImmediate(before.onOver);
    let over: NodeJS.Immediate | undefined;
    return {
      push: (frames) => {
        sounding.frames += frames.length;
        return sounding.frames < FRAMES_TAKEN ? Promise.resolve() : new Promise(() => {});
      },
      end: () => {
        silent();
        over = setImmediate(onOver);
      },
      stop: () => {
        silent();
        clearImmediate(over);
      },
    };
  }

  override close(party: PartyId): void {
    this.#sounding.delete(party);
    super.close(party);
  }

  /** Whether the gateway plays something to this phone that goes on. */
  sounds(call: Call): boolean {
    return [...this.#sounding].some(
      ([party, { frames }]) => party.endsWith(call.callId) && frames >= FRAMES_TAKEN,
    );
  }

  /** To how many phones it plays anything. */
  get sounding(): number {
    return this.#sounding.size;
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
