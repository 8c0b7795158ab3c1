import type { MediaOffer } from '@parley/protocol';
import type { PlaneNotice } from '@parley/switchboard';
import type { CallServices } from './call-services.ts';

/** What the media plane says, as a device is told it: with names that mean something to it, and a way to get there. */
export class MediaWords {
  readonly #services: Pick<CallServices, 'conferences' | 'iceServersOf'>;

  constructor(services: Pick<CallServices, 'conferences' | 'iceServersOf'>) {
    this.#services = services;
  }

  offer(offer: MediaOffer, identity: string): MediaOffer {
    return { ...offer, iceServers: this.#services.iceServersOf(identity) };
  }

  /** Devices know the others in a conference by names that mean nothing elsewhere; they never learn of a party. */
  notice(notice: PlaneNotice, identity: string) {
    if (notice.type === 'mediaReset') return { ...notice, offer: this.offer(notice.offer, identity) };
    if (notice.type !== 'consume') return notice;
    const { speaker, ...consume } = notice;
    const from = speaker === undefined ? undefined : this.#services.conferences.nameOf(speaker);
    return from === undefined ? consume : { ...consume, from };
  }
}
