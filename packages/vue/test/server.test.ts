import { Device } from '@parley/client';
import { expect, it } from 'vitest';
import { createSSRApp, defineComponent, h } from 'vue';
import { renderToString } from 'vue/server-renderer';
import {
  clientPlugin,
  LocalVideo,
  RemoteVideo,
  useCall,
  useCallAnnouncer,
  useCallDuration,
  useCallShortcuts,
  useDeviceState,
  useLastEnd,
  useMicrophone,
} from '../src/index.ts';

it('[PK66] renders on a server, where there is no browser, and leaves nothing listening', async () => {
  expect(typeof window).toBe('undefined');
  const device = new Device(() => 'never asked');
  let listening = 0;
  const { subscribe } = device.store;
  Object.assign(device.store, {
    subscribe: (listener: () => void) => {
      listening += 1;
      return subscribe(listener);
    },
  });
  const Page = defineComponent(() => {
    const state = useDeviceState(({ state: registration }) => registration);
    const said = useCallAnnouncer();
    const duration = useCallDuration(useCall());
    const last = useLastEnd();
    const { devices } = useMicrophone();
    useCallShortcuts();
    return () =>
      h('p', { title: `${said.value}${duration.value}${last.value?.end.reason}${devices.value.length}` }, [
        state.value,
        h(RemoteVideo),
        h(LocalVideo),
      ]);
  });
  const html = await renderToString(createSSRApp(Page).use(clientPlugin(device)));
  expect(html).toContain('title="nullundefined0"');
  expect(html).toContain('unregistered');
  expect(html.match(/<video/g)).toHaveLength(2);
  expect(listening).toBe(0);
});
