import { ClientError, type AcceptOptions, type Call, type Device, type TokenProvider } from '@parley/client';
import type { Announcer } from './announcer.ts';
import { followCalls, type Calls } from './calls.ts';
import { createDeviceSettings } from './device-settings.ts';
import { createDialView } from './dial-view.ts';
import { createIncoming, type Answers } from './incoming-card.ts';
import { listenToKeys } from './keyboard.ts';
import { createLastCall } from './last-call.ts';
import { keepHistory } from './history.ts';
import { createHistoryView } from './history-view.ts';
import { createLineCheck } from './line-check.ts';
import { narrate } from './narrator.ts';
import { createNotificationChoice, notifyOfCalls } from './notify.ts';
import { titlePage } from './page-title.ts';
import { loadPreferences } from './preferences.ts';
import { createPresence } from './presence.ts';
import { createProblem, type Problem } from './problem.ts';
import { createResumeCard } from './resume-card.ts';
import { createSettings } from './settings.ts';
import { createShortcutSwitch } from './shortcut-switch.ts';
import { createSoundNotice } from './sound-notice.ts';
import { createStage } from './stage.ts';
import { createStatusLine } from './status-line.ts';
import { createTabs } from './tabs.ts';
import { Cell, derive, el, watch, type Scope } from './view.ts';

export interface PhoneOptions {
  readonly device: Device;
  readonly self: string;
  /** For trying the line, which has a connection of its own. */
  readonly tokens: TokenProvider;
  readonly announcer: Announcer;
  readonly onSignOut: () => void;
}

/** The whole telephone of somebody who is signed in: puts the views together and owns none of them. */
export function createPhone(
  { device, self, tokens, announcer, onSignOut }: PhoneOptions,
  scope: Scope,
): HTMLElement {
  const calls = followCalls(device, scope);
  const problem = createProblem();
  const people = derive(device.store, ({ presence }) => presence, scope);
  const isBusy = derive(calls.current, (current) => current !== null, scope);
  const canCall = derive(calls.isPlacing, (value) => !value, scope);
  const isBlocked = derive(device.store, ({ playback }) => playback.blocked, scope);
  const areShortcutsOn = new Cell(loadPreferences().hasShortcuts);
  const answers = createAnswers(problem);
  const onUnblock = (): void => void device.playback.unlock();
  const onCall = (to: string, video: boolean): void => {
    problem.clear();
    calls.forgetLast();
    device.connect({ to, video }).catch(problem.show);
  };

  const history = keepHistory(self, calls.last, scope);
  const isRinging = derive(calls.waiting, (waiting) => waiting.length > 0, scope);
  const settings = createSettings(
    [
      (inner) => createDeviceSettings({ device, onProblem: problem.show }, inner),
      (inner) => createLineCheck(tokens, problem.show, inner),
      () => createNotificationChoice(tokens, problem.show),
    ],
    isRinging,
    scope,
  );
  const lastCall = createLastCall(calls, (to) => onCall(to, false), scope);
  const stage = createStage(
    {
      calls,
      self,
      people,
      others: calls.others,
      lastCall,
      announcer,
      isBlocked,
      onUnblock,
      onProblem: problem.show,
    },
    scope,
  );
  const side = el('div', { class: 'side' }, [
    createStatusLine({ device, self, isBusy, onSettings: settings.open, onSignOut }, scope),
    el('main', { class: 'side-body' }, [
      createDialView({ people, self, canCall, onCall }, scope),
      problem.element,
      createResumeCard(device, problem.show, scope),
      createSoundNotice(isBlocked, onUnblock, scope),
      lastCall,
      createTabs('People and calls', [
        { id: 'people', name: 'People', panel: createPresence({ people, self, canCall, onCall }, scope) },
        { id: 'recent', name: 'Recent', panel: createHistoryView({ history, canCall, onCall }, scope) },
      ]),
    ]),
    createShortcutSwitch(areShortcutsOn),
  ]);

  coverOnSmallScreens(side, calls, scope);
  listenToKeys({ calls, answers, shown: stage.shown, isOn: areShortcutsOn, onProblem: problem.show }, scope);
  narrate({ calls, announcer, hasKeys: areShortcutsOn }, scope);
  titlePage(self, calls, scope);
  device.on('error', problem.show, { signal: scope });
  notifyOfCalls(device, scope);
  device.watchPresence();
  return el('div', { class: 'phone' }, [
    side,
    stage.element,
    createIncoming(calls, answers, scope),
    settings.element,
  ]);
}

function createAnswers(problem: Problem): Answers {
  const unheard = new Cell<Call | null>(null);
  const take = (call: Call, options: AcceptOptions): void => {
    problem.clear();
    unheard.set(null);
    // The SDK puts the running one on hold: a person talks with one side at a time.
    call.accept(options).catch((error: unknown) => {
      // Where somebody else was faster, or the caller gave up, the end of the call says so in better words.
      if (call.store.getSnapshot().phase === 'ended') return;
      problem.show(error);
      if (isAboutDevices(error)) unheard.set(call);
    });
  };
  return {
    unheard,
    accept: (call, video) => take(call, { video }),
    listen: (call) => take(call, { microphone: false }),
    decline: (call) => call.reject(),
    ignore: (call) => call.ignore(),
  };
}

function isAboutDevices(error: unknown): boolean {
  return error instanceof ClientError && error.category === 'device';
}

/** On a small screen calls lie over the rest, which then must not be reached by the Tab key either. */
function coverOnSmallScreens(side: HTMLElement, calls: Calls, scope: Scope): void {
  const small = matchMedia('(max-width: 859px)');
  const write = (): void => {
    const isCalled = calls.waiting.getSnapshot().length > 0 || calls.current.getSnapshot() !== null;
    side.inert = small.matches && isCalled;
  };
  small.addEventListener('change', write, { signal: scope });
  watch(calls.current, (current) => current, write, scope);
  watch(calls.waiting, (waiting) => waiting, write, scope);
}
