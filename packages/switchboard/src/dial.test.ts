import { describe, expect, it } from 'vitest';
import { ringingFor } from './call-state.ts';
import { CALL_SID, CALLER, contact, Scene, sidOf } from './scene.test.kit.ts';

const ALL = 'statusCallback="/events" statusCallbackEvent="initiated,ringing,answered,completed"';
const client = (name: string, attributes = ''): string => `<Client ${ALL} ${attributes}>${name}</Client>`;
const PEOPLE = { registered: { alice: [''], carol: [''], jenny: ['phone', 'laptop'] } };
const AFTER = { '/after': '' };

describe('ringing', () => {
  it('[CL10] every leg is initiated in the step that begins the dial', () => {
    const scene = new Scene(`<Dial>${client('alice')}${client('carol')}</Dial>`, PEOPLE);
    expect(scene.nowMs).toBe(0);
    expect(scene.callbacks()).toEqual(['0 initiated initiated', '0 initiated initiated']);
    expect(scene.invited).toEqual(['alice', 'carol']);
  });

  it('[DL1] rings by default for thirty seconds, and not a millisecond less', () => {
    const scene = new Scene(`<Dial>${client('alice')}</Dial>`, PEOPLE);
    scene.pass(29_999);
    expect(scene.end('alice')).toBeUndefined();
    scene.pass(1);
    expect(scene.end('alice')).toMatchObject({ reason: 'no-answer', by: 'server' });
    expect(scene.end()).toMatchObject({ reason: 'no-answer' });
  });

  it('[DL6] the caller hears once that it rings', () => {
    const scene = new Scene(`<Dial>${client('alice')}${client('carol')}</Dial>`, PEOPLE);
    scene.alert('alice', 'carol');
    expect(scene.words(CALLER)).toEqual(['ringing']);
    expect(scene.callbacks().filter((each) => each.includes('ringing'))).toHaveLength(2);
  });

  it('[D6] at the timeout the others stop ringing, and whoever is screened goes on', () => {
    const scene = new Scene(
      `<Dial timeout="10">${client('alice', 'url="/screen"')}${client('carol')}</Dial>`,
      {
        ...PEOPLE,
        answers: { '/screen': '<Pause length="30"/>' },
      },
    );
    scene.pass(5000);
    scene.accept('alice');
    scene.pass(5000);
    expect(scene.end('carol')).toMatchObject({ reason: 'no-answer' });
    expect(scene.end('alice')).toBeUndefined();
    scene.pass(25_000);
    expect(scene.joins).toEqual(['alice']);
  });

  it('[D6] [D8] when the screened one then declines, hers is the leg that ended last', () => {
    const scene = new Scene(
      `<Dial timeout="10" action="/after">${client('alice', 'url="/screen"')}${client('carol')}</Dial>`,
      { ...PEOPLE, answers: { ...AFTER, '/screen': '<Pause length="30"/>' } },
    );
    scene.accept('alice');
    scene.pass(12_000);
    scene.hangup('alice');
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'no-answer', DialCallSid: sidOf(1) });
  });

  it('[CL4] while one is screened the others ring on, and one of them may be faster', () => {
    const scene = new Scene(`<Dial>${client('alice', 'url="/screen"')}${client('carol')}</Dial>`, {
      ...PEOPLE,
      answers: { '/screen': '<Say>Bob</Say>' },
    });
    scene.accept('alice');
    expect(scene.words(CALLER)).toEqual(['ringing']);
    scene.accept('carol');
    expect(scene.joins).toEqual(['carol']);
    expect(scene.of('stopPlaying')).toMatchObject([{ party: 'alice' }]);
  });
});

describe('one name, several devices and nouns', () => {
  const twice = `<Dial action="/after">${client('jenny')}${client('jenny', 'url="/screen"')}</Dial>`;
  const options = { ...PEOPLE, answers: { ...AFTER, '/screen': '<Say>Hello</Say>' } };

  it('[D3] a device that registers while its name rings, rings too, and may win', () => {
    const scene = new Scene(`<Dial>${client('jenny')}</Dial>`, PEOPLE);
    const [leg] = ringingFor(scene.state, 'jenny');
    expect(leg).toBe(sidOf(1));
    expect(ringingFor(scene.state, 'alice')).toEqual([]);
    scene.appears(sidOf(1), 'jenny/watch');
    scene.appears(sidOf(1), 'jenny/watch');
    expect(scene.invited).toEqual(['jenny/phone', 'jenny/laptop', 'jenny/watch']);
    scene.accept('jenny/watch');
    expect(scene.joins).toEqual(['jenny/watch']);
    expect(ringingFor(scene.state, 'jenny')).toEqual([]);
  });

  it('[D3] the same name in two nouns: two legs, each device rings once, the second is canceled', () => {
    const scene = new Scene(twice, options);
    expect(scene.invited).toEqual(['jenny/phone', 'jenny/laptop']);
    expect(ringingFor(scene.state, 'jenny')).toEqual([sidOf(1)]);
    scene.alert('jenny/phone');
    scene.accept('jenny/phone');
    expect(scene.joins).toEqual(['jenny/phone']);
    expect(scene.callbacks(sidOf(2))).toEqual([
      '0 initiated initiated',
      '1 ringing ringing',
      '2 completed canceled',
    ]);
  });

  it('[DL9] nobody is registered: both are told so, each with its notification', () => {
    const scene = new Scene(`<Dial>${client('nobody')}${client('nobody')}</Dial>`);
    for (const leg of [sidOf(1), sidOf(2)])
      expect(scene.callbacks(leg)).toEqual(['0 initiated initiated', '1 completed failed']);
    expect(scene.of('notify').map(({ leg }) => leg)).toEqual([sidOf(1), sidOf(2)]);
    expect(scene.end()).toMatchObject({ reason: 'not-registered' });
  });

  it('[DL9] refused everywhere: both are busy', () => {
    const scene = new Scene(twice, options);
    scene.reject('jenny/phone', { everywhere: true });
    expect(scene.legEnd(sidOf(1))).toMatchObject({ status: 'busy' });
    expect(scene.legEnd(sidOf(2))).toMatchObject({ status: 'busy' });
  });

  it('[DL9] picked up and declined: the one that rang alongside is unanswered', () => {
    const scene = new Scene(
      `<Dial action="/after">${client('jenny', 'url="/screen"')}${client('jenny')}</Dial>`,
      options,
    );
    scene.accept('jenny/phone');
    scene.hangup('jenny/phone');
    expect(scene.legEnd(sidOf(1))).toMatchObject({ status: 'completed', reason: 'declined' });
    expect(scene.legEnd(sidOf(2))).toMatchObject({ status: 'no-answer' });
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'no-answer' });
  });

  it('[DL9] [LG8] picked up and lost: the one that rang alongside is unanswered, not failed', () => {
    const scene = new Scene(
      `<Dial action="/after">${client('jenny', 'url="/screen"')}${client('jenny')}</Dial>`,
      options,
    );
    scene.accept('jenny/phone');
    scene.gone('jenny/phone');
    expect(scene.legEnd(sidOf(1))).toMatchObject({ status: 'completed', reason: 'network' });
    expect(scene.legEnd(sidOf(2))).toMatchObject({ status: 'no-answer', reason: 'no-answer' });
  });

  it('[DL9] the caller gives up while the first is screened: both are canceled', () => {
    const scene = new Scene(
      `<Dial action="/after">${client('jenny', 'url="/screen"')}${client('jenny')}</Dial>`,
      options,
    );
    scene.accept('jenny/phone');
    scene.hangup();
    expect(scene.legEnd(sidOf(1))).toMatchObject({ status: 'canceled' });
    expect(scene.legEnd(sidOf(2))).toMatchObject({ status: 'canceled' });
  });

  it('[CA5] a device that appears too late is released and told nothing', () => {
    const scene = new Scene(`<Dial>${client('jenny')}</Dial>`, PEOPLE);
    scene.accept('jenny/phone');
    scene.appears(sidOf(1), 'jenny/watch');
    expect(scene.outputs.at(-1)?.output).toEqual({ type: 'release', party: 'jenny/watch' });
    scene.hangup('jenny/phone');
    expect(scene.told('jenny/watch')).toEqual([]);
  });

  it('[CA5] [D3] a device that is found for the second leg of a name is not its to ring', () => {
    // Seed 777 found it: that leg won with a device of its own, and ended with the first, which had lost to it.
    const scene = new Scene(`<Dial>${client('jenny')}${client('jenny')}${client('alice')}</Dial>`, PEOPLE);
    scene.feed({ type: 'devicesFound', leg: sidOf(2), contacts: [contact('jenny/watch')] });
    scene.appears(sidOf(2), 'jenny/ring');
    expect(scene.of('release').map(({ party }) => party)).toEqual(['jenny/watch', 'jenny/ring']);
    expect(scene.invited).toEqual(['jenny/phone', 'jenny/laptop', 'alice']);
  });

  it('[CA5] devices that are found when the dial is over are released', () => {
    const scene = new Scene('<Dial timeout="3"><Client>jenny</Client></Dial><Say>Later</Say>', PEOPLE);
    scene.pass(3000);
    scene.appears(sidOf(1), 'jenny/watch');
    expect(scene.invited).not.toContain('jenny/watch');
    expect(scene.of('release').map(({ party }) => party)).toContain('jenny/watch');
  });
});

describe('sequential', () => {
  const nouns = `${client('alice')}${client('nobody')}${client('carol')}`;

  it('[DL4] one noun rings after another, each for the timeout; who cannot ring is passed over', () => {
    const scene = new Scene(`<Dial sequential="true" timeout="5" action="/after">${nouns}</Dial>`, {
      ...PEOPLE,
      answers: AFTER,
    });
    expect(scene.invited).toEqual(['alice']);
    scene.pass(5000);
    expect(scene.invited).toEqual(['alice', 'carol']);
    expect(scene.callbacks(sidOf(2))).toEqual(['0 initiated initiated', '1 completed failed']);
    scene.pass(4999);
    expect(scene.asked).toHaveLength(1);
    scene.pass(1);
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'no-answer', DialCallSid: sidOf(3) });
  });

  it('[DL4] the next rings at once when one rejects, and none after one is joined', () => {
    const scene = new Scene(
      `<Dial sequential="true">${client('alice')}${client('carol')}${client('jenny')}</Dial>`,
      PEOPLE,
    );
    scene.reject('alice');
    scene.accept('carol');
    scene.hangup('carol');
    expect(scene.invited).toEqual(['alice', 'carol']);
    expect(scene.isOver).toBe(true);
  });

  it('[DL4] [D16] the caller gives up: no further noun begins', () => {
    const scene = new Scene(
      `<Dial sequential="true" action="/after">${client('alice')}${client('carol')}</Dial>`,
      PEOPLE,
    );
    scene.hangup();
    expect(scene.invited).toEqual(['alice']);
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'canceled' });
  });

  it('[DL4] [D6] a noun that is screened is waited for beyond the timeout', () => {
    const scene = new Scene(
      `<Dial sequential="true" timeout="5">${client('alice', 'url="/screen"')}${client('carol')}</Dial>`,
      { ...PEOPLE, answers: { '/screen': '<Pause length="20"/><Hangup/>' } },
    );
    scene.accept('alice');
    scene.pass(19_999);
    expect(scene.invited).toEqual(['alice']);
    scene.pass(1);
    expect(scene.invited).toEqual(['alice', 'carol']);
  });
});

describe('how a dial ends', () => {
  it('[D8] the status is that of the branch that ended last', () => {
    const scene = new Scene(
      `<Dial action="/after" timeout="10">${client('alice')}${client('carol')}</Dial>`,
      {
        ...PEOPLE,
        answers: AFTER,
      },
    );
    scene.reject('carol');
    scene.pass(10_000);
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'no-answer', DialCallSid: sidOf(1) });
  });

  it('[D8] the winner’s leg, plain name and device label', () => {
    const scene = new Scene(`<Dial action="/after">${client('alice')}${client('jenny')}</Dial>`, {
      ...PEOPLE,
      answers: AFTER,
    });
    scene.accept('jenny/laptop');
    scene.hangup('jenny/laptop');
    expect(scene.lastAsked().params).toMatchObject({
      DialCallSid: sidOf(2),
      DialCallStatus: 'completed',
      DialBridged: 'true',
      DialAnsweredBy: 'jenny',
      DialAnsweredDevice: 'laptop',
    });
  });

  it('[D8] [DL10] without any leg: failed, and no sid', () => {
    for (const voice of ['<Dial action="/after"></Dial>', '<Dial action="/after"><Conference/></Dial>']) {
      const scene = new Scene(voice, { answers: AFTER });
      expect(scene.lastAsked().params).toMatchObject({
        DialCallStatus: 'failed',
        DialCallSid: '',
        DialBridged: 'false',
      });
      expect(scene.lastAsked().params).not.toHaveProperty('DialAnsweredBy');
    }
  });

  it('[DL11] [D5] talk is counted from pick-up, ringing from the first alert, in rounded seconds', () => {
    const scene = new Scene(`<Dial action="/after">${client('alice', 'url="/screen"')}</Dial>`, {
      ...PEOPLE,
      answers: { ...AFTER, '/screen': '<Pause length="2"/>' },
    });
    scene.pass(1000);
    scene.alert('alice');
    scene.pass(2499);
    scene.accept('alice');
    scene.pass(3500);
    scene.hangup('alice');
    expect(scene.lastAsked().params).toMatchObject({ DialRingDuration: '2', DialCallDuration: '4' });
    expect(scene.callback('completed')).toMatchObject({ CallDuration: '4' });
  });

  it('[DL11] a dial that was not answered has rung until its end, and was not talked on', () => {
    const scene = new Scene(`<Dial action="/after" timeout="7">${client('alice')}</Dial>`, {
      ...PEOPLE,
      answers: AFTER,
    });
    scene.pass(2000);
    scene.alert('alice');
    scene.pass(5000);
    expect(scene.lastAsked().params).toMatchObject({ DialRingDuration: '5', DialCallDuration: '0' });
  });

  it('[DL7] [D16] the caller leaves while it rings: the action is asked once, canceled, and its answer ignored', () => {
    const scene = new Scene(`<Dial action="/after">${client('alice')}</Dial>`, {
      ...PEOPLE,
      answers: { '/after': '<Say>Never heard</Say>' },
    });
    scene.alert('alice');
    scene.hangup();
    expect(scene.asked.filter(({ url }) => url === '/after')).toHaveLength(1);
    expect(scene.lastAsked().params).toMatchObject({
      CallSid: CALL_SID,
      CallStatus: 'canceled',
      DialCallStatus: 'canceled',
    });
    expect(scene.of('play')).toEqual([]);
    expect(scene.outputs.at(-1)?.output).toEqual({ type: 'callEnded' });
  });

  it('[D16] the caller leaves while they talk: the action is asked once, completed', () => {
    const scene = new Scene(`<Dial action="/after">${client('alice')}</Dial>`, { ...PEOPLE, answers: AFTER });
    scene.accept('alice');
    scene.pass(1000);
    scene.hangup();
    expect(scene.lastAsked().params).toMatchObject({
      CallStatus: 'completed',
      DialCallStatus: 'completed',
      DialCallDuration: '1',
    });
    expect(scene.of('ask')).toHaveLength(1);
  });

  it('[D16] a caller who was answered before and leaves while it rings: her call completed, the dial canceled', () => {
    const scene = new Scene(`<Say>Wait</Say><Dial action="/after">${client('alice')}</Dial>`, {
      ...PEOPLE,
      answers: AFTER,
    });
    scene.heard();
    scene.hangup();
    expect(scene.lastAsked().params).toMatchObject({ CallStatus: 'completed', DialCallStatus: 'canceled' });
    expect(scene.end()).toMatchObject({ reason: 'hangup', by: 'local' });
    expect(scene.end('alice')).toMatchObject({ reason: 'cancelled' });
  });

  it('[DL8] the star ends the dial once she is joined, and she goes on', () => {
    const scene = new Scene(`<Dial hangupOnStar="true">${client('alice')}</Dial><Say>Next</Say>`, PEOPLE);
    scene.press('*');
    expect(scene.end('alice')).toBeUndefined();
    scene.accept('alice');
    scene.press('1*');
    expect(scene.end('alice')).toMatchObject({ reason: 'remote-hangup', by: 'remote' });
    expect(scene.words(CALLER)).toEqual(['ringing', 'joined', 'parted']);
    expect(scene.of('play')).toHaveLength(1);
  });

  it('[DL8] [CA10] a call that ends with it was ended by herself; without the attribute a star is a key', () => {
    const starred = new Scene(`<Dial hangupOnStar="true">${client('alice')}</Dial>`, PEOPLE);
    starred.accept('alice');
    starred.press('*');
    expect(starred.end()).toMatchObject({ reason: 'hangup', by: 'local' });
    const plain = new Scene(`<Dial>${client('alice')}</Dial>`, PEOPLE);
    plain.accept('alice');
    plain.press('*');
    expect(plain.told('alice').at(-1)).toMatchObject({ type: 'digits', digits: '*' });
  });
});
