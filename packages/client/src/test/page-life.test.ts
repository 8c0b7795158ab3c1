import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tabStorage, watchLifecycle } from '../shell/page-life.ts';

/** What a browser gives a page to tell what happens to it. */
class Browser {
  readonly window = new EventTarget();
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  /** `null`: a browser that says nothing of its network. */
  connection: EventTarget | null = new EventTarget();
  readonly heard: string[] = [];
  #stop: (() => void) | null = null;

  watch(): void {
    vi.stubGlobal('addEventListener', this.window.addEventListener.bind(this.window));
    vi.stubGlobal('document', this.document);
    vi.stubGlobal('navigator', this.connection === null ? {} : { connection: this.connection });
    this.#stop = watchLifecycle((event) => this.heard.push(event));
  }

  page(type: 'pagehide' | 'pageshow', persisted: boolean): void {
    this.window.dispatchEvent(Object.assign(new Event(type), { persisted }));
  }

  /** Time goes by, and nobody looks at a clock: the machine sleeps. */
  sleep(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
  }

  stop(): void {
    this.#stop?.();
  }
}

let browser: Browser;

beforeEach(() => {
  vi.useFakeTimers();
  browser = new Browser();
});

afterEach(() => {
  browser.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('[RY6] a machine that has slept is known by its clock, once for each sleep', () => {
  browser.watch();
  vi.advanceTimersByTime(60_000);
  expect(browser.heard).toEqual([]);

  browser.sleep(3_600_000);
  vi.advanceTimersByTime(1_000);
  expect(browser.heard).toEqual(['wake']);
  vi.advanceTimersByTime(60_000);
  expect(browser.heard).toEqual(['wake']);

  browser.sleep(5_000);
  vi.advanceTimersByTime(1_000);
  expect(browser.heard).toEqual(['wake', 'wake']);
});

it('[RY6] a clock that is a little late, or is set back, is no sleep', () => {
  browser.watch();
  browser.sleep(4_000);
  vi.advanceTimersByTime(1_000);
  browser.sleep(-3_600_000);
  vi.advanceTimersByTime(2_000);
  expect(browser.heard).toEqual([]);
});

it('[RY6] another network is told where the browser tells of it, and nothing is missed where it does not', () => {
  browser.watch();
  browser.connection?.dispatchEvent(new Event('change'));
  expect(browser.heard).toEqual(['wake']);
  browser.window.dispatchEvent(new Event('offline'));
  browser.window.dispatchEvent(new Event('online'));
  expect(browser.heard).toEqual(['wake', 'offline', 'online']);

  browser.stop();
  const firefox = new Browser();
  firefox.connection = null;
  firefox.watch();
  firefox.window.dispatchEvent(new Event('online'));
  expect(firefox.heard).toEqual(['online']);
  firefox.stop();
});

it('[RY6] a page that is shown is awake, and one that is hidden is left alone', () => {
  browser.watch();
  browser.document.visibilityState = 'hidden';
  browser.document.dispatchEvent(new Event('visibilitychange'));
  expect(browser.heard).toEqual([]);
  browser.document.visibilityState = 'visible';
  browser.document.dispatchEvent(new Event('visibilitychange'));
  expect(browser.heard).toEqual(['wake']);
});

it('[RY10] a page that is left for good is told apart from one that may be back', () => {
  browser.watch();
  browser.page('pageshow', false);
  browser.page('pagehide', true);
  browser.page('pageshow', true);
  browser.page('pagehide', false);
  expect(browser.heard).toEqual(['suspend', 'resume', 'leave']);
});

it('[RY11] a page that is frozen, and thawed, is told of both', () => {
  browser.watch();
  browser.document.dispatchEvent(new Event('freeze'));
  browser.document.dispatchEvent(new Event('resume'));
  expect(browser.heard).toEqual(['freeze', 'resume']);
});

it('[RY6] once it is not watched any more, nothing is told and no timer runs', () => {
  browser.watch();
  browser.stop();
  browser.connection?.dispatchEvent(new Event('change'));
  browser.window.dispatchEvent(new Event('online'));
  browser.document.dispatchEvent(new Event('visibilitychange'));
  browser.page('pagehide', false);
  browser.sleep(3_600_000);
  vi.advanceTimersByTime(10_000);
  expect(browser.heard).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('[RY12] what one page leaves for the next in its tab is taken once', () => {
  const kept = new Map<string, string>();
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  });
  tabStorage.put('parley', 'a session');
  expect(tabStorage.take('parley')).toBe('a session');
  expect(tabStorage.take('parley')).toBeNull();
});
