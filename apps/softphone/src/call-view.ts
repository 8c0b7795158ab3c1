import type { Call, CallSnapshot, PresenceEntry } from '@parley/client';
import type { Announcer } from './announcer.ts';
import { avatar } from './avatar.ts';
import { createChatPanel } from './chat-panel.ts';
import { createControls } from './call-controls.ts';
import { createCallHint } from './call-hint.ts';
import { callWords, noteWords, troubleWords } from './call-words.ts';
import { otherOf } from './calls.ts';
import { formatDuration } from './duration.ts';
import { icon } from './icons.ts';
import { createKeypad, type Keypad } from './keypad.ts';
import type { PanelName } from './panels.ts';
import { createPeopleView, hasCrowd } from './people-view.ts';
import { createQualityBadge } from './quality-badge.ts';
import { createTransferPanel } from './transfer-panel.ts';
import { createVideoQuestion } from './video-request.ts';
import { Cell, derive, el, every, setAttribute, watch, type Readable, type Scope } from './view.ts';

export interface CallViewOptions {
  /** The browser plays nothing until the person clicks. */
  readonly isBlocked: Readable<boolean>;
  readonly onUnblock: () => void;
  readonly self: string;
  readonly people: Readable<readonly PresenceEntry[]>;
  readonly others: Readable<readonly Call[]>;
  readonly announcer: Announcer;
  readonly onProblem: (error: unknown) => void;
}

export interface CallView {
  readonly element: HTMLElement;
  readonly keypad: Keypad;
  /** Which panel is open beside the call. */
  readonly panel: Cell<PanelName | null>;
}

/** The call this person takes part in: the other side's picture or initials, one's own picture, and the controls. */
export function createCallView(call: Call, options: CallViewOptions, scope: Scope): CallView {
  const { isBlocked, onUnblock, self, people, others, announcer, onProblem } = options;
  const panel = new Cell<PanelName | null>(null);
  const unread = new Cell(0);
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

  const shared = el('video', {
    class: 'screen-video',
    autoplay: true,
    playsinline: true,
    'data-testid': 'screen-video',
  });
  shared.muted = true;
  const transfer = createTransferPanel(
    { call, self, people, others, onProblem, onDone: () => panel.set(null) },
    scope,
  );
  const chat = createChatPanel(
    {
      call,
      isOpen: derive(panel, (open) => open === 'chat', scope),
      unread,
      onMessage: (from, words) => announcer.soon(`${from} writes: ${words}`),
      onProblem,
    },
    scope,
  );
  const panels = { keypad: keypad.element, transfer, chat } satisfies Record<PanelName, HTMLElement>;
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
    shared,
    head,
    middle,
    createPeopleView(call, scope),
    local,
    keypad.element,
    transfer,
    chat,
    createCallHint(call, announcer, scope),
    banner,
    createVideoQuestion(call, { say: (sentence) => announcer.soon(sentence), onProblem }, scope),
    blocked,
    createControls({ call, panel, unread, onProblem }, scope),
  ]);

  attachWhileOpen(call, { remote, local, shared }, scope);
  writeWho(call, element, head, middle, scope);
  watch(
    call.store,
    (snapshot) => [layoutOf(snapshot), hasPicture(snapshot)] as const,
    ([layout]) => {
      shared.hidden = layout !== 'screen';
      remote.hidden = layout !== 'picture' && !(layout === 'screen' && hasPicture(call.store.getSnapshot()));
      remote.classList.toggle('is-small', layout === 'screen');
      middle.hidden = layout !== 'face';
      head.hidden = false;
      element.classList.toggle('has-picture', layout === 'picture' || layout === 'screen');
      element.classList.toggle('has-screen', layout === 'screen');
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
    panel,
    (open) => open,
    (open) => {
      for (const [name, element] of Object.entries(panels)) element.hidden = name !== open;
      // After it is shown: what is hidden takes no focus.
      if (open !== null) panels[open].querySelector('input')?.focus();
    },
    scope,
  );
  return { element, keypad, panel };
}

/** What stands on the stage: a screen that is shared, the others, the other's picture, or a face of initials. */
function layoutOf(snapshot: CallSnapshot): 'screen' | 'crowd' | 'picture' | 'face' {
  if (snapshot.media.remoteScreen !== null && snapshot.phase === 'joined') return 'screen';
  if (hasCrowd(snapshot)) return 'crowd';
  return hasPicture(snapshot) ? 'picture' : 'face';
}

function hasPicture({ media, phase }: CallSnapshot): boolean {
  return media.remoteVideo === 'on' && (phase === 'joined' || phase === 'answered');
}

function attachWhileOpen(
  call: Call,
  { remote, local, shared }: Readonly<Record<'remote' | 'local' | 'shared', HTMLVideoElement>>,
  scope: Scope,
): void {
  const stops = [call.media.attach(remote), call.media.attachLocal(local), call.media.attachScreen(shared)];
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
  const facts = el('p', { class: 'call-facts' }, [status, duration, createQualityBadge(call, scope)]);
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
