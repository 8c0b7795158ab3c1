import { describe, expect, it } from 'vitest';
import type { Dial, Noun, Verb } from './document.ts';
import { parseRcml } from './parse.ts';

function parse(body: string): { verbs: readonly Verb[]; codes: readonly number[] } {
  const result = parseRcml(`<Response>${body}</Response>`);
  if (!result.ok) throw new Error(result.complaints[0]?.message);
  return { verbs: result.document.verbs, codes: result.complaints.map(({ code }) => code) };
}

function verb(body: string): Verb | undefined {
  const { verbs, codes } = parse(body);
  expect(codes).toEqual([]);
  return verbs[0];
}

function dial(body: string, codes: readonly number[] = []): Dial {
  const parsed = parse(body);
  expect(parsed.codes).toEqual(codes);
  const [first] = parsed.verbs;
  if (first?.verb !== 'Dial') throw new Error('no dial');
  return first;
}

function nouns(body: string, codes: readonly number[] = []): readonly Noun[] {
  return dial(`<Dial>${body}</Dial>`, codes).nouns;
}

const at = { line: 1, column: 11 };
const reports = { recordingStatusCallbackMethod: 'POST', recordingStatusCallbackEvents: ['completed'] };

describe('Dial', () => {
  it('[RC20] has these defaults', () => {
    expect(dial('<Dial/>')).toEqual({
      verb: 'Dial',
      at,
      method: 'POST',
      timeoutSeconds: 30,
      timeLimitSeconds: 14_400,
      hangupOnStar: false,
      record: 'do-not-record',
      trim: 'do-not-trim',
      sequential: false,
      answerOnBridge: true,
      nouns: [],
      ...reports,
    });
  });

  it('[RC20] reads every attribute', () => {
    const text =
      '<Dial action="/a" method="GET" timeout="5" timeLimit="60" callerId="client:bob" hangupOnStar="true"' +
      ' record="record-from-ringing-dual" trim="trim-silence" ringTone="us" dialMusic="/m" sequential="true"' +
      ' answerOnBridge="false" recordingStatusCallback="/r" recordingStatusCallbackMethod="GET"' +
      ' recordingStatusCallbackEvent="absent in-progress"/>';
    expect(dial(text)).toMatchObject({
      action: '/a',
      method: 'GET',
      timeoutSeconds: 5,
      timeLimitSeconds: 60,
      callerId: 'client:bob',
      hangupOnStar: true,
      record: 'record-from-ringing-dual',
      trim: 'trim-silence',
      ringTone: 'us',
      dialMusic: '/m',
      sequential: true,
      answerOnBridge: false,
      recordingStatusCallback: '/r',
      recordingStatusCallbackMethod: 'GET',
      recordingStatusCallbackEvents: ['in-progress', 'absent'],
    });
    expect(dial('<Dial record="false"/>').record).toBe('do-not-record');
  });

  it('[RC21] takes text alone for a number, a client or a SIP address', () => {
    expect(dial('<Dial url="/x">+1 (555) 123</Dial>').nouns).toMatchObject([
      { noun: 'Number', target: '+1555123' },
    ]);
    expect(dial('<Dial url="/x">+1 555</Dial>').nouns[0]).not.toHaveProperty('url');
    expect(nouns(' client:jenny?a=1 ')).toMatchObject([{ noun: 'Client', target: 'jenny' }]);
    expect(nouns('sip:a@b')).toMatchObject([{ noun: 'Sip', target: 'sip:a@b' }]);
    expect(nouns('+1<Client>a</Client>', [12_200])).toMatchObject([{ noun: 'Client' }]);
  });

  it('[RC22] keeps a noun that names nobody, as a branch that is refused', () => {
    const branches = nouns(
      '<Client/><Client>?a=1</Client><Number>ext.</Number><Client>bob</Client>',
      [13_223, 13_223, 13_223],
    );
    expect(branches.map(({ target, refused }) => [target, refused?.code])).toEqual([
      [null, 13_223],
      [null, 13_223],
      [null, 13_223],
      ['bob', undefined],
    ]);
    expect(nouns('<Conference> </Conference>', [13_237])).toMatchObject([
      { target: null, refused: { code: 13_237 } },
    ]);
  });

  it('[RC22] skips what is no noun, and names the right spelling', () => {
    const { codes } = parse('<Dial><client>a</client><Queue>b</Queue><Client>c</Client></Dial>');
    expect(codes).toEqual([13_215, 13_215]);
  });

  it('[RC23] refuses the eleventh noun and later, and keeps them', () => {
    const ten = '<Client>a</Client>'.repeat(9) + '<Number>1</Number>';
    const branches = nouns(`${ten}<Client>k</Client><Sip>l@m</Sip>`, [13_250, 13_250]);
    expect(branches.map(({ refused }) => refused?.code)).toEqual([
      ...Array<undefined>(10).fill(undefined),
      13_250,
      13_250,
    ]);
    expect(branches[10]).toMatchObject({ target: 'k' });
  });
});

describe('nouns', () => {
  it('[RC24] takes the name where there is video or no body, else the body', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['<Client>alice</Client>', 'alice'],
      ['<Client name="bob">alice</Client>', 'alice'],
      ['<Client name="bob"/>', 'bob'],
      ['<Client name="bob"> </Client>', 'bob'],
      ['<Client name="alice"><Video/></Client>', 'alice'],
      ['<Client name="alice">bob<Video/></Client>', 'alice'],
      ['<Client><Video/>alice</Client>', 'alice'],
      ['<Client name=""><Video/>alice</Client>', 'alice'],
      ['<Client>client:alice</Client>', 'alice'],
      ['<Client><Identity> alice </Identity></Client>', 'alice'],
      ['<Client>myclient:alice</Client>', 'myclient:alice'],
      ['<Sip name="a@b"/>', 'a@b'],
      ['<Conference name="room"/>', 'room'],
    ];
    for (const [body, target] of cases) expect(nouns(body)).toMatchObject([{ target }]);
  });

  it('[RC25] reads the parameters of a target', () => {
    const [client] = nouns(
      '<Client>alice?X-A=1&b=a%20b+c&=no&flag&e=&e2=x=y&b=2%E4%BD%A0&bad=%zz%ff%41%C0%80&</Client>',
    );
    expect(client).toMatchObject({ target: 'alice' });
    expect(client?.noun === 'Client' && [...client.parameters]).toEqual([
      ['X-A', '1'],
      ['b', '2你'],
      ['flag', ''],
      ['e', ''],
      ['e2', 'x=y'],
      ['bad', '%zz%ffA%C0%80'],
    ]);
    expect(nouns('<Client name="alice?a=1&amp;b=a%20b+c"><Video/></Client>')).toMatchObject([
      {
        target: 'alice',
        parameters: new Map([
          ['a', '1'],
          ['b', 'a b+c'],
        ]),
      },
    ]);
  });

  it('[RC26] merges Parameter children over them', () => {
    const body = '<Client>a?x=1&y=2<Parameter name="y" value="a%20b"/><Parameter name="z"/></Client>';
    expect(nouns(body)).toMatchObject([
      {
        target: 'a',
        parameters: new Map([
          ['x', '1'],
          ['y', 'a%20b'],
          ['z', ''],
        ]),
      },
    ]);
    nouns('<Client>a<Parameter value="1"/></Client>', [12_200]);
  });

  it('[RC26] refuses a noun whose parameters are more than 4 KiB', () => {
    expect(nouns(`<Client>a?x=${'é'.repeat(2047)}</Client>`)[0]).not.toHaveProperty('refused');
    expect(nouns(`<Client>a?xyz=${'é'.repeat(2047)}</Client>`, [31_103])).toMatchObject([
      { target: 'a', refused: { code: 31_103 }, parameters: new Map() },
    ]);
  });

  it('[RC27] asks for video unless it is disabled', () => {
    expect(nouns('<Client>a</Client>')[0]).toMatchObject({ video: false });
    expect(nouns('<Client>a</Client>')[0]).not.toHaveProperty('videoAttributes');
    const videoAttributes = { mode: 'mcu', resolution: '720p', layout: 'tile', overlay: '' };
    expect(nouns('<Client>a<Video/></Client>')[0]).toMatchObject({ video: true, videoAttributes });
    expect(nouns('<Client>a<Video enable="false"/></Client>')[0]).toMatchObject({
      video: false,
      videoAttributes,
    });
    nouns('<Client>a<video/></Client>', [12_200]);
  });

  it('[RC28] reads the list of events', () => {
    const events = (list: string, codes: readonly number[] = []): unknown => {
      const [noun] = nouns(`<Client statusCallback="/s" statusCallbackEvent="${list}">a</Client>`, codes);
      return noun?.noun === 'Client' && noun.statusCallbackEvents;
    };
    expect(events('answered,  initiated')).toEqual(['initiated', 'answered']);
    expect(events('Ringing answered ringing')).toEqual(['ringing', 'answered']);
    expect(events('ringing hello completed', [12_200])).toEqual(['ringing', 'completed']);
    expect(events('hello world', [12_200, 12_200])).toEqual(['completed']);
    expect(events('')).toEqual(['completed']);
    expect(nouns('<Client statusCallback="/s">a</Client>')).toMatchObject([
      { statusCallbackEvents: ['completed'] },
    ]);
  });

  it('[RC28] has these defaults, and reads every attribute of a leg', () => {
    expect(nouns('<Client>a</Client>')).toEqual([
      {
        noun: 'Client',
        at: { line: 1, column: 17 },
        target: 'a',
        parameters: new Map(),
        method: 'POST',
        screeningTimeoutSeconds: 60,
        statusCallbackMethod: 'POST',
        statusCallbackEvents: ['completed'],
        video: false,
      },
    ]);
    const text =
      '<Client url="/u" method="get" timeout="9" statusCallback="/s" statusCallbackMethod="GET">a</Client>';
    expect(nouns(text)).toMatchObject([
      {
        url: '/u',
        method: 'GET',
        screeningTimeoutSeconds: 9,
        statusCallback: '/s',
        statusCallbackMethod: 'GET',
      },
    ]);
  });

  it('[RC29] reads Number, Sip and Uri', () => {
    expect(nouns('<Number sendDigits="ww12#">+1 (555) 010-2*3#?X-A=1&X-B=2</Number>')).toMatchObject([
      {
        target: '+15550102*3#',
        sendDigits: 'ww12#',
        parameters: new Map([
          ['X-A', '1'],
          ['X-B', '2'],
        ]),
      },
    ]);
    expect(
      nouns('<Sip username="u" password="p">sip:a@b;transport=tcp?h=1</Sip><Uri>sip:c@d</Uri>'),
    ).toMatchObject([
      {
        noun: 'Sip',
        target: 'sip:a@b;transport=tcp',
        username: 'u',
        password: 'p',
        parameters: new Map([['h', '1']]),
      },
      { noun: 'Sip', target: 'sip:c@d' },
    ]);
  });

  it('[RC30] reads a Conference and its defaults', () => {
    expect(nouns('<Conference>room</Conference>')).toEqual([
      {
        noun: 'Conference',
        at: { line: 1, column: 17 },
        target: 'room',
        muted: false,
        beep: true,
        video: false,
        startConferenceOnEnter: true,
        endConferenceOnExit: false,
        maxParticipants: 40,
        waitMethod: 'POST',
        record: 'do-not-record',
        trim: 'trim-silence',
        statusCallbackMethod: 'POST',
        statusCallbackEvents: ['start', 'end'],
        ...reports,
      },
    ]);
    expect(nouns('<Conference beep="onenter" maxParticipants="3">r</Conference>')).toMatchObject([
      { beep: 'onEnter', maxParticipants: 3 },
    ]);
    expect(nouns('<Conference maxParticipants="100">r</Conference>', [12_200])).toMatchObject([
      { maxParticipants: 40 },
    ]);
  });

  it('[RC30] refuses whoever stands beside a conference', () => {
    const branches = nouns(
      '<Client>a</Client><Conference>r</Conference><Conference>s</Conference>',
      [13_215, 13_215],
    );
    expect(branches.map(({ refused }) => refused?.code)).toEqual([13_215, undefined, 13_215]);
  });
});

describe('the other verbs', () => {
  it('[RC31] says plain words', () => {
    expect(verb('<Say>  Hello  there </Say>')).toEqual({
      verb: 'Say',
      at,
      text: 'Hello  there',
      voice: 'man',
      language: 'en',
      loop: 1,
    });
    expect(verb('<Say voice="Polly.Joanna" language="en-gb" loop="0">x</Say>')).toMatchObject({
      voice: 'Polly.Joanna',
      language: 'en-gb',
      loop: 0,
    });
  });

  it('[RC31] keeps SSML, and its words', () => {
    const text =
      '<Say>Hi<break time="1s"/><emphasis level="strong">you</emphasis> &amp; <sub alias="World Wide Web">WWW</sub></Say>';
    expect(verb(text)).toMatchObject({
      text: 'Hi you & World Wide Web',
      ssml: 'Hi<break time="1s"/><emphasis level="strong">you</emphasis> &amp; <sub alias="World Wide Web">WWW</sub>',
    });
  });

  it('[RC31] leaves out tags that are not SSML', () => {
    const { verbs, codes } = parse('<Say>Hi <b>you</b><Pause/><Sms>secret</Sms></Say>');
    expect(verbs).toMatchObject([{ text: 'Hi you' }]);
    expect(verbs[0]).not.toHaveProperty('ssml');
    expect(codes).toEqual([12_200, 12_200, 12_200]);
  });

  it('[RC32] leaves out what has nothing to say or play', () => {
    expect(parse('<Say> </Say><Play/><Hangup/>')).toMatchObject({
      verbs: [{ verb: 'Hangup' }],
      codes: [13_520, 13_420],
    });
    expect(verb('<Play loop="0">a.wav</Play>')).toEqual({ verb: 'Play', at, url: 'a.wav', loop: 0 });
    expect(verb('<Play digits="ww1"/>')).toEqual({ verb: 'Play', at, digits: 'ww1', loop: 1 });
  });

  it('[RC33] gathers, with these defaults', () => {
    expect(verb('<Gather/>')).toEqual({
      verb: 'Gather',
      at,
      method: 'POST',
      timeoutSeconds: 5,
      finishOnKey: '#',
      input: ['dtmf'],
      actionOnEmptyResult: false,
      language: 'en-US',
      hints: [],
      partialResultCallbackMethod: 'POST',
      prompts: [],
    });
    const text =
      '<Gather finishOnKey="" numDigits="4" input="speech dtmf" hints="a, b c,," speechTimeout="auto" startInputKey="12"' +
      ' partialResultCallback="/p" actionOnEmptyResult="true"><Say>a</Say><Pause/><Play>b</Play></Gather>';
    expect(verb(text)).toMatchObject({
      finishOnKey: '',
      numDigits: 4,
      input: ['dtmf', 'speech'],
      hints: ['a', 'b c'],
      speechTimeoutSeconds: 'auto',
      startInputKey: '12',
      partialResultCallback: '/p',
      actionOnEmptyResult: true,
      prompts: [{ verb: 'Say' }, { verb: 'Pause' }, { verb: 'Play' }],
    });
    expect(verb('<Gather speechTimeout="3"/>')).toMatchObject({ speechTimeoutSeconds: 3 });
    expect(parse('<Gather><Dial>1</Dial><say>x</say></Gather>').codes).toEqual([13_320, 13_320]);
  });

  it('[RC34] records, with these defaults', () => {
    expect(verb('<Record/>')).toEqual({
      verb: 'Record',
      at,
      method: 'POST',
      timeoutSeconds: 5,
      finishOnKey: '1234567890*#',
      maxLengthSeconds: 3600,
      playBeep: true,
      media: 'audio_only',
      trim: 'trim-silence',
      transcribe: false,
      ...reports,
    });
    expect(verb('<Record finishOnKey="-1" media="audio_video"/>')).toMatchObject({
      finishOnKey: '',
      media: 'audio_video',
    });
    expect(verb('<Record finishOnKey=""/>')).toMatchObject({ finishOnKey: '' });
    expect(parse('<Record><Say>x</Say></Record>').codes).toEqual([12_200]);
  });

  it('[RC35] reads Pause, Redirect, Reject and Hangup', () => {
    expect(verb('<Pause/>')).toEqual({ verb: 'Pause', at, lengthSeconds: 1 });
    expect(verb('<Pause length="10"/>')).toMatchObject({ lengthSeconds: 10 });
    expect(verb('<Redirect method="GET"> /next?a=1&b=2 </Redirect>')).toEqual({
      verb: 'Redirect',
      at,
      url: '/next?a=1&b=2',
      method: 'GET',
    });
    expect(verb('<Reject/>')).toEqual({ verb: 'Reject', at, reason: 'rejected' });
    expect(verb('<Reject reason="BUSY"/>')).toMatchObject({ reason: 'busy' });
    expect(verb('<Hangup/>')).toEqual({ verb: 'Hangup', at });
  });
});
