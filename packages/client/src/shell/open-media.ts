import { wake } from '../core/connection-page.ts';
import { isRingingHere } from '../core/call-state.ts';
import type { ClientError } from '../errors.ts';
import { CallMediaSession } from './call-media.ts';
import type { CallRunner } from './call-runner.ts';
import { engineRoomOf } from './engine-room.ts';

/** For how long a broken path is mended, until a gateway has said how long it waits. */
const DEFAULT_PATIENCE_MS = 30_000;

/** Opens the media of a call, which hears of what becomes of them. */
export function openMedia(call: CallRunner): CallMediaSession {
  const { callId, host } = call;
  const { platform, options, devices, link } = host;
  return new CallMediaSession({
    platform,
    devices,
    audio: options.audio,
    iceTransportPolicy: options.iceTransportPolicy ?? 'all',
    loadEngine: () => engineRoomOf(host).load(),
    tell: (message) => link.tell({ ...message, callId }),
    onChange: () => call.refresh(),
    request: (type) => link.request({ type, callId }),
    probe: () => link.step(wake),
    patienceMs: () => link.state.session?.graceMs ?? DEFAULT_PATIENCE_MS,
    onHealth: (isWell) => call.feed({ type: isWell ? 'pathWell' : 'pathBroken' }),
    onBlocked: (isBlocked) => host.calls.blockedChanged(call, isBlocked),
    onSourceError: (kind, error) => sourceFailed(call, kind, error),
    onFailed: (error) => mediaFailed(call, error),
  });
}

/** A phone that only rings may still be answered, if its media comes up meanwhile; one that talks must not go on deaf. */
function mediaFailed(call: CallRunner, error: ClientError): void {
  if (isRingingHere(call.state)) call.complain(error);
  else call.feed({ type: 'fail', reason: 'media', error });
}

function sourceFailed(call: CallRunner, kind: 'audio' | 'video', error: ClientError): void {
  // Nobody has been joined to a silent caller yet, and nobody should be. Later on, listening is better than nothing.
  const { direction, answeredAtMs } = call.state;
  const isFutile = kind === 'audio' && direction === 'outgoing' && answeredAtMs === null;
  if (isFutile) call.feed({ type: 'fail', reason: 'microphone', error });
  else call.complain(error);
}
