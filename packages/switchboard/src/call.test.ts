import { describe, expect, it } from 'vitest';
import { callDeadlineMs, callStatus } from './call-state.ts';
import { CALL_SID, CALLER, NEVER, rcml, Scene, sidOf } from './scene.test.kit.ts';

const jenny = '<Dial><Client>jenny</Client></Dial>';

describe('the life of a call', () => {
  it('[CA1] records the caller’s leg and asks for the first document', () => {
    const scene = new Scene(NEVER);
    expect(scene.outputs.map(({ output }) => output)).toMatchObject([
      {
        type: 'record',
        leg: CALL_SID,
        change: {
          type: 'opened',
          parentSid: null,
          direction: 'inbound',
          status: 'ringing',
          from: 'client:bob',
        },
      },
      { type: 'fetch', leg: CALL_SID, request: { written: 'https://app.example/voice', method: 'POST' } },
    ]);
    expect(scene.lastAsked().params).toEqual({
      AccountSid: 'AC1',
      ApiVersion: '2012-04-24',
      CallSid: CALL_SID,
      CallStatus: 'ringing',
      Direction: 'inbound',
      From: 'client:bob',
      Caller: 'client:bob',
      To: 'jenny',
      Called: 'jenny',
    });
  });

  it('[CA1] runs a document that is there already', () => {
    const scene = new Scene({ type: 'document', document: rcml(jenny), base: '' });
    expect(scene.asked).toEqual([]);
    expect(scene.invited).toEqual(['jenny']);
  });

  it('[D17] a call that no application decides about ends forbidden, and the notification says how to set one', () => {
    const scene = new Scene('', { facts: { application: null } });
    expect(scene.asked).toEqual([]);
    expect(scene.of('notify')).toMatchObject([{ code: 11007, message: expect.stringContaining('VoiceUrl') }]);
    expect(scene.end()).toMatchObject({ reason: 'forbidden', by: 'server', fault: { code: 11007 } });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'failed' });
  });

  it('[CA2] callEnded is last, the caller is released, and nothing is taken after that', () => {
    const scene = new Scene(jenny);
    scene.accept('jenny');
    scene.hangup();
    expect(scene.outputs.at(-1)?.output).toEqual({ type: 'callEnded' });
    expect(callStatus(scene.state)).toBe('completed');
    const before = scene.outputs.length;
    scene.hangup();
    scene.hangup('jenny');
    scene.terminate('draining');
    scene.feed(
      { type: 'clock' },
      { type: 'documentFailed', leg: CALL_SID, fetchId: 1, fault: { code: 1, message: '' } },
    );
    expect(scene.outputs).toHaveLength(before);
  });

  it('[CA3] no call outlives its limit, whatever its document says', () => {
    const scene = new Scene('<Pause length="80000"/><Redirect/>', { callMaxMs: 100_000 });
    expect(callDeadlineMs(scene.state)).toBe(100_000);
    scene.pass(99_999);
    expect(scene.isOver).toBe(false);
    scene.pass(1);
    expect(scene.end()).toMatchObject({ reason: 'time-limit', by: 'server' });
    expect(callDeadlineMs(scene.state)).toBeUndefined();
  });

  it('[CA3] the limit ends a long screening and those who ring, as unanswered', () => {
    const scene = new Scene('<Dial timeout="500"><Client>jenny</Client></Dial>', { callMaxMs: 100_000 });
    scene.pass(100_000);
    expect(scene.end('jenny')).toMatchObject({ reason: 'time-limit' });
    expect(scene.legEnd()).toMatchObject({ status: 'canceled' });
  });

  it('[CA3] a long screening is not cut short by the dial it belongs to', () => {
    const scene = new Scene(
      '<Dial timeout="5" timeLimit="10"><Client url="/s" timeout="3600">jenny</Client></Dial>',
      {
        answers: { '/s': '<Pause length="3000"/>' },
      },
    );
    scene.accept('jenny');
    scene.pass(3_000_000);
    expect(scene.joins).toEqual(['jenny']);
  });

  it('[CA4] every device is told its end directly before it is released', () => {
    const scene = new Scene(jenny, { registered: { jenny: ['phone', 'laptop'] } });
    scene.accept('jenny/phone');
    scene.hangup();
    for (const party of ['jenny/phone', 'jenny/laptop', CALLER]) {
      const released = scene.outputs.findIndex(
        ({ output }) => output.type === 'release' && output.party === party,
      );
      expect(scene.outputs[released - 1]?.output).toMatchObject({
        type: 'tell',
        party,
        notice: { type: 'ended' },
      });
    }
  });

  it('[CA6] each leg that was opened ends once', () => {
    const scene = new Scene('<Dial><Client>jenny</Client><Client>nobody</Client><Number>123</Number></Dial>');
    scene.accept('jenny');
    scene.hangup();
    const ends = scene.of('record').filter(({ change }) => change.type === 'ended');
    expect(ends.map(({ leg }) => leg)).toEqual([sidOf(3), sidOf(2), sidOf(1), CALL_SID]);
  });

  it('[CA7] answers to what is over mean nothing', () => {
    const scene = new Scene('<Say>One</Say><Pause length="5"/>');
    scene.heard();
    const before = scene.outputs.length;
    scene.feed(
      { type: 'played', leg: CALL_SID, playId: 2 },
      { type: 'documentFetched', leg: CALL_SID, fetchId: 1, document: rcml('<Hangup/>'), foundAt: '' },
      { type: 'documentFailed', leg: CALL_SID, fetchId: 99, fault: { code: 11200, message: '' } },
      { type: 'played', leg: sidOf(7), playId: 1 },
      { type: 'devicesFound', leg: sidOf(7), contacts: [] },
    );
    expect(scene.outputs).toHaveLength(before);
  });

  it('[CA8] a thousand dials of nobody in one document are one step after another, not one within another', () => {
    const verbs = Array.from({ length: 1000 }, () => rcml('<Dial><Number>123</Number></Dial>').verbs).flat();
    const scene = new Scene({ verbs });
    expect(scene.isOver).toBe(true);
    expect(scene.of('record').filter(({ change }) => change.type === 'opened')).toHaveLength(1001);
  });

  it('[CA8] a sequential dial of a thousand that cannot be rung is a loop as well', () => {
    const dial = rcml('<Dial sequential="true"><Number>123</Number></Dial>').verbs[0];
    if (dial?.verb !== 'Dial') throw new Error('not a dial');
    const [noun] = dial.nouns;
    if (noun === undefined) throw new Error('no noun');
    const scene = new Scene({ verbs: [{ ...dial, nouns: Array.from({ length: 1000 }, () => noun) }] });
    expect(scene.end()).toMatchObject({ reason: 'forbidden' });
  });
});

describe('when the caller counts as answered', () => {
  it.each([
    ['Say', '<Say>Hello</Say>'],
    ['Play', '<Play>/a.wav</Play>'],
    ['Gather', '<Gather/>'],
    ['answerOnBridge="false"', '<Dial answerOnBridge="false"><Client>jenny</Client></Dial>'],
  ])('[D14] [CA9] %s answers, and she is told once', (_, voice) => {
    const scene = new Scene(voice);
    expect(scene.words(CALLER)).toEqual(['answered']);
    expect(callStatus(scene.state)).toBe('in-progress');
    scene.hangup();
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'completed' });
  });

  it('[D14] being joined answers', () => {
    const scene = new Scene(jenny);
    scene.pass(2000);
    scene.accept('jenny');
    expect(scene.words(CALLER)).toEqual(['ringing', 'joined']);
    scene.pass(1000);
    scene.hangup('jenny');
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'completed', durationMs: 1000 });
  });

  it('[D14] a Dial and a Pause alone do not', () => {
    const scene = new Scene(`<Pause length="2"/>${jenny}`);
    scene.pass(2000);
    scene.alert('jenny');
    expect(callStatus(scene.state)).toBe('ringing');
    expect(scene.words(CALLER)).toEqual(['ringing']);
  });

  it('[D14] a Reject after the answer is notified and has no effect', () => {
    const scene = new Scene('<Say>Hello</Say><Reject/><Say>Still here</Say>');
    scene.heard();
    expect(scene.notified).toEqual([12200]);
    expect(scene.of('play')).toHaveLength(2);
  });

  it('[D14] a Gather that is over in the step it begins in has answered all the same', () => {
    const scene = new Scene('<Pause length="1"/><Gather/><Reject/><Pause length="1"/>');
    scene.press('#');
    scene.pass(1000);
    expect(scene.notified).toEqual([12200]);
    expect(scene.isOver).toBe(false);
  });

  it('[CA9] an answered caller for whom nobody came is told that ringing is over', () => {
    const scene = new Scene('<Say>Hello</Say><Dial><Client>jenny</Client></Dial><Pause length="9"/>');
    scene.heard();
    scene.alert('jenny');
    scene.device('jenny', { type: 'reject', everywhere: false, why: 'declined' });
    expect(scene.words(CALLER)).toEqual(['answered', 'ringing', 'answered']);
  });

  it('[CA9] joined and parted come as often as they happen', () => {
    const scene = new Scene(`${jenny}${jenny}<Say>Bye</Say>`);
    scene.accept('jenny');
    scene.hangup('jenny');
    scene.accept('jenny~2');
    scene.hangup('jenny~2');
    expect(scene.words(CALLER)).toEqual(['ringing', 'joined', 'parted', 'ringing', 'joined', 'parted']);
  });
});

describe('how the caller’s call ends', () => {
  it.each([
    ['<Hangup/>', { status: 'no-answer', reason: 'no-answer' }],
    ['', { status: 'no-answer', reason: 'no-answer' }],
    ['<Pause/>', { status: 'no-answer', reason: 'no-answer' }],
    ['<Dial><Client>nobody</Client></Dial><Pause/>', { status: 'failed', reason: 'not-registered' }],
    ['<Dial><Number>123</Number></Dial>', { status: 'failed', reason: 'forbidden' }],
    ['<Dial><Client></Client></Dial>', { status: 'failed', reason: 'document-failed' }],
    ['<Dial><Client>nobody</Client></Dial><Reject/>', { status: 'no-answer', reason: 'rejected' }],
  ])('[D15] [CA11] never answered: %s', (voice, end) => {
    const scene = new Scene(voice);
    scene.pass(1000);
    expect(scene.legEnd(CALL_SID)).toMatchObject({ ...end, durationMs: 0 });
    expect(scene.end()).toMatchObject({ reason: end.reason, by: 'server' });
  });

  it('[CA10] [D15] busy, then no more verbs: she is told busy, also when something was said before', () => {
    const unanswered = new Scene(jenny);
    unanswered.reject('jenny');
    expect(unanswered.legEnd(CALL_SID)).toMatchObject({ status: 'busy', reason: 'rejected' });
    const answered = new Scene(`<Say>Wait</Say>${jenny}`);
    answered.heard();
    answered.reject('jenny');
    expect(answered.legEnd(CALL_SID)).toMatchObject({ status: 'completed', reason: 'rejected' });
    expect(answered.end()).toMatchObject({ reason: 'rejected', by: 'remote' });
  });

  it('[CA10] the time limit ends a call that has no more verbs', () => {
    const scene = new Scene('<Dial timeLimit="60"><Client>jenny</Client></Dial>');
    scene.accept('jenny');
    scene.pass(60_000);
    expect(scene.end()).toMatchObject({ reason: 'time-limit', by: 'server', durationMs: 60_000 });
  });

  it('[CA11] a document that goes on after the dial and then ends, ends the call by itself', () => {
    const scene = new Scene(`${jenny}<Pause length="1"/>`);
    scene.accept('jenny');
    scene.hangup('jenny');
    scene.pass(1000);
    expect(scene.end()).toMatchObject({ reason: 'remote-hangup', by: 'server' });
  });

  it('[CA12] [D15] the document cannot be had: failed, and the fault says where', () => {
    const scene = new Scene({ fails: 11200 });
    expect(scene.end()).toMatchObject({
      reason: 'document-failed',
      fault: { code: 11200, message: 'not to be had' },
    });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'failed', fault: { code: 11200 } });
  });

  it('[CA12] a later document cannot be had: completed, because she was answered', () => {
    const scene = new Scene('<Say>Hello</Say><Redirect>/gone</Redirect>');
    scene.heard();
    expect(scene.end()).toMatchObject({ reason: 'document-failed' });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'completed' });
  });

  it('[CA13] the gateway drains: everybody learns it, and the action is asked', () => {
    const scene = new Scene('<Dial action="/after"><Client>jenny</Client></Dial>');
    scene.accept('jenny');
    scene.terminate('draining');
    expect(scene.end('jenny')).toMatchObject({ reason: 'draining', by: 'server' });
    expect(scene.end()).toMatchObject({ reason: 'draining', by: 'server' });
    expect(scene.lastAsked().params).toMatchObject({ CallStatus: 'completed', DialCallStatus: 'completed' });
  });

  it('[CA13] before the answer it is failed', () => {
    const scene = new Scene(jenny);
    scene.terminate('overload');
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'failed', reason: 'overload' });
    expect(scene.legEnd()).toMatchObject({ status: 'failed', reason: 'overload' });
  });

  it.each([
    ['hangup', { status: 'canceled', reason: 'cancelled' }, 'local'],
    ['deviceGone', { status: 'canceled', reason: 'network' }, 'server'],
    ['mediaFailed', { status: 'failed', reason: 'media' }, 'server'],
  ] as const)('[CA14] [D15] her %s before the answer', (type, end, by) => {
    const scene = new Scene(jenny);
    scene.device(CALLER, type === 'mediaFailed' ? { type, why: '' } : { type });
    expect(scene.legEnd(CALL_SID)).toMatchObject(end);
    expect(scene.end()).toMatchObject({ reason: end.reason, by });
    expect(scene.end('jenny')).toMatchObject({ reason: 'cancelled', by: 'remote' });
  });

  it('[CA14] her device is lost after the answer: completed, and the callee learns that she left', () => {
    const scene = new Scene(jenny);
    scene.accept('jenny');
    scene.gone(CALLER);
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'completed', reason: 'network' });
    expect(scene.end('jenny')).toMatchObject({ reason: 'remote-hangup', by: 'remote' });
  });

  it('[CA7] her device neither accepts nor alerts', () => {
    const scene = new Scene(jenny);
    const before = scene.outputs.length;
    scene.accept(CALLER);
    scene.alert(CALLER);
    expect(scene.outputs).toHaveLength(before);
  });
});

describe('what goes over', () => {
  it('[CA15] keys go to whoever she is joined with, both ways, as they were pressed', () => {
    const scene = new Scene(jenny);
    scene.accept('jenny');
    scene.press('1w2#');
    scene.press('9', 'jenny');
    expect(scene.told('jenny').at(-1)).toEqual({ type: 'digits', digits: '1w2#' });
    expect(scene.told(CALLER).at(-1)).toEqual({ type: 'digits', digits: '9' });
  });

  it('[CA15] keys of a screened device go to her document, and not to the caller', () => {
    const scene = new Scene('<Dial><Client url="/s">jenny</Client></Dial>', {
      answers: { '/s': '<Gather action="/key"/>', '/key': NEVER },
    });
    scene.accept('jenny');
    scene.press('12#', 'jenny');
    expect(scene.lastAsked()).toMatchObject({ leg: sidOf(1), params: { Digits: '12' } });
    expect(scene.words(CALLER)).toEqual(['ringing']);
  });

  it('[CA16] parameters of the caller go along, except those that are ours to send', () => {
    const params = {
      room: '7',
      To: 'jenny',
      CallSid: 'CAfake',
      DialCallStatus: 'completed',
      RecordingUrl: 'x',
      Digits: '1',
    };
    const scene = new Scene(NEVER, { facts: { params, video: true } });
    expect(scene.lastAsked().params).toMatchObject({
      room: '7',
      To: 'jenny',
      CallSid: CALL_SID,
      Video: 'true',
    });
    for (const name of ['DialCallStatus', 'RecordingUrl', 'Digits'])
      expect(scene.lastAsked().params).not.toHaveProperty(name);
  });

  it.each([
    ['+3120', '+3120', '+3120'],
    ['support', 'client:support', 'support'],
    ['client:support', 'client:support', 'support'],
  ])(
    '[CL12] [CA17] callerId %s is what the called device and the callbacks see',
    (callerId, address, name) => {
      const scene = new Scene(
        `<Dial callerId="${callerId}"><Client statusCallback="/e">jenny</Client></Dial>`,
      );
      expect(scene.of('invite')).toMatchObject([{ from: name }]);
      scene.accept('jenny');
      expect(scene.told('jenny').at(-1)).toEqual({ type: 'joined', other: { identity: name }, video: false });
      scene.hangup('jenny');
      expect(scene.callback('completed')).toMatchObject({ From: address });
    },
  );

  it('[D12] without callerId she is bob for devices and client:bob in webhooks', () => {
    const scene = new Scene('<Dial><Client statusCallback="/e">jenny</Client></Dial>');
    expect(scene.of('invite')).toMatchObject([{ from: 'bob', to: 'jenny' }]);
    scene.reject('jenny');
    expect(scene.callback('completed')).toMatchObject({ From: 'client:bob', To: 'client:jenny' });
  });
});
