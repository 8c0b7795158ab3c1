// @vitest-environment happy-dom
import { Device } from '@parley/client';
import type { PlatformDevices } from '@parley/client/platform';
import { FakeGateway } from '@parley/client/testing';
import { act, createElement as h, useRef, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';
import {
  ClientProvider,
  useCall,
  useMicrophone,
  useQuality,
  useVolume,
  type DeviceChoice,
} from '../src/index.ts';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const listed = (deviceId: string) =>
  ({ kind: 'audioinput', deviceId, groupId: '', label: deviceId }) as const;

async function shown(child: ReactNode) {
  const gateway = new FakeGateway();
  const page = gateway.page();
  const nothing = () => undefined;
  const devices = {
    list: async () => [listed('one'), listed('two')],
    watch: () => nothing,
    recall: () => null,
    keep: nothing,
    holdAwake: () => nothing,
    showCall: () => nothing,
    canChooseOutput: false,
  };
  Object.assign(page.platform, { loadDevices: async () => devices as unknown as PlatformDevices });
  const device = new Device('jenny', { platform: page.platform, logLevel: 'silent' });
  await device.register();
  const container = document.createElement('div');
  const root = createRoot(container);
  await act(async () => {
    root.render(h(ClientProvider, { device }, child));
    await gateway.settle();
  });
  return { gateway, device, container, close: () => act(async () => root.unmount()) };
}

it('[PK28] lists microphones, uses another, and says why it could not', async () => {
  let choice: DeviceChoice | undefined;
  function Microphones() {
    choice = useMicrophone();
    return choice.devices.map(({ label }) => label).join(' ');
  }
  const { device, container, close } = await shown(h(Microphones));
  // Resolves when what lists devices has been loaded, and has listed.
  await act(() => device.audio.refresh());
  expect(container.textContent).toBe('one two');
  await act(async () => choice?.select('two'));
  expect(choice?.selected?.deviceId).toBe('two');
  expect(choice?.error).toBeNull();
  await act(async () => choice?.select('three'));
  expect(choice?.error).toMatchObject({ category: 'device' });
  await close();
});

it('[PK28] shows how loud a call is without rendering, and silence after it', async () => {
  let renders = 0;
  function Meter() {
    renders += 1;
    const call = useCall();
    const element = useRef<HTMLDivElement>(null);
    useVolume(call, element);
    return h('div', { ref: element, id: 'meter' }, useQuality(call)?.level);
  }
  const { gateway, device, container, close } = await shown(h(Meter));
  gateway.call({ from: 'alice', to: 'jenny' });
  await act(() => gateway.settle());
  const before = renders;
  await act(async () => device.calls[0]?.emit('volume', 0.5, 0.25));
  const meter = container.querySelector<HTMLElement>('#meter');
  expect(meter?.style.getPropertyValue('--volume-in')).toBe('0.5');
  expect(meter?.style.getPropertyValue('--volume-out')).toBe('0.25');
  expect(renders).toBe(before);
  await act(async () => {
    await device.destroy();
    await gateway.settle();
  });
  expect(meter?.style.getPropertyValue('--volume-in')).toBe('0');
  await close();
});
