import type { Platform } from '../platform.ts';
import type { DeviceDesk } from './device-desk.ts';
import type { LateDevices } from './late-devices.ts';
import { sourceError } from './source-error.ts';

/** Loads what can choose devices, and has it look. */
export function loadDesk(devices: LateDevices): Promise<DeviceDesk> {
  devices.loading ??= import('./device-parts.ts')
    .then(({ openDesk }) => openDesk(devices, sourceError))
    .catch((thrown: unknown) => {
      // The next who asks tries again.
      devices.loading = null;
      throw thrown;
    });
  return devices.loading;
}

/** A call is open, or something was chosen in an earlier visit: what is plugged in or out from now on matters. */
export function lookAfterDevices(devices: LateDevices): void {
  const { platform, log } = devices.options;
  if (platform.loadDevices === undefined) return;
  loadDesk(devices).catch((error: unknown) => log.info('devices are not looked after', { error }));
}

/** What was chosen in an earlier visit is looked for while the device registers, so that it rings there. */
export function recallDevices(devices: LateDevices): void {
  const { platform, options } = devices.options;
  if (options.persistDevices !== false && platform.hasChosenDevices?.() === true) lookAfterDevices(devices);
}

/** Opens the microphone or camera that is wanted; the default, where nobody has said anything. */
export function openWanted(
  { desk, loading, options: { platform } }: LateDevices,
  ...wish: Parameters<Platform['openSource']>
): Promise<MediaStreamTrack> {
  // In this very turn, wherever nothing has to be waited for.
  if (desk !== null || loading === null) return (desk ?? platform).openSource(...wish);
  return loading.catch(() => platform).then((opener) => opener.openSource(...wish));
}
