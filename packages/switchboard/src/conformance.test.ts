import { describe, expect, it } from 'vitest';
import { parseRcml } from '@parley/rcml';
import { CALL_SID, CALLER, NEVER, Scene, sidOf } from './scene.test.kit.ts';

/** The callback attributes of RestComm's own test documents: every event is subscribed to. */
const ALL = 'statusCallback="/events" statusCallbackEvent="initiated,ringing,answered,completed"';
const FORK = ['alice', 'carol', 'dave'];
const fork = (attributes = '', nouns = ''): string =>
  `<Dial ${attributes}>${FORK.map((name) => `<Client ${ALL}>${name}</Client>`).join('')}${nouns}</Dial>`;
const FORK_DEVICES = { alice: [''], carol: [''], dave: [''], fotini: [''] };

describe('RestComm’s cases with a status callback', () => {
  it('[C01] [CL7] [CL8] a client answers and hangs up: four callbacks, numbered from 0, with the true status', () => {
    const scene = new Scene(`<Dial><Client ${ALL}>jenny</Client></Dial>`);
    scene.alert('jenny');
    scene.accept('jenny');
    scene.pass(3000);
    scene.hangup('jenny');
    expect(scene.callbacks()).toEqual([
      '0 initiated initiated',
      '1 ringing ringing',
      '2 answered in-progress',
      '3 completed completed',
    ]);
    expect(scene.callback('completed')).toMatchObject({ CallDuration: '3', EndReason: 'hangup' });
  });

  it('[C04] callbacks with GET are asked with GET', () => {
    const scene = new Scene(`<Dial><Client ${ALL} statusCallbackMethod="get">jenny</Client></Dial>`);
    scene.alert('jenny');
    scene.reject('jenny');
    expect(scene.of('callback').map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
  });

  it('[C19] broken XML: the call has failed, and the caller learns where', () => {
    const document = parseRcml('<Response>\n<Dial><Client>jenny</Clinet></Dial></Response>');
    expect(document).toMatchObject({ ok: false, complaints: [{ code: 12100, at: { line: 2 } }] });
    const scene = new Scene(NEVER);
    const [fetch] = scene.of('fetch');
    const fault = { code: 12100, message: 'broken', line: 2, column: 22 };
    scene.feed({ type: 'documentFailed', leg: CALL_SID, fetchId: fetch?.fetchId ?? 0, fault });
    expect(scene.end()).toMatchObject({
      reason: 'document-failed',
      fault: { code: 12100, line: 2, column: 22 },
    });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'failed' });
  });

  it('[C02] [CL5] the event list "initiated,  answered": two callbacks, 0 and 1, also between blanks', () => {
    for (const list of ['initiated,  answered', 'initiated answered']) {
      const scene = new Scene(
        `<Dial><Client statusCallback="/e" statusCallbackEvent="${list}">jenny</Client></Dial>`,
      );
      scene.alert('jenny');
      scene.accept('jenny');
      scene.hangup('jenny');
      expect(scene.callbacks()).toEqual(['0 initiated initiated', '1 answered in-progress']);
    }
  });

  it('[C03] [D4] the device rings and goes: initiated, ringing, completed with no-answer', () => {
    const scene = new Scene(`<Dial><Client ${ALL}>jenny</Client></Dial>`);
    scene.alert('jenny');
    scene.gone('jenny');
    expect(scene.callbacks()).toEqual([
      '0 initiated initiated',
      '1 ringing ringing',
      '2 completed no-answer',
    ]);
  });

  it('[C05] three ring and one answers: ten callbacks, the losers canceled', () => {
    const scene = new Scene(fork(), { registered: FORK_DEVICES });
    scene.alert(...FORK);
    scene.accept('carol');
    scene.pass(1000);
    scene.hangup();
    expect(scene.callbacks()).toHaveLength(10);
    expect(scene.callbacks(sidOf(1))).toEqual([
      '0 initiated initiated',
      '1 ringing ringing',
      '2 completed canceled',
    ]);
    expect(scene.callbacks(sidOf(2)).at(-1)).toBe('3 completed completed');
    expect(scene.callbacks(sidOf(3)).at(-1)).toBe('2 completed canceled');
  });

  it('[C06] three ring, nobody answers, and the action dials somebody who does: thirteen callbacks', () => {
    const scene = new Scene(fork('timeout="2" action="/next"'), {
      answers: { '/next': `<Dial><Client ${ALL}>fotini</Client></Dial>` },
      registered: FORK_DEVICES,
    });
    scene.alert(...FORK);
    scene.pass(2000);
    scene.alert('fotini');
    scene.accept('fotini');
    scene.hangup();
    expect(scene.callbacks()).toHaveLength(13);
    expect(scene.callbacks(sidOf(1)).at(-1)).toBe('2 completed no-answer');
    expect(scene.end('alice')).toMatchObject({ reason: 'no-answer', by: 'server' });
  });
});

describe('RestComm’s cases of several nouns', () => {
  it.each([
    ['first', '<Dial><Client>nobody</Client><Client>jenny</Client></Dial>'],
    ['last', '<Dial><Client>jenny</Client><Client>nobody</Client></Dial>'],
  ])('[C07] [D7] a client who is not registered, %s of two: the other rings and is joined', (_, voice) => {
    const scene = new Scene(voice);
    expect(scene.invited).toEqual(['jenny']);
    scene.accept('jenny');
    expect(scene.joins).toEqual(['jenny']);
    expect(scene.notified).toEqual([11008]);
  });

  it('[C08] [D8] a client who is not registered, alone, with an action: asked at once, failed, 0', () => {
    const scene = new Scene('<Dial action="/after"><Client>nobody</Client></Dial>', {
      answers: { '/after': '' },
    });
    expect(scene.asked.map(({ url }) => url).at(-1)).toBe('/after');
    expect(scene.lastAsked().params).toMatchObject({
      CallStatus: 'ringing',
      DialCallStatus: 'failed',
      DialCallSid: sidOf(1),
      DialCallDuration: '0',
      DialBridged: 'false',
    });
    expect(scene.end()).toMatchObject({ reason: 'not-registered', by: 'server' });
  });

  it('[C09] a client who is not registered, alone, without an action: the next verb', () => {
    const scene = new Scene('<Dial><Client>nobody</Client></Dial><Dial><Client>jenny</Client></Dial>');
    expect(scene.invited).toEqual(['jenny']);
  });

  it('[C10] [CL1] [D1] two devices of one client ring, and the slower learns that the other answered', () => {
    const scene = new Scene(`<Dial><Client ${ALL}>jenny</Client></Dial>`, {
      registered: { jenny: ['phone', 'laptop'] },
    });
    expect(scene.invited).toEqual(['jenny/phone', 'jenny/laptop']);
    scene.alert('jenny/phone', 'jenny/laptop');
    scene.accept('jenny/laptop');
    expect(scene.joins).toEqual(['jenny/laptop']);
    expect(scene.end('jenny/phone')).toMatchObject({
      reason: 'answered-elsewhere',
      by: 'remote',
      elsewhere: { identity: 'jenny', deviceLabel: 'laptop' },
    });
    scene.hangup();
    expect(scene.callbacks()).toHaveLength(4);
  });

  it('[CL9] [C11] [DL2] ten accepts in the same millisecond: one winner, nine answered-elsewhere', () => {
    const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
    const scene = new Scene(
      `<Dial>${names.map((name) => `<Client ${ALL}>${name}</Client>`).join('')}</Dial>`,
      {
        registered: Object.fromEntries(names.map((name) => [name, ['']])),
      },
    );
    scene.feed(
      ...names.map((name) => ({ type: 'device', party: name as never, input: { type: 'accept' } }) as const),
    );
    expect(scene.joins).toEqual(['p0']);
    for (const name of names.slice(1)) {
      expect(scene.end(name)).toMatchObject({ reason: 'answered-elsewhere', elsewhere: { identity: 'p0' } });
    }
    scene.hangup();
    const completed = scene.callbacks().filter((each) => each.includes('completed'));
    expect(completed.filter((each) => each.endsWith('canceled'))).toHaveLength(9);
    expect(completed.filter((each) => each.endsWith('completed completed'))).toHaveLength(1);
  });

  it('[C12] [DL3] all busy, with an action: asked at once', () => {
    const scene = new Scene(fork('action="/after"'), { registered: FORK_DEVICES, answers: { '/after': '' } });
    for (const name of FORK) scene.reject(name);
    expect(scene.nowMs).toBe(0);
    expect(scene.lastAsked()).toMatchObject({
      url: '/after',
      params: { DialCallStatus: 'busy', DialCallSid: sidOf(3) },
    });
  });

  it('[C13] [DL1] nobody answers in time: everybody stops ringing and the action says no-answer', () => {
    const scene = new Scene(fork('timeout="20" action="/after"'), {
      registered: FORK_DEVICES,
      answers: { '/after': '' },
    });
    scene.alert('alice');
    scene.pass(19_999);
    expect(scene.asked).toHaveLength(1);
    scene.pass(1);
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'no-answer', DialCallDuration: '0' });
    expect(FORK.map((name) => scene.end(name)?.reason)).toEqual(['no-answer', 'no-answer', 'no-answer']);
  });
});

describe('RestComm’s cases of what follows', () => {
  it('[C14] the callee hangs up after answering: the caller goes on with the next verb', () => {
    const scene = new Scene('<Dial><Client>jenny</Client></Dial><Say>Bye</Say>');
    scene.accept('jenny');
    scene.hangup('jenny');
    expect(scene.words(CALLER)).toEqual(['ringing', 'joined', 'parted']);
    expect(scene.of('play').map(({ party }) => party)).toEqual([CALLER]);
  });

  it('[C15] the callee hangs up after answering, with an action: its document runs on the caller', () => {
    const scene = new Scene('<Dial action="/after"><Client>jenny</Client></Dial>', {
      answers: { '/after': '<Say>Bye</Say>' },
    });
    scene.accept('jenny');
    scene.pass(4000);
    scene.hangup('jenny');
    expect(scene.lastAsked().params).toMatchObject({
      CallStatus: 'in-progress',
      DialCallStatus: 'completed',
      DialCallDuration: '4',
      DialBridged: 'true',
      DialAnsweredBy: 'jenny',
    });
    expect(scene.of('play')).toHaveLength(1);
    expect(scene.isOver).toBe(false);
  });

  it('[C16] [CL4] a screening document with a Say: joined after it, not before', () => {
    const scene = new Scene('<Dial><Client url="/screen">jenny</Client></Dial>', {
      answers: { '/screen': '<Say>Bob calls</Say>' },
    });
    scene.accept('jenny');
    expect(scene.joins).toEqual([]);
    expect(scene.of('play').map(({ party }) => party)).toEqual(['jenny']);
    scene.heard();
    expect(scene.joins).toEqual(['jenny']);
    expect(scene.words('jenny')).toEqual(['screening', 'joined']);
  });

  it('[C17] [CL4] [D19] a screening document that cannot be had: her leg ends, the caller goes on, no fallback', () => {
    const scene = new Scene('<Dial><Client url="/screen">jenny</Client></Dial><Say>Sorry</Say>', {
      answers: { '/screen': { fails: 21402 } },
      fallback: '/fallback',
    });
    scene.accept('jenny');
    expect(scene.end('jenny')).toMatchObject({ reason: 'declined', by: 'server' });
    expect(scene.asked.map(({ url }) => url)).not.toContain('/fallback');
    expect(scene.of('play').map(({ party }) => party)).toEqual([CALLER]);
  });

  it('[C18] [CL3] parameters in the name, with a bare ampersand: every device is invited with them', () => {
    const scene = new Scene('<Dial><Client>jenny?X-Account=42&X-Tier=gold%20plus</Client></Dial>', {
      registered: { jenny: ['phone', 'laptop'] },
    });
    for (const { params, to } of scene.of('invite')) {
      expect([...params]).toEqual([
        ['X-Account', '42'],
        ['X-Tier', 'gold plus'],
      ]);
      expect(to).toBe('jenny');
    }
    expect(scene.of('invite')).toHaveLength(2);
  });

  it.each([
    ['<Reject/>', { status: 'no-answer', reason: 'rejected' }],
    ['<Reject reason="busy"/>', { status: 'busy', reason: 'busy' }],
  ])('[C20] [D15] %s ends the caller’s call unanswered', (voice, end) => {
    const scene = new Scene(voice);
    expect(scene.legEnd(CALL_SID)).toMatchObject({ ...end, durationMs: 0 });
    expect(scene.end()).toMatchObject({ reason: end.reason, by: 'server' });
    expect(scene.words(CALLER)).toEqual(['ended']);
  });

  it('[C22] [DL5] the time limit counts from being joined, ends the callee, and the caller goes on', () => {
    const scene = new Scene('<Dial timeLimit="10"><Client>jenny</Client></Dial><Say>Time</Say>');
    scene.pass(5000);
    scene.accept('jenny');
    scene.pass(9999);
    expect(scene.end('jenny')).toBeUndefined();
    scene.pass(1);
    expect(scene.end('jenny')).toMatchObject({ reason: 'time-limit', by: 'server', durationMs: 10_000 });
    expect(scene.legEnd()).toMatchObject({ status: 'completed' });
    expect(scene.of('play')).toHaveLength(1);
  });

  it('[C21] a Play whose file is missing: the next verb', () => {
    const scene = new Scene('<Play>/missing.wav</Play><Dial><Client>jenny</Client></Dial>');
    // Whoever plays says that it is over, and has told the author.
    scene.heard();
    expect(scene.invited).toEqual(['jenny']);
    expect(scene.isOver).toBe(false);
  });

  it('[C23] [D27] REST cancels a branch of a fork: the others ring on; REST cancels the caller: nobody rings', () => {
    const scene = new Scene(fork(), { registered: FORK_DEVICES });
    scene.alert(...FORK);
    scene.feed({ type: 'modify', leg: sidOf(2), change: { type: 'end' } });
    expect(scene.callbacks(sidOf(2)).at(-1)).toBe('2 completed canceled');
    expect(scene.end('carol')).toMatchObject({ reason: 'cancelled' });
    expect(FORK.map((name) => scene.end(name)?.reason)).toEqual([undefined, 'cancelled', undefined]);
    scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'end' } });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'canceled' });
    for (const leg of [1, 3]) expect(scene.callbacks(sidOf(leg)).at(-1)).toBe('2 completed canceled');
    expect(scene.isOver).toBe(true);
  });

  it('[C24] [D15] [DL7] the caller gives up before an answer: canceled, everywhere', () => {
    const scene = new Scene(fork(), { registered: FORK_DEVICES });
    scene.alert(...FORK);
    scene.hangup();
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'canceled', durationMs: 0 });
    expect(FORK.map((name) => scene.end(name))).toEqual(
      FORK.map(() => expect.objectContaining({ reason: 'cancelled', by: 'remote' })),
    );
    expect(scene.callbacks().filter((each) => each.endsWith('completed canceled'))).toHaveLength(3);
  });

  it('[C25] several Dials after one another, unanswered: each rings in turn, and the last decides', () => {
    const scene = new Scene(
      FORK.map((name) => `<Dial timeout="3"><Client>${name}</Client></Dial>`).join(''),
      { registered: FORK_DEVICES },
    );
    expect(scene.invited).toEqual(['alice']);
    scene.pass(3000);
    expect(scene.invited).toEqual(['alice', 'carol']);
    scene.pass(3000);
    expect(scene.invited).toEqual(FORK);
    scene.reject('dave');
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'busy', reason: 'rejected' });
  });

  it('[C26] [CL2] the attribute name with a Video child: the name is called, with video', () => {
    const scene = new Scene('<Dial><Client name="jenny"><Video/></Client></Dial>');
    expect(scene.of('invite')).toMatchObject([{ to: 'jenny', media: { audio: true, video: true } }]);
    scene.accept('jenny');
    expect(scene.of('join')).toMatchObject([{ video: true }]);
    expect(scene.told('jenny')).toMatchObject([{ type: 'joined', video: true, other: { identity: 'bob' } }]);
  });

  it('[CL2] a Video child that is not enabled is an audio call', () => {
    const scene = new Scene('<Dial><Client name="jenny"><Video enable="false"/></Client></Dial>');
    scene.accept('jenny');
    expect(scene.of('invite')).toMatchObject([{ media: { video: false } }]);
    expect(scene.of('join')).toMatchObject([{ video: false }]);
  });
});
