import type { Identity, RtpCapabilities, SessionId, Unnumbered } from '@parley/protocol';
import type { Away } from '@parley/switchboard';
import type { TokenGrants } from './token-grants.ts';

/**
 * One device's time with the gateway, as everyone behind the edge sees it. It outlives its sockets: the same object is
 * handed out from the first welcome until the device is gone, so it may be kept and compared by identity.
 */
export interface DeviceSession {
  readonly id: SessionId;
  readonly accountSid: string;
  readonly identity: Identity;
  /** What the person calls this device, where she named it. */
  readonly label: string | undefined;
  /** Whether it may be rung now: it asked to, its token allows it, and the token has not run out. */
  readonly registered: boolean;
  /** Whether a socket is open. False within the grace period, and after the end. */
  readonly online: boolean;
  /** How it is away while it is not online; undefined while it is. */
  readonly away: Away | undefined;
  /** What its newest token allows. */
  readonly grants: TokenGrants;
  /** What the browser can receive; absent until its media engine has been loaded. Shared by content: never changed. */
  readonly rtpCapabilities: RtpCapabilities | undefined;
  /**
   * Numbers a notification and sends it, now or when the device is back. Never throws, and does nothing for a device
   * that is gone: whoever decides about calls need not know whether somebody still listens.
   */
  tell(notice: Unnumbered): void;
}

/** How a device left: it said so, or it stayed away for longer than its grace period. */
export type DeviceGoneHow = 'bye' | 'lost';
