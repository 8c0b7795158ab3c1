import { Device } from '@parley/client';
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { ClientProvider, LocalVideo, RemoteVideo, useCallAnnouncer, useDeviceState } from '../src/index.ts';

it('[PK26] renders on a server, where there is no browser', () => {
  expect(typeof window).toBe('undefined');
  function Page() {
    const state = useDeviceState((device) => device.state);
    return h('p', { title: useCallAnnouncer() }, state, h(RemoteVideo), h(LocalVideo));
  }
  const device = new Device(() => 'never asked');
  const html = renderToString(h(ClientProvider, { device }, h(Page)));
  expect(html).toContain('unregistered');
  expect(html.match(/<video/g)).toHaveLength(2);
});
