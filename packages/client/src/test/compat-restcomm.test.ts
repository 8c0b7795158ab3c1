import { afterEach, expect, it } from 'vitest';
import { RestCommClient, type Connection } from '../compat/restcomm.ts';
import { FakeGateway, type FakePage } from '../testing-entry.ts';

const phone = RestCommClient.Device;

function setUp(gateway: FakeGateway): FakePage {
  const page = gateway.page();
  phone.setup({ token: 'jenny', options: { platform: page.platform, logger: silent } });
  return page;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

afterEach(() => phone.destroy());

it('[PK32] is set up, is ready, is rung, answers with video, and is hung up on', async () => {
  const gateway = new FakeGateway();
  const told: string[] = [];
  phone.ready((device) => told.push(`ready ${device.status}`));
  phone.connect(({ status }) => told.push(`connect ${status}`));
  phone.disconnect(({ status }) => told.push(`disconnect ${status}`));
  phone.incoming(({ parameters }) => told.push(`incoming ${parameters.From}`));
  setUp(gateway);
  await gateway.settle();
  expect(told).toEqual(['ready ready']);
  const headers = { 'X-Tier': 'gold' };
  const alice = gateway.call({ from: 'alice', to: 'jenny', video: true, params: headers });
  await gateway.settle();
  const connection = phone.connection as Connection;
  expect(connection).toMatchObject({ status: 'pending', isIncoming: true });
  expect(connection.parameters).toMatchObject({ 'Custom-Headers': headers, 'video-enabled': true });
  const elements = { local: element(), remote: element() };
  connection.accept({
    'local-media': elements.local,
    'remote-media': elements.remote,
    'video-enabled': true,
  });
  await gateway.settle();
  expect(connection.status).toBe('open');
  expect(elements.remote.srcObject).toBe(connection.parley.media.remote);
  expect(elements.local.srcObject).toBe(connection.parley.media.local);
  expect(phone.status).toBe('busy');
  connection.mute(true);
  expect(connection.muted).toBe(true);
  alice.hangUp();
  await gateway.settle();
  expect(phone.activeConnection()).toBeUndefined();
  expect(told).toEqual(['ready ready', 'incoming alice', 'connect open', 'disconnect closed']);
});

it('[PK32] places a call to a name, a SIP address or a client, and may give up while it rings', async () => {
  const gateway = new FakeGateway();
  setUp(gateway);
  await gateway.settle();
  for (const username of ['bob', 'client:bob', 'sip:bob@example.com']) {
    const connection = await phone.connect({ username, 'Custom-Headers': { 'X-A': '1' } });
    const bob = await gateway.nextCall();
    expect(bob).toMatchObject({ to: 'bob', params: { 'X-A': '1' }, video: false });
    bob.ring();
    await gateway.settle();
    expect(connection.status).toBe('connecting');
    connection.disconnect();
    await gateway.settle();
    expect(bob.end).toBe('cancelled');
  }
});

it('[PK32] tells of errors in words, and of a caller who gave up', async () => {
  const gateway = new FakeGateway();
  const told: string[] = [];
  phone.error((text) => told.push(text));
  phone.cancel(({ parameters }) => told.push(`cancel ${parameters.From}`));
  const page = setUp(gateway);
  await gateway.settle();
  gateway.call({ from: 'alice', to: 'jenny' }).hangUp();
  await gateway.settle();
  page.permission = 'denied';
  gateway.call({ from: 'carol', to: 'jenny' });
  await gateway.settle();
  const connection = phone.connection as Connection;
  connection.error((text) => told.push(`its own: ${text}`));
  connection.accept();
  await gateway.settle();
  expect(told).toEqual(['cancel alice', 'its own: The microphone was refused.']);
  expect(phone.sounds.incoming(false)).toBe(false);
  await gateway.settle();
  expect(page.sounding.size).toBe(0);
  expect(phone.sounds.incoming(true)).toBe(true);
});

/** As much of an element as a stream is put into. */
function element(): HTMLVideoElement {
  return { play: async () => undefined, srcObject: null } as unknown as HTMLVideoElement;
}
