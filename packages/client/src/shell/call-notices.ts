import type { ServerMessageOf } from '@parley/protocol';
import type { ConferenceStatus } from '../api.ts';
import { lookAfterDevices } from './call-devices.ts';
import type { CallMediaSession } from './call-media.ts';
import type { CallNotification, CallRunner } from './call-runner.ts';
import { midCall } from './late-mid-call.ts';
import { watched } from './observe.ts';

/** Devices are looked after once the two hear one another, and not while that is being brought about. */
const LOOK_AFTER_MS = 2000;

/** What the gateway says about a call that has been answered or placed. How a call ends is heard without this. */
export function hear(
  call: CallRunner,
  media: CallMediaSession,
  message: Exclude<CallNotification, { type: 'ended' }>,
): void {
  watched(call, (observer) => observer.frame('received', message));
  switch (message.type) {
    case 'joined':
      media.joined();
      call.host.platform.setTimer(() => call.isOver || lookAfterDevices(call.host.devices), LOOK_AFTER_MS);
      call.feed({ type: 'notice', notice: message });
      // Nobody will look: the light goes out.
      if (!message.video) media.own.withdraw('video');
      media.peopleChanged(message);
      break;
    case 'parted':
      media.peopleChanged(message);
      call.feed({ type: 'notice', notice: message });
      break;
    case 'participants':
      call.store.update({ conference: conferenceOf(message) });
      media.peopleChanged(message);
      break;
    case 'ringing':
    case 'answered':
    case 'screening':
      call.feed({ type: 'notice', notice: message });
      break;
    case 'standing': {
      const before = call.state;
      call.feed({ type: 'notice', notice: message });
      // Nobody will look any more: the light goes out.
      if (before.video && !message.standing.video) media.own.withdraw('video');
      void midCall(call, (parts) => parts.told(before.standing, message));
      break;
    }
    case 'message':
      void midCall(call, (parts) => parts.received(message.message));
      break;
    case 'digits':
      call.call.emit('digits', message.digits);
      break;
    case 'mediaReset':
      media.reset(message.offer);
      break;
    case 'producerQuality':
      media.limit(message);
      break;
    case 'consume':
    case 'consumerResumed':
    case 'consumerMuted':
    case 'consumerClosed':
      media.consume(message);
      break;
  }
}

function conferenceOf({ conference }: ServerMessageOf<'participants'>): ConferenceStatus | null {
  if (conference === undefined) return null;
  const { name, started, muted, onHold } = conference;
  return { name, isStarted: started, isMuted: muted, isOnHold: onHold };
}
