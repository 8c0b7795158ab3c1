import type { Call, CallSnapshot } from '@parley/client';
import { avatar } from './avatar.ts';
import { callWords, noteWords, troubleWords } from './call-words.ts';
import { otherOf } from './calls.ts';
import { formatDuration } from './duration.ts';
import { icon, type IconName } from './icons.ts';
import { createKeypad, type Keypad } from './keypad.ts';
import { createPeopleView, hasCrowd } from './people-view.ts';
import { Cell, el, every, setAttribute, watch, type Attributes, type Readable, type Scope } from './view.ts';

export interface CallViewOptions {
  /** The browser plays nothing until the person clicks. */
  readonly isBlocked: Readable<boolean>;
  readonly onUnblock: () => void;
}

export interface CallView {
  readonly element: HTMLElement;
  readonly keypad: Keypad;
  readonly isKeypadOpen: Cell<boolean>;
}

/** The call this person takes part in: the other side's picture or initials, one's own picture, and the controls. */
export function createCallView(
  call: Call,
  { isBlocked, onUnblock }: CallViewOptions,
  scope: Scope,
): CallView {
  const isKeypadOpen = new Cell(false);
  const keypad = createKeypad((digit) => void call.sendDigits(digit), scope);
  const remote = el('video', {
    class: 'remote-video',
    autoplay: true,
    playsinline: true,
    'data-testid': 'remote-video',
  });
  const local = el('video', {
    class: 'local-video',
    autoplay: true,
    playsinline: true,
    'aria-label': 'Your own picture',
    'data-testid': 'local-video',
  });
  // A property and not an attribute: only then does it hold for an element made by script.
  remote.muted = true;
  local.muted = true;

  const head = el('header', { class: 'call-head' });
  const middle = el('div', { class: 'call-middle' });
  const banner = el('p', { class: 'banner', role: 'status', hidden: true, 'data-testid': 'trouble' });
  const blocked = el('div', { class: 'blocked', hidden: true }, [
    el(
      'button',
      { type: 'button', class: 'button', 'data-testid': 'unblock' },
      [icon('speaker'), 'Click to hear'],
      {
        click: onUnblock,
      },
    ),
  ]);
  const element = el('section', { class: 'call', tabindex: -1, 'data-testid': 'call' }, [
    remote,
    head,
    middle,
    createPeopleView(call, scope),
    local,
    keypad.element,
    banner,
    blocked,
    createControls(call, isKeypadOpen, scope),
  ]);

  attachWhileOpen(call, remote, local, scope);
  writeWho(call, element, head, middle, scope);
  watch(
    call.store,
    layoutOf,
    (layout) => {
      remote.hidden = layout !== 'picture';
      middle.hidden = layout !== 'face';
      head.hidden = false;
      element.classList.toggle('has-picture', layout === 'picture');
    },
    scope,
  );
  watch(
    call.store,
    ({ media }) => media.camera === 'on',
    (isOn) => void (local.hidden = !isOn),
    scope,
  );
  watch(
    call.store,
    troubleWords,
    (trouble) => {
      banner.hidden = trouble === undefined;
      banner.replaceChildren(...(trouble === undefined ? [] : [icon('warning'), trouble]));
    },
    scope,
  );
  watch(
    isBlocked,
    (value) => value,
    (value) => void (blocked.hidden = !value),
    scope,
  );
  watch(
    isKeypadOpen,
    (isOpen) => isOpen,
    (isOpen) => void (keypad.element.hidden = !isOpen),
    scope,
  );
  return { element, keypad, isKeypadOpen };
}

/** What stands on the stage: the others, the other's picture, or a face of initials. */
function layoutOf(snapshot: CallSnapshot): 'crowd' | 'picture' | 'face' {
  if (hasCrowd(snapshot)) return 'crowd';
  return hasPicture(snapshot) ? 'picture' : 'face';
}

function hasPicture({ media, phase }: CallSnapshot): boolean {
  return media.remoteVideo === 'on' && (phase === 'joined' || phase === 'answered');
}

function attachWhileOpen(call: Call, remote: HTMLVideoElement, local: HTMLVideoElement, scope: Scope): void {
  const stops = [call.media.attach(remote), call.media.attachLocal(local)];
  scope.addEventListener('abort', () => stops.forEach((stop) => stop()), { once: true });
}

/** The name, what is going on, and for how long: above a picture in small, without one in the middle. */
function writeWho(
  call: Call,
  element: HTMLElement,
  head: HTMLElement,
  middle: HTMLElement,
  scope: Scope,
): void {
  const status = el('span', { 'data-testid': 'call-status' });
  const duration = el('span', { class: 'duration', role: 'timer', hidden: true, 'data-testid': 'duration' });
  const facts = el('p', { class: 'call-facts' }, [status, duration]);
  const face = el('div', { class: 'call-face' });
  const bigName = el('h2', { class: 'big-name' });
  const smallName = el('h2', {});
  const words = el('div', { class: 'big-status' });
  const smallWho = el('div', { class: 'who' }, [smallName]);
  const note = el('p', { class: 'call-note', 'data-testid': 'call-note' });
  head.append(smallWho);
  middle.append(face, bigName, words, note);

  watch(
    call.store,
    otherOf,
    (other) => {
      setAttribute(element, 'aria-label', `Call with ${other}`);
      face.replaceChildren(avatar(other));
      bigName.textContent = other;
      smallName.textContent = other;
    },
    scope,
  );
  watch(
    call.store,
    layoutOf,
    (layout) => {
      (layout === 'face' ? words : smallWho).append(facts);
      smallName.hidden = layout === 'face';
    },
    scope,
  );
  watch(
    call.store,
    callWords,
    (text) => {
      status.textContent = text;
      element.classList.toggle('is-waiting', text !== '');
    },
    scope,
  );
  watch(call.store, noteWords, (text) => void (note.textContent = text), scope);
  every(
    250,
    () => {
      const { answeredAtMs, phase } = call.store.getSnapshot();
      duration.hidden = answeredAtMs === null || phase === 'screening' || phase === 'accepting';
      const text = formatDuration(answeredAtMs === null ? 0 : Date.now() - answeredAtMs);
      if (duration.textContent !== text) duration.textContent = text;
    },
    scope,
  );
}

function createControls(call: Call, isKeypadOpen: Cell<boolean>, scope: Scope): HTMLElement {
  const mute = control(
    'Mute',
    'microphone',
    { 'aria-keyshortcuts': 'M', title: 'Mute (M)', 'data-testid': 'mute' },
    () => toggleMute(call),
  );
  const camera = control(
    'Camera',
    'video',
    { 'aria-keyshortcuts': 'C', title: 'Camera (C)', 'data-testid': 'camera' },
    () => toggleCamera(call),
  );
  const keypad = control(
    'Keypad',
    'keypad',
    {
      'aria-keyshortcuts': 'K',
      title: 'Keypad (K)',
      'aria-controls': 'keypad-panel',
      'data-testid': 'keypad',
    },
    () => isKeypadOpen.set(!isKeypadOpen.getSnapshot()),
  );
  const hangup = control(
    'Hang up',
    'hangup',
    { 'aria-keyshortcuts': 'H', title: 'Hang up (H)', 'data-testid': 'hangup' },
    () => void call.disconnect(),
  );
  hangup.classList.add('control-hangup');

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
  watch(
    call.store,
    isCameraOn,
    (isOn) => {
      setAttribute(camera, 'aria-pressed', String(isOn));
      camera.classList.toggle('is-off', !isOn);
      setFace(camera, isOn ? 'video' : 'videoOff');
    },
    scope,
  );
  // A call without video has no place for a picture at either end.
  watch(
    call.store,
    ({ video }) => video,
    (hasVideo) => void (camera.hidden = !hasVideo),
    scope,
  );
  watch(
    isKeypadOpen,
    (isOpen) => isOpen,
    (isOpen) => setAttribute(keypad, 'aria-expanded', String(isOpen)),
    scope,
  );
  return el('div', { class: 'controls', role: 'group', 'aria-label': 'Call controls' }, [
    mute,
    camera,
    keypad,
    hangup,
  ]);
}

function isCameraOn({ media }: CallSnapshot): boolean {
  return media.camera === 'on' || media.camera === 'opening';
}

export function toggleMute(call: Call): void {
  call.mute(!call.store.getSnapshot().isMuted);
}

export function toggleCamera(call: Call): void {
  if (!call.store.getSnapshot().video) return;
  // A camera that cannot be opened is told by the store, as `failed`.
  void call.muteVideo(isCameraOn(call.store.getSnapshot())).catch(() => undefined);
}

function control(name: string, face: IconName, attributes: Attributes, onClick: () => void): HTMLElement {
  return el(
    'button',
    { type: 'button', class: 'control', ...attributes },
    [el('span', { class: 'control-face' }, [icon(face)]), name],
    { click: onClick },
  );
}

function setFace(button: HTMLElement, name: IconName): void {
  button.querySelector('.control-face')?.replaceChildren(icon(name));
}
