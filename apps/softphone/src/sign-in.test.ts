import { describe, expect, it } from 'vitest';
import { recordingFrom } from './demo-recording.ts';
import { tokenFrom } from './demo-token.ts';
import { deviceLabelFrom } from './device-label.ts';
import { initialsOf, toneOf, TONES } from './initials.ts';
import { preferencesFrom } from './preferences.ts';

describe('signing in', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
      'Chrome on Linux',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      'Safari on Mac',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari on iPhone',
    ],
    ['Mozilla/5.0 (Android 15; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0', 'Firefox on Android'],
    ['something else', 'Browser'],
  ])('[SP2] calls this device what its owner would: %s', (userAgent, label) => {
    expect(deviceLabelFrom(userAgent)).toBe(label);
  });

  it('[SP2] survives whatever was stored before', () => {
    for (const stored of [null, 'x', 7, [], { name: 7 }]) expect(preferencesFrom(stored).name).toBe('');
    expect(preferencesFrom({ name: 'alice', hasShortcuts: false })).toEqual({
      name: 'alice',
      deviceLabel: '',
      hasShortcuts: false,
      theme: 'system',
    });
    expect(preferencesFrom({ theme: 'dark' }).theme).toBe('dark');
    expect(preferencesFrom({ theme: 'pink' }).theme).toBe('system');
  });

  it('[SP44] takes the address of a recording out of the demo’s answer, and nothing that is none', () => {
    expect(recordingFrom({ url: 'http://127.0.0.1:5080/r' })).toBe('http://127.0.0.1:5080/r');
    for (const answer of [null, 7, {}, { url: null }, { url: 'javascript:alert(1)' }])
      expect(recordingFrom(answer)).toBeUndefined();
  });

  it('[SP1] takes the token out of the demo’s answer, and says when there is none', () => {
    expect(tokenFrom({ token: 'abc', identity: 'alice' })).toBe('abc');
    for (const answer of [null, 'abc', {}, { token: 7 }])
      expect(() => tokenFrom(answer)).toThrow('without a token');
  });
});

describe('a name as a picture', () => {
  it.each([
    ['jenny', 'J'],
    ['Jane Doe', 'JD'],
    ['jane.doe@example.org', 'JD'],
    ['maría josé', 'MJ'],
    ['𝒜lice', '𝒜'],
    ['--', '?'],
  ])('[SP18] shows %s as %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });

  it('[SP18] has the same tone every time', () => {
    for (const name of ['', 'alice', 'bob', 'maría josé']) {
      expect(toneOf(name)).toBe(toneOf(name));
      expect(toneOf(name)).toBeLessThan(TONES);
    }
  });
});
