// @vitest-environment happy-dom
import { Device, type Call } from '@parley/client';
import { FakeGateway } from '@parley/client/testing';
import { act, createElement as h, StrictMode, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ClientProvider,
  LocalVideo,
  RemoteAudio,
  RemoteVideo,
  useCall,
  useCallAnnouncer,
  useCallDuration,
  useCalls,
  useCallShortcuts,
  useCallState,
  useDevice,
  useDeviceState,
  useDialpad,
  useIncomingCall,
  useLastEnd,
} from '../src/index.ts';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let gateway: FakeGateway;
let device: Device;
let page: ReturnType<FakeGateway['page']>;
let root: Root;
let container: HTMLElement;

beforeEach(async () => {
  gateway = new FakeGateway();
  page = gateway.page();
  device = new Device('jenny', { platform: page.platform, logLevel: 'silent' });
  await device.register();
  container = document.createElement('div');
  document.body.append(container);
  root = createRoot(container);
});

afterEach(async () => {
  await act(async () => root.unmount());
  container.remove();
  await device.destroy();
});

/** Renders twice over, as an application in development does. */
const show = (child: ReactNode, ownsDevice = false) =>
  act(async () => root.render(h(StrictMode, null, h(ClientProvider, { device, ownsDevice }, child))));

const settle = () => act(() => gateway.settle());

async function ring(video = false) {
  const alice = gateway.call({ from: 'alice', to: 'jenny', video });
  await settle();
  return alice;
}

function Phone() {
  const state = useDeviceState((snapshot) => ({ state: snapshot.state, name: snapshot.identity }));
  const incoming = useIncomingCall();
  const call = useCall();
  const status = useCallState(call, (snapshot) => snapshot.status);
  const last = useLastEnd();
  const rung = incoming === null ? 'nothing' : incoming.parameters.From;
  return h(
    'p',
    null,
    `${state.name} ${state.state}, rings ${rung}, call ${status}, last ${last?.end.reason}`,
  );
}

describe('hooks', () => {
  it('[PK20] show what the stores say, as it changes', async () => {
    await show(h(Phone));
    expect(container.textContent).toBe('jenny registered, rings nothing, call null, last undefined');
    const alice = await ring();
    expect(container.textContent).toBe('jenny registered, rings alice, call pending, last undefined');
    await act(() => device.calls[0]?.accept());
    await settle();
    expect(container.textContent).toBe('jenny registered, rings nothing, call open, last undefined');
    alice.hangUp();
    await settle();
    expect(container.textContent).toBe('jenny registered, rings nothing, call null, last remote-hangup');
  });

  it('[PK20] how the last call ended is known to what is shown only afterwards, until the next begins', async () => {
    const Ended = () => h('p', null, `ended: ${useLastEnd()?.end.reason}`);
    const Switch = () => (useCall() === null ? h(Ended) : h('p', null, 'talking'));
    await show(h(Switch));
    expect(container.textContent).toBe('ended: undefined');
    const alice = await ring();
    expect(container.textContent).toBe('talking');
    alice.hangUp();
    await settle();
    expect(container.textContent).toBe('ended: cancelled');
    await show(null);
    await show(h(Ended));
    expect(container.textContent).toBe('ended: cancelled');
    await ring();
    expect(container.textContent).toBe('ended: undefined');
  });

  it('[PK20] a second call that rings is told beside the one that talks', async () => {
    const seen: (string | undefined)[] = [];
    function Two() {
      seen.push(useIncomingCall()?.parameters.From);
      return useCalls().length;
    }
    await show(h(Two));
    await ring();
    await act(() => device.calls[0]?.accept());
    gateway.call({ from: 'bob', to: 'jenny' });
    await settle();
    expect(container.textContent).toBe('2');
    expect(seen.at(-1)).toBe('bob');
  });

  it('[PK21] a component renders again only when what it picked is different', async () => {
    let renders = 0;
    function Names() {
      renders += 1;
      return useDeviceState((snapshot) => [snapshot.identity]).join('');
    }
    await show(h(Names));
    const before = renders;
    await ring();
    await act(() => device.calls[0]?.accept());
    expect(renders).toBe(before);
  });

  it('[PK21] without a provider, the error says what to do', () => {
    function Lost() {
      useDevice();
      return null;
    }
    expect(() => act(() => root.render(h(Lost)))).toThrow(/ClientProvider/);
  });

  it('[PK22] a page that changes does not hang up; an owner destroys, but not in strict mode’s rehearsal', async () => {
    await show(h(Phone));
    await show(null);
    expect(device.state).toBe('registered');
    await show(h(Phone), true);
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
    expect(device.state).toBe('registered');
    await act(async () => root.render(null));
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
    expect(device.state).toBe('destroyed');
  });

  it('[PK23] a dialpad sends what is pressed, shows it, and begins anew with the next call', async () => {
    let pad: ReturnType<typeof useDialpad> | undefined;
    function Pad() {
      pad = useDialpad(useCall());
      return pad.digits;
    }
    await show(h(Pad));
    await act(async () => pad?.press('5'));
    expect(container.textContent).toBe('');
    const alice = await ring();
    await act(() => device.calls[0]?.accept());
    let prevented = 0;
    const type = (key: string) => pad?.onKeyDown({ key, preventDefault: () => (prevented += 1) });
    await act(async () => {
      type('1');
      type('Tab');
      type('#');
    });
    await settle();
    expect(container.textContent).toBe('1#');
    expect(alice.digits).toBe('1#');
    expect(prevented).toBe(2);
    alice.hangUp();
    await ring();
    expect(container.textContent).toBe('');
  });

  it('[PK23] shortcuts answer, mute and hang up, wherever the focus is', async () => {
    function Keys() {
      useCallShortcuts();
      return null;
    }
    await show(h(Keys));
    const alice = await ring();
    const [call] = device.calls;
    const press = async (key: string, ctrlKey = true) => {
      await act(async () => {
        window.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, shiftKey: true }));
        await gateway.settle();
      });
    };
    await press('A', false);
    expect(call?.status()).toBe('pending');
    await press('a');
    expect(call?.status()).toBe('open');
    await press('M');
    expect(call?.isMuted()).toBe(true);
    await press('H');
    expect(alice.end).toBe('remote-hangup');
  });

  it('[PK24] what happens is said for those who do not look', async () => {
    function Said() {
      return useCallAnnouncer();
    }
    await show(h(Said));
    const said: (string | null)[] = [];
    const listen = () => said.push(container.textContent);
    const alice = await ring(true);
    listen();
    await act(() => device.calls[0]?.accept());
    await settle();
    listen();
    gateway.isReachable = false;
    gateway.dropSockets();
    await settle();
    listen();
    gateway.isReachable = true;
    await act(() => gateway.advance(1000));
    listen();
    alice.hangUp();
    await settle();
    listen();
    expect(said).toEqual([
      'Incoming video call from alice',
      'Connected to alice',
      'The connection is lost and being restored',
      'Connected to alice',
      'Call with alice ended: remote hangup',
    ]);
  });

  it('[PK24] an end is said by what appears because of it, and not by what appears long after', async () => {
    const Said = () => useCallAnnouncer();
    const Switch = () => (useCall() === null ? h(Said) : 'talking');
    await show(h(Switch));
    (await ring()).hangUp();
    await settle();
    expect(container.textContent).toBe('Call with alice ended: cancelled');
    await show(null);
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
    await show(h(Switch));
    vi.useRealTimers();
    expect(container.textContent).toBe('');
  });

  it('[PK24] a duration stands still when the call is over', async () => {
    let shown: Call | null = null;
    function Duration() {
      const call = useCall();
      shown = call ?? shown;
      return String(useCallDuration(shown));
    }
    await show(h(Duration));
    const alice = await ring();
    expect(container.textContent).toBe('null');
    await act(() => device.calls[0]?.accept());
    await act(() => gateway.advance(61_000));
    alice.hangUp();
    await settle();
    expect(container.textContent).toBe('61');
  });
});

describe('media elements', () => {
  it('[PK25] show the pictures of a call, and nothing after it', async () => {
    await show(
      h(
        'div',
        null,
        h(RemoteVideo, { id: 'remote' }),
        h(LocalVideo, { id: 'local', style: { width: 100 } }),
        h(LocalVideo, { id: 'plain', mirror: false }),
      ),
    );
    const alice = await ring(true);
    const [call] = device.calls;
    await act(() => call?.accept({ video: true }));
    await settle();
    const video = (id: string) => container.querySelector<HTMLVideoElement>(`#${id}`);
    expect(video('remote')?.srcObject).toBe(call?.media.remote);
    expect(video('local')?.srcObject).toBe(call?.media.local);
    expect(video('remote')?.muted).toBe(true);
    expect(video('local')?.style.transform).toBe('scaleX(-1)');
    expect(video('local')?.style.width).toBe('100px');
    expect(video('plain')?.style.transform).toBe('');
    alice.hangUp();
    await settle();
    expect(video('remote')?.srcObject).toBeNull();
  });

  it('[PK25] a way to turn the sound on appears while the browser will not play it', async () => {
    await show(
      h(RemoteAudio, { children: (unlock) => h('button', { onClick: () => void unlock() }, 'Turn it on') }),
    );
    expect(container.textContent).toBe('');
    page.isPlaybackBlocked = true;
    await ring();
    expect(container.textContent).toBe('Turn it on');
    page.isPlaybackBlocked = false;
    await act(async () => container.querySelector('button')?.click());
    await act(async () => {
      device.calls[0]?.reject();
      await gateway.settle();
    });
    expect(container.textContent).toBe('');
  });
});
