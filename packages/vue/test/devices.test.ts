// @vitest-environment happy-dom
import { Device } from '@parley/client';
import type { PlatformDevices } from '@parley/client/platform';
import { FakeGateway } from '@parley/client/testing';
import { expect, it } from 'vitest';
import { createApp, defineComponent, h, nextTick, useTemplateRef, type Component } from 'vue';
import {
  clientPlugin,
  useCall,
  useMicrophone,
  usePreflight,
  useQuality,
  useVolume,
  type DeviceChoice,
  type PreflightControls,
} from '../src/index.ts';

const listed = (deviceId: string) =>
  ({ kind: 'audioinput', deviceId, groupId: '', label: deviceId }) as const;

async function shown(component: Component) {
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
  const app = createApp(component).use(clientPlugin(device));
  app.mount(container);
  await gateway.settle();
  return { gateway, device, container, app };
}

it('[PK68] lists microphones, uses another, and says why it could not', async () => {
  let choice: DeviceChoice | undefined;
  const { device, container, app } = await shown(
    defineComponent(() => {
      choice = useMicrophone();
      const { devices } = choice;
      return () => devices.value.map(({ label }) => label).join(' ');
    }),
  );
  // Resolves when what lists devices has been loaded, and has listed.
  await device.audio.refresh();
  await nextTick();
  expect(container.textContent).toBe('one two');
  await choice?.select('two');
  expect(choice?.selected.value?.deviceId).toBe('two');
  expect(choice?.error.value).toBeNull();
  await choice?.select('three');
  expect(choice?.error.value).toMatchObject({ category: 'device' });
  app.unmount();
});

it('[PK68] shows how loud a call is without rendering, and silence after it', async () => {
  let renders = 0;
  const { gateway, device, container, app } = await shown(
    defineComponent(() => {
      const call = useCall();
      useVolume(call, useTemplateRef<HTMLElement>('meter'));
      const quality = useQuality(call);
      return () => {
        renders += 1;
        return h('div', { ref: 'meter', id: 'meter' }, quality.value?.level);
      };
    }),
  );
  gateway.call({ from: 'alice', to: 'jenny' });
  await gateway.settle();
  await nextTick();
  const before = renders;
  device.calls[0]?.emit('volume', 0.5, 0.25);
  const meter = container.querySelector<HTMLElement>('#meter');
  expect(meter?.style.getPropertyValue('--volume-in')).toBe('0.5');
  expect(meter?.style.getPropertyValue('--volume-out')).toBe('0.25');
  expect(renders).toBe(before);
  await device.destroy();
  await gateway.settle();
  await nextTick();
  expect(meter?.style.getPropertyValue('--volume-in')).toBe('0');
  app.unmount();
});

it('[PK69] tries the line, shows how it stands, and is cancelled with its component', async () => {
  const gateway = new FakeGateway();
  const page = gateway.page();
  let line: PreflightControls | undefined;
  const app = createApp(
    defineComponent(() => {
      line = usePreflight('jenny', () => ({ platform: page.platform, durationMs: 3000 }));
      const { preflight } = line;
      return () => `${preflight.value.status}, ${preflight.value.checks.length}`;
    }),
  );
  const container = document.createElement('div');
  app.mount(container);
  expect(container.textContent).toBe('idle, 0');
  const first = line?.start();
  // What is loaded when it is first wanted takes as long as it takes.
  await expect.poll(() => line?.preflight.value.checks.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await gateway.advance(10_000);
  expect((await first)?.verdict).toBe('pass');
  await nextTick();
  expect(container.textContent).toMatch(/^done, [1-9]/);
  const second = line?.start();
  await expect.poll(() => line?.preflight.value.checks.length).toBeGreaterThan(0);
  app.unmount();
  expect(await second).toBeNull();
  await gateway.settle();
  expect(page.open.size).toBe(0);
});
