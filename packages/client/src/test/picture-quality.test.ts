import { describe, expect, it } from 'vitest';
import { chooseQuality } from '../core/picture-quality.ts';

const face = { isScreen: false, isOfMany: true, fullHeight: 720, shownHeight: null };

describe('how large a picture is asked for', () => {
  it('[DV31] asks in a conference for what the tallest element needs, and a little more than enough', () => {
    const shown = (shownHeight: number) => chooseQuality('auto', { ...face, shownHeight });
    expect([shown(100), shown(200), shown(300), shown(500), shown(1000)]).toEqual([
      'low',
      'low',
      'medium',
      'high',
      'high',
    ]);
    expect(chooseQuality('auto', face)).toBe('high');
  });

  it('[DV31] asks for all of it in a call of two, however small it is shown', () => {
    expect(chooseQuality('auto', { ...face, isOfMany: false, shownHeight: 90 })).toBe('high');
  });

  it('[DV30] asks for what the application wants, or the largest below a height', () => {
    expect(chooseQuality('low', face)).toBe('low');
    expect(chooseQuality({ maxHeight: 360 }, face)).toBe('medium');
    expect(chooseQuality({ maxHeight: 100 }, face)).toBe('low');
    expect(chooseQuality({ maxHeight: 2000 }, { ...face, fullHeight: 0 })).toBe('high');
  });

  it('[DV30] never asks for a smaller screen, which nobody could read', () => {
    expect(chooseQuality('low', { ...face, isScreen: true })).toBe('high');
  });
});
