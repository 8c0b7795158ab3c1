import { Device, type DeviceOptions, type TokenProvider } from '@parley/client';
import { headlessPlatform, type HeadlessOptions } from './headless-platform.ts';

export interface PhoneOptions extends HeadlessOptions, Omit<DeviceOptions, 'url' | 'platform'> {
  /** The gateway's socket: `ws://127.0.0.1:5080/parley`. */
  readonly url: string;
  readonly token: string | TokenProvider;
}

/**
 * A phone without a browser: the SDK as it ships, in Node, against a real gateway over a real socket. It registers,
 * calls, rings and answers; only its packets are missing. Hundreds fit in one process, for tests and for load.
 *
 * ```ts
 * await using phone = createPhone({ url, token });
 * await phone.register();
 * const call = await phone.connect({ to: 'jenny' });
 * ```
 */
export function createPhone(options: PhoneOptions): Device {
  const { url, token, refuse, onOpenSource, onSocket, ...device } = options;
  const platform = headlessPlatform({
    ...(refuse === undefined ? {} : { refuse }),
    ...(onOpenSource === undefined ? {} : { onOpenSource }),
    ...(onSocket === undefined ? {} : { onSocket }),
  });
  return new Device(token, { sounds: false, ...device, url, platform });
}
