import type { CallEnd, Party } from '@parley/client';

/** The protocol's reasons, and those that the SDK finds by itself. */
export type EndReason = CallEnd['reason'];

/** What is known of a call that is over, in the words of this page. */
export interface EndedCall {
  readonly reason: EndReason;
  /** This device's own name: "answered elsewhere" reads differently when it was oneself. */
  readonly self: string;
  readonly other: string;
  readonly direction: 'incoming' | 'outgoing';
  /** Whether there was a person at the other end, and not only an announcement. */
  readonly isJoined: boolean;
  /** Whether anybody was talking; a call lost while ringing is missed, a call lost later is cut off. */
  readonly isAnswered: boolean;
  /** Who was faster, or who refused for all. */
  readonly elsewhere?: Party | undefined;
  /** What the gateway complained about, with its place in the document. */
  readonly complaint?: string | undefined;
}

/** How a line about a call is meant: as it should be, somebody was missed, or something is wrong. */
export type EndTone = 'calm' | 'missed' | 'problem';

export interface EndWords {
  readonly sentence: string;
  readonly tone: EndTone;
}

type Writer = (call: EndedCall) => EndWords;

const calm = (sentence: string): EndWords => ({ sentence, tone: 'calm' });
const missed = (sentence: string): EndWords => ({ sentence, tone: 'missed' });
const problem = (sentence: string): EndWords => ({ sentence, tone: 'problem' });

/** Every reason has words; the compiler asks for them when the protocol gets a new one. */
const WRITERS: Readonly<Record<EndReason, Writer>> = {
  hangup: () => calm('You hung up'),
  'remote-hangup': ({ other, isJoined }) =>
    calm(isJoined ? `${other} hung up` : 'The service ended the call'),
  cancelled: ({ direction, other }) =>
    direction === 'incoming'
      ? missed(`${other} gave up before you answered`)
      : calm('You gave up before anyone answered'),
  rejected: ({ direction, other }) =>
    direction === 'incoming' ? calm('You declined') : missed(`${other} declined the call`),
  busy: ({ direction, other }) =>
    direction === 'incoming' ? missed('You were in another call') : missed(`${other} is busy`),
  'no-answer': ({ direction, other }) =>
    direction === 'incoming' ? missed('You did not answer') : missed(`${other} did not answer`),
  'not-registered': ({ other }) => missed(`${other} is not signed in anywhere`),
  'answered-elsewhere': (call) => calm(elsewhere('Answered', call)),
  'rejected-elsewhere': (call) => calm(elsewhere('Declined', call)),
  declined: ({ direction, other }) =>
    direction === 'incoming'
      ? calm('You declined when you were asked')
      : missed(`${other} picked up, then declined`),
  'time-limit': () => calm('The call reached its time limit'),
  forbidden: (call) => problem(withComplaint('This call is not allowed', call)),
  'document-failed': (call) =>
    problem(withComplaint('The call could not be set up: its document failed', call)),
  media: ({ isAnswered }) =>
    problem(isAnswered ? 'Sound and picture were lost' : 'No way was found for sound and picture'),
  network: () => problem('The connection was lost for too long'),
  replaced: () => calm('The call was taken over by the service'),
  transferred: ({ other }) => calm(`${other} was handed over`),
  draining: () => problem('The gateway is being taken out of service'),
  'gateway-restart': () => problem('The gateway restarted during the call'),
  overload: () => problem('The gateway is full at the moment; please try again'),
  server: (call) => problem(withComplaint('The gateway failed', call)),
  microphone: (call) => problem(withComplaint('The microphone could not be used', call)),
  'page-unload': () => calm('The page was left'),
  destroyed: () => calm('You signed out'),
};

export const END_REASONS = Object.keys(WRITERS) as readonly EndReason[];

/** Says why a call is over, to a person: "jenny did not answer", "Answered on another device (Work laptop)". */
export function endWords(call: EndedCall): EndWords {
  // A newer gateway may have a reason that this page was built without.
  const writer: Writer | undefined = WRITERS[call.reason];
  return writer === undefined ? calm('The call is over') : writer(call);
}

function elsewhere(verb: string, { elsewhere: party, self }: EndedCall): string {
  const device =
    party?.deviceLabel === undefined || party.deviceLabel === '' ? '' : ` (${party.deviceLabel})`;
  if (party === undefined || party.identity === self) return `${verb} on another device${device}`;
  return `${verb} by ${party.identity}${device}`;
}

function withComplaint(sentence: string, { complaint }: EndedCall): string {
  return complaint === undefined ? sentence : `${sentence}. ${complaint}`;
}
