import type { DeviceSnapshot } from '@parley/client';

export interface StatusWords {
  readonly text: string;
  readonly dot: 'free' | 'busy' | 'away';
}

/** How this device stands, in two words, for the line under its owner's name. */
export function statusWords(
  { state, connection, rings }: Pick<DeviceSnapshot, 'state' | 'connection' | 'rings'>,
  isInCall: boolean,
): StatusWords {
  if (connection.state === 'offline') return { text: 'Offline', dot: 'away' };
  if (connection.state === 'suspended') return { text: 'Asleep', dot: 'away' };
  if (connection.state === 'reconnecting') return { text: 'Reconnecting…', dot: 'busy' };
  if (state === 'registering') return { text: 'Connecting…', dot: 'busy' };
  if (state !== 'registered') return { text: 'Not registered', dot: 'away' };
  if (isInCall) return { text: 'In a call', dot: 'busy' };
  return rings ? { text: 'Available', dot: 'free' } : { text: 'Can call, does not ring', dot: 'away' };
}
