import { describe, expect, it } from 'vitest';
import { legEvent, type LegState } from './leg-state.ts';
import { CALL_SID, CALLER, NEVER, Scene, sidOf, type SceneOptions } from './scene.test.kit.ts';

const ALL = 'statusCallback="/events" statusCallbackEvent="initiated ringing answered completed"';
const TWO = { registered: { jenny: ['phone', 'laptop'] } };
const dial = (noun: string, attributes = ''): string => `<Dial ${attributes}>${noun}</Dial>`;
const jenny = dial(`<Client ${ALL}>jenny</Client>`);
const screened = dial(`<Client ${ALL} url="/screen">jenny</Client>`, 'action="/after"');
const screening = (document: string): { readonly answers: Record<string, string> } => ({
  answers: { '/screen': document, '/after': '' },
});

describe('ringing', () => {
  it('[LG1] asks once who is registered and invites every device', () => {
    const scene = new Scene(jenny, TWO);
    expect(scene.of('findDevices')).toEqual([
      { type: 'findDevices', leg: sidOf(1), identity: 'jenny', from: 'bob', video: false },
    ]);
    expect(scene.invited).toEqual(['jenny/phone', 'jenny/laptop']);
  });

  it('[D1] [DL6] ringing is fired and told to the caller once, with the first device', () => {
    const scene = new Scene(jenny, TWO);
    scene.alert('jenny/laptop', 'jenny/phone', 'jenny/laptop');
    expect(scene.callbacks()).toEqual(['0 initiated initiated', '1 ringing ringing']);
    expect(scene.words(CALLER)).toEqual(['ringing']);
  });

  it('[LG3] a device that accepts has rung, also when its alerting was lost', () => {
    const scene = new Scene(jenny);
    scene.accept('jenny');
    expect(scene.callbacks()).toEqual([
      '0 initiated initiated',
      '1 ringing ringing',
      '2 answered in-progress',
    ]);
  });

  it('[D2] a device that rejects leaves, the others ring on, and the leg is busy with the last', () => {
    const scene = new Scene(jenny, TWO);
    scene.alert('jenny/phone');
    scene.reject('jenny/phone');
    expect(scene.end('jenny/phone')).toMatchObject({ reason: 'rejected', by: 'local' });
    expect(scene.end('jenny/laptop')).toBeUndefined();
    scene.reject('jenny/laptop');
    expect(scene.callbacks().at(-1)).toBe('2 completed busy');
    expect(scene.end()).toMatchObject({ reason: 'rejected', by: 'remote' });
  });

  it('[D2] a device that rejects everywhere ends the leg, and the others learn who did', () => {
    const scene = new Scene(jenny, TWO);
    scene.reject('jenny/phone', { everywhere: true });
    expect(scene.end('jenny/phone')).toMatchObject({ reason: 'rejected', by: 'local' });
    expect(scene.end('jenny/laptop')).toMatchObject({
      reason: 'rejected-elsewhere',
      by: 'remote',
      elsewhere: { identity: 'jenny', deviceLabel: 'phone' },
    });
    expect(scene.legEnd()).toMatchObject({ status: 'busy', reason: 'rejected' });
  });

  it('[D2] a device that says nothing decides nothing', () => {
    const scene = new Scene(jenny, TWO);
    scene.reject('jenny/phone');
    scene.pass(29_999);
    expect(scene.isOver).toBe(false);
    scene.accept('jenny/laptop');
    expect(scene.joins).toEqual(['jenny/laptop']);
  });

  it('[LG6] a device that refuses by itself leaves its leg busy, and the caller knows why', () => {
    const scene = new Scene(jenny);
    scene.reject('jenny', { why: 'busy' });
    expect(scene.legEnd()).toMatchObject({ status: 'busy', reason: 'busy' });
    expect(scene.end()).toMatchObject({ reason: 'busy', by: 'remote' });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'busy' });
  });

  it('[D2] hanging up while it rings is a reject', () => {
    const scene = new Scene(jenny);
    scene.hangup('jenny');
    expect(scene.legEnd()).toMatchObject({ status: 'busy', reason: 'rejected' });
  });

  it('[D4] [DL3] the last device goes while it rings: the leg ends at once, no-answer', () => {
    const scene = new Scene(jenny, TWO);
    scene.gone('jenny/phone');
    expect(scene.isOver).toBe(false);
    scene.gone('jenny/laptop');
    expect(scene.legEnd()).toMatchObject({ status: 'no-answer', durationMs: 0 });
    expect(scene.end()).toMatchObject({ reason: 'no-answer' });
    expect(scene.nowMs).toBe(0);
  });

  describe('devices that cannot hear of it', () => {
    const away = (scene: Scene, party: string, how: 'suspended' | 'lost'): void =>
      scene.device(party, { type: 'deviceAway', how });
    const told = (scene: Scene): unknown => [
      scene.callback('completed')['DeviceState'],
      scene.lastAsked().params['DialDeviceState'],
    ];
    const dialled = (options: SceneOptions = {}): Scene =>
      new Scene(`<Dial action="/after" timeout="20"><Client ${ALL}>jenny</Client></Dial>`, {
        answers: { '/after': '' },
        ...options,
      });

    it('[LG11] nobody answers while every device is away: said how', () => {
      const scene = dialled(TWO);
      away(scene, 'jenny/phone', 'lost');
      away(scene, 'jenny/laptop', 'suspended');
      scene.pass(20_000);
      expect(scene.legEnd()).toMatchObject({ status: 'no-answer' });
      expect(told(scene)).toEqual(['suspended', 'suspended']);
    });

    it('[LG11] [D4] the last one that was away does not come back in its grace', () => {
      const scene = dialled();
      away(scene, 'jenny', 'lost');
      scene.gone('jenny');
      expect(scene.legEnd()).toMatchObject({ status: 'no-answer' });
      expect(told(scene)).toEqual(['lost', 'lost']);
    });

    it('[LG11] nothing is said where one was there, where all are back, and of a goodbye', () => {
      const one = dialled(TWO);
      away(one, 'jenny/phone', 'lost');
      one.pass(20_000);
      const back = dialled();
      away(back, 'jenny', 'suspended');
      back.device('jenny', { type: 'deviceBack' });
      back.pass(20_000);
      const bye = dialled();
      bye.gone('jenny');
      const stranger = dialled();
      away(stranger, 'stranger', 'lost');
      stranger.pass(20_000);
      for (const scene of [one, back, bye, stranger]) expect(told(scene)).toEqual([undefined, undefined]);
    });

    it('[LG11] [LG9] who talked, and was lost, was away', () => {
      const scene = dialled();
      scene.accept('jenny');
      away(scene, 'jenny', 'lost');
      scene.pass(5_000);
      scene.gone('jenny');
      expect(scene.callback('completed')).toMatchObject({ EndReason: 'network', DeviceState: 'lost' });
      expect(told(scene)).toEqual(['lost', 'lost']);
    });

    it('[LG11] the caller’s own device decides nothing by being away', () => {
      const scene = dialled();
      scene.device(CALLER, { type: 'deviceAway', how: 'lost' });
      scene.device(CALLER, { type: 'deviceBack' });
      scene.accept('jenny');
      expect(scene.joins).toEqual(['jenny']);
    });
  });

  it('[LG5] a device whose media fails leaves; with the last the leg is failed', () => {
    const scene = new Scene(jenny, TWO);
    scene.device('jenny/phone', { type: 'mediaFailed', why: 'no worker' });
    expect(scene.end('jenny/phone')).toMatchObject({ reason: 'media', by: 'server' });
    scene.device('jenny/laptop', { type: 'mediaFailed', why: 'no worker' });
    expect(scene.legEnd()).toMatchObject({ status: 'failed', reason: 'media' });
    expect(scene.end()).toMatchObject({ reason: 'media', by: 'server' });
  });

  it('[LG2] [CA7] what a stranger says, or a device that has left, means nothing', () => {
    const scene = new Scene(jenny, TWO);
    scene.reject('jenny/phone');
    const before = scene.outputs.length;
    for (const party of ['jenny/phone', 'stranger']) {
      scene.alert(party);
      scene.accept(party);
      scene.reject(party, { everywhere: true });
      scene.hangup(party);
      scene.gone(party);
      scene.device(party, { type: 'mediaFailed', why: '' });
      scene.press('1', party);
    }
    expect(scene.outputs).toHaveLength(before);
  });

  it('[LG2] keys of a device that rings, and a second accept, mean nothing', () => {
    const scene = new Scene(jenny);
    scene.press('1', 'jenny');
    scene.accept('jenny');
    const before = scene.outputs.length;
    scene.accept('jenny');
    scene.alert('jenny');
    expect(scene.outputs).toHaveLength(before);
  });

  it('[D7] [CL8] a client who is not registered: initiated, completed with failed, and a notification', () => {
    const scene = new Scene(dial(`<Client ${ALL}>nobody</Client>`));
    expect(scene.callbacks()).toEqual(['0 initiated initiated', '1 completed failed']);
    expect(scene.callback('completed')).toMatchObject({ CallDuration: '0', EndReason: 'not-registered' });
    expect(scene.of('notify')).toMatchObject([
      { code: 11008, leg: sidOf(1), severity: 'error', at: { line: 1 } },
    ]);
  });

  it('[WP21] [D2] a client who was sent for and declines: busy, refused by her, without a complaint', () => {
    const scene = new Scene(
      `<Dial action="/after"><Client ${ALL}>jenny</Client><Client ${ALL}>jenny</Client></Dial>`,
      {
        registered: {},
        declined: ['jenny'],
        answers: { '/after': '' },
      },
    );
    expect(scene.callbacks(sidOf(1))).toEqual(['0 initiated initiated', '1 completed busy']);
    expect(scene.legEnd(sidOf(1))).toMatchObject({ reason: 'rejected' });
    // Who rang alongside her was refused as well (D3).
    expect(scene.callbacks(sidOf(2))).toEqual(['0 initiated initiated', '1 completed busy']);
    expect(scene.notified).toEqual([]);
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'busy' });
  });

  it('[WP21] declined by somebody who was sent for, while her page is put aside: refused at once', () => {
    const scene = new Scene(jenny, TWO);
    const declined = { type: 'devicesFound', leg: sidOf(1), contacts: [], hasDeclined: true } as const;
    scene.device('jenny/phone', { type: 'deviceAway', how: 'suspended' });
    scene.feed(declined);
    // One of her devices rings.
    expect(scene.isOver).toBe(false);
    scene.device('jenny/laptop', { type: 'deviceAway', how: 'lost' });
    scene.feed(declined);
    expect(scene.legEnd()).toMatchObject({ status: 'busy', reason: 'rejected' });
    expect(scene.end('jenny/phone')).toMatchObject({ reason: 'rejected-elsewhere' });
    expect(scene.callback('completed')['DeviceState']).toBeUndefined();
  });

  it('[WP21] a client who has declined, and is registered by now, rings', () => {
    const scene = new Scene(dial(`<Client ${ALL}>jenny</Client>`), { declined: ['jenny'] });
    expect(scene.invited).toEqual(['jenny']);
    scene.accept('jenny');
    expect(scene.joins).toEqual(['jenny']);
  });

  it('[D7] [CL12] a Number without a trunk and a noun that names nobody fail, each with a notification of its own', () => {
    const scene = new Scene(
      dial(`<Number ${ALL}>+31201234567</Number><Client ${ALL}></Client><Client>jenny</Client>`),
    );
    expect(scene.callbacks(sidOf(1))).toEqual(['0 initiated initiated', '1 completed failed']);
    expect(scene.callbacks(sidOf(2))).toEqual(['0 initiated initiated', '1 completed failed']);
    // Of the second whoever read the document has complained.
    expect(scene.notified).toEqual([11004]);
    expect(scene.legEnd(sidOf(1))).toMatchObject({ reason: 'forbidden' });
    expect(scene.legEnd(sidOf(2))).toMatchObject({ reason: 'document-failed' });
    scene.accept('jenny');
    expect(scene.joins).toEqual(['jenny']);
  });

  it('[D7] [CL9] the eleventh noun is refused, and ten ring', () => {
    const names = Array.from({ length: 11 }, (_, index) => `p${index}`);
    const scene = new Scene(dial(names.map((name) => `<Client ${ALL}>${name}</Client>`).join('')), {
      registered: Object.fromEntries(names.map((name) => [name, ['']])),
    });
    expect(scene.invited).toEqual(names.slice(0, 10));
    expect(scene.notified).toEqual([]);
    expect(scene.callbacks(sidOf(11))).toEqual(['0 initiated initiated', '1 completed failed']);
  });
});

describe('picked up', () => {
  it('[LG4] her other devices stop in the same step, before the document is asked for', () => {
    const scene = new Scene(screened, { ...screening('<Say>Hello</Say>'), ...TWO });
    scene.accept('jenny/phone');
    expect(scene.end('jenny/laptop')).toMatchObject({ reason: 'answered-elsewhere' });
    scene.accept('jenny/laptop');
    expect(scene.joins).toEqual([]);
  });

  it('[CL4] [CL6] [CL7] the document is asked for on her leg, with the voice request of that leg', () => {
    const scene = new Scene(screened, screening('<Pause length="5"/>'));
    scene.accept('jenny');
    expect(scene.lastAsked()).toMatchObject({
      url: '/screen',
      base: 'https://app.example/voice',
      method: 'POST',
      leg: sidOf(1),
      params: { CallSid: sidOf(1), ParentCallSid: CALL_SID, CallStatus: 'in-progress', To: 'client:jenny' },
    });
  });

  it('[CL4] an empty document is an acceptance', () => {
    const scene = new Scene(screened, screening(''));
    scene.accept('jenny');
    expect(scene.joins).toEqual(['jenny']);
  });

  it.each(['<Hangup/>', '<Reject/>', '<Say>Hi</Say><Hangup/>'])(
    '[CL4] [D5] %s declines: completed for the leg, no-answer for the dial, and the caller goes on',
    (document) => {
      const scene = new Scene(screened, screening(document));
      scene.accept('jenny');
      scene.pass(2000);
      scene.heard();
      expect(scene.legEnd()).toMatchObject({ status: 'completed', reason: 'declined' });
      expect(scene.lastAsked().params).toMatchObject({
        DialCallStatus: 'no-answer',
        DialBridged: 'false',
        DialCallDuration: '0',
      });
      expect(scene.end()).toMatchObject({ reason: 'no-answer' });
      expect(scene.joins).toEqual([]);
    },
  );

  it('[CL4] press 1 to accept: the action’s document decides', () => {
    const options = {
      answers: { '/screen': '<Gather numDigits="1" action="/key"/><Hangup/>', '/key': '', '/after': '' },
    };
    const yes = new Scene(screened, options);
    yes.accept('jenny');
    yes.press('1', 'jenny');
    expect(yes.lastAsked()).toMatchObject({ url: '/key', leg: sidOf(1), params: { Digits: '1' } });
    expect(yes.joins).toEqual(['jenny']);
    const silent = new Scene(screened, options);
    silent.accept('jenny');
    silent.pass(5000);
    expect(silent.legEnd()).toMatchObject({ status: 'completed', reason: 'declined', durationMs: 5000 });
  });

  it('[CL4] a Dial in the document is notified and counts as declined', () => {
    const scene = new Scene(screened, screening('<Dial><Client>carol</Client></Dial>'));
    scene.accept('jenny');
    expect(scene.notified).toEqual([13201]);
    expect(scene.end('jenny')).toMatchObject({ reason: 'declined', by: 'server' });
    expect(scene.of('findDevices')).toHaveLength(1);
  });

  it('[D5] hanging up during it is a decline too, by herself', () => {
    const scene = new Scene(screened, screening('<Say>Hello</Say>'));
    scene.accept('jenny');
    scene.pass(3000);
    scene.hangup('jenny');
    expect(scene.end('jenny')).toMatchObject({ reason: 'declined', by: 'local', durationMs: 3000 });
    expect(scene.callback('completed')).toMatchObject({ CallStatus: 'completed', CallDuration: '3' });
  });

  it('[LG8] a device that goes during it ends its leg as lost, and for the dial nobody answered', () => {
    const scene = new Scene(screened, screening('<Say>Hello</Say>'));
    scene.accept('jenny');
    scene.gone('jenny');
    expect(scene.legEnd()).toMatchObject({ status: 'completed', reason: 'network' });
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'no-answer' });
    expect(scene.end()).toMatchObject({ reason: 'no-answer', by: 'server' });
  });

  it('[LG7] the limit ends it, not a millisecond sooner, with what it plays', () => {
    const scene = new Scene(
      dial('<Client url="/screen" timeout="60">jenny</Client>'),
      screening('<Play loop="0">/hold.wav</Play>'),
    );
    scene.accept('jenny');
    scene.pass(59_999);
    expect(scene.end('jenny')).toBeUndefined();
    scene.pass(1);
    expect(scene.end('jenny')).toMatchObject({ reason: 'declined', by: 'server' });
    expect(scene.of('stopPlaying')).toHaveLength(1);
    expect(scene.of('stopPlaying')).toMatchObject([{ party: 'jenny', leg: sidOf(1) }]);
  });

  it('[LG7] a document that never comes is given up, as a decline', () => {
    const scene = new Scene(screened, { answers: { '/screen': NEVER, '/after': '' } });
    scene.accept('jenny');
    scene.pass(20_000);
    expect(scene.legEnd()).toMatchObject({ reason: 'declined' });
    expect(scene.notified).toEqual([11205]);
  });

  it('[D5] picked up, then lost the race: canceled, with the time since pick-up', () => {
    const scene = new Scene(
      dial(`<Client ${ALL} url="/screen">jenny</Client><Client ${ALL}>carol</Client>`),
      {
        ...screening('<Say>Hello</Say>'),
        registered: { jenny: [''], carol: ['desk'] },
      },
    );
    scene.accept('jenny');
    scene.pass(2000);
    scene.accept('carol/desk');
    expect(scene.callbacks(sidOf(1)).at(-1)).toBe('3 completed canceled');
    expect(scene.callback('completed')).toMatchObject({ CallDuration: '2' });
    expect(scene.end('jenny')).toMatchObject({
      reason: 'answered-elsewhere',
      elsewhere: { identity: 'carol' },
    });
    expect(scene.joins).toEqual(['carol/desk']);
  });

  it('[D5] [DL7] picked up, then the caller gone: canceled', () => {
    const scene = new Scene(screened, screening('<Say>Hello</Say>'));
    scene.accept('jenny');
    scene.hangup();
    expect(scene.legEnd()).toMatchObject({ status: 'canceled', reason: 'cancelled' });
    expect(scene.lastAsked().params).toMatchObject({ DialCallStatus: 'canceled', DialBridged: 'false' });
  });
});

describe('joined', () => {
  it.each([
    ['hangup', { reason: 'hangup', by: 'local' }],
    ['deviceGone', { reason: 'network', by: 'server' }],
  ] as const)(
    '[LG9] [LG10] %s ends the leg completed, and the caller is told that the other has left',
    (type, end) => {
      const scene = new Scene(jenny);
      scene.accept('jenny');
      scene.pass(1500);
      scene.device('jenny', { type });
      expect(scene.end('jenny')).toMatchObject({ ...end, durationMs: 1500 });
      expect(scene.legEnd()).toMatchObject({ status: 'completed', reason: end.reason });
      expect(scene.words(CALLER)).toEqual(['ringing', 'joined', 'parted', 'ended']);
      expect(scene.end()).toMatchObject({ reason: 'remote-hangup', by: 'remote' });
    },
  );

  it('[LG9] media that fails ends the leg completed, and the call that ends with it says media', () => {
    const scene = new Scene(jenny);
    scene.accept('jenny');
    scene.device('jenny', { type: 'mediaFailed', why: 'worker died' });
    expect(scene.legEnd()).toMatchObject({ status: 'completed', reason: 'media' });
    expect(scene.end()).toMatchObject({ reason: 'media', by: 'server' });
  });

  it('[LG10] the caller hangs up: the callee learns that the other did', () => {
    const scene = new Scene(jenny);
    scene.accept('jenny');
    scene.hangup();
    expect(scene.end('jenny')).toMatchObject({ reason: 'remote-hangup', by: 'remote' });
    expect(scene.end()).toMatchObject({ reason: 'hangup', by: 'local' });
  });
});

describe('callbacks', () => {
  it('[CL5] without a list, completed alone, as number 0', () => {
    const scene = new Scene(dial('<Client statusCallback="/e">jenny</Client>'));
    scene.accept('jenny');
    scene.hangup('jenny');
    expect(scene.callbacks()).toEqual(['0 completed completed']);
  });

  it('[CL5] without a statusCallback nothing is fired', () => {
    const scene = new Scene(dial('<Client statusCallbackEvent="initiated completed">jenny</Client>'));
    scene.accept('jenny');
    scene.hangup('jenny');
    expect(scene.callbacks()).toEqual([]);
  });

  it('[CL6] the URL goes out as written, with where it resolves, and its method', () => {
    const scene = new Scene(
      dial('<Client statusCallback="../e?x=1" statusCallbackMethod="get">jenny</Client>'),
    );
    scene.reject('jenny');
    expect(scene.of('callback')).toMatchObject([
      { url: '../e?x=1', base: 'https://app.example/voice', method: 'GET' },
    ]);
  });

  it('[CL7] [D12] [D24] a callback carries the voice request of its leg; only completed has a duration', () => {
    const scene = new Scene(jenny);
    scene.accept('jenny');
    scene.hangup('jenny');
    expect(scene.callback('initiated')).toEqual({
      AccountSid: 'AC1',
      ApiVersion: '2012-04-24',
      CallSid: sidOf(1),
      ParentCallSid: CALL_SID,
      CallStatus: 'initiated',
      Direction: 'outbound-dial',
      From: 'client:bob',
      Caller: 'client:bob',
      To: 'client:jenny',
      Called: 'client:jenny',
      CallbackSource: 'call-progress-events',
      CallEvent: 'initiated',
      SequenceNumber: '0',
    });
    expect(scene.callback('answered')).not.toHaveProperty('CallDuration');
    expect(scene.callback('completed')).toHaveProperty('CallDuration', '0');
    expect(scene.of('record').find(({ leg }) => leg === sidOf(1))?.change).toMatchObject({
      type: 'opened',
      status: 'ringing',
    });
  });

  it('[D18] an event that is not subscribed to takes no number', () => {
    const noun = {
      statusCallback: '/e',
      statusCallbackEvents: ['ringing', 'completed'],
    } as unknown as LegState['noun'];
    const leg: LegState = { sid: sidOf(1), noun, phase: { name: 'initiated' }, sequence: 0 };
    const initiated = legEvent(leg, 'initiated');
    expect(initiated).toMatchObject({ state: { sequence: 0 }, outputs: [{ subscribed: false }] });
    expect(legEvent(initiated.state, 'ringing')).toMatchObject({
      state: { sequence: 1 },
      outputs: [{ sequence: 0, subscribed: true }],
    });
  });

  it('[D9] what is kept from the opening is enough to fire completed after a crash', () => {
    const scene = new Scene(jenny);
    const opened = scene.of('record').find(({ leg }) => leg === sidOf(1))?.change;
    const {
      CallStatus: _,
      CallEvent: __,
      SequenceNumber: ___,
      CallbackSource: ____,
      ...kept
    } = scene.callback('initiated');
    expect(opened).toMatchObject({
      callback: { url: '/events', method: 'POST', wantsCompleted: true, params: Object.entries(kept) },
    });
  });
});
