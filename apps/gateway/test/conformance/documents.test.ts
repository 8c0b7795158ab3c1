// What is no document, what is one although it looks odd, and what happens then.
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Answer } from './application.ts';
import { become } from './soon.ts';
import { Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const NEVER_ENDING = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/xml' });
  const more = (): void => {
    while (!response.destroyed && response.write('<!-- and so on and on and on -->'.repeat(64)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
};
const BROKEN_AT_LINE_7 = '<Response>\n\n\n\n\n\n  <Dial><Client>jenny</Dial>\n</Response>';

interface Fault {
  readonly code: number;
  readonly line?: number;
  readonly status?: number;
}

const BAD: readonly (readonly [string, Answer, Fault])[] = [
  ['a page', { type: 'text/html', body: '<!doctype html><html><body>Hi</body></html>' }, { code: 12100 }],
  ['a 404', { status: 404, type: 'text/html', body: '<h1>Not here</h1>' }, { code: 21402, status: 404 }],
  ['a 503', { status: 503, body: 'busy' }, { code: 11200, status: 503 }],
  ['70 KiB', { body: `<Response><!--${'x'.repeat(70 * 1024)}--></Response>` }, { code: 11750 }],
  ['an answer without end', { raw: NEVER_ENDING }, { code: 11750 }],
  ['XML that is broken at line 7', { body: BROKEN_AT_LINE_7 }, { code: 12100, line: 7, status: 200 }],
  ['zero bytes', { body: '' }, { code: 12100 }],
  ['a 204', { status: 204 }, { code: 12100 }],
  ['another root', { body: '<VoiceResponse><Reject/></VoiceResponse>' }, { code: 12100 }],
  ['JSON', { type: 'application/json', body: '{"dial":"jenny"}' }, { code: 12300 }],
  ['a picture', { type: 'image/png', body: Buffer.from([0x89, 0x50, 0x4e, 0x47]) }, { code: 12300 }],
  ['a connection that breaks', { raw: (response) => response.destroy() }, { code: 11205 }],
  ['a redirect without end', { status: 302, headers: { location: '/voice' } }, { code: 11215 }],
  [
    'an address that is not allowed',
    { status: 302, headers: { location: 'http://127.0.0.1:9/voice' } },
    { code: 11001 },
  ],
];

describe('a document that cannot be had', () => {
  it.each(BAD)(
    '[GW2] [D15] [CA12] %s: the caller learns code and place, nobody else is disturbed',
    async (_, answer, fault) => {
      await using stage = await Stage.open(({ params }) =>
        params['To'] === 'well' ? '<Dial><Client>bob</Client></Dial>' : answer,
      );
      const bob = await stage.phone('bob');
      const other = await stage.alice('well');
      await bob.answers();
      await reached(other, 'joined');
      const call = await stage.alice('bad');
      const end = await ended(call);
      expect(end).toMatchObject({ reason: 'document-failed', by: 'server', fault: { code: fault.code } });
      if (fault.line !== undefined) expect(end.fault).toMatchObject({ line: fault.line });
      const callSid = call.parameters.CallSid;
      const told = stage.notifications().filter((each) => each.callSid === callSid);
      // It is told once, with what was asked and what was answered.
      expect(told.map(({ code }) => code)).toEqual([fault.code]);
      expect(told[0]).toMatchObject({
        severity: expect.any(String) as string,
        requestUrl: expect.stringContaining('http://127.0.0.1:') as string,
        requestMethod: 'POST',
        line: end.fault?.line ?? null,
        column: end.fault?.column ?? null,
      });
      expect(Object.fromEntries(told[0]?.requestParams ?? [])).toMatchObject({ CallSid: callSid, To: 'bad' });
      if (fault.status !== undefined) expect(told[0]).toMatchObject({ responseStatus: fault.status });
      expect(stage.callers().find(({ sid }) => sid === callSid)).toMatchObject({ status: 'failed' });
      expect(other.store.getSnapshot().phase).toBe('joined');
    },
  );

  it('[D15] a server that is slow is given up at the limit that its URL sets', async () => {
    await using stage = await Stage.open('<Redirect>/slow#tt=300&amp;rc=0</Redirect>');
    stage.application.on('/slow', { raw: () => undefined });
    expect(await ended(await stage.alice())).toMatchObject({
      reason: 'document-failed',
      fault: { code: 11205 },
    });
  });

  it('[D15] after an answer it ends a completed call, and whoever was joined is gone by then', async () => {
    await using stage = await Stage.open('<Dial action="/after"><Client>jenny</Client></Dial>');
    const jenny = await stage.phone('jenny');
    const call = await stage.alice();
    await (await jenny.answers()).disconnect();
    expect(await ended(call)).toMatchObject({ reason: 'document-failed', fault: { code: 21402 } });
    expect(stage.callers()).toMatchObject([{ status: 'completed', endReason: 'document-failed' }]);
  });

  it('[D21] 25 documents in a row that do nothing but lead on end the call', async () => {
    await using stage = await Stage.open('<Redirect/>');
    expect(await ended(await stage.alice())).toMatchObject({
      reason: 'document-failed',
      fault: { code: 11215 },
    });
    expect(stage.application.at('/voice')).toHaveLength(25);
    expect(stage.notifications(11215)).toHaveLength(1);
  });

  it('[D21] the gateway’s own REST and socket paths are never asked', async () => {
    await using stage = await Stage.open(
      ({ params }) => `<Redirect>${stage.gateway.url}${params['To'] ?? ''}</Redirect>`,
      { environment: { PARLEY_ALLOW: '127.0.0.1' } },
    );
    for (const path of ['/parley', '/2012-04-24/Accounts/AC1/Calls', '/restcomm/2012-04-24/Accounts.json']) {
      expect(await ended(await stage.alice(path))).toMatchObject({
        reason: 'document-failed',
        fault: { code: 11001 },
      });
    }
  });
});

describe('the fallback', () => {
  const withFallback = async (voice: Answer): Promise<Stage> => {
    const stage = await Stage.open(voice, { fallback: '/fallback' });
    stage.application.on('/fallback', '<Dial><Client>jenny</Client></Dial>');
    return stage;
  };

  it.each([
    ['a 500', { status: 500 }, '11200'],
    ['a page', { type: 'text/html', body: '<html></html>' }, '12100'],
    [
      'an address that is not allowed',
      { status: 307, headers: { location: 'http://127.0.0.1:9/' } },
      '11001',
    ],
  ] as const)('[D19] %s leads to it, with ErrorCode and ErrorUrl', async (_, answer, code) => {
    await using stage = await withFallback(answer);
    const jenny = await stage.phone('jenny');
    const call = await stage.alice();
    await jenny.answers();
    await reached(call, 'joined');
    expect(stage.application.at('/fallback')).toMatchObject([
      {
        params: { ErrorCode: code, CallSid: call.parameters.CallSid, From: 'client:alice', To: 'jenny' },
      },
    ]);
    const errorUrl = stage.application.at('/fallback')[0]?.params['ErrorUrl'];
    expect(errorUrl).toBe(code === '11001' ? 'http://127.0.0.1:9/' : stage.application.url('/voice'));
  });

  it('[D19] it serves the action too, and when it fails as well, so has the call', async () => {
    await using stage = await withFallback('<Dial action="/gone?x=1"><Client>nobody</Client></Dial>');
    stage.application.on('/fallback', { status: 500 });
    expect(await ended(await stage.alice())).toMatchObject({
      reason: 'document-failed',
      fault: { code: 11200 },
    });
    expect(stage.application.at('/fallback')).toMatchObject([
      { params: { ErrorCode: '21402', ErrorUrl: stage.application.url('/gone?x=1') } },
    ]);
  });
});

describe('what is a document although it looks odd', () => {
  it.each<readonly [string, Answer]>([
    ['text/html', { type: 'text/html', body: '<Response><Dial><Client>jenny</Client></Dial></Response>' }],
    [
      'a BOM and blanks before the declaration',
      { body: '\uFEFF \n<?xml version="1.0"?><Response><Dial><Client>jenny</Client></Dial></Response>' },
    ],
    [
      'CRLF, comments, CDATA',
      {
        body: '<Response>\r\n<!-- dial --><Dial>\r\n<Client>\r\n <![CDATA[jenny]]>\r\n</Client></Dial></Response>\r\n',
      },
    ],
    [
      'an unknown verb and a misspelt attribute',
      { body: '<Response><Smile/><Dial timout="3"><Client>jenny</Client></Dial></Response>' },
    ],
    [
      'verbs that are not supported here',
      { body: '<Response><Sms>hi</Sms><Fax>http://x/</Fax><Dial><Client>jenny</Client></Dial></Response>' },
    ],
    ['a bare & in a target', { body: '<Response><Dial><Client>jenny?a=1&b=2</Client></Dial></Response>' }],
    ['a 201', { status: 201, body: '<Response><Dial><Client>jenny</Client></Dial></Response>' }],
  ])('[RC4] [RC5] [RC10] [RC13] [RC14] [RC19] [WH2] %s rings jenny', async (_, answer) => {
    await using stage = await Stage.open(answer);
    const jenny = await stage.phone('jenny');
    const call = await stage.alice();
    await jenny.answers();
    await reached(call, 'joined');
  });

  it('[WH15] text/plain is spoken, audio is played: the caller is answered and the call ends well', async () => {
    await using stage = await Stage.open(({ params }) =>
      params['To'] === 'plain'
        ? { type: 'text/plain', body: 'Hello' }
        : { type: 'audio/wav', body: Buffer.alloc(100_000) },
    );
    for (const to of ['plain', 'audio']) {
      expect(await ended(await stage.alice(to))).toMatchObject({ reason: 'remote-hangup', by: 'server' });
    }
    expect(stage.callers().map(({ status }) => status)).toEqual(['completed', 'completed']);
  });

  it.each([
    [301, 'POST', true],
    [302, 'POST', true],
    [303, 'GET', false],
    [307, 'POST', true],
    [308, 'POST', true],
  ] as const)('[D20] a redirect with %d is followed with %s', async (status, method, hasForm) => {
    await using stage = await Stage.open({ status, headers: { location: '/elsewhere/voice' } });
    stage.application.on('/elsewhere/voice', '<Dial action="after"><Client>nobody</Client></Dial>');
    stage.application.on('/elsewhere/after', '<Hangup/>');
    expect(await ended(await stage.alice())).toMatchObject({ reason: 'not-registered' });
    const [asked] = stage.application.at('/elsewhere/voice');
    expect(asked?.method).toBe(method);
    expect(asked?.params['CallSid'] !== undefined).toBe(hasForm);
  });

  it('[D20] a connection that broke before a byte of answer is tried once more, with the same key', async () => {
    let asked = 0;
    await using stage = await Stage.open(() => {
      asked += 1;
      return asked === 1 ? { raw: (response) => response.destroy() } : '<Reject/>';
    });
    expect(await ended(await stage.alice())).toMatchObject({ reason: 'rejected' });
    const keys = stage.application.at('/voice').map(({ headers }) => headers['i-twilio-idempotency-token']);
    expect(keys).toEqual([keys[0], keys[0]]);
  });

  it('[WH11] cookies are one call’s own', async () => {
    await using stage = await Stage.open({
      headers: { 'set-cookie': 'session=1; Path=/' },
      body: '<Response><Redirect>/next</Redirect></Response>',
    });
    stage.application.on('/next', '<Reject/>');
    await ended(await stage.alice());
    await ended(await stage.alice());
    expect(stage.application.asked.map(({ path, headers }) => `${path} ${headers.cookie ?? ''}`)).toEqual([
      '/voice ',
      '/next session=1',
      '/voice ',
      '/next session=1',
    ]);
  });

  it('[D18] an attempt that was not taken is repeated with the same facts and key', async () => {
    await using stage = await Stage.open('<Dial><Client statusCallback="/status">nobody</Client></Dial>', {
      leavesCallbacks: true,
    });
    let asked = 0;
    stage.application.on('/status', () => ({ status: (asked += 1) === 1 ? 500 : 200 }));
    await ended(await stage.alice());
    await stage.application.request('/status', 2);
    const [first, second] = stage.application.at('/status');
    expect(second?.params).toEqual(first?.params);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.headers['i-twilio-idempotency-token']).toBe(first?.headers['webhook-id']);
    await become(
      () => stage.gateway.counts().outbox.pending === 0,
      () => 'the callback to be taken',
    );
  });
});
