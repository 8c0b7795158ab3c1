import type { PresenceEntry } from '@parley/client';
import { describe, expect, it } from 'vitest';
import { presenceNote, suggest, SUGGESTIONS_MAX } from './suggestion.ts';

const person = (identity: string, devices = 1, busy = false): PresenceEntry => ({ identity, devices, busy });
const names = (typed: string, people: readonly PresenceEntry[], self = 'alice'): readonly string[] =>
  suggest(typed, people, self).map(({ name }) => name);

describe('suggestions', () => {
  it('[SP5] offer everybody but oneself while nothing is typed, demo names last', () => {
    expect(names('', [person('jenny'), person('alice'), person('bob')])).toEqual([
      'bob',
      'jenny',
      'conference',
      'echo',
      'group',
      'menu',
      'record',
      'screen',
      'voicemail',
    ]);
  });

  it('[SP5] put the free before the busy before the away', () => {
    expect(names('', [person('ann', 0), person('ben', 1, true), person('cleo')]).slice(0, 3)).toEqual([
      'cleo',
      'ben',
      'ann',
    ]);
  });

  it('[SP5] put names that begin with the letters before names that hold them', () => {
    expect(names('en', [person('jenny'), person('enzo', 0)])).toEqual([
      'enzo',
      'jenny',
      'conference',
      'menu',
      'screen',
    ]);
  });

  it('[SP5] overlook case, accents and blanks around', () => {
    expect(names(' MARIA ', [person('maría josé')])).toEqual(['maría josé']);
  });

  it('[SP5] name a person called like a demo once, as a person', () => {
    expect(suggest('group', [person('group')], 'alice')).toEqual([
      { name: 'group', note: 'Available', kind: 'free' },
    ]);
  });

  it('[SP5] are empty when nobody fits, and never too many', () => {
    expect(names('zzz', [person('jenny')])).toEqual([]);
    const crowd = Array.from({ length: 200 }, (_, index) => person(`p${index}`));
    expect(names('', crowd)).toHaveLength(SUGGESTIONS_MAX);
  });

  it('[SP6] say how a person stands', () => {
    expect(presenceNote(person('jenny'))).toBe('Available');
    expect(presenceNote(person('jenny', 3))).toBe('Available on 3 devices');
    expect(presenceNote(person('jenny', 2, true))).toBe('In a call');
    expect(presenceNote(person('jenny', 0))).toBe('Away');
  });
});
