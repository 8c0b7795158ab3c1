import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  client,
  conference,
  dial,
  gather,
  hangup,
  number,
  pause,
  play,
  record,
  redirect,
  reject,
  response,
  say,
  sip,
} from './builder.ts';
import type { Verb } from './document.ts';
import { parseRcml } from './parse.ts';

function readBack(text: string): readonly Verb[] {
  const result = parseRcml(text);
  expect(result.complaints).toEqual([]);
  if (!result.ok) throw new Error(result.looksLike);
  return result.document.verbs;
}

/** Any text that survives trimming and holds only what XML can. */
const words = fc
  .string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('<', '>', '&', '"', "'", '\n', '\r', '\t', ';', '#', ' ', '”', ']'),
    ),
  })
  .map((text) =>
    Array.from(text, (unit) =>
      /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD]$|^..$/su.test(unit) && !/\p{Cs}/u.test(unit) ? unit : '?',
    )
      .join('')
      .trim(),
  )
  .filter((text) => text !== '');
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9 <&"'>.@ü-]{0,20}$/).map((text) => text.trim());
const method = fc.constantFrom('GET' as const, 'POST' as const);
const seconds = fc.integer({ min: 1, max: 86_400 });
const flag = fc.boolean();

const legOptions = {
  url: words,
  method,
  screeningTimeoutSeconds: seconds,
  statusCallback: words,
  statusCallbackMethod: method,
  statusCallbackEvents: fc.subarray(['initiated', 'ringing', 'answered', 'completed'] as const, {
    minLength: 1,
  }),
};
const parameters = fc.dictionary(
  name,
  words.map((text) => text.slice(0, 50).trim()),
  { maxKeys: 4, noNullPrototype: true },
);
const videoAttributes = fc.record(
  {
    mode: fc.constantFrom('mcu' as const, 'sfu' as const),
    layout: fc.constantFrom('tile' as const, 'linear' as const),
    overlay: words,
  },
  { requiredKeys: [] },
);
const recordingReports = {
  recordingStatusCallback: words,
  recordingStatusCallbackMethod: method,
  recordingStatusCallbackEvents: fc.subarray(['in-progress', 'completed', 'absent'] as const, {
    minLength: 1,
  }),
};

function optional<Shape extends object>(shape: {
  [Key in keyof Shape]: fc.Arbitrary<Shape[Key]>;
}): fc.Arbitrary<Partial<Shape>> {
  return fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<Partial<Shape>>;
}

describe('the builder', () => {
  it('[RC36] writes what RCML documents look like', () => {
    const text = response(
      dial(
        { action: '/a?b=1&c=2', timeoutSeconds: 20 },
        client('jenny', { video: true, parameters: { tier: '"gold"' } }),
        number('+1555'),
      ),
      say('<Nobody> & none', { voice: 'woman' }),
    );
    expect(text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<Response><Dial action="/a?b=1&amp;c=2" timeout="20">' +
        '<Client name="jenny"><Video/><Parameter name="tier" value="&quot;gold&quot;"/></Client><Number>+1555</Number></Dial>' +
        '<Say voice="woman">&lt;Nobody&gt; &amp; none</Say></Response>\n',
    );
  });

  it('[RC36] needs no options', () => {
    const verbs = readBack(
      response(
        dial(client('a')),
        gather(say('x')),
        pause(),
        play('/a.wav'),
        record(),
        redirect('/b'),
        reject(),
        hangup(),
        dial(),
      ),
    );
    const names = 'Dial Gather Pause Play Record Redirect Reject Hangup Dial';
    expect(verbs.map(({ verb }) => verb).join(' ')).toBe(names);
  });

  it('[RC36] writes dials that are read back as asked for', () => {
    const dialOptions = optional({
      action: words,
      method,
      timeoutSeconds: seconds,
      timeLimitSeconds: seconds,
      callerId: words,
      hangupOnStar: flag,
      record: fc.constantFrom('do-not-record' as const, 'record-from-ringing' as const),
      sequential: flag,
      answerOnBridge: flag,
      ...recordingReports,
    });
    const clientOptions = optional({ ...legOptions, video: flag, parameters });
    fc.assert(
      fc.property(
        dialOptions,
        name,
        clientOptions,
        videoAttributes,
        (options, target, { parameters: given, ...rest }, video) => {
          const text = response(
            dial(
              options,
              client(target, { ...rest, ...(given && { parameters: given }) }),
              sip(target, { videoAttributes: video }),
            ),
          );
          expect(readBack(text)).toMatchObject([
            {
              verb: 'Dial',
              ...options,
              nouns: [
                { noun: 'Client', target, ...rest, parameters: new Map(Object.entries(given ?? {})) },
                { noun: 'Sip', target, video: true, videoAttributes: video },
              ],
            },
          ]);
        },
      ),
    );
  });

  it('[RC36] writes conferences and numbers that are read back as asked for', () => {
    const options = optional({
      muted: flag,
      beep: fc.constantFrom(true, false, 'onEnter' as const, 'onExit' as const),
      waitUrl: fc.oneof(words, fc.constant('')),
      maxParticipants: fc.integer({ min: 1, max: 40 }),
      ...recordingReports,
    });
    fc.assert(
      fc.property(words, options, (room, given) => {
        expect(readBack(response(dial(conference(room, given))))).toMatchObject([
          { nouns: [{ target: room, ...given }] },
        ]);
      }),
    );
    expect(readBack(response(dial(number('+1*#', { sendDigits: 'w1' }))))).toMatchObject([
      { nouns: [{ target: '+1*#', sendDigits: 'w1' }] },
    ]);
  });

  it('[RC36] writes the other verbs so that they are read back as asked for', () => {
    const keys = fc.stringMatching(/^[0-9*#]{0,12}$/);
    const gatherOptions = optional({
      action: words,
      timeoutSeconds: seconds,
      finishOnKey: keys,
      numDigits: fc.integer({ min: 1, max: 99 }),
      input: fc.subarray(['dtmf', 'speech'] as const, { minLength: 1 }),
      hints: fc.array(words.filter((text) => !text.includes(','))),
      speechTimeoutSeconds: fc.oneof(seconds, fc.constant('auto' as const)),
    });
    const recordOptions = optional({
      action: words,
      finishOnKey: keys,
      maxLengthSeconds: seconds,
      playBeep: flag,
      ...recordingReports,
    });
    fc.assert(
      fc.property(words, gatherOptions, recordOptions, seconds, (text, gathered, recorded, lengthSeconds) => {
        const verbs = [
          gather(gathered, say(text, { loop: 0 })),
          record(recorded),
          pause(lengthSeconds),
          redirect(text, { method: 'GET' }),
          play(text),
        ];
        expect(readBack(response(...verbs, reject('busy')))).toMatchObject([
          { ...gathered, prompts: [{ text, loop: 0 }] },
          { ...recorded },
          { lengthSeconds },
          { url: text, method: 'GET' },
          { url: text },
          { reason: 'busy' },
        ]);
      }),
    );
  });

  it('[RC36] replaces what XML cannot hold, and writes SSML as it is', () => {
    expect(
      readBack(response(say('a\u0000b\uD800'), say({ ssml: 'a<break/>b' }), play('', { digits: '1' }))),
    ).toMatchObject([{ text: 'a\uFFFDb\uFFFD' }, { text: 'a b', ssml: 'a<break/>b' }, { digits: '1' }]);
  });
});
