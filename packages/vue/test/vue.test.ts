// @vitest-environment happy-dom
import { Device, type Call } from '@parley/client';
import { FakeGateway } from '@parley/client/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createApp,
  defineComponent,
  h,
  nextTick,
  ref,
  shallowRef,
  type App,
  type Component,
  type ComputedRef,
} from 'vue';
import {
  clientPlugin,
  LocalVideo,
  provideDevice,
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
  type DeviceOwnership,
} from '../src/index.ts';

let gateway: FakeGateway;
let device: Device;
let page: ReturnType<FakeGateway['page']>;
let container: HTMLElement;
let app: App | undefined;
/** What the application shows now; null for nothing. */
const shown = shallowRef<Component | null>(null);

beforeEach(async () => {
  gateway = new FakeGateway();
  page = gateway.page();
  device = new Device('jenny', { platform: page.platform, logLevel: 'silent' });
  await device.register();
  container = document.createElement('div');
  document.body.append(container);
});

afterEach(async () => {
  app?.unmount();
  app = undefined;
  container.remove();
  await device.destroy();
});

async function show(component: Component | null, ownership: DeviceOwnership = {}): Promise<void> {
  shown.value = component;
  if (app === undefined) {
    app = createApp(() => (shown.value === null ? null : h(shown.value)));
    app.use(clientPlugin(device, ownership));
    app.mount(container);
  }
  await nextTick();
}

/** A component that shows what its setup answers. */
const shows = (setup: () => () => unknown): Component =>
  defineComponent(() => {
    const text = setup();
    return () => String(text());
  });

async function settle(): Promise<void> {
  await gateway.settle();
  await nextTick();
}

async function ring(video = false) {
  const alice = gateway.call({ from: 'alice', to: 'jenny', video });
  await settle();
  return alice;
}

const Phone = shows(() => {
  const state = useDeviceState((snapshot) => ({ state: snapshot.state, name: snapshot.identity }));
  const incoming = useIncomingCall();
  const status = useCallState(useCall(), (snapshot) => snapshot.status);
  const last = useLastEnd();
  return () => {
    const rung = incoming.value === null ? 'nothing' : incoming.value.parameters.From;
    const { name, state: registration } = state.value;
    return `${name} ${registration}, rings ${rung}, call ${status.value}, last ${last.value?.end.reason}`;
  };
});

describe('composables', () => {
  it('[PK60] show what the stores say, as it changes', async () => {
    await show(Phone);
    expect(container.textContent).toBe('jenny registered, rings nothing, call null, last undefined');
    const alice = await ring();
    expect(container.textContent).toBe('jenny registered, rings alice, call pending, last undefined');
    await device.calls[0]?.accept();
    await settle();
    expect(container.textContent).toBe('jenny registered, rings nothing, call open, last undefined');
    alice.hangUp();
    await settle();
    expect(container.textContent).toBe('jenny registered, rings nothing, call null, last remote-hangup');
  });

  it('[PK60] how the last call ended is known to what is shown only afterwards, until the next begins', async () => {
    const Ended = shows(() => {
      const last = useLastEnd();
      return () => `ended: ${last.value?.end.reason}`;
    });
    await show(null);
    (await ring()).hangUp();
    await settle();
    await show(Ended);
    expect(container.textContent).toBe('ended: cancelled');
    await ring();
    expect(container.textContent).toBe('ended: undefined');
  });

  it('[PK60] a second call that rings is told beside the one that talks; each is found by its name', async () => {
    const wanted = ref<string>();
    let found: ComputedRef<Call | null> | undefined;
    const Two = shows(() => {
      const calls = useCalls();
      const incoming = useIncomingCall();
      found = useCall(wanted);
      return () => `${calls.value.length} ${incoming.value?.parameters.From}`;
    });
    await show(Two);
    await ring();
    await device.calls[0]?.accept();
    gateway.call({ from: 'bob', to: 'jenny' });
    await settle();
    expect(container.textContent).toBe('2 bob');
    expect(found?.value).toBe(device.calls[0]);
    wanted.value = device.calls[1]?.callId;
    expect(found?.value).toBe(device.calls[1]);
    wanted.value = 'nobody';
    expect(found?.value).toBeNull();
  });

  it('[PK61] a component renders again only when what it picked is different', async () => {
    let renders = 0;
    const Names = defineComponent(() => {
      const names = useDeviceState((snapshot) => [snapshot.identity]);
      return () => {
        renders += 1;
        return names.value.join('');
      };
    });
    await show(Names);
    const before = renders;
    await ring();
    await device.calls[0]?.accept();
    await settle();
    expect(renders).toBe(before);
  });

  it('[PK61] a selector may read refs', async () => {
    const field = ref<'identity' | 'state'>('identity');
    await show(
      shows(() => {
        const picked = useDeviceState((snapshot) => snapshot[field.value]);
        return () => picked.value;
      }),
    );
    expect(container.textContent).toBe('jenny');
    field.value = 'state';
    await nextTick();
    expect(container.textContent).toBe('registered');
  });

  it('[PK61] a call works from within a ref, and a device from within a reactive object', async () => {
    const kept = ref<{ call: Call; device: Device }>();
    await show(
      shows(() => {
        const incoming = useIncomingCall();
        const known = useDevice();
        return () => {
          if (incoming.value !== null) kept.value = { call: incoming.value, device: known };
          return '';
        };
      }),
    );
    await ring();
    await kept.value?.call.accept();
    await settle();
    expect(kept.value?.call.status()).toBe('open');
    expect(kept.value?.device.activeCall).toBe(device.calls[0]);
  });

  it('[PK61] without a device, the error says what to do', () => {
    const lost = createApp(shows(() => () => useDevice()));
    lost.config.warnHandler = () => undefined;
    expect(() => lost.mount(container)).toThrow(/clientPlugin/);
  });

  it('[PK62] a page that changes does not hang up, and hears nothing more; an owner destroys', async () => {
    await show(Phone);
    await show(null);
    await ring();
    expect([container.textContent, device.state]).toEqual(['', 'registered']);
    app?.unmount();
    app = undefined;
    expect(device.state).toBe('registered');
    await show(Phone, { ownsDevice: true });
    app?.unmount();
    app = undefined;
    await settle();
    expect(device.state).toBe('destroyed');
  });

  it('[PK62] a component gives a device of its own to what is within it, and ends it if it owns it', async () => {
    const other = new Device('bob', { platform: gateway.page().platform, logLevel: 'silent' });
    await other.register();
    const Within = shows(() => {
      const name = useDeviceState(({ identity }) => identity);
      return () => name.value;
    });
    await show(
      defineComponent(() => {
        provideDevice(other, { ownsDevice: true });
        return () => h(Within);
      }),
    );
    expect(container.textContent).toBe('bob');
    await show(null);
    await settle();
    expect([other.state, device.state]).toEqual(['destroyed', 'registered']);
  });

  it('[PK63] a dialpad sends what is pressed, shows it, and begins anew with the next call', async () => {
    let pad: ReturnType<typeof useDialpad> | undefined;
    await show(
      shows(() => {
        pad = useDialpad(useCall());
        const { digits } = pad;
        return () => digits.value;
      }),
    );
    pad?.press('5');
    await nextTick();
    expect(container.textContent).toBe('');
    const alice = await ring();
    await device.calls[0]?.accept();
    const type = (key: string): boolean => {
      const event = new KeyboardEvent('keydown', { key, cancelable: true });
      pad?.onKeydown(event);
      return event.defaultPrevented;
    };
    expect([type('1'), type('Tab'), type('#')]).toEqual([true, false, true]);
    await settle();
    expect([container.textContent, alice.digits]).toEqual(['1#', '1#']);
    alice.hangUp();
    await ring();
    expect(container.textContent).toBe('');
  });

  it('[PK63] shortcuts answer, mute and hang up wherever the focus is, for as long as they are there', async () => {
    await show(
      shows(() => {
        useCallShortcuts({ mute: 'X' });
        return () => '';
      }),
    );
    const alice = await ring();
    const [call] = device.calls;
    const press = async (key: string, ctrlKey = true) => {
      window.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, shiftKey: true }));
      await settle();
    };
    await press('A', false);
    expect(call?.status()).toBe('pending');
    await press('a');
    expect(call?.status()).toBe('open');
    await press('X');
    expect(call?.isMuted()).toBe(true);
    await press('H');
    expect(alice.end).toBe('remote-hangup');
    await show(null);
    await ring();
    await press('a');
    expect(device.calls[0]?.status()).toBe('pending');
  });

  it('[PK64] what happens is said for those who do not look, an end also by what appears because of it', async () => {
    const Said = shows(() => {
      const said = useCallAnnouncer();
      return () => said.value;
    });
    await show(Said);
    const alice = await ring(true);
    expect(container.textContent).toBe('Incoming video call from alice');
    await device.calls[0]?.accept();
    await settle();
    expect(container.textContent).toBe('Connected to alice');
    await show(null);
    alice.hangUp();
    await settle();
    await show(Said);
    expect(container.textContent).toBe('Call with alice ended: remote hangup');
    await show(null);
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
    await show(Said);
    vi.useRealTimers();
    expect(container.textContent).toBe('');
  });

  it('[PK64] a duration goes on by the second, and stands still when the call is over', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let call: Call | null = null;
    await show(
      shows(() => {
        const current = useCall();
        const duration = useCallDuration(() => (call = current.value ?? call));
        return () => String(duration.value);
      }),
    );
    const alice = await ring();
    expect(container.textContent).toBe('null');
    await device.calls[0]?.accept();
    await settle();
    expect(container.textContent).toMatch(/^\d+$/);
    expect(vi.getTimerCount()).toBe(1);
    await gateway.advance(61_000);
    alice.hangUp();
    await settle();
    expect(container.textContent).toBe('61');
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe('media elements', () => {
  it('[PK65] show the pictures of a call, and nothing after it', async () => {
    await show(
      defineComponent(() => () => [
        h(RemoteVideo, { id: 'remote', class: 'big' }),
        h(LocalVideo, { id: 'local', style: { width: '100px' } }),
        h(LocalVideo, { id: 'plain', mirror: false }),
        h(RemoteVideo, { id: 'none', call: null }),
      ]),
    );
    const alice = await ring(true);
    const [call] = device.calls;
    await call?.accept({ video: true });
    await settle();
    const video = (id: string) => container.querySelector<HTMLVideoElement>(`#${id}`);
    expect(video('remote')?.srcObject).toBe(call?.media.remote);
    expect(video('local')?.srcObject).toBe(call?.media.local);
    expect(video('none')?.srcObject ?? null).toBeNull();
    expect([video('remote')?.muted, video('remote')?.className]).toEqual([true, 'big']);
    expect(video('local')?.style.transform).toBe('scaleX(-1)');
    expect(video('local')?.style.width).toBe('100px');
    expect(video('plain')?.style.transform).toBe('');
    alice.hangUp();
    await settle();
    expect(video('remote')?.srcObject).toBeNull();
  });

  it('[PK65] a way to turn the sound on appears while the browser will not play it', async () => {
    await show(
      defineComponent(
        () => () =>
          h(RemoteAudio, null, {
            default: ({ unlock }: { readonly unlock: () => Promise<boolean> }) =>
              h('button', { onClick: () => void unlock() }, 'Turn it on'),
          }),
      ),
    );
    expect(container.textContent).toBe('');
    page.isPlaybackBlocked = true;
    await ring();
    expect(container.textContent).toBe('Turn it on');
    page.isPlaybackBlocked = false;
    container.querySelector('button')?.click();
    await settle();
    device.calls[0]?.reject();
    await settle();
    expect(container.textContent).toBe('');
  });
});
