import { describe, expect, it } from 'vitest';
import { CALLER, CALL_SID, Scene, sidOf } from './scene.test.kit.ts';

const AFTER = { answers: { '/said': '<Pause length="60"/>' } };
const gather = (attributes = '', prompts = ''): string =>
  `<Gather input="speech" action="/said" timeout="4" ${attributes}>${prompts}</Gather><Pause length="30"/>`;

/** What was asked at the action, or undefined where the next verb followed. */
function said(scene: Scene): Readonly<Record<string, string>> | undefined {
  return scene.asked.find(({ url }) => url === '/said')?.params;
}

describe('a <Gather> for words', () => {
  it('[TN30] listens from its beginning, with the language and hints of the document, and is answered', () => {
    const scene = new Scene(
      gather('language="de-DE" hints="Rechnung, Versand"', '<Say>Worum geht es?</Say>'),
      AFTER,
    );
    expect(scene.of('listen')).toMatchObject([
      { leg: CALL_SID, party: CALLER, verb: { language: 'de-DE', hints: ['Rechnung', 'Versand'] } },
    ]);
    expect(scene.state.caller.name).toBe('answered');
    scene.says({ what: 'began' });
    scene.says({ what: 'understood', text: 'eine Rechnung', confidence: 0.93 });
    expect(said(scene)).toMatchObject({ SpeechResult: 'eine Rechnung', Confidence: '0.93' });
    expect(said(scene)).not.toHaveProperty('Digits');
    expect(scene.of('stopListening')).toEqual([]);
  });

  it('[TN31] the first word stops the prompt', () => {
    const scene = new Scene(gather('', '<Say>A long story.</Say><Say>And more.</Say>'), AFTER);
    scene.says({ what: 'began' });
    expect(scene.of('stopPlaying')).toHaveLength(1);
    expect(scene.ledger.playing.size).toBe(0);
    scene.says({ what: 'began' });
    scene.pass(10_000);
    scene.says({ what: 'understood', text: 'yes' });
    expect(said(scene)).toMatchObject({ SpeechResult: 'yes' });
    expect(said(scene)).not.toHaveProperty('Confidence');
  });

  it('[TN32] silence of timeout after the prompts is no input, and nobody listens any more', () => {
    const scene = new Scene(gather('', '<Say>Well?</Say>'), AFTER);
    scene.heard();
    scene.pass(3999);
    expect(scene.of('stopListening')).toEqual([]);
    scene.pass(1);
    expect(scene.of('stopListening')).toHaveLength(1);
    expect(said(scene)).toBeUndefined();
    const [listen] = scene.of('listen');
    scene.feed({
      type: 'heard',
      leg: CALL_SID,
      listenId: listen?.listenId ?? 0,
      hearing: { what: 'understood', text: 'too late' },
    });
    expect(said(scene)).toBeUndefined();
  });

  it('[TN32] whoever speaks is not timed out, but does not speak for ever', () => {
    const scene = new Scene(gather(), AFTER);
    scene.pass(3000);
    scene.says({ what: 'began' });
    scene.pass(60_000);
    expect(scene.of('stopListening')).toEqual([]);
    scene.pass(15_000);
    expect(scene.of('stopListening')).toHaveLength(1);
    expect(said(scene)).toBeUndefined();
    expect(scene.isOver).toBe(false);
  });

  it.each([
    ['nothing is understood', { what: 'understood', text: '' }],
    ['the recogniser fails', { what: 'failed' }],
  ] as const)('[TN33] where %s the next verb follows, unless actionOnEmptyResult', (_, hearing) => {
    for (const wants of [false, true]) {
      const scene = new Scene(gather(`actionOnEmptyResult="${wants}"`), AFTER);
      scene.says({ what: 'began' });
      scene.says(hearing);
      if (wants) expect(said(scene)).toMatchObject({ Digits: '' });
      else expect(said(scene)).toBeUndefined();
      expect(scene.of('stopListening')).toEqual([]);
    }
  });

  it('[TN33] [SC18] without a recogniser whoever says nothing may still press keys, and is timed out', () => {
    const scene = new Scene(gather('input="dtmf speech"').replace('input="speech" ', ''), AFTER);
    scene.says({ what: 'failed' });
    scene.pass(3000);
    scene.press('7');
    scene.pass(4000);
    expect(said(scene)).toMatchObject({ Digits: '7' });
    const silent = new Scene(gather(), AFTER);
    silent.says({ what: 'failed' });
    silent.pass(4000);
    expect(said(silent)).toBeUndefined();
    expect(silent.isOver).toBe(false);
  });

  it('[TN34] keys go before words', () => {
    const scene = new Scene(
      gather('input="dtmf speech" numDigits="2"').replace('input="speech" ', ''),
      AFTER,
    );
    scene.says({ what: 'began' });
    scene.press('4');
    expect(scene.of('stopListening')).toHaveLength(1);
    scene.says({ what: 'understood', text: 'four' });
    scene.press('2');
    expect(said(scene)).toMatchObject({ Digits: '42' });
    expect(said(scene)).not.toHaveProperty('SpeechResult');
  });

  it('[TN34] keys mean nothing to a <Gather> for words alone', () => {
    const scene = new Scene(gather(), AFTER);
    scene.press('4');
    expect(scene.of('stopListening')).toEqual([]);
    scene.says({ what: 'understood', text: 'four' });
    expect(said(scene)).toMatchObject({ SpeechResult: 'four' });
  });

  it('[TN35] tells what is understood so far, a hundred times at most, and waits for no answer', () => {
    const scene = new Scene(gather('partialResultCallback="/partial"'), AFTER);
    scene.says({ what: 'began' });
    for (let i = 0; i < 150; i++) scene.says({ what: 'partial', text: `word ${i}` });
    const asked = scene.of('ask');
    expect(asked).toHaveLength(100);
    expect(asked[1]?.request).toMatchObject({ written: '/partial', method: 'POST' });
    expect(Object.fromEntries(asked[1]?.params ?? [])).toMatchObject({
      CallSid: CALL_SID,
      CallStatus: 'in-progress',
      UnstableSpeechResult: 'word 1',
      SequenceNumber: '1',
    });
    scene.says({ what: 'understood', text: 'all words' });
    expect(said(scene)).toMatchObject({ SpeechResult: 'all words' });
    const silent = new Scene(gather(), AFTER);
    silent.says({ what: 'partial', text: 'a word' });
    expect(silent.of('ask')).toEqual([]);
  });

  it.each([
    ['hangs up', (scene: Scene) => scene.hangup()],
    ['is lost', (scene: Scene) => scene.gone(CALLER)],
    [
      'is ended by REST',
      (scene: Scene) => scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'end' } }),
    ],
  ])('[TN36] nobody listens to a caller who %s', (_, act) => {
    const scene = new Scene(gather(), AFTER);
    scene.says({ what: 'began' });
    act(scene);
    expect(scene.isOver).toBe(true);
    expect(scene.ledger.listening.size).toBe(0);
  });

  it('[TN36] [CL4] a screening document listens to the called person', () => {
    const scene = new Scene('<Dial><Client url="/screen">jenny</Client></Dial>', {
      answers: { '/screen': gather().replace('<Pause length="30"/>', '<Hangup/>'), '/said': '<Pause/>' },
    });
    scene.accept('jenny');
    expect(scene.of('listen')).toMatchObject([{ leg: sidOf(1), party: 'jenny' }]);
    scene.says({ what: 'understood', text: 'yes', confidence: 1 });
    expect(said(scene)).toMatchObject({ CallSid: sidOf(1), SpeechResult: 'yes' });
    scene.pass(1000);
    expect(scene.joins).toEqual(['jenny']);
  });
});
