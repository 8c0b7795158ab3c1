import { describe, expect, it } from 'vitest';
import { wishOf, type KeyContext } from './shortcuts.ts';

const idle: KeyContext = { isCallWaiting: false, isVideoOffered: true, isInCall: false, panel: null };
const ringing: KeyContext = { ...idle, isCallWaiting: true };
const talking: KeyContext = { ...idle, isInCall: true };
const dialling: KeyContext = { ...talking, panel: 'keypad' };

describe('single keys', () => {
  it('[SP10] answer a call that waits, and only then', () => {
    expect(wishOf('a', ringing)).toEqual({ type: 'accept', video: false });
    expect(wishOf('V', ringing)).toEqual({ type: 'accept', video: true });
    expect(wishOf('d', ringing)).toEqual({ type: 'decline' });
    expect(wishOf('i', ringing)).toEqual({ type: 'ignore' });
    for (const key of ['a', 'v', 'd', 'i', 'Escape', 'h']) expect(wishOf(key, idle)).toBeUndefined();
  });

  it('[SP10] do not answer with video what was offered without', () => {
    expect(wishOf('v', { ...ringing, isVideoOffered: false })).toBeUndefined();
    expect(wishOf('a', { ...ringing, isVideoOffered: false })).toEqual({ type: 'accept', video: false });
  });

  it('[SP10] [SP34] steer the call one is in', () => {
    expect(wishOf('m', talking)).toEqual({ type: 'mute' });
    expect(wishOf('c', talking)).toEqual({ type: 'camera' });
    expect(wishOf('s', talking)).toEqual({ type: 'share' });
    expect(wishOf('p', talking)).toEqual({ type: 'hold' });
    expect(wishOf('t', talking)).toEqual({ type: 'panel', panel: 'transfer' });
    expect(wishOf('n', talking)).toEqual({ type: 'panel', panel: 'chat' });
    expect(wishOf('k', talking)).toEqual({ type: 'panel', panel: 'keypad' });
    expect(wishOf('h', talking)).toEqual({ type: 'hangUp' });
  });

  it('[SP10] reach both, the call that waits and the one that goes on', () => {
    const both = { ...talking, isCallWaiting: true };
    expect(wishOf('a', both)).toEqual({ type: 'accept', video: false });
    expect(wishOf('m', both)).toEqual({ type: 'mute' });
  });

  it('[SP10] never hang up a call that only rings here', () => {
    expect(wishOf('Escape', ringing)).toBeUndefined();
    expect(wishOf('h', ringing)).toBeUndefined();
  });

  it('[SP11] are digits while the keypad is open, and nothing otherwise', () => {
    for (const digit of ['0', '9', '*', '#'])
      expect(wishOf(digit, dialling)).toEqual({ type: 'digit', digit });
    expect(wishOf('5', talking)).toBeUndefined();
    expect(wishOf('F5', dialling)).toBeUndefined();
  });

  it('[SP11] close an open panel with Escape before they hang up with it', () => {
    expect(wishOf('Escape', dialling)).toEqual({ type: 'closePanel' });
    expect(wishOf('Escape', { ...talking, panel: 'chat' })).toEqual({ type: 'closePanel' });
    expect(wishOf('5', { ...talking, panel: 'chat' })).toBeUndefined();
    expect(wishOf('Escape', talking)).toEqual({ type: 'hangUp' });
  });
});
