import type { CallSnapshot } from '@parley/client';
import { adviceFor } from './quality-words.ts';

/** How a call stands, in a few words. Empty while people talk: then the duration says enough. */
export function callWords({
  phase,
  direction,
  conference = null,
  held = { local: false, remote: false },
  isTransferring = false,
}: Pick<CallSnapshot, 'phase' | 'direction'> &
  Partial<Pick<CallSnapshot, 'conference' | 'held' | 'isTransferring'>>): string {
  if (isTransferring) return 'Handing over, it rings there…';
  if (held.local) return 'On hold';
  if (held.remote) return 'You are on hold';
  if (conference?.isOnHold === true) return 'On hold';
  if (conference?.isMuted === true) return 'The conference has muted you';
  switch (phase) {
    case 'calling':
      return 'Calling…';
    case 'ringing':
      return direction === 'outgoing' ? 'Ringing…' : 'Incoming call';
    case 'accepting':
      return 'Connecting…';
    case 'screening':
      return 'One moment, checking with the caller’s side…';
    case 'answered':
      if (conference !== null) {
        return conference.isStarted ? 'Nobody else is here' : 'Waiting for the conference to begin';
      }
      return 'Listening to the service';
    case 'joined':
      return '';
    case 'ended':
      return 'Call ended';
  }
}

/** What a person may want to know beside that; empty when nothing. */
export function noteWords({ phase, media }: Pick<CallSnapshot, 'phase' | 'media'>): string {
  if (media.screen === 'on') return 'Your screen is shared.';
  if (phase === 'screening') return 'If you are asked for a key, open the keypad.';
  return phase === 'joined' && media.remoteVideo === 'muted' ? 'Camera is off' : '';
}

/** What is wrong with a call that goes on all the same; `undefined` when nothing is. */
export function troubleWords({
  status,
  phase,
  media,
  quality = null,
}: Pick<CallSnapshot, 'status' | 'phase' | 'media'> & Partial<Pick<CallSnapshot, 'quality'>>):
  | string
  | undefined {
  if (phase === 'ended') return undefined;
  if (status === 'reconnecting') return 'Connection lost, reconnecting…';
  if (media.microphone === 'failed') return 'Your microphone does not work; nobody hears you';
  if (media.camera === 'failed') return 'Your camera could not be opened';
  if (media.interrupted.includes('microphone')) return 'Another program is using your microphone';
  if (quality !== null && (quality.level === 'poor' || quality.level === 'lost'))
    return adviceFor(quality)[0];
  return undefined;
}
