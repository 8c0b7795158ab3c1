import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpEdge } from '../src/edge/http-edge.ts';
import { createRestApi } from '../src/rest/rest-api.ts';
import { openStore } from '../src/store/store.ts';
import { ACCOUNT, FakeCallControl, RestGateway } from './rest-gateway.ts';

let rest: RestGateway;
beforeAll(async () => {
  rest = await RestGateway.start();
});
afterAll(() => rest[Symbol.asyncDispose]());

/** The API by itself, with limits and services of the test's own. */
async function api(options: Partial<Parameters<typeof createRestApi>[0]> = {}) {
  const store = openStore(':memory:');
  const account = store.accounts.save({ friendlyName: 'Test' });
  const logged: unknown[] = [];
  const log = { error: (...args: unknown[]) => void logged.push(args) } as never;
  const edge = await createHttpEdge({
    host: '127.0.0.1',
    port: 0,
    log,
    health: () => ({ ok: true }),
    metrics: () => '',
    upgrade: (_, socket) => socket.destroy(),
    mounts: createRestApi({
      store,
      calls: new FakeCallControl(),
      notifications: { notify: () => '' },
      outbox: { replay: () => 0 },
      log,
      ...options,
    }),
  });
  const ask = (credentials = `${account.sid}:${account.authToken}`) =>
    fetch(`${edge.url}/2010-04-01/Accounts/${account.sid}.json`, {
      headers: { authorization: `Basic ${btoa(credentials)}` },
    });
  return {
    ask,
    account,
    store,
    logged,
    edge,
    async [Symbol.asyncDispose]() {
      await edge.close();
      await store.close();
    },
  };
}

describe('credentials', () => {
  it('[RS1] lets in the account’s sid and token', async () => {
    expect(await rest.ask('.json')).toMatchObject({ status: 200, body: { sid: ACCOUNT.sid } });
  });

  it('[RS1] lets in the sid and secret of an API key', async () => {
    const key = rest.store.apiKeys.save({ accountSid: ACCOUNT.sid, friendlyName: 'server' });
    expect(await rest.ask('.json', { credentials: `${key.sid}:${key.secret}` })).toMatchObject({
      status: 200,
      body: { sid: ACCOUNT.sid },
    });
  });

  it.each([
    ['nothing', ''],
    ['a wrong token', `${ACCOUNT.sid}:wrong`],
    ['an empty token', `${ACCOUNT.sid}:`],
    ['an unknown account', `AC${'0'.repeat(32)}:${ACCOUNT.authToken}`],
    ['an unknown account with an empty token', `AC${'0'.repeat(32)}:`],
    ['an unknown key', `SK${'0'.repeat(32)}:secret`],
    ['no colon', ACCOUNT.sid],
  ])('[RS1] answers %s with 401, and says how to ask', async (_, credentials) => {
    const { status, headers, body } = await rest.refused('.json', { credentials });
    expect({ status, body }).toMatchObject({ status: 401, body: { code: 20003, status: 401 } });
    expect(headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  });

  it('[RS1] forgets a key that was deleted', async () => {
    const key = rest.store.apiKeys.save({ accountSid: ACCOUNT.sid, friendlyName: 'gone' });
    rest.store.apiKeys.remove(ACCOUNT.sid, key.sid);
    expect((await rest.ask('.json', { credentials: `${key.sid}:${key.secret}` })).status).toBe(401);
  });

  it('[RS2] shows an account nothing of another, whichever way it asks', async () => {
    const other = rest.store.accounts.save({ friendlyName: 'Other' });
    const callSid = rest.addCall({ accountSid: other.sid });
    const client = rest.store.clients.create(other.sid, 'mallory').client;
    const key = rest.store.apiKeys.save({ accountSid: other.sid, friendlyName: '' });
    expect(await rest.askAt(`/2012-04-24/Accounts/${other.sid}/Calls.json`)).toMatchObject({
      status: 403,
      body: { code: 20403 },
    });
    for (const path of [`/Calls/${callSid}`, `/Clients/${client.sid}`, `/Keys/${key.sid}`]) {
      expect((await rest.ask(path)).status).toBe(404);
      expect((await rest.ask(path, { method: 'DELETE' })).status).not.toBe(204);
    }
    expect((await rest.ask(`/Calls/${callSid}`, { form: { Status: 'completed' } })).status).toBe(404);
    expect(JSON.stringify((await rest.ask('/Calls.json')).body)).not.toContain(callSid);
    expect(rest.control.changes).toEqual([]);
  });
});

describe('paths', () => {
  it.each(['/2012-04-24', '/restcomm/2012-04-24', '/2010-04-01'])(
    '[RS3] answers the same below %s, with addresses that begin like the one that was asked',
    async (prefix) => {
      const sid = rest.addCall();
      const root = `${prefix}/Accounts/${ACCOUNT.sid}`;
      expect(await rest.askAt(`${root}/Calls/${sid}.json`)).toMatchObject({
        status: 200,
        body: { sid, uri: `${root}/Calls/${sid}.json`, api_version: prefix.slice(-10) },
      });
    },
  );

  it.each(['/Calls', '/Calls.json', '/Calls/'])('[RS3] reads %s with and without .json', async (path) => {
    expect(await rest.ask(path)).toMatchObject({ status: 200, body: { page: 0 } });
  });

  it('[RS3] reads the suffix where RestComm’s clients write it', async () => {
    const sid = rest.addCall();
    expect(await rest.ask(`/Calls.json/${sid}`)).toMatchObject({ status: 200, body: { sid } });
  });

  it.each(['/Nothing', '/Calls/CA1', '/Calls/CA1/Nothing', '/Clients/CL1', '/Conferences/CF1/Participants'])(
    '[RS7] says of %s that it is not there',
    async (path) => {
      expect(await rest.ask(path)).toMatchObject({ status: 404, body: { code: 20404 } });
    },
  );

  it('[RS7] says of a path that begins otherwise that it is not there', async () => {
    expect(await rest.askAt('/2012-04-24/Nothing')).toMatchObject({ status: 404, body: { code: 20404 } });
  });

  it('[RS7] says which methods are answered', async () => {
    const { status, headers, body } = await rest.refused('/Calls', { method: 'DELETE' });
    expect({ status, code: body.code, allow: headers.get('allow') }).toEqual({
      status: 405,
      code: 20004,
      allow: 'GET, POST',
    });
    expect((await rest.ask('/Calls', { method: 'PATCH' })).status).toBe(405);
  });

  it('[RS7] answers HEAD without a body, and reads PUT as POST', async () => {
    expect(await rest.ask('.json', { method: 'HEAD' })).toMatchObject({ status: 200, body: {} });
    const { client } = rest.store.clients.create(ACCOUNT.sid, 'putty');
    const put = await rest.ask(`/Clients/${client.sid}`, { method: 'PUT', form: { FriendlyName: 'P' } });
    expect(put).toMatchObject({ status: 200, body: { friendly_name: 'P' } });
  });
});

describe('requests', () => {
  it.each(['cross-site', 'same-site'])('[RS4] refuses the form of a page that is %s', async (site) => {
    const headers = { 'sec-fetch-site': site };
    expect(await rest.ask('/Calls', { headers, form: { To: 'client:jenny' } })).toMatchObject({
      status: 403,
      body: { code: 20403 },
    });
    expect((await rest.ask('/Calls', { headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
  });

  it('[RS5] answers an account that asks too often with 429, and says when to ask again', async () => {
    await using small = await api({ limits: { accountRate: { perMinute: 1, burst: 2 } } });
    expect((await small.ask()).status).toBe(200);
    expect((await small.ask()).status).toBe(200);
    const third = await small.ask();
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(30);
    expect(await third.json()).toMatchObject({ code: 20429, status: 429 });
  });

  it('[RS5] lets nobody guess tokens for long, and keeps the account open meanwhile', async () => {
    await using small = await api({ limits: { strangerRate: { perMinute: 1, burst: 2 } } });
    const guess = () => small.ask(`${small.account.sid}:guess`);
    expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([401, 401, 429]);
    expect((await small.ask()).status).toBe(200);
  });

  it('[RS6] refuses a body that is no form', async () => {
    const response = await fetch(`${rest.url}/2012-04-24/Accounts/${ACCOUNT.sid}/Calls`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${ACCOUNT.sid}:${ACCOUNT.authToken}`)}`,
        'content-type': 'application/json',
      },
      body: '{"To": "client:jenny"}',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 20001, message: expect.stringContaining('form') });
  });

  it('[RS6] refuses a body above 256 KiB', async () => {
    expect((await rest.ask('/Calls', { form: { Rcml: 'x'.repeat(300_000) } })).status).toBe(413);
  });

  it('[RS8] names the field that is wrong', async () => {
    const { status, body } = await rest.refused('/Calls?PageSize=many');
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { code: 20001, status: 400, more_info: '/docs#refusal-20001' },
    });
    expect(body.message).toMatch(/^PageSize is a whole number/);
  });

  it('[RS8] refuses a field that is given twice, and ignores one it does not know', async () => {
    const twice = await rest.refused('/Calls?To=client:a&To=client:b');
    expect(twice).toMatchObject({ status: 400, body: { message: 'To is to be given once' } });
    expect((await rest.ask('/Calls?SubAccounts=true&To=')).status).toBe(200);
  });

  it('[RS9] answers a failure of ours with 500 and nothing of it, and logs it', async () => {
    const broken = { accounts: { find: () => raise('the disk is on fire') } } as never;
    await using small = await api({ store: broken });
    const response = await small.ask();
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: 20500 });
    expect(small.logged).toHaveLength(1);
  });

  it('[RS10] tells no log above debug a token, a parameter or an address', async () => {
    await rest.ask('/Calls?From=client%3Asecretive', { credentials: `${ACCOUNT.sid}:guessed-token` });
    await rest.ask('/Calls', { form: { To: 'client:jenny?X-Card=4111', From: 'x', Url: 'nonsense' } });
    const loud = rest.log.filter((line) => Number(/"level":(\d+)/.exec(line)?.[1]) > 20).join('\n');
    for (const secret of [ACCOUNT.authToken, 'guessed-token', 'secretive', '4111', '127.0.0.1']) {
      expect(loud).not.toContain(secret);
    }
  });
});

function raise(message: string): never {
  throw new Error(message);
}
