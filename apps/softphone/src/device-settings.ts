import type { Device, DeviceSelection, MediaDeviceEntry } from '@parley/client';
import { icon, type IconName } from './icons.ts';
import { el, innerScope, setAttribute, watch, type Scope } from './view.ts';

export interface DeviceSettingsOptions {
  readonly device: Device;
  readonly onProblem: (error: unknown) => void;
}

/** Which microphone, loudspeaker and camera, with a way to try each: a level, a sound, a picture. */
export function createDeviceSettings(
  { device, onProblem }: DeviceSettingsOptions,
  scope: Scope,
): HTMLElement {
  const { audio, video } = device;
  const microphone = createSelect('microphone', 'Microphone', (id) => audio.setInputDevice(id), onProblem);
  const speaker = createSelect('speaker', 'Loudspeaker', (id) => audio.speakerDevices.set(id), onProblem);
  const ringtone = createSelect('ringtone', 'Ringing', (id) => audio.ringtoneDevices.set(id), onProblem);
  const camera = createSelect('camera', 'Camera', (id) => video.setInputDevice(id), onProblem);
  const outputs = el('div', { class: 'setting-group' }, [
    row(
      speaker.element,
      trial('Play a sound', 'speaker', 'test-speaker', () => audio.speakerDevices.test(), onProblem),
    ),
    row(
      ringtone.element,
      trial('Play a sound', 'speaker', 'test-ringtone', () => audio.ringtoneDevices.test(), onProblem),
    ),
  ]);
  const noOutputs = el('p', { class: 'hint' }, ['This browser plays sound where the system says.']);
  watch(
    audio.store,
    (snapshot) => snapshot,
    (snapshot) => {
      microphone.write(snapshot.microphones, snapshot.microphone);
      speaker.write(snapshot.speakers, snapshot.speaker);
      ringtone.write(snapshot.speakers, snapshot.ringtone);
      outputs.hidden = !snapshot.canChooseOutput;
      noOutputs.hidden = snapshot.canChooseOutput;
    },
    scope,
  );
  watch(
    video.store,
    (snapshot) => snapshot,
    ({ cameras, camera: chosen }) => camera.write(cameras, chosen),
    scope,
  );
  void audio.refresh().catch(onProblem);
  void video.refresh().catch(onProblem);
  return el('section', { class: 'setting-group', 'aria-label': 'Devices' }, [
    row(microphone.element, createMeter(device, onProblem, scope)),
    outputs,
    noOutputs,
    row(camera.element, createMirror(device, onProblem, scope)),
  ]);
}

interface Select {
  readonly element: HTMLElement;
  write(devices: readonly MediaDeviceEntry[], selection: DeviceSelection): void;
}

function createSelect(
  id: string,
  name: string,
  choose: (deviceId: string) => Promise<void>,
  onProblem: (error: unknown) => void,
): Select {
  const select = el('select', { id: `device-${id}`, 'data-testid': `device-${id}` }, [], {
    change: () => void choose(select.value).catch(onProblem),
  });
  return {
    element: el('div', { class: 'field' }, [el('label', { for: `device-${id}` }, [name]), select]),
    write(devices, { wanted }) {
      const named = devices.filter(({ deviceId }) => deviceId !== 'default' && deviceId !== '');
      select.replaceChildren(
        el('option', { value: 'default' }, ['As the system']),
        ...named.map(({ deviceId, label }, index) =>
          el('option', { value: deviceId }, [label === '' ? `${name} ${index + 1}` : label]),
        ),
      );
      const [first = 'default'] = wanted;
      // A device that is away stays wanted, and is said to be away.
      if (first !== 'default' && !named.some(({ deviceId }) => deviceId === first))
        select.append(el('option', { value: first }, ['Not connected at the moment']));
      select.value = first;
    },
  };
}

/** Listens only while it is switched on: a page that opens a microphone by itself is a fright. */
function createMeter({ audio }: Device, onProblem: (error: unknown) => void, scope: Scope): HTMLElement {
  const bar = el('meter', {
    min: 0,
    max: 1,
    low: 0.05,
    high: 0.9,
    optimum: 0.4,
    'aria-label': 'Microphone level',
    'data-testid': 'level',
  });
  const button = createSwitch(
    { name: 'Try it', face: 'microphone', testId: 'test-microphone' },
    async () => {
      const meter = await audio.openMeter();
      const unsubscribe = meter.store.subscribe(() => {
        // Ears hear steps of loudness, not of pressure.
        bar.value = Math.min(1, Math.sqrt(meter.level) * 1.2);
      });
      return () => {
        unsubscribe();
        meter.close();
        bar.value = 0;
      };
    },
    onProblem,
    scope,
  );
  return el('div', { class: 'trial' }, [button, bar]);
}

/** One's own picture, as a mirror shows it, while it is switched on. */
function createMirror({ video }: Device, onProblem: (error: unknown) => void, scope: Scope): HTMLElement {
  const picture = el('video', {
    class: 'mirror',
    autoplay: true,
    playsinline: true,
    hidden: true,
    'aria-label': 'Your own picture',
    'data-testid': 'mirror',
  });
  picture.muted = true;
  const button = createSwitch(
    { name: 'Look', face: 'video', testId: 'test-camera' },
    async () => {
      const preview = await video.openPreview();
      picture.srcObject = preview.stream;
      picture.hidden = false;
      return () => {
        preview.close();
        picture.srcObject = null;
        picture.hidden = true;
      };
    },
    onProblem,
    scope,
  );
  return el('div', { class: 'trial trial-tall' }, [button, picture]);
}

/**
 * A button that switches something on and off. `start` resolves with what ends it; it is ended with the scope, too,
 * also where the scope is over before it has begun, or the button was pressed again meanwhile.
 */
function createSwitch(
  { name, face, testId }: { readonly name: string; readonly face: IconName; readonly testId: string },
  start: () => Promise<() => void>,
  onProblem: (error: unknown) => void,
  scope: Scope,
): HTMLElement {
  const button = el(
    'button',
    { type: 'button', class: 'button button-quiet', 'aria-pressed': 'false', 'data-testid': testId },
    [icon(face), name],
  );
  let running: AbortController | undefined;
  const end = (): void => {
    running?.abort();
    running = undefined;
    setAttribute(button, 'aria-pressed', 'false');
  };
  const begin = async (): Promise<void> => {
    const run = innerScope(scope);
    running = run;
    setAttribute(button, 'aria-pressed', 'true');
    try {
      const stop = await start();
      if (run.signal.aborted) stop();
      else run.signal.addEventListener('abort', stop, { once: true });
    } catch (error) {
      if (running === run) end();
      onProblem(error);
    }
  };
  button.addEventListener('click', () => {
    if (running === undefined) void begin();
    else end();
  });
  return button;
}

function trial(
  name: string,
  face: 'speaker',
  testId: string,
  run: () => Promise<void>,
  onProblem: (error: unknown) => void,
): HTMLElement {
  const button = el('button', { type: 'button', class: 'button button-quiet', 'data-testid': testId }, [
    icon(face),
    name,
  ]);
  button.addEventListener('click', () => {
    button.disabled = true;
    run()
      .catch(onProblem)
      .finally(() => void (button.disabled = false));
  });
  return el('div', { class: 'trial' }, [button]);
}

function row(...content: readonly HTMLElement[]): HTMLElement {
  return el('div', { class: 'setting-row' }, content);
}
