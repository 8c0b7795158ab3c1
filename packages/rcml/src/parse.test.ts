import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Document, LooksLike, ParseResult, Position, Verb } from './document.ts';
import { parseRcml } from './parse.ts';

/** The document of a text that must be one, with nothing to complain of unless said. */
function read(text: string, complaints = 0): Document {
  const result = parseRcml(text);
  if (!result.ok) throw new Error(`${result.looksLike}: ${result.complaints[0]?.message}`);
  expect(result.complaints).toHaveLength(complaints);
  return result.document;
}

function firstVerb(body: string, complaints = 0): Verb | undefined {
  return read(`<Response>${body}</Response>`, complaints).verbs[0];
}

function complaintOf(result: ParseResult): {
  code?: number;
  at?: Position;
  message?: string;
  remedy?: string;
} {
  return result.complaints[0] ?? {};
}

function refusal(text: string): [LooksLike | undefined, number | undefined, number | undefined] {
  const result = parseRcml(text);
  const { at } = complaintOf(result);
  return [result.ok ? undefined : result.looksLike, at?.line, at?.column];
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

describe('what is a document', () => {
  it('[RC1] reads an empty Response, in both ways of writing it', () => {
    expect(read('<Response/>')).toEqual({ verbs: [] });
    expect(read('<Response></Response>')).toEqual({ verbs: [] });
  });

  it('[RC1] refuses another root and names the spelling of the right one', () => {
    expect(refusal('<Dial>jenny</Dial>')).toEqual(['wrong-root', 1, 1]);
    const wrongCase = parseRcml('<!-- <x> -->\n <response/>');
    expect(complaintOf(wrongCase)).toMatchObject({ code: 12_100, at: { line: 2, column: 2 } });
    expect(complaintOf(wrongCase).remedy).toContain('<Response>');
  });

  it('[RC2] answers any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseRcml(text).ok).toBeTypeOf('boolean');
      }),
    );
  });

  it('[RC2] answers any string made of the pieces of documents', () => {
    const piece = fc.constantFrom(
      ...'<Response>|</Response>|<Response|<Dial|<Client name="a">|</Client>|</Dial>|/>|>|<Video/>|<!--|-->'.split(
        '|',
      ),
      ...'<![CDATA[|]]>|<?xml|?>|<!DOCTYPE|&|&amp;|&#|;|"|=| |\n|\r|\uFEFF|<|“|’'.split('|'),
      ...'\'|__proto__|constructor|a="1"| loop="x"|<Say>|</Say>'.split('|'),
    );
    const text = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));
    const inside = text.map((body) => `<Response>${body}</Response>`);
    fc.assert(
      fc.property(fc.oneof(text, inside), (any) => {
        expect(parseRcml(any).ok).toBeTypeOf('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  it('[RC2] reads elements and attributes that are called like parts of an object', () => {
    const result = parseRcml(
      '<Response><constructor/><__proto__ __proto__="1">x</__proto__><Hangup/></Response>',
    );
    expect(result.ok && result.document.verbs.map(({ verb }) => verb)).toEqual(['Hangup']);
  });

  it('[RC3] counts lines that end in CRLF, LF or CR', () => {
    expect(read('<Response>\r\n\n\r  <Hangup/></Response>').verbs[0]?.at).toEqual({ line: 4, column: 3 });
    expect(read('<Response>\r<Say>ä😀</Say><Hangup/></Response>').verbs[1]?.at).toEqual({
      line: 2,
      column: 15,
    });
  });

  it('[RC3] places a complaint of an attribute at the attribute', () => {
    const result = parseRcml(
      '<Response>\r\n  <Dial\r\n    action="/a"\r\n    timeout="soon"/>\r\n</Response>',
    );
    expect(complaintOf(result)).toMatchObject({ code: 13_212, at: { line: 4, column: 5 } });
  });

  it.each([
    ['a byte order mark', `\uFEFF${declaration}<Response><Hangup/></Response>`],
    ['a blank line', `\n ${declaration}\n<Response><Hangup/></Response>\n`],
    ['blanks and a mark', ` \r\n\uFEFF${declaration}<Response><Hangup/></Response>`],
    ['a comment', '<!-- & <Dial> --><Response><!-- </Response> --><Hangup/></Response><!-- end -->'],
    ['an instruction', `<?xml-model href='x'?><Response><?php echo "it's" ?><Hangup/></Response>`],
    ['a closing tag with a blank', '<Response ><Hangup></Hangup ></Response >'],
  ])('[RC4] accepts %s', (_, text) => {
    expect(read(text).verbs).toMatchObject([{ verb: 'Hangup' }]);
  });

  it('[RC4] reads CDATA as it stands, and joins text around comments', () => {
    expect(firstVerb('<Say>a <![CDATA[<b> & &amp;]]> c<!-- no -->d</Say>')).toMatchObject({
      text: 'a <b> & &amp; cd',
    });
    expect(firstVerb("<Say language='zh-CN'>\u4F60\u597D 😀</Say>")).toMatchObject({
      text: '你好 😀',
      language: 'zh-CN',
    });
  });

  it('[RC5] repairs a bare & in text and attributes', () => {
    expect(firstVerb('<Dial action="/a?b=1&c=2&amp;d=3"><Sip>sip:a@b?x=1&y=2</Sip></Dial>')).toMatchObject({
      action: '/a?b=1&c=2&d=3',
      nouns: [
        {
          parameters: new Map([
            ['x', '1'],
            ['y', '2'],
          ]),
        },
      ],
    });
  });

  it('[RC5] decodes the references XML knows, once, and no others', () => {
    expect(
      firstVerb('<Say>&lt;&gt;&quot;&apos;&amp;lt; &#65;&#x1F600; &nbsp; &#0; &#xD800; &x &;</Say>'),
    ).toMatchObject({
      text: '<>"\'&lt; A😀 &nbsp; &#0; &#xD800; &x &;',
    });
  });

  it('[RC5] keeps positions true to the text, however many & stand before', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[&a;#\n]{0,40}$/), (noise) => {
        const before = `<Response><Say>x${noise}</Say>`;
        const lines = before.split('\n');
        const at = { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
        expect(read(`${before}<Hangup/></Response>`).verbs[1]?.at).toEqual(at);
      }),
    );
  });

  it('[RC6] refuses a document type, so that there are no entities to expand', () => {
    expect(refusal('<!DOCTYPE Response [<!ENTITY a "b">]><Response/>')).toEqual(['document-type', 1, 1]);
    expect(refusal('<Response><Say>\n<!ENTITY x SYSTEM "file:///etc/passwd"></Say></Response>')).toEqual([
      'document-type',
      2,
      1,
    ]);
  });

  it('[RC7] reads curly quotes as straight ones, and says so', () => {
    const text =
      '<Response><Dial><Client name=”alice”>\n<Video enable=“true” overlay=‘a "b"’/></Client></Dial></Response>';
    expect(read(text, 3).verbs[0]).toMatchObject({
      nouns: [{ target: 'alice', video: true, videoAttributes: { overlay: 'a "b"' } }],
    });
    expect(parseRcml(text).complaints.map(({ at }) => at)).toEqual([
      { line: 1, column: 30 },
      { line: 2, column: 15 },
      { line: 2, column: 30 },
    ]);
    expect(firstVerb('<Say>a=”b”</Say>')).toMatchObject({ text: 'a=”b”' });
  });

  it('[RC8] refuses what is too large or too deep', () => {
    expect(refusal(`<Response><Say>${'é'.repeat(33_000)}</Say></Response>`)[0]).toBe('too-large');
    expect(refusal(`<Response>${'<Hangup/>'.repeat(1000)}</Response>`)[0]).toBe('too-large');
    expect(refusal(`<Response>${'<a>'.repeat(16)}${'</a>'.repeat(16)}</Response>`)).toEqual([
      'too-deep',
      1,
      56,
    ]);
    const attributes = Array.from({ length: 65 }, (_, index) => `a${index}=""`).join(' ');
    expect(refusal(`<Response ${attributes}/>`)[0]).toBe('too-large');
    expect(complaintOf(parseRcml(' '.repeat(70_000))).code).toBe(11_750);
  });

  it('[RC8] keeps a hundred complaints, and clips what they quote', () => {
    expect(parseRcml(`<Response>${'<x/>'.repeat(500)}</Response>`).complaints).toHaveLength(100);
    const quoted = parseRcml(`<Response><Pause length="${'9x'.repeat(5000)}"/></Response>`);
    expect(complaintOf(quoted).message?.length).toBeLessThan(400);
  });
});

const broken: readonly (readonly [text: string, looksLike: LooksLike, line: number, column: number])[] = [
  ['', 'empty', 1, 1],
  [' \r\n', 'empty', 1, 1],
  ['<!-- nothing -->', 'empty', 1, 1],
  ['Hello', 'bare-text', 1, 1],
  ['\n{"a":1}', 'bare-text', 2, 1],
  ['Warning: x\n<Response/>', 'bare-text', 1, 1],
  ['<!DOCTYPE html><html><body>404</body></html>', 'html-page', 1, 1],
  ['<!-- c -->\n<html lang="en"><p></html>', 'html-page', 2, 1],
  ['<html><form><input type="password"></form></html>', 'login-page', 1, 1],
  ['<html><h1>Please log in</h1>', 'login-page', 1, 1],
  ['{\\rtf1 <Response/>}', 'word-processor-file', 1, 1],
  ['<?xml version="1.0"?><?mso-application progid="Word.Document"?><w/>', 'word-processor-file', 1, 1],
  ['<\u0000R\u0000', 'wrong-encoding', 1, 2],
  ['<Response>\n<Say>\u0007</Say></Response>', 'wrong-encoding', 2, 6],
  ['<Response><Say>\uD83D</Say></Response>', 'wrong-encoding', 1, 16],
  ['<Response><Dial action="<YOUR URL>"/></Response>', 'placeholder-left-in', 1, 25],
  ['<Response><Say voice="<voice>">x</Say></Response>', 'placeholder-left-in', 1, 23],
  ['<Response><Dial>\n<YOUR NUMBER></Dial></Response>', 'placeholder-left-in', 2, 1],
  ['<Response><Dial><YOUR_NUMBER></Dial></Response>', 'placeholder-left-in', 1, 17],
  ['<Response/>\ntail', 'text-after-response', 2, 1],
  ['<Response></Response><Response/>', 'text-after-response', 1, 22],
  ['<Response></Response></Response>', 'text-after-response', 1, 22],
  ['<Response></Response><![CDATA[x]]>', 'text-after-response', 1, 22],
  ['<Response/><script>track()</script>', 'text-after-response', 1, 12],
  ['<Response><Say>x</say></Response>', 'broken-xml', 1, 17],
  ['<Response>\n  <Dial>\n</Response>', 'broken-xml', 3, 1],
  ['<Response>\n <Say>x', 'broken-xml', 2, 2],
  ['<Response><Say', 'broken-xml', 1, 11],
  ['<Response><Say voice=man>x</Say></Response>', 'broken-xml', 1, 22],
  ['<Response><Say voice>x</Say></Response>', 'broken-xml', 1, 16],
  ['<Response><Say voice="a" voice="b">x</Say></Response>', 'broken-xml', 1, 26],
  ['<Response><Say voice="a"loop="1">x</Say></Response>', 'broken-xml', 1, 25],
  ['<Response><Dial action="/a>\n<Client>x</Client></Dial></Response>', 'broken-xml', 1, 24],
  ['<Response><Dial action="/a>\n<Client>x</Client><Client name="y"/></Dial></Response>', 'broken-xml', 2, 1],
  ['<Response><Say voice="a>x', 'broken-xml', 1, 22],
  ['<Response><Say voice=”a>x', 'broken-xml', 1, 22],
  ['<Response><Say>1 < 2</Say></Response>', 'broken-xml', 1, 18],
  ['<Response><Say "x">y</Say></Response>', 'broken-xml', 1, 16],
  ['<Response><Say>x</Say a="1"></Response>', 'broken-xml', 1, 17],
  ['</Response>', 'broken-xml', 1, 1],
  ['<Response><!-- x </Response>', 'broken-xml', 1, 11],
  ['<Response><![CDATA[x</Response>', 'broken-xml', 1, 11],
  ['<Response><?x </Response>', 'broken-xml', 1, 11],
  ['<Response><1a/></Response>', 'broken-xml', 1, 14],
  ['<Response></Response', 'broken-xml', 1, 11],
];

describe('what is no document', () => {
  it.each(broken)('[RC9] %j looks like %s', (text, looksLike, line, column) => {
    expect(refusal(text)).toEqual([looksLike, line, column]);
    expect(complaintOf(parseRcml(text))).toMatchObject({ code: 12_100 });
    expect(complaintOf(parseRcml(text)).remedy).not.toBe('');
  });

  it('[RC9] names the right spelling of a closing tag whose case is wrong', () => {
    expect(complaintOf(parseRcml('<Response></response>')).remedy).toContain('</Response>');
  });
});

describe('names and values', () => {
  it('[RC13] skips an unknown verb with all it holds, and names the right spelling', () => {
    const result = parseRcml(
      '<Response><pause/><DIAL><Client>x</Client></DIAL><Quux><Say>x</Say></Quux><Hangup/></Response>',
    );
    expect(result.ok && result.document.verbs.map(({ verb }) => verb)).toEqual(['Hangup']);
    expect(result.complaints.map(({ code, at }) => [code, at.column])).toEqual([
      [12_200, 11],
      [12_200, 19],
      [12_200, 50],
    ]);
    expect(result.complaints.map(({ remedy }) => remedy.slice(0, 22))).toEqual([
      'Did you mean <Pause>? ',
      'Did you mean <Dial>? N',
      'Use Dial, Say, Play, P',
    ]);
  });

  it.each([
    ['<Say lagnauge="fr">x</Say>', 'language'],
    ['<Dial Action="/a"/>', 'action'],
    ['<Dial timeOut="3"/>', 'timeout'],
    ['<Dial><Client><Video layou="linear"/>x</Client></Dial>', 'layout'],
    ['<Gather numDigit="3"/>', 'numDigits'],
  ])('[RC14] asks of %s whether %s was meant', (body, meant) => {
    const result = parseRcml(`<Response>${body}</Response>`);
    expect(result.complaints).toHaveLength(1);
    expect(complaintOf(result).remedy).toContain(meant);
  });

  it('[RC14] ignores attributes that resemble nothing, or belong to somebody else', () => {
    const verb = firstVerb(
      '<Dial xmlns:x="u" x:method="1" colour="red" recordingTrack="both"><Client tier="gold">a</Client></Dial>',
    );
    expect(verb).toMatchObject({ verb: 'Dial', method: 'POST' });
  });

  it('[RC15] compares values without case', () => {
    expect(firstVerb('<Dial method="get" record="TRUE" answerOnBridge="False"/>')).toMatchObject({
      method: 'GET',
      record: 'record-from-answer',
      answerOnBridge: false,
    });
    expect(firstVerb('<Dial><Client><Video resolution="vga" mode="SFU"/>a</Client></Dial>')).toMatchObject({
      nouns: [{ videoAttributes: { resolution: 'VGA', mode: 'sfu' } }],
    });
  });

  it.each([
    ['<Dial method="PUT"/>', 13_210],
    ['<Dial hangupOnStar="yes"/>', 13_213],
    ['<Dial timeLimit="1h"/>', 13_216],
    ['<Dial timeout=""/>', 13_212],
    ['<Dial><Client method="put">a</Client></Dial>', 13_221],
    ['<Dial><Number sendDigits="1,2">1</Number></Dial>', 13_222],
    ['<Dial><Conference muted="maybe">a</Conference></Dial>', 13_230],
    ['<Dial><Conference waitMethod="x">a</Conference></Dial>', 13_234],
    ['<Dial><Conference beep="loud">a</Conference></Dial>', 13_235],
    ['<Dial><Client><Video mode="x"/>a</Client></Dial>', 15_001],
    ['<Dial><Client><Video resolution="x"/>a</Client></Dial>', 15_002],
    ['<Dial><Client><Video layout="x"/>a</Client></Dial>', 15_003],
    ['<Say loop="often">a</Say>', 13_510],
    ['<Play loop="-1">a</Play>', 13_410],
    ['<Gather method="x"/>', 14_104],
    ['<Gather timeout="x"/>', 13_313],
    ['<Gather finishOnKey="x"/>', 13_310],
    ['<Gather numDigits="0"/>', 13_314],
    ['<Gather startInputKey="x"/>', 13_315],
    ['<Gather><Play loop="x">a</Play></Gather>', 13_322],
    ['<Record method="x"/>', 13_610],
    ['<Record maxLength="x"/>', 13_612],
    ['<Record finishOnKey="x"/>', 13_613],
    ['<Redirect method="x"/>', 13_710],
    ['<Reject reason="tired"/>', 13_810],
    ['<Pause length="0"/>', 13_910],
  ])('[RC15] [RC16] reads %s as its default, with code %i', (body, code) => {
    const result = parseRcml(`<Response>${body}</Response>`);
    expect(result.complaints.map((complaint) => complaint.code)).toEqual([code]);
    // The value that was wrong leaves no trace but the complaint.
    const sound = parseRcml(
      `<Response>${body.replace(/ (\w+)="[^"]*"/, (all) => ' '.repeat(all.length))}</Response>`,
    );
    expect(result.ok && sound.ok && result.document).toEqual(sound.ok && sound.document);
  });

  it('[RC16] reads a number that is too large as the largest', () => {
    expect(firstVerb('<Dial timeout="4000000000"/>', 1)).toMatchObject({ timeoutSeconds: 86_400 });
    expect(firstVerb('<Say loop="99999">x</Say>', 1)).toMatchObject({ loop: 1000 });
  });

  it('[RC17] trims, leaves URLs as written, and takes blank ones for none', () => {
    const dial = firstVerb(
      '<Dial action=" ../a b?c=d#e "><Client url="" statusCallback=" "> jenny\n</Client></Dial>',
    );
    expect(dial).toMatchObject({ action: '../a b?c=d#e', nouns: [{ target: 'jenny' }] });
    expect(dial?.verb === 'Dial' && Object.keys(dial.nouns[0] ?? {})).not.toContain('url');
    expect(firstVerb('<Dial action=""/>')).not.toHaveProperty('action');
    expect(firstVerb('<Dial><Conference waitUrl="">a</Conference></Dial>')).toMatchObject({
      nouns: [{ waitUrl: '' }],
    });
    expect(firstVerb('<Redirect/>')).toMatchObject({ url: '' });
  });

  it('[RC18] notes loose text, at its first letter', () => {
    const result = parseRcml(
      '<Response>\n  timeout=”5”\n<Hangup/> and\n<Dial><Client>a</Client> or</Dial></Response>',
    );
    expect(result.complaints.map(({ code, at }) => [code, at.line, at.column])).toEqual([
      [12_200, 2, 3],
      [12_200, 3, 11],
      [12_200, 4, 26],
    ]);
  });

  it('[RC19] recognises verbs it does not run, and skips them', () => {
    const names = ['Sms', 'Fax', 'Email', 'Geolocation', 'UssdCollect', 'Enqueue'];
    const result = parseRcml(
      `<Response>${names.map((name) => `<${name}><Hangup/></${name}>`).join('')}</Response>`,
    );
    expect(result).toMatchObject({ ok: true, document: { verbs: [] } });
    expect(result.complaints.map(({ message }) => message)).toEqual(
      names.map((name) => `<${name}> is not supported; it was skipped with all it holds.`),
    );
  });
});
