import type { CallId, ReplyData, ServerMessageOf } from '@parley/protocol';
import type { ConnectOptions } from '../api.ts';
import { placeCall } from '../core/call-machine.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { CallMediaSession } from './call-media.ts';
import { CallRunner, type CallHost } from './call-runner.ts';
import { checkParams } from './connect-params.ts';
import { holdOthers } from './hold-others.ts';
import { watched } from './observe.ts';

const DIGITS = /^[0-9*#A-Dw]+$/;
/** What the wire takes in one frame. */
const DIGITS_MAX = 64;

/** Places a call. It is there at once; what is wrong with the options is thrown. */
export function place(host: CallHost, options: ConnectOptions): CallRunner {
  const { platform, calls, store } = host;
  const { params = {}, to, signal, video = false } = options;
  checkParams(options);
  if (signal?.aborted === true) throw new ClientError('aborted');
  const sent = to === undefined ? params : { ...params, To: to };
  const call = new CallRunner(host, {
    callId: platform.randomId() as CallId,
    state: placeCall({ video: video !== false }, platform.nowMs()),
    from: store.getSnapshot().identity ?? '',
    to: sent['To'] ?? '',
    params: sent,
  });
  signal?.addEventListener('abort', () => call.feed({ type: 'hangup' }), { once: true });
  call.media.do((media) => send(call, media, options));
  calls.add(call);
  return call;
}

/** Asks the gateway for a call, and opens what the person calls with meanwhile. */
function send(call: CallRunner, media: CallMediaSession, options: ConnectOptions): void {
  const { callId } = call;
  const [microphone, video] = [options.microphone ?? true, options.video ?? false];
  const sends = { audio: microphone !== false, video: video !== false };
  const params = Object.fromEntries(call.store.getSnapshot().customParameters);
  const takeBack = holdOthers(call);
  // The name of the call is 32 random digits already; W3C Trace Context asks for no more.
  const digits = callId.replaceAll('-', '');
  const { traceparent = `00-${digits}-${digits.slice(16)}-01` } = options;
  call.store.update({ traceId: traceIdOf(traceparent) });
  const request = { type: 'connect', callId, params, media: sends, traceparent } as const;
  watched(call, (observer) => observer.frame('sent', request));
  const reply = call.host.link.request(request);
  media.holdCamera();
  media.own.open(microphone, video);
  const onReply = ({ callSid, media: offer }: ReplyData): void => {
    if (call.isOver) return;
    call.feed({ type: 'placed', callSid: callSid ?? '' });
    if (offer !== undefined) media.start(offer, sends);
  };
  reply.then(onReply, (thrown: unknown) => {
    // There never was a second call: whoever is talked with is not left on hold for it.
    takeBack();
    call.feed({ type: 'refused', request: 'connect', error: asClientError(thrown, 'unknown') });
  });
}

/** Brings the media of a call that rings here up, with nothing of this person's open. */
export function ring(
  call: CallRunner,
  media: CallMediaSession,
  { offer, media: offered, traceparent = '' }: ServerMessageOf<'incoming'>,
): void {
  call.store.update({ traceId: traceIdOf(traceparent) });
  media.start(offer, { audio: true, video: offered.video });
  foresee(call);
}

/**
 * Learns, while it rings, whether the microphone will open without a question. Where there is none it will not, whatever
 * was allowed before: that is to be found out before anybody is joined, and not after.
 */
export function foresee(call: CallRunner): void {
  const { platform } = call.host;
  Promise.all([platform.queryPermission('audio'), platform.hasSource?.('audio') ?? true]).then(
    ([permission, isThere]) => {
      call.permission = permission === 'granted' && !isThere ? 'unknown' : permission;
    },
    () => undefined,
  );
}

function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** Switches one's own picture off or on. Rejects when the camera cannot be opened. */
export async function muteVideo(
  call: CallRunner,
  media: CallMediaSession,
  isVideoMuted: boolean,
): Promise<void> {
  const { state } = call;
  if (!isVideoMuted && state.phase.name === 'joined' && !state.video) {
    throw new ClientError('wrong-state', 'this is an audio call');
  }
  const hasChanged = call.store.update({ isVideoMuted });
  if (hasChanged) call.call.emit('muteVideo', isVideoMuted, call.call);
  await media.own.muteVideo(isVideoMuted, call.mayOpen);
}

/** Presses keys, and lets the person hear them. Resolves when the gateway has them. */
export async function sendDigits(call: CallRunner, digits: string): Promise<void> {
  const { callId, host } = call;
  const keys = digits.replaceAll('W', 'ww');
  if (!DIGITS.test(keys)) throw new ClientError('invalid-argument', 'digits: only 0-9 * # A-D and w');
  for (let from = 0; from < keys.length; from += DIGITS_MAX) {
    const next = keys.slice(from, from + DIGITS_MAX);
    for (const key of next) if (key !== 'w') host.calls.ringer.digit(key);
    const request = { type: 'digits', callId, digits: next } as const;
    watched(call, (observer) => observer.frame('sent', request));
    await host.link.request(request);
  }
}
