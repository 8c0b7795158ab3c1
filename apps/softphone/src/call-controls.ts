import { ClientError, type Call, type CallSnapshot } from '@parley/client';
import { icon, type IconName } from './icons.ts';
import type { PanelName } from './panels.ts';
import { el, setAttribute, watch, type Attributes, type Cell, type Scope } from './view.ts';

export interface ControlsOptions {
  readonly call: Call;
  /** Which of the panels beside the call is open. */
  readonly panel: Cell<PanelName | null>;
  /** How many messages have come while nobody looked. */
  readonly unread: Cell<number>;
  readonly onProblem: (error: unknown) => void;
}

/** The buttons of a call. What cannot be done now is not shown, and the order never changes. */
export function createControls(options: ControlsOptions, scope: Scope): HTMLElement {
  return el('div', { class: 'controls', role: 'group', 'aria-label': 'Call controls' }, [
    createMute(options, scope),
    createCamera(options, scope),
    createShare(options, scope),
    createHold(options, scope),
    createPanelControl('Transfer', 'transfer', 'transfer', 'T', options, scope),
    createChat(options, scope),
    createPanelControl('Keypad', 'keypad', 'keypad', 'K', options, scope),
    createHangup(options.call),
  ]);
}

function createMute({ call }: ControlsOptions, scope: Scope): HTMLElement {
  const mute = control('Mute', 'microphone', { key: 'M', testId: 'mute' }, () => toggleMute(call));
  watch(
    call.store,
    ({ isMuted }) => isMuted,
    (isMuted) => {
      setAttribute(mute, 'aria-pressed', String(isMuted));
      mute.classList.toggle('is-off', isMuted);
      setFace(mute, isMuted ? 'microphoneOff' : 'microphone');
    },
    scope,
  );
  return mute;
}

/** In a call without video it asks the other side first; in one with video it switches one's own camera. */
function createCamera({ call, onProblem }: ControlsOptions, scope: Scope): HTMLElement {
  const camera = control('Camera', 'video', { key: 'C', testId: 'camera' }, () => {
    toggleCamera(call).catch(onProblem);
  });
  watch(
    call.store,
    (snapshot) => [
      canHaveVideo(snapshot),
      snapshot.video,
      isCameraOn(snapshot),
      snapshot.videoRequest === 'local',
    ],
    ([isOffered, hasVideo, isOn, isAsking]) => {
      camera.hidden = isOffered !== true;
      camera.disabled = isAsking === true;
      setAttribute(camera, 'aria-pressed', hasVideo === true ? String(isOn) : undefined);
      camera.classList.toggle('is-off', hasVideo === true && isOn !== true);
      setFace(camera, hasVideo === true && isOn !== true ? 'videoOff' : 'video');
      setName(camera, hasVideo === true ? 'Camera' : isAsking === true ? 'Asking…' : 'Add video');
    },
    scope,
  );
  return camera;
}

function createShare({ call, onProblem }: ControlsOptions, scope: Scope): HTMLElement {
  const share = control('Share', 'screen', { key: 'S', testId: 'share' }, () => {
    toggleScreen(call).catch(onProblem);
  });
  watch(
    call.store,
    ({ phase, media, held }) => [phase === 'joined' && !held.local && !held.remote, media.screen === 'on'],
    ([isOffered, isOn]) => {
      share.hidden = isOffered !== true || !('getDisplayMedia' in (navigator.mediaDevices ?? {}));
      setAttribute(share, 'aria-pressed', String(isOn));
      share.classList.toggle('is-on', isOn === true);
      setName(share, isOn === true ? 'Stop' : 'Share');
    },
    scope,
  );
  return share;
}

function createHold({ call, onProblem }: ControlsOptions, scope: Scope): HTMLElement {
  const hold = control('Hold', 'hold', { key: 'P', testId: 'hold' }, () => {
    toggleHold(call).catch(onProblem);
  });
  watch(
    call.store,
    ({ phase, held, conference }) => [(phase === 'joined' && conference === null) || held.local, held.local],
    ([isOffered, isHeld]) => {
      hold.hidden = isOffered !== true;
      setAttribute(hold, 'aria-pressed', String(isHeld));
      hold.classList.toggle('is-off', isHeld === true);
      setFace(hold, isHeld === true ? 'resume' : 'hold');
      setName(hold, isHeld === true ? 'Resume' : 'Hold');
    },
    scope,
  );
  return hold;
}

function createChat(options: ControlsOptions, scope: Scope): HTMLElement {
  const chat = createPanelControl('Chat', 'chat', 'chat', 'N', options, scope);
  const badge = el('span', { class: 'badge', hidden: true });
  chat.querySelector('.control-face')?.append(badge);
  watch(
    options.unread,
    (count) => count,
    (count) => {
      badge.hidden = count === 0;
      badge.textContent = String(count);
      setAttribute(chat, 'aria-label', count === 0 ? undefined : `Chat, ${count} unread`);
    },
    scope,
  );
  return chat;
}

/** Transfer and chat are for two who are joined; the keypad is for whoever listens. */
function createPanelControl(
  name: string,
  face: IconName,
  panelName: PanelName,
  key: string,
  { call, panel }: ControlsOptions,
  scope: Scope,
): HTMLButtonElement {
  const button = control(name, face, { key, testId: panelName, 'aria-controls': `${panelName}-panel` }, () =>
    panel.set(panel.getSnapshot() === panelName ? null : panelName),
  );
  watch(
    panel,
    (open) => open === panelName,
    (isOpen) => setAttribute(button, 'aria-expanded', String(isOpen)),
    scope,
  );
  if (panelName !== 'keypad') {
    watch(
      call.store,
      ({ phase, conference }) => phase === 'joined' && conference === null,
      (isOffered) => void (button.hidden = !isOffered),
      scope,
    );
  }
  return button;
}

function createHangup(call: Call): HTMLElement {
  const hangup = control('Hang up', 'hangup', { key: 'H', testId: 'hangup' }, () => void call.disconnect());
  hangup.classList.add('control-hangup');
  return hangup;
}

function isCameraOn({ media }: CallSnapshot): boolean {
  return media.camera === 'on' || media.camera === 'opening';
}

function canHaveVideo({ video, phase, conference, held }: CallSnapshot): boolean {
  return video || (phase === 'joined' && conference === null && !held.local && !held.remote);
}

export function toggleMute(call: Call): void {
  call.mute(!call.store.getSnapshot().isMuted);
}

/** Switches the camera; in a call without video, asks the other side whether the two shall see one another. */
export async function toggleCamera(call: Call): Promise<void> {
  const snapshot = call.store.getSnapshot();
  if (snapshot.video) {
    // A camera that cannot be opened is told by the store, as `failed`.
    await call.muteVideo(isCameraOn(snapshot)).catch(() => undefined);
  } else if (canHaveVideo(snapshot) && snapshot.videoRequest === null) {
    await call.media.requestVideo();
  }
}

/** Shares the screen, or stops. A person who closes the browser's own question has changed their mind. */
export async function toggleScreen(call: Call): Promise<void> {
  const { screen } = call.media;
  if (screen.state === 'on' || screen.state === 'opening') return screen.off();
  if (call.store.getSnapshot().phase !== 'joined') return;
  await screen.on().catch((error: unknown) => {
    if (!(error instanceof ClientError && error.name === 'screen-denied')) throw error;
  });
}

export async function toggleHold(call: Call): Promise<void> {
  const { phase, held } = call.store.getSnapshot();
  if (held.local) await call.hold(false);
  else if (phase === 'joined') await call.hold();
}

interface Face extends Attributes {
  readonly key: string;
  readonly testId: string;
}

function control(
  name: string,
  face: IconName,
  { key, testId, ...attributes }: Face,
  onClick: () => void,
): HTMLButtonElement {
  return el(
    'button',
    {
      type: 'button',
      class: 'control',
      'aria-keyshortcuts': key,
      title: `${name} (${key})`,
      'data-testid': testId,
      ...attributes,
    },
    [el('span', { class: 'control-face' }, [icon(face)]), el('span', { class: 'control-name' }, [name])],
    { click: onClick },
  );
}

function setFace(button: HTMLElement, name: IconName): void {
  const face = button.querySelector('.control-face');
  face?.querySelector('svg')?.replaceWith(icon(name));
}

function setName(button: HTMLElement, name: string): void {
  const words = button.querySelector('.control-name');
  if (words !== null && words.textContent !== name) words.textContent = name;
}
