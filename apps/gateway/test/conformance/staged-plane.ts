import type { Call } from '@parley/client';
import { createSocket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';
import type { MediaHealth, OwnedMediaPlane, Tap, TapOptions, WorkerUsage } from '@parley/media-mediasoup';
import type { MediaKind, MediaOffer } from '@parley/protocol';
import type { PartyId, PartyOptions } from '@parley/switchboard';
import { FakeMediaPlane } from '@parley/testkit';

/** Sends to whoever taps, as the SFU does: over UDP, from one port. */
class StagedTap {
  readonly ready: Promise<void>;
  readonly #socket = createSocket('udp4');
  readonly #port: number;
  #count = 0;

  constructor({ port, onStream }: TapOptions) {
    this.#port = port;
    this.#socket.unref();
    this.ready = new Promise((resolve) => {
      this.#socket.bind(0, '127.0.0.1', () => {
        const { port: fromPort } = this.#socket.address();
        const stream = { id: 'staged', kind: 'audio', origin: 'microphone', mimeType: 'audio/opus' } as const;
        onStream({ ...stream, clockRate: 48_000, fromPort, ssrc: SSRC, audioLevelId: undefined });
        resolve();
      });
    });
  }

  send(frame: Uint8Array): void {
    const header = Buffer.alloc(12);
    header.writeUInt16BE(0x8064);
    header.writeUInt16BE(this.#count & 0xffff, 2);
    header.writeUInt32BE(this.#count * 960, 4);
    header.writeUInt32BE(SSRC, 8);
    this.#count += 1;
    this.#socket.send(Buffer.concat([header, frame]), this.#port, '127.0.0.1');
  }

  close(): void {
    this.#socket.close();
  }
}

const SSRC = 0x0abc_def0;

/** Three seconds: longer than any sentence that is spoken in these tests. */
const FRAMES_TAKEN = 150;

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

  readonly #taps = new Map<PartyId, Set<StagedTap>>();

  /** Who taps a party is sent what `speak` says in its name. */
  tap(party: PartyId, options: TapOptions): Tap | undefined {
    if (!this.#opened.has(party)) return undefined;
    const tap = new StagedTap(options);
    const taps = this.#taps.get(party) ?? new Set();
    this.#taps.set(party, taps.add(tap));
    return { ready: tap.ready, requestKeyFrame: () => {}, close: () => (tap.close(), taps.delete(tap)) };
  }

  /** How many listen to this phone. */
  listenersOf(call: Call): number {
    const taps = [...this.#taps].find(([party]) => party.endsWith(call.callId))?.[1];
    return taps?.size ?? 0;
  }

  /** This phone sends these frames, 20 ms each, in time. */
  async speak(call: Call, frames: readonly Uint8Array[]): Promise<void> {
    const party = this.#partyOf(call);
    const beganMs = performance.now();
    for (const [index, frame] of frames.entries()) {
      for (const tap of this.#taps.get(party) ?? []) tap.send(frame);
      await pause(Math.max(0, beganMs + (index + 1) * 20 - performance.now()));
    }
  }

  /** What each phone hears of the gateway itself: of two things the later counts. */
  readonly #sounding = new Map<PartyId, Sounding>();

  /**
   * Whatever is said is over at once. What has no end sounds until it is stopped: no more than three seconds are taken of it,
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
