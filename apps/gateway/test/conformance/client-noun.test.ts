// What the two generations of RCML's page about <Client> promise, kept by a gateway that runs: real sockets, a real
// web server, the SDK as it ships.
import { describe, expect, it } from 'vitest';
import { ACCOUNT, EVENTS, Stage } from './stage.ts';
import { become } from './soon.ts';
import { ended, reached } from './test-phone.ts';

const TEN = Array.from({ length: 10 }, (_, index) => `agent-${index}`);

describe('ringing by name', () => {
  it('[CL1] every device of jenny rings, the first to accept is joined, and the other learns by whom', async () => {
    await using stage = await Stage.open('<Dial><Client>jenny</Client></Dial>');
    const desk = await stage.phone('jenny', { deviceLabel: 'desk' });
    const mobile = await stage.phone('jenny', { deviceLabel: 'mobile' });
    const call = await stage.alice();
    const [atDesk, atMobile] = [await desk.rings(), await mobile.rings()];
    await atMobile.accept();
    await reached(call, 'joined');
    expect(call.store.getSnapshot().other).toEqual({ identity: 'jenny', deviceLabel: 'mobile' });
    expect(atMobile.store.getSnapshot()).toMatchObject({ phase: 'joined', other: { identity: 'alice' } });
    expect(await ended(atDesk)).toMatchObject({
      reason: 'answered-elsewhere',
      elsewhere: { identity: 'jenny', deviceLabel: 'mobile' },
    });
    await call.disconnect();
    expect(await ended(atMobile)).toMatchObject({ reason: 'remote-hangup', by: 'remote' });
  });

  it.each([
    ['<Client name="jenny"><Video/></Client>', true],
    ['<Client name="jenny"><Video enable="false"/></Client>', false],
    ['<Client name="jenny"/>', false],
    ['<Client name="Jenny, second floor">jenny</Client>', false],
    ['<Client><Video/>jenny</Client>', true],
    ['<Client>client:jenny</Client>', false],
  ])('[CL2] %s rings jenny; with video: %s', async (noun, video) => {
    await using stage = await Stage.open(`<Dial>${noun}</Dial>`);
    const jenny = await stage.phone('jenny');
    const call = await stage.alice('jenny', { video: true });
    const hers = await jenny.rings();
    expect(hers.store.getSnapshot()).toMatchObject({ video, other: { identity: 'alice' } });
    await hers.accept({ video: true });
    await reached(call, 'joined');
    expect(call.store.getSnapshot().video).toBe(video);
    expect(hers.store.getSnapshot().video).toBe(video);
  });

  it('[CL2] a noun that names nobody is notified and fails, and the others ring', async () => {
    await using stage = await Stage.open(`<Dial><Client ${EVENTS}/><Client ${EVENTS}>jenny</Client></Dial>`);
    const jenny = await stage.phone('jenny');
    const call = await stage.alice();
    await jenny.answers();
    await reached(call, 'joined');
    await call.disconnect();
    expect(await stage.story()).toEqual([
      ': 0 initiated initiated',
      ': 1 completed failed',
      'jenny: 0 initiated initiated',
      'jenny: 1 ringing ringing',
      'jenny: 2 answered in-progress',
      'jenny: 3 completed completed',
    ]);
    // Once, of the call whose document it is.
    const told = stage.notifications(13223).map(({ callSid }) => callSid);
    expect(told).toEqual([stage.callers()[0]?.sid]);
  });
});

describe('what goes along', () => {
  it('[CL3] [C18] [D11] parameters of the name and <Parameter> reach the callee, keys as written', async () => {
    await using stage = await Stage.open(
      '<Dial><Client><Identity>jenny?X-Account=42&tier=gold%20plus&sum=1+1=2&empty=&bare&bad=100%&X-Account=43</Identity>' +
        '<Parameter name="tier" value="silver"/><Parameter name="Größe" value="xl"/></Client></Dial>',
    );
    const jenny = await stage.phone('jenny');
    const call = await stage.alice();
    const hers = await jenny.rings();
    expect(Object.fromEntries(hers.customParameters)).toEqual({
      'X-Account': '43',
      tier: 'silver',
      sum: '1+1=2',
      empty: '',
      bare: '',
      bad: '100%',
      Größe: 'xl',
    });
    expect(hers.parameters).toMatchObject({ From: 'alice', To: 'jenny' });
    await call.disconnect();
  });

  it('[D11] parameters of more than 4 KiB refuse the noun, and the others ring', async () => {
    await using stage = await Stage.open(
      `<Dial><Client ${EVENTS}>jenny?big=${'x'.repeat(4096)}</Client><Client>bob</Client></Dial>`,
    );
    const [jenny, bob] = await stage.phones('jenny', 'bob');
    const call = await stage.alice();
    await bob.rings();
    await call.disconnect();
    expect(await stage.story()).toEqual(['jenny: 0 initiated initiated', 'jenny: 1 completed failed']);
    expect(jenny.incoming).toEqual([]);
    expect(stage.notifications(31103).map(({ callSid }) => callSid)).toEqual([stage.callers()[0]?.sid]);
  });

  it('[D12] [CL12] names are prefixed in webhooks and plain on the phone, and callerId hides the caller', async () => {
    await using stage = await Stage.open(
      `<Dial callerId="reception"><Client ${EVENTS}>client:jenny</Client></Dial>`,
    );
    const jenny = await stage.phone('jenny');
    const call = await stage.alice('client:jenny', { params: { Secret: 'alice' } });
    const hers = await jenny.answers();
    await reached(hers, 'joined');
    expect(hers.parameters).toMatchObject({ From: 'reception', To: 'jenny' });
    expect(hers.store.getSnapshot().other).toEqual({ identity: 'reception' });
    await call.disconnect();
    const { params } = await stage.callback('jenny', 'completed');
    expect(params).toMatchObject({ From: 'client:reception', To: 'client:jenny' });
    expect(stage.application.at('/voice')[0]?.params).toMatchObject({
      From: 'client:alice',
      To: 'client:jenny',
    });
  });
});

describe('status callbacks', () => {
  it.each(['initiated,  answered', 'initiated answered', ' initiated,answered '])(
    '[CL5] [C02] the events "%s" are two, numbered without gaps',
    async (words) => {
      await using stage = await Stage.open(
        `<Dial><Client statusCallback="/events" statusCallbackEvent="${words}">jenny</Client></Dial>`,
      );
      const jenny = await stage.phone('jenny');
      await stage.alice();
      await (await jenny.answers()).disconnect();
      expect(await stage.story()).toEqual(['jenny: 0 initiated initiated', 'jenny: 1 answered in-progress']);
    },
  );

  it.each(['', 'statusCallbackEvent="sometimes, never"'])(
    '[CL5] [D18] with a statusCallback and no known event (%s) it is completed alone',
    async (attribute) => {
      await using stage = await Stage.open(
        `<Dial><Client statusCallback="/events" ${attribute}>jenny</Client></Dial>`,
      );
      const jenny = await stage.phone('jenny');
      await stage.alice();
      await (await jenny.answers()).disconnect();
      expect(await stage.story()).toEqual(['jenny: 0 completed completed']);
      expect(stage.notifications().length > 0).toBe(attribute !== '');
    },
  );

  it('[CL6] [C04] a relative URL resolves against the document, and GET carries the parameters in the query', async () => {
    await using stage = await Stage.open({ status: 307, headers: { location: '/deep/down/voice' } });
    stage.application.on(
      '/deep/down/voice',
      '<Dial><Client statusCallback="../events/jenny?room=12" statusCallbackMethod="get">jenny</Client></Dial>',
    );
    const jenny = await stage.phone('jenny');
    await stage.alice();
    await (await jenny.answers()).disconnect();
    const told = await stage.application.request('/deep/events/jenny');
    expect(told.method).toBe('GET');
    expect(told.target).toMatch(/^\/deep\/events\/jenny\?room=12&/);
    expect(told.params).toMatchObject({ room: '12', CallStatus: 'completed', To: 'client:jenny' });
  });

  it('[CL7] [C01] every callback carries the voice request and the true status; completed alone a duration', async () => {
    await using stage = await Stage.open(`<Dial><Client ${EVENTS}>jenny</Client></Dial>`);
    const jenny = await stage.phone('jenny');
    const call = await stage.alice();
    const hers = await jenny.answers();
    await reached(call, 'joined');
    await hers.disconnect();
    await stage.quiet();
    const parent = stage.callers()[0]?.sid;
    const leg = stage.legs()[0]?.sid;
    expect(call.parameters.CallSid).toBe(parent);
    expect(hers.parameters.CallSid).toBe(leg);
    const common = {
      AccountSid: ACCOUNT.sid,
      ApiVersion: '2012-04-24',
      CallSid: leg,
      ParentCallSid: parent,
      Direction: 'outbound-dial',
      From: 'client:alice',
      Caller: 'client:alice',
      To: 'client:jenny',
      Called: 'client:jenny',
      CallbackSource: 'call-progress-events',
      Timestamp: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/) as string,
    };
    expect(stage.application.at('/events').map(({ params }) => params)).toEqual([
      { ...common, CallEvent: 'initiated', CallStatus: 'initiated', SequenceNumber: '0' },
      { ...common, CallEvent: 'ringing', CallStatus: 'ringing', SequenceNumber: '1' },
      { ...common, CallEvent: 'answered', CallStatus: 'in-progress', SequenceNumber: '2' },
      {
        ...common,
        CallEvent: 'completed',
        CallStatus: 'completed',
        SequenceNumber: '3',
        CallDuration: '0',
        EndReason: 'hangup',
      },
    ]);
  });

  it('[CL8] completed is fired once for busy, canceled, completed, failed and no-answer, and says which', async () => {
    const names = ['busy', 'canceled', 'completed', 'failed', 'noanswer'] as const;
    await using stage = await Stage.open(
      ({ params }) => `<Dial timeout="1"><Client ${EVENTS}>${params['To'] ?? ''}</Client></Dial>`,
    );
    const [busy, canceled, completed, , noanswer] = await Promise.all(
      names.map(async (name) => (name === 'failed' ? undefined : stage.phone(name))),
    );
    const calls = await Promise.all(names.map((name) => stage.alice(name)));
    (await busy?.rings())?.reject();
    await canceled?.rings();
    await calls[1]?.disconnect();
    await (await completed?.answers())?.disconnect();
    await noanswer?.rings();
    await Promise.all(calls.map(ended));
    await stage.quiet();
    const ends = stage.application.callbacks
      .filter(({ params }) => params['CallEvent'] === 'completed')
      .map(({ params }) => `${params['To']} ${params['CallStatus']} ${params['CallDuration']}`);
    expect(ends.toSorted()).toEqual([
      'client:busy busy 0',
      'client:canceled canceled 0',
      'client:completed completed 0',
      'client:failed failed 0',
      'client:noanswer no-answer 0',
    ]);
  });
});

describe('ten at once', () => {
  it('[CL9] [CL10] [D24] ten accept in the same tick: one is joined, nine learn by whom, ten ends are told truly', async () => {
    const nouns = TEN.map((name) => `<Client ${EVENTS}>${name}</Client>`).join('');
    await using stage = await Stage.open(`<Dial>${nouns}</Dial>`);
    const phones = await Promise.all(
      TEN.map((name) => stage.phone(name, { deviceLabel: `phone of ${name}` })),
    );
    const call = await stage.alice('everybody');
    const ringing = await Promise.all(phones.map((phone) => phone.rings()));
    expect(stage.legs().map(({ status }) => status)).toEqual(TEN.map(() => 'ringing'));
    const accepts = await Promise.allSettled(ringing.map((each) => each.accept()));
    await reached(call, 'joined');
    const winner = accepts.findIndex(({ status }) => status === 'fulfilled');
    expect(accepts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const elsewhere = { identity: TEN[winner] ?? '', deviceLabel: `phone of ${TEN[winner]}` };
    expect(call.store.getSnapshot().other).toEqual(elsewhere);
    for (const [index, each] of ringing.entries()) {
      if (index === winner) expect(each.store.getSnapshot().phase).toBe('joined');
      else expect(await ended(each)).toMatchObject({ reason: 'answered-elsewhere', elsewhere });
    }
    await call.disconnect();
    await stage.quiet();
    const ends = stage.application.callbacks.filter(({ params }) => params['CallEvent'] === 'completed');
    expect(Object.fromEntries(ends.map(({ params }) => [params['To'], params['CallStatus']]))).toEqual(
      Object.fromEntries(
        TEN.map((name, index) => [`client:${name}`, index === winner ? 'completed' : 'canceled']),
      ),
    );
    expect(ends).toHaveLength(10);
  });

  it('[CL9] the eleventh noun is refused with a notification, and the ten ring', async () => {
    const nouns = [...TEN, 'eleventh'].map((name) => `<Client ${EVENTS}>${name}</Client>`).join('');
    await using stage = await Stage.open(`<Dial>${nouns}</Dial>`);
    const phones = await stage.phones(...TEN, 'eleventh');
    const call = await stage.alice('everybody');
    await Promise.all(phones.slice(0, 10).map((phone) => phone.rings()));
    await call.disconnect();
    expect((await stage.story()).filter((line) => line.startsWith('eleventh'))).toEqual([
      'eleventh: 0 initiated initiated',
      'eleventh: 1 completed failed',
    ]);
    expect(phones[10]?.incoming).toEqual([]);
    expect(stage.notifications()).toMatchObject([{ code: 13250, callSid: call.parameters.CallSid, line: 1 }]);
  });
});

describe('beside clients', () => {
  it('[CL12] [D7] a <Number> without a trunk fails with a notification, and jenny rings', async () => {
    await using stage = await Stage.open(
      `<Dial><Number ${EVENTS}>+1 (555) 010-9999</Number><Client ${EVENTS}>jenny</Client></Dial>`,
    );
    const jenny = await stage.phone('jenny');
    const call = await stage.alice();
    await jenny.answers();
    await reached(call, 'joined');
    await call.disconnect();
    expect((await stage.story()).slice(0, 2)).toEqual([
      '+15550109999: 0 initiated initiated',
      '+15550109999: 1 completed failed',
    ]);
    expect(stage.notifications(11004)).toMatchObject([{ callSid: stage.legs()[0]?.sid }]);
  });

  it('[CL12] a <Number> alone ends the dial failed at once', async () => {
    await using stage = await Stage.open('<Dial action="/after">+15550109999</Dial>');
    stage.application.on('/after', '<Hangup/>');
    const call = await stage.alice();
    expect((await stage.application.request('/after')).params).toMatchObject({
      DialCallStatus: 'failed',
      DialBridged: 'false',
      DialCallDuration: '0',
    });
    await ended(call);
    await become(
      () => stage.gateway.counts().calls.calls === 0,
      () => 'the end',
    );
  });
});
