import {
  client,
  conference,
  dial,
  gather,
  hangup,
  play,
  record,
  redirect,
  response,
  say,
} from '@parley/rcml';

/** What the application does beside answering. */
export interface RecordingDesk {
  /** Takes a recording away that nobody needs any more. */
  readonly discard: (recordingUrl: string) => void;
  /** Tells whoever runs the demo where a recording can be heard. */
  readonly announce: (what: string, recordingUrl: string, callSid: string) => void;
}

type DocumentOf = (fields: URLSearchParams) => string;

/** Longer than anybody wants to hear herself, shorter than anybody's patience. */
const ECHO_SECONDS_MAX = 15;
const MESSAGE_SECONDS_MAX = 120;

/** The documents that record, by their paths. */
export function recordingDocuments({ discard, announce }: RecordingDesk): ReadonlyMap<string, DocumentOf> {
  return new Map<string, DocumentOf>([
    [
      '/echo-heard',
      (fields) => {
        const said = fields.get('RecordingUrl') ?? '';
        // Whoever has hung up hears nothing any more, and nobody else is to.
        if (fields.get('Digits') === 'hangup') discard(said);
        return response(play(said), redirect(`/echo-again?Said=${encodeURIComponent(said)}`));
      },
    ],
    [
      '/echo-again',
      (fields) => {
        discard(fields.get('Said') ?? '');
        return echo('And again.');
      },
    ],
    [
      '/message-left',
      (fields) => {
        const message = fields.get('RecordingUrl') ?? '';
        announce(`A message of ${fields.get('From')?.replace(/^client:/, '')}`, message, callOf(fields));
        return response(
          say('This is your message.'),
          play(message),
          say('It is kept. Thank you, and goodbye.'),
          hangup(),
        );
      },
    ],
    ['/nothing-said', () => response(say('You said nothing. Goodbye.'), hangup())],
    [
      '/after-recorded',
      (fields) => {
        const recording = fields.get('RecordingUrl');
        if (recording === null) return response(hangup());
        announce('A recorded call', recording, callOf(fields));
        // The gateway plays the sound of a recording; a picture is for the browser, at the same address.
        if (fields.get('Recorded') === 'video') {
          return response(say('Your call was recorded. You will find it where this call ends.'), hangup());
        }
        return response(say('Your call was recorded. This is how it was.'), play(recording), hangup());
      },
    ],
    ['/menu', menu],
    ['/menu-choice', (fields) => chosen(fields.get('Digits') ?? '')],
  ]);
}

function callOf(fields: URLSearchParams): string {
  return fields.get('CallSid') ?? '';
}

/** A call to one of these names records; undefined for any other name. */
export function recordingCall(to: string): string | undefined {
  switch (to) {
    case 'echo':
      return echo('Speak after the tone. When you stop, you hear yourself.');
    case 'voicemail':
      return voicemail();
    case 'menu':
      return menu();
    default:
      return undefined;
  }
}

/** Whom a recorded call is to: `record-bob` is bob. */
export function recordedName(to: string): string | undefined {
  const recorded = /^record(?:-(.+))?$/.exec(to);
  return recorded === null ? undefined : (recorded[1] ?? 'jenny');
}

/** Both sides, each on a channel of its own, and a picture where there is one. */
export function recordedCall(name: string, video: boolean): string {
  return response(
    dial(
      {
        action: video ? '/after-recorded?Recorded=video' : '/after-recorded',
        record: 'record-from-answer-dual',
      },
      client(name, { video }),
    ),
  );
}

function echo(words: string): string {
  return response(
    say(words),
    record({ action: '/echo-heard', timeoutSeconds: 2, maxLengthSeconds: ECHO_SECONDS_MAX }),
    redirect('/nothing-said'),
  );
}

function voicemail(): string {
  return response(
    say('Nobody is here. Leave a message after the tone, and press hash when you are done.'),
    record({ action: '/message-left', finishOnKey: '#', maxLengthSeconds: MESSAGE_SECONDS_MAX }),
    redirect('/nothing-said'),
  );
}

function menu(): string {
  return response(
    gather(
      { numDigits: 1, action: '/menu-choice', timeoutSeconds: 8 },
      say('Press 1 to hear yourself. Press 2 to leave a message. Press 3 to meet everybody who is here.'),
    ),
    say('You pressed nothing. Goodbye.'),
    hangup(),
  );
}

function chosen(digits: string): string {
  switch (digits) {
    case '1':
      return echo('Speak after the tone. When you stop, you hear yourself.');
    case '2':
      return voicemail();
    case '3':
      return response(dial({}, conference('everybody', {})));
    default:
      return response(say('There is nothing behind that key.'), redirect('/menu'));
  }
}
