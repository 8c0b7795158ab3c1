import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MediaWatch, troubleOf, type PartyHealth, type TransportHealth } from './media-watch.ts';

const NEW: TransportHealth = { iceState: 'new', dtlsState: 'new', isNeeded: true };
const UP: TransportHealth = { iceState: 'completed', dtlsState: 'connected', isNeeded: true };
const health = (of: Partial<PartyHealth>): PartyHealth => ({ send: UP, recv: UP, isBridged: true, ...of });

describe('the health of a party’s media', () => {
  it('[MP21] is well while both transports are up', () => {
    expect(troubleOf(health({}))).toBeUndefined();
    expect(troubleOf(health({ send: { ...UP, iceState: 'connected' } }))).toBeUndefined();
  });

  it.each<[Partial<TransportHealth>, RegExp]>([
    [{ iceState: 'disconnected' }, /network path/],
    [{ iceState: 'closed' }, /network path/],
    [{ dtlsState: 'failed' }, /encryption/],
    [{ dtlsState: 'closed' }, /encryption/],
  ])('[MP21] is in trouble when a transport broke (%o), also before anybody waits to hear', (broken, why) => {
    const recv = { ...UP, ...broken, isNeeded: false };
    expect(troubleOf(health({ recv, isBridged: false }))).toMatch(why);
  });

  it('[MP21] may sleep while it rings, but not when two are bridged and something is to travel', () => {
    expect(troubleOf(health({ send: NEW, isBridged: false }))).toBeUndefined();
    expect(troubleOf(health({ send: { ...NEW, isNeeded: false } }))).toBeUndefined();
    expect(troubleOf(health({ send: NEW }))).toMatch(/send transport did not come up/);
    expect(troubleOf(health({ send: { ...NEW, iceState: 'completed', dtlsState: 'connecting' } }))).toMatch(
      /come up/,
    );
  });
});

describe('the grace of a party in trouble', () => {
  let failures: string[];
  let watch: MediaWatch;

  beforeEach(() => {
    vi.useFakeTimers();
    failures = [];
    watch = new MediaWatch(1000, (why) => failures.push(why));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('[MP21] ends when the media is not well by then, once, with the trouble it is in', () => {
    watch.look('the first trouble');
    vi.advanceTimersByTime(600);
    watch.look('the trouble it became');
    vi.advanceTimersByTime(399);
    expect(failures).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(failures).toEqual(['the trouble it became']);
    vi.advanceTimersByTime(10_000);
    expect(failures).toHaveLength(1);
  });

  it('[MP21] is over when the media is well again, and whole when it breaks anew', () => {
    watch.look('trouble');
    vi.advanceTimersByTime(900);
    watch.look(undefined);
    vi.advanceTimersByTime(5000);
    watch.look('trouble');
    vi.advanceTimersByTime(999);
    expect(failures).toEqual([]);
  });

  it('[MP21] begins again when the browser does something about it', () => {
    watch.extend();
    watch.look('trouble');
    vi.advanceTimersByTime(900);
    watch.extend();
    vi.advanceTimersByTime(900);
    expect(failures).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(failures).toHaveLength(1);
  });
});
