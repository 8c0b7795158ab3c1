import type { Device } from '@parley/client';
import { recordOf } from '@parley/client/bindings';
import { createContext, createElement, useContext, useEffect, type ReactNode } from 'react';

const DeviceContext = createContext<Device | null>(null);

/** Which device the components within use. */
export interface ClientProviderProps {
  readonly device: Device;
  /**
   * Whether the device ends with this component. Default `false`: a page that is changed does not hang up. With `true`
   * it is destroyed once it has really gone, not when strict mode takes it out and puts it in again.
   */
  readonly ownsDevice?: boolean;
  readonly children?: ReactNode;
}

/** Devices that were left by their owner, and are destroyed unless somebody puts them in again at once. */
const leaving = new WeakMap<Device, ReturnType<typeof setTimeout>>();

/** Gives a device to the components within. Makes, registers and ends nothing by itself. */
export function ClientProvider({ device, ownsDevice = false, children }: ClientProviderProps): ReactNode {
  useEffect(() => recordOf(device).listen(), [device]);
  useEffect(() => {
    if (!ownsDevice) return undefined;
    clearTimeout(leaving.get(device));
    return () => {
      leaving.set(
        device,
        setTimeout(() => void device.destroy(), 0),
      );
    };
  }, [device, ownsDevice]);
  return createElement(DeviceContext.Provider, { value: device }, children);
}

/** The device of the nearest {@link ClientProvider}. Throws where there is none. */
export function useDevice(): Device {
  const device = useContext(DeviceContext);
  if (device === null)
    throw new Error('@parley/react: put a <ClientProvider device={…}> around this component');
  return device;
}
