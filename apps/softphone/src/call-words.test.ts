import { describe, expect, it } from 'vitest';
import { callWords, noteWords, troubleWords } from './call-words.ts';
import { otherOf } from './calls.ts';
import { endSentence, phaseSentence, ringSentence } from './narrator.ts';
import { pageTitle } from './page-title.ts';
import { statusWords } from './status-words.ts';

const media = {
  local: null,
  remote: null,
  microphone: 'on',
  camera: 'off',
  remoteAudio: 'on',
  remoteVideo: 'none',
  remotes: [],
  transport: 'connected',
  screen: 'off',
  localScreen: null,
  remoteScreen: null,
  interrupted: [],
} as const;
const parameters = { From: 'alice', To: 'jenny', CallSid: '' };
const placed = { direction: 'outgoing', phase: 'ringing', other: null, parameters } as const;
const coming = {
  direction: 'incoming',
  phase: 'ringing',
  other: { identity: 'bob' },
  parameters,
  video: true,
} as const;

describe('how a call stands', () => {
  it('[SP8] is said in words until two people talk', () => {
    expect(callWords({ phase: 'calling', direction: 'outgoing' })).toBe('Calling…');
    expect(callWords(placed)).toBe('Ringing…');
    expect(callWords({ phase: 'screening', direction: 'incoming' })).toBe(
      'One moment, checking with the caller’s side…',
    );
    expect(callWords({ phase: 'joined', direction: 'incoming' })).toBe('');
  });

  it('[CF16] says how one takes part in a conference', () => {
    const call = { phase: 'answered', direction: 'outgoing' } as const;
    const conference = { name: 'blue', isStarted: false, isMuted: false, isOnHold: false };
    expect(callWords({ ...call, conference })).toBe('Waiting for the conference to begin');
    expect(callWords({ ...call, conference: { ...conference, isStarted: true } })).toBe(
      'Nobody else is here',
    );
    const joined = { ...call, phase: 'joined' } as const;
    expect(callWords({ ...joined, conference })).toBe('');
    expect(callWords({ ...joined, conference: { ...conference, isMuted: true } })).toMatch(/muted you/);
    expect(callWords({ ...joined, conference: { ...conference, isOnHold: true } })).toBe('On hold');
    expect(otherOf({ ...placed, conference })).toBe('blue');
  });

  it('[SP8] says where the keys are to somebody who may be asked for one', () => {
    expect(noteWords({ phase: 'screening', media })).toMatch(/keypad/);
    expect(noteWords({ phase: 'joined', media })).toBe('');
    expect(noteWords({ phase: 'joined', media: { ...media, remoteVideo: 'muted' } })).toBe('Camera is off');
  });

  it('[SP16] names the trouble of a call that goes on, and none of a call that is over', () => {
    expect(troubleWords({ status: 'open', phase: 'joined', media })).toBeUndefined();
    expect(troubleWords({ status: 'reconnecting', phase: 'joined', media })).toMatch(/reconnecting/);
    expect(
      troubleWords({ status: 'open', phase: 'joined', media: { ...media, microphone: 'failed' } }),
    ).toMatch(/nobody hears/);
    expect(troubleWords({ status: 'open', phase: 'joined', media: { ...media, camera: 'failed' } })).toMatch(
      /camera/,
    );
    expect(troubleWords({ status: 'reconnecting', phase: 'ended', media })).toBeUndefined();
  });
});

describe('the title of the page', () => {
  it('[SP17] shows the call that waits first, then the one that goes on, then who is here', () => {
    const talking = { ...placed, phase: 'joined', other: { identity: 'jenny' } } as const;
    expect(pageTitle('alice', talking, coming)).toBe('bob is calling – Parley');
    expect(pageTitle('alice', placed, null)).toBe('jenny: Ringing… – Parley');
    expect(pageTitle('alice', talking, null)).toBe('In a call with jenny – Parley');
    expect(pageTitle('alice', null, null)).toBe('alice – Parley');
  });
});

describe('what a screen reader is told', () => {
  it('[SP9] who calls, how, and which keys answer', () => {
    expect(ringSentence(coming, true)).toBe(
      'Incoming video call from bob. A accepts with audio, V with video, D declines.',
    );
    expect(ringSentence({ ...coming, video: false }, true)).toBe(
      'Incoming call from bob. A accepts, D declines.',
    );
    expect(ringSentence({ ...coming, video: false }, false)).toBe('Incoming call from bob.');
  });

  it('[SP9] each step of a call, and how it ended', () => {
    expect(phaseSentence({ ...placed, phase: 'calling' })).toBe('Calling jenny');
    expect(phaseSentence(placed)).toBe('Ringing jenny');
    expect(phaseSentence({ ...coming, phase: 'joined' })).toBe('In a call with bob');
    expect(endSentence({ sentence: 'jenny hung up', durationMs: 123_000 })).toBe(
      'jenny hung up. 2 minutes 3 seconds.',
    );
    expect(endSentence({ sentence: 'jenny did not answer', durationMs: 0 })).toBe('jenny did not answer.');
  });
});

describe('the status line', () => {
  const connected = { state: 'connected', attempt: 0 } as const;

  it('[SP3] says whether calls can come', () => {
    expect(statusWords({ state: 'registered', connection: connected, rings: true }, false).text).toBe(
      'Available',
    );
    expect(statusWords({ state: 'registered', connection: connected, rings: true }, true).text).toBe(
      'In a call',
    );
    expect(statusWords({ state: 'registered', connection: connected, rings: false }, false).text).toBe(
      'Can call, does not ring',
    );
    expect(statusWords({ state: 'unregistered', connection: connected, rings: false }, false).text).toBe(
      'Not registered',
    );
  });

  it('[SP3] says first that the gateway is away', () => {
    const away = { state: 'reconnecting', attempt: 2 } as const;
    expect(statusWords({ state: 'registered', connection: away, rings: true }, true).text).toBe(
      'Reconnecting…',
    );
    expect(
      statusWords({ state: 'registered', connection: { state: 'offline', attempt: 0 }, rings: true }, false)
        .text,
    ).toBe('Offline');
  });
});
