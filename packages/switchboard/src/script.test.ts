import { describe, expect, it } from 'vitest';
import { rcml, recordingOf } from './scene.test.kit.ts';
import {
  SCRIPT_LIMITS,
  scriptDeadlineMs,
  type ScriptInput,
  type ScriptOutput,
  type ScriptRules,
  type ScriptState,
} from './script-state.ts';
import { abortScript, startScript, startScriptWith, stepScript } from './script.ts';

const RULES: ScriptRules = {
  role: 'application',
  answered: false,
  limits: SCRIPT_LIMITS,
  newRecording: () => recordingOf(1),
};
const FALLBACK = { url: '/fallback', base: 'https://app.example/voice', method: 'POST' } as const;
const BASE = 'https://app.example/voice';

/** One script and a clock turned by hand. */
class Bench {
  nowMs = 0;
  state: ScriptState;
  readonly outputs: ScriptOutput[] = [];
  readonly #rules: ScriptRules;

  constructor(document: string | null, rules: Partial<ScriptRules> = {}) {
    this.#rules = { ...RULES, ...rules };
    const first =
      document === null
        ? startScript({ written: '/voice', base: BASE, method: 'GET', params: [] }, this.#rules, 0)
        : startScriptWith(rcml(document), BASE, this.#rules, 0);
    this.state = first.state;
    this.outputs.push(...first.outputs);
  }

  feed(input: ScriptInput): readonly ScriptOutput[] {
    const step = stepScript(this.state, input, this.#rules, this.nowMs);
    this.state = step.state;
    this.outputs.push(...step.outputs);
    return step.outputs;
  }

  pass(ms: number): readonly ScriptOutput[] {
    const before = this.outputs.length;
    const untilMs = this.nowMs + ms;
    for (
      let due = scriptDeadlineMs(this.state);
      due !== undefined && due <= untilMs;
      due = scriptDeadlineMs(this.state)
    ) {
      this.nowMs = Math.max(this.nowMs, due);
      this.feed({ type: 'clock' });
    }
    this.nowMs = untilMs;
    return this.outputs.slice(before);
  }

  fetched(document: string, foundAt = 'https://app.example/dir/next'): readonly ScriptOutput[] {
    const { phase } = this.state;
    if (phase.name !== 'fetching') throw new Error(`nothing is fetched: ${phase.name}`);
    return this.feed({ type: 'documentFetched', fetchId: phase.fetchId, document: rcml(document), foundAt });
  }

  failed(code = 11200, url?: string): readonly ScriptOutput[] {
    const { phase } = this.state;
    if (phase.name !== 'fetching') throw new Error(`nothing is fetched: ${phase.name}`);
    const fault = { code, message: 'no', ...(url === undefined ? {} : { url }) };
    return this.feed({ type: 'documentFailed', fetchId: phase.fetchId, fault });
  }

  press(digits: string): readonly ScriptOutput[] {
    return this.feed({ type: 'digits', digits });
  }

  heard(): readonly ScriptOutput[] {
    const playId = this.outputs.findLast((output) => output.type === 'play')?.playId;
    if (playId === undefined) throw new Error('nothing plays');
    return this.feed({ type: 'played', playId });
  }

  get end(): string | undefined {
    return this.state.phase.name === 'ended' ? this.state.phase.how.type : undefined;
  }

  /** What was asked for last. */
  get request(): Extract<ScriptOutput, { type: 'fetch' }>['request'] | undefined {
    return this.outputs.findLast((output) => output.type === 'fetch')?.request;
  }

  get notified(): readonly number[] {
    return this.outputs.flatMap((output) => (output.type === 'notify' ? [output.code] : []));
  }
}

const words = (outputs: readonly ScriptOutput[]): readonly string[] => outputs.map((output) => output.type);

describe('documents', () => {
  it('[SC1] runs the verbs in order, and is finished after the last', () => {
    const bench = new Bench('<Say>One</Say><Pause length="2"/><Play>/two.wav</Play>');
    expect(words(bench.outputs)).toEqual(['answer', 'play']);
    expect(bench.heard()).toEqual([]);
    expect(bench.pass(2000)).toMatchObject([
      { type: 'answer' },
      { type: 'play', prompt: { url: '/two.wav' } },
    ]);
    expect(bench.end).toBeUndefined();
    bench.heard();
    expect(bench.end).toBe('finished');
  });

  it('[SC1] an empty document is finished when it begins', () => {
    expect(new Bench('').end).toBe('finished');
  });

  it('[SC2] waits twenty seconds for a document, then it has failed and says so', () => {
    const bench = new Bench(null);
    bench.pass(19_999);
    expect(bench.end).toBeUndefined();
    bench.pass(1);
    expect(bench.end).toBe('failed');
    expect(bench.notified).toEqual([11205]);
  });

  it('[SC2] a document that was given up means nothing when it comes', () => {
    const bench = new Bench(null, { fallback: FALLBACK });
    bench.pass(20_000);
    const before = bench.outputs.length;
    bench.feed({ type: 'documentFetched', fetchId: 1, document: rcml('<Say>Late</Say>'), foundAt: '' });
    bench.feed({ type: 'documentFailed', fetchId: 1, fault: { code: 1, message: '' } });
    expect(bench.outputs).toHaveLength(before);
    expect(bench.state.phase).toMatchObject({ name: 'fetching', isFallback: true });
  });

  it('[SC3] [D19] a document that fails: the fallback is asked, with the code and the URL that was really asked', () => {
    const bench = new Bench(null, { fallback: FALLBACK });
    bench.failed(11210, 'https://app.example/moved');
    expect(bench.request).toEqual({
      written: '/fallback',
      base: 'https://app.example/voice',
      method: 'POST',
      params: [
        ['ErrorCode', '11210'],
        ['ErrorUrl', 'https://app.example/moved'],
      ],
    });
    bench.fetched('<Say>Sorry</Say>');
    expect(bench.state.phase.name).toBe('playing');
  });

  it('[SC3] later documents have a fallback too, and it fails once', () => {
    const bench = new Bench('<Say>Hi</Say><Redirect>next</Redirect>', { fallback: FALLBACK });
    bench.heard();
    bench.failed();
    expect(bench.request?.params).toContainEqual(['ErrorUrl', 'next']);
    bench.failed(11205);
    expect(bench.state.phase).toMatchObject({
      name: 'ended',
      how: { type: 'failed', fault: { code: 11205 } },
    });
  });

  it('[SC4] [SC5] Redirect leaves the document, and goes out as written with where the document was found', () => {
    const bench = new Bench(null);
    bench.fetched('<Redirect method="GET">next?a=1</Redirect><Say>Never</Say>');
    expect(bench.request).toMatchObject({
      written: 'next?a=1',
      base: 'https://app.example/dir/next',
      method: 'GET',
    });
    bench.fetched('');
    expect(bench.end).toBe('finished');
    expect(words(bench.outputs)).not.toContain('play');
  });

  it('[SC4] an empty Redirect asks for the current document as it was asked for', () => {
    const bench = new Bench(null);
    bench.fetched('<Redirect/>');
    expect(bench.request).toMatchObject({ written: 'https://app.example/dir/next', method: 'GET' });
  });

  it('[D21] twenty-five documents in a row that do nothing end it, with a notification', () => {
    const bench = new Bench(null);
    for (let count = 1; count < 25; count++) bench.fetched('<Redirect/>');
    expect(bench.end).toBeUndefined();
    bench.fetched('<Redirect/>');
    expect(bench.end).toBe('failed');
    expect(bench.notified).toEqual([11215]);
  });

  it('[D21] a verb that takes time begins the count anew', () => {
    const bench = new Bench(null);
    for (let count = 1; count < 100; count++) {
      bench.fetched('<Pause length="1"/><Redirect/>');
      bench.pass(1000);
    }
    expect(bench.end).toBeUndefined();
  });

  it('[SC6] [D21] prompts that are over at once do not: a gateway without a voice is not asked for ever', () => {
    const bench = new Bench(null);
    for (let count = 1; count <= 25; count++) {
      bench.fetched('<Say>Round and round</Say><Redirect/>');
      bench.heard();
    }
    expect(bench.end).toBe('failed');
  });

  it('[SC6] [D21] nor does a dial that rings nobody', () => {
    const bench = new Bench(null);
    for (let count = 1; count <= 25; count++) {
      bench.fetched('<Dial action="/again"><Client>nobody</Client></Dial>');
      bench.nowMs += 99;
      bench.feed({ type: 'dialEnded', params: [] });
    }
    expect(bench.end).toBe('failed');
  });
});

describe('verbs', () => {
  it('[SC7] a prompt that never ends is over after four hours', () => {
    const bench = new Bench('<Play loop="0">/hold.wav</Play><Hangup/>');
    bench.pass(4 * 3_600_000 - 1);
    expect(bench.end).toBeUndefined();
    expect(bench.pass(1)).toEqual([{ type: 'stopPlaying', playId: 1 }]);
    expect(bench.end).toBe('hangup');
  });

  it('[SC7] the end of another prompt is not this one’s', () => {
    const bench = new Bench('<Say>One</Say><Hangup/>');
    bench.feed({ type: 'played', playId: 99 });
    expect(bench.end).toBeUndefined();
  });

  it('[SC8] a Pause lasts what it says, and needs no answer', () => {
    const bench = new Bench('<Pause length="3"/>');
    expect(bench.outputs).toEqual([]);
    bench.pass(2999);
    expect(bench.end).toBeUndefined();
    bench.pass(1);
    expect(bench.end).toBe('finished');
  });

  it('[SC9] Hangup and Reject end it, and what follows never runs', () => {
    expect(new Bench('<Hangup/><Say>Never</Say>')).toMatchObject({ end: 'hangup', outputs: [] });
    expect(new Bench('<Reject reason="busy"/><Say>Never</Say>').state.phase).toMatchObject({
      how: { type: 'reject', reason: 'busy' },
    });
  });

  it('[SC9] what is not available is notified with its place, and skipped', () => {
    const bench = new Bench('<Reject/><Hangup/>', { answered: true });
    expect(bench.outputs).toMatchObject([
      { type: 'notify', severity: 'warning', at: { line: 1, column: 11 } },
    ]);
    expect(bench.end).toBe('hangup');
  });

  it('[SC10] a Dial waits for its end alone; then the next verb follows', () => {
    const bench = new Bench('<Dial><Client>jenny</Client></Dial><Say>Bye</Say>');
    expect(scriptDeadlineMs(bench.state)).toBeUndefined();
    bench.feed({ type: 'clock' });
    bench.feed({ type: 'played', playId: 1 });
    expect(words(bench.outputs)).toEqual(['dial']);
    expect(words(bench.feed({ type: 'dialEnded', params: [] }))).toEqual(['answer', 'play']);
  });

  it('[SC10] with an action, its outcome is sent there, and the verbs after it never run', () => {
    const bench = new Bench(
      '<Dial action="after" method="GET"><Client>jenny</Client></Dial><Say>Never</Say>',
    );
    bench.feed({ type: 'dialEnded', params: [['DialCallStatus', 'busy']] });
    expect(bench.request).toEqual({
      written: 'after',
      base: BASE,
      method: 'GET',
      params: [['DialCallStatus', 'busy']],
    });
  });

  it('[SC11] ended from outside, it stops what it plays, and hears nothing more', () => {
    for (const document of ['<Say>Hello</Say>', '<Gather><Say>Hello</Say></Gather>']) {
      const bench = new Bench(document);
      const aborted = abortScript(bench.state);
      expect(aborted.outputs).toEqual([{ type: 'stopPlaying', playId: 1 }]);
      bench.state = aborted.state;
      expect(bench.heard()).toEqual([]);
      expect(bench.press('1')).toEqual([]);
      expect(abortScript(bench.state).outputs).toEqual([]);
      expect(scriptDeadlineMs(bench.state)).toBeUndefined();
    }
  });

  it('[CL4] in a screening document a Dial is forbidden, and the complaint has its place', () => {
    const bench = new Bench('<Dial>123</Dial>', { role: 'screening', answered: true });
    expect(bench.state.phase).toMatchObject({
      how: { type: 'failed', fault: { code: 13201, line: 1, column: 11 } },
    });
    expect(bench.outputs).toMatchObject([
      { type: 'notify', code: 13201, severity: 'error', at: { line: 1 } },
    ]);
  });
});

describe('Gather', () => {
  const menu =
    '<Gather action="key" timeout="5"><Say>One</Say><Pause length="2"/><Say>Two</Say></Gather><Hangup/>';

  it('[SC12] plays its prompts one after another, a Pause as silence', () => {
    const bench = new Bench(menu);
    expect(words(bench.outputs)).toEqual(['answer', 'play']);
    expect(bench.heard()).toEqual([]);
    expect(bench.pass(1999)).toEqual([]);
    expect(bench.pass(1)).toMatchObject([{ type: 'play', prompt: { text: 'Two' } }]);
    expect(bench.heard()).toEqual([]);
    expect(bench.pass(4999)).toEqual([]);
    bench.pass(1);
    expect(bench.end).toBe('hangup');
  });

  it('[SC12] the first key stops the prompt, and nothing is stopped in a Pause', () => {
    const bench = new Bench(menu);
    expect(bench.press('1')).toEqual([{ type: 'stopPlaying', playId: 1 }]);
    const pausing = new Bench(menu);
    pausing.heard();
    expect(pausing.press('1')).toEqual([]);
    expect(words(pausing.press('#'))).toEqual(['fetch']);
  });

  it('[SC12] a prompt without end is over after four hours, and the next follows', () => {
    const bench = new Bench(menu);
    expect(bench.pass(4 * 3_600_000)).toEqual([{ type: 'stopPlaying', playId: 1 }]);
    expect(bench.pass(2000)).toMatchObject([{ type: 'play' }]);
  });

  it('[SC13] [SC14] silence after the last key completes the input', () => {
    const bench = new Bench(menu);
    bench.press('1');
    bench.pass(4000);
    bench.press('2');
    expect(bench.pass(4999)).toEqual([]);
    expect(words(bench.pass(1))).toEqual(['fetch']);
    expect(bench.request).toEqual({ written: 'key', base: BASE, method: 'POST', params: [['Digits', '12']] });
  });

  it('[SC13] the finish key completes it and is not part of it', () => {
    const bench = new Bench('<Gather finishOnKey="*"/>');
    bench.press('1#*');
    expect(bench.request?.params).toEqual([['Digits', '1#']]);
  });

  it('[SC13] an empty finishOnKey lets every key count; numDigits completes', () => {
    const bench = new Bench('<Gather finishOnKey="" numDigits="3"/>');
    bench.press('1#');
    expect(bench.request).toBeUndefined();
    bench.press('*9');
    expect(bench.request?.params).toEqual([['Digits', '1#*']]);
  });

  it('[SC14] without an action the current document is asked, where it was found', () => {
    const bench = new Bench(null);
    bench.fetched('<Gather/>');
    bench.press('5#');
    expect(bench.request).toMatchObject({
      written: 'https://app.example/dir/next',
      method: 'POST',
      params: [['Digits', '5']],
    });
  });

  it('[SC14] no key, or only the finish key: the next verb, unless the document wants to hear of it', () => {
    for (const keys of ['', '#']) {
      const bench = new Bench('<Gather timeout="1"/><Hangup/>');
      bench.press(keys);
      bench.pass(1000);
      expect(bench.end).toBe('hangup');
    }
    const wanted = new Bench('<Gather timeout="1" actionOnEmptyResult="true" action="/none"/><Hangup/>');
    wanted.pass(1000);
    expect(wanted.request).toMatchObject({ written: '/none', params: [['Digits', '']] });
  });

  it('[SC15] keys typed ahead are its first, and its prompts are not begun', () => {
    const bench = new Bench('<Say>Welcome</Say><Gather action="/key"><Say>Press</Say></Gather>');
    bench.press('1');
    bench.press('w2');
    expect(words(bench.heard())).toEqual(['answer']);
    bench.press('3#');
    expect(bench.request?.params).toEqual([['Digits', '123']]);
  });

  it('[SC15] keys after the end of one are kept for the next', () => {
    const bench = new Bench('<Gather action="/key" numDigits="1"/>');
    bench.press('12');
    bench.fetched('<Gather action="/second" numDigits="1"/>');
    expect(bench.request).toMatchObject({ written: '/second', params: [['Digits', '2']] });
  });

  it('[SC15] at most 64 are kept', () => {
    const bench = new Bench('<Pause/><Gather finishOnKey=""/>');
    for (let count = 0; count < 10; count++) bench.press('1234567890');
    bench.pass(1000 + 5000);
    expect(bench.request?.params[0]?.[1]).toHaveLength(64);
  });

  it('[SC15] [SC16] keys that cannot count leave its prompts alone', () => {
    for (const attributes of ['input="speech"', 'startInputKey="9"']) {
      const bench = new Bench(`<Pause/><Gather ${attributes}><Say>Press</Say></Gather>`);
      bench.press('12');
      expect(words(bench.pass(1000))).toContain('play');
    }
  });

  it('[SC15] a Dial forgets what was typed before and while it rang', () => {
    const bench = new Bench(
      '<Pause/><Dial><Client>jenny</Client></Dial><Gather numDigits="1"><Say>Press</Say></Gather>',
    );
    bench.press('1');
    bench.pass(1000);
    bench.press('2');
    expect(words(bench.feed({ type: 'dialEnded', params: [] }))).toEqual(['answer', 'play']);
  });

  it('[SC16] an input begins with a start key, and w is no key', () => {
    const bench = new Bench('<Gather startInputKey="*"/>');
    expect(bench.press('12w')).toEqual([]);
    bench.press('*w12#');
    expect(bench.request?.params).toEqual([['Digits', '*12']]);
  });

  it('[SC17] is complete after 256 keys', () => {
    const bench = new Bench('<Gather finishOnKey=""/>');
    for (let count = 0; count < 5; count++) bench.press('1'.repeat(64));
    expect(bench.request?.params[0]?.[1]).toHaveLength(256);
  });

  it('[SC18] where nothing is heard, it is silence', () => {
    const bench = new Bench('<Gather input="speech" timeout="2"/><Hangup/>');
    bench.press('1#');
    bench.pass(2000);
    expect(bench.end).toBe('hangup');
  });

  it('[SC2] documents and dials mean nothing to it', () => {
    const bench = new Bench(menu);
    expect(bench.feed({ type: 'dialEnded', params: [] })).toEqual([]);
    expect(bench.feed({ type: 'documentFailed', fetchId: 1, fault: { code: 1, message: '' } })).toEqual([]);
  });
});
