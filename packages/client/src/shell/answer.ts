import type { CallId, ReplyData } from '@parley/protocol';
import type { AcceptOptions } from '../api.ts';
import type { CallEnd } from '../core/call-end.ts';
import { isRingingHere, type CallInput, type CallState } from '../core/call-state.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { Permission } from '../platform.ts';
import type { CallMediaSession } from './call-media.ts';
import type { GatewayLink } from './gateway-link.ts';
import { holdOthers, type Sibling } from './hold-others.ts';

/** Which of the person's own sources go into a call. */
interface Wish {
  readonly audio: boolean;
  readonly video: boolean;
}

/** What answering has to know of a call that rings, and to do with it. */
export interface Answerable extends Sibling {
  readonly callId: CallId;
  readonly state: CallState;
  readonly permission: Permission;
  readonly ended: Promise<CallEnd>;
  readonly feed: (input: CallInput) => void;
  readonly host: Sibling['host'] & { readonly link: Pick<GatewayLink, 'request'> };
  /** Tells the gateway that this person answers, as soon as the machine has decided so. */
  sendAccept: () => void;
}

/**
 * Answers a call. Resolves when the gateway has taken the answer. Rejects when somebody was faster, or when the
 * microphone could not be had before the answer was given; the call then rings on.
 */
export async function answer(
  call: Answerable,
  media: CallMediaSession,
  options: AcceptOptions,
): Promise<void> {
  const { signal } = options;
  const [microphone, video] = [options.microphone ?? options.audio ?? true, options.video ?? false];
  mustRing(call.state);
  if (isAborted(signal)) throw new ClientError('aborted');
  // Where the person has yet to be asked, the call rings on until they have said yes: a caller must not be joined to
  // a browser's question. Where they have said yes before, nothing is waited for.
  if (microphone !== false && call.permission !== 'granted') {
    if (call.permission === 'denied') throw new ClientError('microphone-denied');
    await media.own.openMicrophone(microphone);
    mustRing(call.state);
    if (isAborted(signal)) {
      media.own.closeMicrophone();
      throw new ClientError('aborted');
    }
  }
  const takeBack = holdOthers(call);
  const reply = sayAccept(call, { audio: microphone !== false, video: video !== false });
  media.own.open(microphone, video);
  const onAbort = (): void => call.feed({ type: 'hangup' });
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await taken(call, reply);
  } catch (thrown) {
    takeBack();
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function mustRing(state: CallState): void {
  if (isRingingHere(state)) return;
  throw state.phase.name === 'ended' ? endError(state.phase.end) : new ClientError('wrong-state');
}

/** Tells the gateway that this person answers. Settles with its reply. */
function sayAccept(call: Answerable, media: Wish): Promise<ReplyData> {
  const { callId, host } = call;
  const reply = new Promise<ReplyData>((resolve) => {
    call.sendAccept = () => resolve(host.link.request({ type: 'accept', callId, media }));
  });
  call.feed({ type: 'accept' });
  return reply;
}

/** Settles when the gateway has taken the answer, or the call is over. */
async function taken(call: Answerable, reply: Promise<ReplyData>): Promise<void> {
  const refused = reply.then(
    () => null,
    (thrown: unknown) => asClientError(thrown, 'unknown'),
  );
  const first = await Promise.race([refused, call.ended]);
  if (first === null) return;
  if (first instanceof ClientError) call.feed({ type: 'refused', request: 'accept', error: first });
  // What follows a refusal says why.
  throw endError(await call.ended);
}

/** Why an answer was not taken. */
function endError(end: CallEnd): ClientError {
  if (end.error !== undefined) return end.error;
  return new ClientError(
    end.reason === 'answered-elsewhere' ? 'answered-elsewhere' : 'call-ended',
    end.reason,
  );
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}
