import type { Device } from '@parley/client';
import { recordOf } from '@parley/client/bindings';
import { inject, markRaw, onScopeDispose, provide, type InjectionKey, type Plugin } from 'vue';

const DEVICE: InjectionKey<Device> = Symbol('the device of @parley/vue');

/** Who ends a device. */
export interface DeviceOwnership {
  /** Whether the device is destroyed with the component or the application. Default `false`: what goes never hangs up. */
  readonly ownsDevice?: boolean;
}

/** Gives a device to a whole application: `app.use(clientPlugin(device))`. Makes, registers and ends nothing by itself. */
export function clientPlugin(device: Device, { ownsDevice = false }: DeviceOwnership = {}): Plugin {
  return {
    install: (app) => {
      app.provide(DEVICE, known(device));
      if (ownsDevice) app.onUnmount(() => void device.destroy());
    },
  };
}

/** Gives a device to the components within the one whose `setup` calls this. */
export function provideDevice(device: Device, { ownsDevice = false }: DeviceOwnership = {}): void {
  provide(DEVICE, known(device));
  if (ownsDevice) onScopeDispose(() => void device.destroy());
}

/** The device of the nearest {@link provideDevice}, or of the {@link clientPlugin}. Throws where there is neither. */
export function useDevice(): Device {
  const device = inject(DEVICE, null);
  if (device === null)
    throw new Error(
      '@parley/vue: call app.use(clientPlugin(device)), or provideDevice(device) above this component',
    );
  return device;
}

/** Devices and calls are themselves: they have private fields, which a reactive proxy of them could not reach. */
function known(device: Device): Device {
  if (typeof window !== 'undefined') recordOf(device).listen();
  return markRaw(device);
}
