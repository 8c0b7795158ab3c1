import { expect, test } from '../support/test.ts';

test.describe('what an application decides', () => {
  test('[CL1] [C15] the action is asked how the dial ended, and what it answers goes on', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial action="/after"><Client>jenny</Client></Dial></Response>');
    webhooks.on('/after', '<Response><Dial><Client>bob</Client></Dial></Response>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { deviceLabel: 'Desk' });
    const bob = await phones.open('bob');
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');

    await jenny.hangUp();

    const { params } = await webhooks.request('/after');
    const { params: first } = await webhooks.request('/voice');
    expect(params).toMatchObject({
      CallSid: first['CallSid'],
      CallStatus: 'in-progress',
      From: 'client:alice',
      DialCallStatus: 'completed',
      DialBridged: 'true',
      DialAnsweredBy: 'jenny',
      DialAnsweredDevice: 'Desk',
    });
    expect(params['DialCallSid']).toMatch(/^CA[0-9a-f]{32}$/);
    await bob.expectRinging('alice');
    await bob.accept();
    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
  });

  test('[D15] [C25] without an action the next verb runs: who does not answer is followed by who does', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on(
      '/voice',
      '<Response><Dial timeout="2"><Client>jenny</Client></Dial><Dial><Client>bob</Client></Dial></Response>',
    );
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const bob = await phones.open('bob');

    await alice.dial('anyone');
    await jenny.expectEnded({ reason: 'no-answer' });
    await bob.expectRinging('alice');
    await bob.accept();

    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
  });

  test('[D14] keys pressed on the keypad reach the application', async ({ phones, webhooks }) => {
    webhooks.on('/voice', '<Response><Gather numDigits="4" timeout="20" action="/digits"/></Response>');
    webhooks.on('/digits', '<Response><Dial><Client>jenny</Client></Dial></Response>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    await alice.dial('menu');
    await expect(alice.button('call-status')).toHaveText('Listening to the service');
    await alice.button('keypad').click();
    await alice.press('1*0');
    await alice.page.keyboard.press('7');

    const { params } = await webhooks.request('/digits');
    expect(params['Digits']).toBe('1*07');
    await jenny.expectRinging('alice');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  });

  test('[CL6] [CL7] [CL8] [C01] the application is told each step of the call, once, in order and truly', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on(
      '/voice',
      `<Response><Dial><Client statusCallback="/status" statusCallbackEvent="initiated ringing,answered completed">jenny</Client></Dial></Response>`,
    );
    webhooks.on('/status', { status: 204, body: '' });
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');
    await alice.hangUp();

    const { params: last } = await webhooks.request('/status', 4);
    const told = webhooks.requests('/status').map(({ params }) => params);
    expect(
      told.map(({ SequenceNumber, CallEvent, CallStatus }) => [SequenceNumber, CallEvent, CallStatus]),
    ).toEqual([
      ['0', 'initiated', 'initiated'],
      ['1', 'ringing', 'ringing'],
      ['2', 'answered', 'in-progress'],
      ['3', 'completed', 'completed'],
    ]);
    const { params: voice } = await webhooks.request('/voice');
    expect(last).toMatchObject({
      ParentCallSid: voice['CallSid'],
      CallbackSource: 'call-progress-events',
      Direction: 'outbound-dial',
      To: 'client:jenny',
    });
    expect(Number(last['CallDuration'])).toBeGreaterThanOrEqual(0);
    expect(Math.abs(Date.parse(last['Timestamp'] ?? '') - Date.now())).toBeLessThan(60_000);
  });
});

test.describe('a document that is asked for before the two are joined', () => {
  const SCREENED = '<Response><Dial><Client url="/screen">jenny</Client></Dial></Response>';
  const ASK = '<Response><Gather numDigits="1" timeout="20" action="/decide"/><Hangup/></Response>';

  test('[CL4] the caller keeps hearing ringing until the key that accepts', async ({ phones, webhooks }) => {
    webhooks.on('/voice', SCREENED);
    webhooks.on('/screen', ASK);
    webhooks.on('/decide', '<Response/>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();

    await expect(jenny.button('call-status')).toContainText('One moment');
    await webhooks.request('/screen');
    await alice.expectToHear('ringback');
    await jenny.expectToHear('silence');
    expect(await jenny.received()).toMatchObject({ audioBytes: 0 });
    await jenny.button('keypad').click();
    await jenny.press('1');

    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    expect((await webhooks.request('/decide')).params).toMatchObject({ Digits: '1', To: 'client:jenny' });
  });

  test('[CL4] [D5] the key that declines ends her leg, and for the caller nobody answered', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', SCREENED);
    webhooks.on('/screen', ASK);
    webhooks.on('/decide', ({ params }) =>
      params['Digits'] === '1' ? '<Response/>' : '<Response><Hangup/></Response>',
    );
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await webhooks.request('/screen');

    await jenny.button('keypad').click();
    await jenny.press('2');

    await jenny.expectEnded({ reason: 'declined' });
    await alice.expectEnded({ reason: 'no-answer', durationMs: 0 });
    await expect(jenny.lastCall).toContainText('You declined when you were asked');
    await expect(alice.lastCall).toContainText('jenny did not answer');
  });

  test('[CL4] while one is being asked, another may accept', async ({ phones, webhooks }) => {
    webhooks.on(
      '/voice',
      '<Response><Dial><Client url="/screen">jenny</Client><Client>bob</Client></Dial></Response>',
    );
    webhooks.on('/screen', ASK);
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const bob = await phones.open('bob');
    await alice.dial('either');
    await jenny.accept();
    await webhooks.request('/screen');

    await bob.accept();

    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
    await jenny.expectEnded({ reason: 'answered-elsewhere', elsewhere: { identity: 'bob' } });
  });
});

test.describe('an application that answers with something else than a document', () => {
  test('[RC3] [C19] broken at line 7: the caller is told the line and the column', async ({
    phones,
    webhooks,
  }) => {
    const lines = [
      '<Response>',
      '  <!-- whom to call -->',
      '  <Dial',
      '    timeout="20"',
      '  >',
      '    <Client>jenny</Client>',
    ];
    webhooks.on('/voice', [...lines, '  </Dail>', '</Response>'].join('\n'));
    const alice = await phones.open('alice');

    await alice.dial('jenny');

    const end = await alice.expectEnded({ reason: 'document-failed', by: 'server' });
    expect(end.fault).toMatchObject({ line: 7, column: expect.any(Number) });
    await expect(alice.lastCall).toContainText('line 7');
  });

  test('[RC9] an HTML page: the caller is told that it is one', async ({ phones, webhooks }) => {
    webhooks.on('/voice', {
      contentType: 'text/html',
      body: '<!doctype html>\n<html><head><title>It works</title></head><body><p>Hello</p></body></html>',
    });
    const alice = await phones.open('alice');

    await alice.dial('jenny');

    const end = await alice.expectEnded({ reason: 'document-failed' });
    expect(end.fault?.message).toContain('a web page');
    await expect(alice.lastCall).toContainText('its document failed');
  });

  test('[D15] a page that is not there: the caller is told the status', async ({ phones, webhooks }) => {
    webhooks.on('/voice', { status: 404, contentType: 'text/plain', body: 'gone' });
    const alice = await phones.open('alice');

    await alice.dial('jenny');

    const end = await alice.expectEnded({ reason: 'document-failed' });
    expect(end.fault?.message).toContain('404');
    await expect.poll(() => alice.lights()).toEqual([]);
  });
});
