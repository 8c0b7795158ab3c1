// What an application and the devices of a call say to one another, by REST and by callback.
import type { Call, CallMessage } from '@parley/client';
import { expect, it } from 'vitest';
import { askRest, refusedByRest } from './rest.ts';
import { become } from './soon.ts';
import { Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const JENNY = '<Dial><Client>jenny</Client></Dial>';
const MENU = '<Gather timeout="60"/>';

function messagesOf(call: Call): {
  readonly heard: CallMessage[];
  readonly come: (count: number) => Promise<void>;
} {
  const heard: CallMessage[] = [];
  call.on('messageReceived', (message) => heard.push(message));
  const come = (count: number): Promise<void> =>
    become(
      () => heard.length === count,
      () => `${count} messages (${heard.length} so far)`,
    );
  return { heard, come };
}

const path = (call: Call, rest = ''): string => `/Calls/${call.parameters.CallSid}/UserDefinedMessage${rest}`;

it('[MC60] [MC61] an application tells the device of a call something, once for each key', async () => {
  await using stage = await Stage.open(JENNY);
  const [jenny] = await stage.phones('jenny');
  const mine = await stage.alice();
  const hers = await jenny.answers();
  await Promise.all([reached(mine, 'joined'), reached(hers, 'joined')]);
  const [me, she] = [messagesOf(mine), messagesOf(hers)];
  const form = { Content: '{"page":7}', IdempotencyKey: 'one' };
  const made = await askRest(stage, path(hers, 's'), form);
  expect(made).toMatchObject({
    call_sid: hers.parameters.CallSid,
    sid: expect.stringMatching(/^KX[0-9a-f]{32}$/),
  });
  expect(await askRest(stage, path(hers, 's'), form)).toEqual(made);
  await askRest(stage, path(hers, 's'), { Content: '"again"' });
  await she.come(2);
  expect(she.heard).toMatchObject([
    {
      id: made['sid'],
      content: { page: 7 },
      contentType: 'application/json',
      messageType: 'user-defined-message',
    },
    { content: 'again' },
  ]);
  // It was hers alone.
  expect(me.heard).toEqual([]);
  await mine.disconnect();
});

it('[MC60] every device that rings is told', async () => {
  await using stage = await Stage.open(JENNY);
  const [one, other] = await stage.phones('jenny', 'jenny');
  const mine = await stage.alice();
  const [first, second] = await Promise.all([one.rings(), other.rings()]);
  const devices = [messagesOf(first), messagesOf(second)];
  await askRest(stage, path(first, 's'), { Content: '{"title":"Mr Smith"}' });
  for (const { heard, come } of devices) {
    await come(1);
    expect(heard).toMatchObject([{ content: { title: 'Mr Smith' } }]);
  }
  await mine.disconnect();
});

it('[MC62] [MC63] what a device says is told to who has subscribed, in order, with nobody else in the call', async () => {
  await using stage = await Stage.open(MENU);
  stage.application.on('/said', { status: 204 });
  const mine = await stage.alice();
  await reached(mine, 'answered');
  await expect(mine.sendMessage({ content: 1 })).rejects.toMatchObject({ name: 'wrong-state' });
  const subscription = await askRest(stage, path(mine, 'Subscriptions'), {
    Callback: stage.application.url('/said'),
  });
  const { id } = await mine.sendMessage({ content: { tab: 'orders' } });
  await mine.sendMessage({ content: 'two', contentType: 'text/plain', messageType: 'chat' });
  const said = [await stage.application.request('/said'), await stage.application.request('/said', 2)];
  expect(said.map(({ params }) => params)).toMatchObject([
    {
      CallSid: mine.parameters.CallSid,
      SubscriptionSid: subscription['sid'],
      Sid: id,
      Content: '{"tab":"orders"}',
      ContentType: 'application/json',
      MessageType: 'user-defined-message',
      SequenceNumber: '0',
    },
    { Content: 'two', ContentType: 'text/plain', MessageType: 'chat', SequenceNumber: '1' },
  ]);
  await askRest(stage, path(mine, `Subscriptions/${String(subscription['sid'])}`), 'DELETE');
  await expect(mine.sendMessage({ content: 3 })).rejects.toMatchObject({ name: 'wrong-state' });
  await mine.disconnect();
  expect(stage.application.at('/said')).toHaveLength(2);
});

it('[MC62] two who are joined hear one another all the same, and only the leg that was asked for is told', async () => {
  await using stage = await Stage.open(JENNY);
  stage.application.on('/said', { status: 204 });
  const [jenny] = await stage.phones('jenny');
  const mine = await stage.alice();
  const hers = await jenny.answers();
  await Promise.all([reached(mine, 'joined'), reached(hers, 'joined')]);
  const she = messagesOf(hers);
  await askRest(stage, path(mine, 'Subscriptions'), { Callback: stage.application.url('/said') });
  await mine.sendMessage({ content: 'hello' });
  await hers.sendMessage({ content: 'not for the application' });
  await she.come(1);
  const { params } = await stage.application.request('/said');
  expect(params['Content']).toBe('"hello"');
  await mine.disconnect();
  await stage.quiet();
  expect(stage.application.at('/said')).toHaveLength(1);
});

it('[MC64] [MC65] [RS46] what cannot be is refused with a sentence, and nothing is held when the call is over', async () => {
  await using stage = await Stage.open(MENU);
  const mine = await stage.alice();
  await reached(mine, 'answered');
  const refused = (rest: string, form: Readonly<Record<string, string>>) =>
    refusedByRest(stage, path(mine, rest), form);
  expect(await refused('s', { Content: 'hello' })).toMatchObject({
    status: 400,
    code: 20001,
    message: 'Content is not JSON',
  });
  expect(await refused('s', {})).toMatchObject({ code: 20001, message: 'Content is required' });
  expect(await refused('s', { Content: `"${'é'.repeat(5120)}"` })).toMatchObject({
    code: 20001,
    message: 'Content has at most 10240 bytes',
  });
  expect(await refused('Subscriptions', { Callback: '/said' })).toMatchObject({ code: 21609 });
  expect(await refused('Subscriptions', {})).toMatchObject({ code: 21609 });
  expect(
    await refusedByRest(stage, `/Calls/CA${'0'.repeat(32)}/UserDefinedMessages`, { Content: '1' }),
  ).toMatchObject({
    status: 404,
    code: 20404,
  });
  expect(await refusedByRest(stage, path(mine, 'Subscriptions/ZY0'), 'DELETE')).toMatchObject({
    code: 20404,
  });
  for (let count = 0; count < 8; count += 1) {
    await askRest(stage, path(mine, 'Subscriptions'), { Callback: stage.application.url('/said') });
  }
  const one = { Callback: stage.application.url('/said') };
  expect(await refused('Subscriptions', one)).toMatchObject({ status: 429 });
  expect(stage.gateway.counts().calls.messageLegs).toBe(1);
  await mine.disconnect();
  await ended(mine);
  await stage.quiet();
  expect(stage.gateway.counts().calls.messageLegs).toBe(0);
  expect(await refused('s', { Content: '1' })).toMatchObject({ status: 400, code: 21220 });
  expect(await refused('Subscriptions', one)).toMatchObject({ status: 400, code: 21220 });
});
