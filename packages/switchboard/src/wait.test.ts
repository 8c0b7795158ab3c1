import { describe, expect, it } from 'vitest';
import { rcml } from './scene.test.kit.ts';
import { SCRIPT_LIMITS } from './script-state.ts';
import {
  endWait,
  startWait,
  stepWait,
  waitDeadlineMs,
  type WaitInput,
  type WaitOutput,
  type WaitState,
  type WaitStep,
} from './wait.ts';

const REQUEST = { written: '/wait', base: 'https://app.example/voice', method: 'POST', params: [] } as const;

/** Somebody waits, and whatever is played to her takes three seconds. */
class Waiting {
  nowMs = 0;
  state: WaitState;
  readonly said: WaitOutput[] = [];
  #answers: string[];

  constructor(...answers: string[]) {
    this.#answers = answers;
    const first = startWait(REQUEST, SCRIPT_LIMITS, 0);
    this.state = first.state;
    this.#take(first);
  }

  feed(input: WaitInput): void {
    const step = stepWait(this.state, input, SCRIPT_LIMITS, this.nowMs);
    this.state = step.state;
    this.#take(step);
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let dueMs = waitDeadlineMs(this.state); dueMs !== undefined && dueMs <= untilMs;) {
      this.nowMs = dueMs;
      this.feed({ type: 'clock' });
      dueMs = waitDeadlineMs(this.state);
    }
    this.nowMs = untilMs;
  }

  /** What plays has been heard to its end. */
  heard(): void {
    this.pass(3000);
    const playing = this.said.findLast((output) => output.type === 'play');
    if (playing !== undefined) this.feed({ type: 'played', playId: playing.playId });
  }

  get story(): readonly string[] {
    return this.said.map((output) => {
      switch (output.type) {
        case 'fetch':
          return `asks ${output.request.written}`;
        case 'play':
          if (output.prompt.verb === 'Beep') return 'beeps';
          return output.prompt.verb === 'Say'
            ? `says ${output.prompt.text}`
            : `plays ${output.prompt.url} ${output.prompt.loop}`;
        case 'notify':
          return `notifies ${output.code}`;
        case 'stopPlaying':
        case 'failed':
          return output.type;
      }
    });
  }

  #take({ outputs }: WaitStep): void {
    this.said.push(...outputs);
    for (const output of outputs) {
      if (output.type !== 'fetch') continue;
      const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
      const { fetchId } = output;
      if (answer === 'never') continue;
      if (answer === 'fails') {
        this.feed({ type: 'documentFailed', fetchId, fault: { code: 11200, message: 'not to be had' } });
      } else {
        const foundAt = 'https://app.example/wait';
        this.feed({ type: 'documentFetched', fetchId, document: rcml(answer ?? ''), foundAt });
      }
    }
  }
}

describe('a document for somebody who waits', () => {
  it('[TN13] is performed, and asked for again whenever it is over', () => {
    const waiting = new Waiting(
      '<Say>You are second.</Say><Pause length="2"/>',
      '<Redirect>/next</Redirect>',
      '<Say>You are first.</Say>',
    );
    waiting.heard();
    waiting.pass(2000);
    expect(waiting.story).toEqual([
      'asks /wait',
      'says You are second.',
      'asks /wait',
      'asks /next',
      'says You are first.',
    ]);
    waiting.heard();
    expect(waiting.story.slice(5)).toEqual(['asks /wait', 'says You are first.']);
  });

  it('[TN13] a sound in its place is repeated without asking again', () => {
    const waiting = new Waiting('<Play>https://app.example/wait</Play>');
    expect(waiting.story).toEqual(['asks /wait', 'plays https://app.example/wait 0']);
  });

  it('[TN14] cannot dial, ask, reject or hang up', () => {
    const waiting = new Waiting(
      '<Gather/><Dial><Client>bob</Client></Dial><Hangup/><Reject/><Record/><Say>Still there.</Say>',
    );
    expect(waiting.story).toEqual([
      'asks /wait',
      ...Array.from({ length: 5 }, () => 'notifies 12200'),
      'says Still there.',
    ]);
  });

  it.each([
    ['cannot be had', 'fails', 1],
    ['does nothing that takes time, again and again', '<Redirect>/again</Redirect>', 25],
  ])('[TN15] that %s is given up', (_, answer, asked) => {
    const waiting = new Waiting(answer);
    expect(waiting.story.at(-1)).toBe('failed');
    expect(waiting.story.filter((said) => said.startsWith('asks'))).toHaveLength(asked);
    expect(waitDeadlineMs(waiting.state)).toBeUndefined();
  });

  it('[TN15] that does not come in time is given up, and one without a verb is silence', () => {
    const late = new Waiting('never');
    late.pass(20_000);
    expect(late.story).toEqual(['asks /wait', 'notifies 11205', 'failed']);
    const silent = new Waiting('');
    expect(silent.story).toEqual(['asks /wait']);
    expect(waitDeadlineMs(silent.state)).toBeUndefined();
  });

  it('[TN13] stopped, it is silent at once, and nothing follows', () => {
    const waiting = new Waiting('<Say>One moment.</Say>');
    const { state, outputs } = endWait(waiting.state);
    expect(outputs).toMatchObject([{ type: 'stopPlaying' }]);
    expect(endWait(state).outputs).toEqual([]);
    expect(stepWait(state, { type: 'clock' }, SCRIPT_LIMITS, 1e9).outputs).toEqual([]);
    expect(waitDeadlineMs(state)).toBeUndefined();
  });
});
