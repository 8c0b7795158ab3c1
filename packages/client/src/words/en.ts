import type { Words } from './in-words.ts';

export const en: Words = {
  locale: 'en',
  problems: {
    'microphone-denied': [
      'The microphone is not allowed.',
      'Allow it in the settings of this site, then try again.',
    ],
    'microphone-in-use': [
      'The microphone cannot be used.',
      'Close other programs that use it, or choose another one.',
    ],
    'microphone-missing': ['There is no microphone.', 'Plug one in, then try again.'],
    'camera-denied': ['The camera is not allowed.', 'Allow it in the settings of this site, then try again.'],
    'camera-in-use': [
      'The camera cannot be used.',
      'Close other programs that use it, or choose another one.',
    ],
    'camera-missing': ['There is no camera.', 'Plug one in, or go on without.'],
    'insecure-page': ['This page may not use the microphone.', 'Open it with https:// in front.'],
    'no-connection': ['There is no connection.', 'Check your network. We keep trying.'],
    'signed-out': ['You are signed out.', 'Sign in again.'],
    'not-allowed': ['You may not do this.', 'Ask whoever gave you this account.'],
    'no-way': ['Sound cannot get through.', 'A firewall or VPN may be in the way; try another network.'],
    'old-browser': ['This browser is too old for calls.', 'Update it, or use another one.'],
    'call-over': ['The call is over.', ''],
    'answered-elsewhere': ['The call was answered on another device.', ''],
    'too-much': ['That was too much at once.', 'Wait a moment, then try again.'],
    maintenance: ['The service is being updated.', 'Try again in a moment.'],
    'not-transferred': ['The call could not be handed over.', 'You are still connected.'],
    problem: ['Something did not work.', 'Try again.'],
  },
  warnings: {
    'high-rtt': ['The connection is slow.', 'There may be pauses. Try a cable, or go nearer to the router.'],
    'high-jitter': ['The connection is uneven.', 'Stop downloads, or go nearer to the router.'],
    'low-mos': ['The sound is poor.', 'Try a cable or another network.'],
    'high-packet-loss': ['Some of the sound is being lost.', 'Go nearer to the router, or try a cable.'],
    'high-packets-lost-fraction': ['Much of the sound is being lost.', 'Try another network.'],
    'low-bytes-sent': ['Nothing of you is being sent.', 'Check your network.'],
    'low-bytes-received': ['Nothing arrives from the other side.', 'Check your network.'],
    'constant-audio-input-level': [
      'Your microphone sounds the same all the time.',
      'Check that it is the right one.',
    ],
    'ice-connectivity-lost': ['The connection was lost.', 'We are reconnecting.'],
    'one-way-audio': [
      'You do not seem to hear the other side.',
      'Check your speakers, and ask whether they are muted.',
    ],
    'low-local-audio': [
      'Your microphone gives no sound.',
      'Look for a switch on the headset, or choose another one.',
    ],
    'speaking-while-muted': ['You are muted.', 'Unmute to be heard.'],
    'relay-in-use': ['The call takes a detour.', 'Your network does not let it through directly.'],
    'path-changed': ['The network has changed.', ''],
    'cpu-limited': ['This computer is busy.', 'Close other programs, or switch your camera off.'],
    'frozen-video': ['The picture stands still.', 'The sound goes on.'],
    'sink-lost': ['The speaker is gone.', 'Sound comes out of another one now.'],
  },
};
