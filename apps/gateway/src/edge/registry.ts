import type { Identity } from '@parley/protocol';
import type { DeviceGoneHow, DeviceSession } from './device-session.ts';

/** What happens to devices, for whoever needs to follow it. Every method is optional. */
export interface RegistryListener {
  /** May be rung from now on. */
  registered?(device: DeviceSession): void;
  /** Still here, no longer rung: it asked for that, or its token has run out. */
  unregistered?(device: DeviceSession): void;
  /** Its socket is lost; it has its grace period to come back. */
  away?(device: DeviceSession): void;
  /** Back within its grace period. */
  back?(device: DeviceSession): void;
  /** Exactly once for every device. */
  gone?(device: DeviceSession, how: DeviceGoneHow): void;
  /** A person is in a call, or no longer. */
  busyChanged?(accountSid: string, identity: Identity): void;
}

/** Who can be rung. One node keeps it in memory; with several, a shared one stands behind the same words. */
export interface Registry {
  /**
   * The devices to ring for a name: registered and not gone. Those within their grace period are among them, with
   * `online` false; what they are told waits for them.
   */
  devicesOf(accountSid: string, identity: Identity): readonly DeviceSession[];
  /** Says that a person is in a call, or no longer; who watches presence is told. */
  setBusy(accountSid: string, identity: Identity, isBusy: boolean): void;
  /** Follows what happens to devices. Returns the function that stops it. */
  listen(listener: RegistryListener): () => void;
  readonly counts: RegistryCounts;
}

export interface RegistryCounts {
  /** Sessions that are not gone. */
  readonly sessions: number;
  /** Those with an open socket. */
  readonly online: number;
  /** Those that may be rung. */
  readonly registered: number;
  /** Names with at least one device that may be rung. */
  readonly people: number;
}
