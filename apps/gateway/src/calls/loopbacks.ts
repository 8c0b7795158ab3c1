import type { CallId, MediaOffer, ReplyData } from '@parley/protocol';
import { partyId, type MediaPlane, type PartyId, type World } from '@parley/switchboard';
import type { CallMessage } from '../edge/call-door.ts';
import type { DeviceSession } from '../edge/device-session.ts';
import { WireRefusal } from '../edge/wire-refusal.ts';
import type { Logger } from '../log.ts';
import type { IceServersOf } from './turn.ts';

export const LOOPBACK_LIMITS = {
  /** At once, of one name in one account: the ways that are tried side by side, on two devices. */
  perIdentityMax: 8,
  /** At once, in all: trying the line must not keep anybody from calling. */
  totalMax: 200,
  durationMs: 60_000,
} as const;

export interface LoopbacksOptions {
  readonly media: MediaPlane;
  readonly iceServersOf: IceServersOf;
  readonly log: Logger;
  readonly world: World;
}

interface Loopback {
  readonly party: PartyId;
  readonly callId: CallId;
  readonly owner: string;
  readonly cancelTimer: () => void;
}

/**
 * Lines on which a device hears itself. They are no calls: no document is asked, no leg is written down, nobody rings;
 * what they have in common with one is the way of the packets, and that is what is tried.
 */
export class Loopbacks {
  readonly #options: LoopbacksOptions;
  readonly #open = new Map<DeviceSession, Map<CallId, Loopback>>();
  readonly #ofOwner = new Map<string, number>();
  #total = 0;

  constructor(options: LoopbacksOptions) {
    this.#options = options;
  }

  /** Opens one. Rejects with `too-many` above a ceiling, and with `media-failed` where there is no media. */
  async open(device: DeviceSession, callId: CallId): Promise<ReplyData> {
    const { media, world } = this.#options;
    const owner = `${device.accountSid}/${device.identity}`;
    const count = this.#ofOwner.get(owner) ?? 0;
    if (this.#total >= LOOPBACK_LIMITS.totalMax || count >= LOOPBACK_LIMITS.perIdentityMax) {
      throw new WireRefusal('too-many', 'as many lines are being tried as may be', 5000);
    }
    const lines = this.#open.get(device) ?? new Map<CallId, Loopback>();
    if (lines.has(callId)) throw new WireRefusal('wrong-state', 'a line of this name is being tried already');
    const party = partyId(device.id, callId);
    this.#open.set(device, lines);
    this.#ofOwner.set(owner, count + 1);
    this.#total += 1;
    const untilMs = world.nowMs() + LOOPBACK_LIMITS.durationMs;
    const cancelTimer = world.wakeAt(untilMs, () => this.#end(device, callId, 'time-limit'));
    lines.set(callId, { party, callId, owner, cancelTimer });
    const offer = await this.#openMedia(device, callId, party);
    // Hung up, or gone, while the transports were made.
    if (!lines.has(callId)) {
      media.close(party);
      throw new WireRefusal('unknown-call', 'the line was given up meanwhile');
    }
    if (device.rtpCapabilities !== undefined) media.setCapabilities(party, device.rtpCapabilities);
    media.echo(party);
    return { media: { ...offer, iceServers: this.#options.iceServersOf(device.identity) } };
  }

  async #openMedia(device: DeviceSession, callId: CallId, party: PartyId): Promise<MediaOffer> {
    const { media, log } = this.#options;
    try {
      return await media.open({
        party,
        room: `loopback/${party}`,
        tell: (notice) => {
          // Its own worker died under it: the line is tried anew rather than mended.
          if (notice.type === 'mediaReset') return this.#end(device, callId, 'media');
          if (notice.type !== 'consume') return device.tell({ ...notice, callId });
          const { speaker: _itself, ...consume } = notice;
          device.tell({ ...consume, callId });
        },
        onFailed: () => this.#end(device, callId, 'media'),
      });
    } catch (error) {
      this.#forget(device, callId);
      log.warn({ err: error }, 'no media for a line that is tried');
      throw new WireRefusal('media-failed', 'the gateway has no media for this');
    }
  }

  /** Answers whether there was such a line. */
  close(device: DeviceSession, callId: CallId): boolean {
    return this.#forget(device, callId) !== undefined;
  }

  /** Answers whether the frame was about a line. */
  message(device: DeviceSession, message: CallMessage): boolean {
    const line = this.#open.get(device)?.get(message.callId);
    if (line === undefined) return false;
    if (message.type === 'alerting') return true;
    this.#options.media.handle(line.party, message).catch((error: unknown) => {
      if (this.#open.get(device)?.has(message.callId) !== true) return;
      this.#options.log.warn(
        { err: error, frame: message.type },
        'a media frame of a tried line was refused',
      );
    });
    return true;
  }

  capabilitiesKnown(device: DeviceSession): void {
    const { rtpCapabilities } = device;
    if (rtpCapabilities === undefined) return;
    for (const { party } of this.#open.get(device)?.values() ?? []) {
      this.#options.media.setCapabilities(party, rtpCapabilities);
    }
  }

  deviceGone(device: DeviceSession): void {
    for (const callId of Array.from(this.#open.get(device)?.keys() ?? [])) this.#forget(device, callId);
  }

  #end(device: DeviceSession, callId: CallId, reason: 'time-limit' | 'media'): void {
    if (this.#forget(device, callId) === undefined) return;
    device.tell({ type: 'ended', callId, reason, by: 'server', durationMs: 0 });
  }

  #forget(device: DeviceSession, callId: CallId): Loopback | undefined {
    const lines = this.#open.get(device);
    const line = lines?.get(callId);
    if (lines === undefined || line === undefined) return undefined;
    lines.delete(callId);
    if (lines.size === 0) this.#open.delete(device);
    line.cancelTimer();
    this.#total -= 1;
    const left = (this.#ofOwner.get(line.owner) ?? 1) - 1;
    if (left > 0) this.#ofOwner.set(line.owner, left);
    else this.#ofOwner.delete(line.owner);
    this.#options.media.close(line.party);
    return line;
  }
}
