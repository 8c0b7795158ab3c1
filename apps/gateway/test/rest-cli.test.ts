import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountFindings } from '../src/cli/doctor-account.ts';
import { announcedFindings } from '../src/cli/doctor-addresses.ts';
import { dataFindings, isGatewayRunning, nodeFinding, portFindings } from '../src/cli/doctor-machine.ts';
import { applicationFindings } from '../src/cli/doctor-webhooks.ts';
import { mediaFindings } from '../src/cli/doctor-worker.ts';
import { runCommand } from '../src/cli/run-command.ts';
import { readConfig } from '../src/config.ts';
import { verifyToken } from '../src/edge/token.ts';
import { newSid } from '../src/store/sid.ts';
import { openStore } from '../src/store/store.ts';
import { startApplication } from './out-application.ts';
import { ACCOUNT, RestGateway } from './rest-gateway.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a command printed, and its exit code. */
async function run(
  args: readonly string[],
  { environment = {}, input = '' }: { environment?: Record<string, string>; input?: string } = {},
) {
  let out = '';
  let error = '';
  const code = await runCommand(args, {
    environment,
    out: (text) => void (out += text),
    error: (text) => void (error += text),
    readInput: async () => Buffer.from(input),
  });
  return { code, out, error };
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function config(environment: Record<string, string> = {}) {
  return readConfig({ PARLEY_DATA: ':memory:', PARLEY_DEMO: 'off', ...environment });
}

describe('the program', () => {
  it('[RS41] runs the gateway where no command is named', async () => {
    expect((await run([])).code).toBeUndefined();
    expect((await run(['start'])).code).toBeUndefined();
  });

  it('[RS41] says what it can do, and what it cannot with exit code 2', async () => {
    const help = await run(['help']);
    expect(help).toMatchObject({ code: 0, error: '' });
    for (const command of ['start', 'lint', 'doctor', 'outbox', 'token']) expect(help.out).toContain(command);
    expect(await run(['dance'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('no command dance'),
    });
  });
});

describe('parley lint', () => {
  it('[RS42] finds nothing wrong with a right document', async () => {
    const path = await file('right.rcml', '<Response><Dial><Client>jenny</Client></Dial></Response>');
    expect(await run(['lint', path])).toEqual({ code: 0, out: `${path}: fine\n`, error: '' });
  });

  it('[RS42] names file, line and column, what is wrong and what would be right', async () => {
    const path = await file('odd.rcml', '<Response>\n  <Dail>jenny</Dail>\n</Response>');
    const { code, out } = await run(['lint', path]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${path}:2:3: warning \\d+: .*Dail.*<Dial>`));
  });

  it('[RS42] ends with 1 when one of several documents would not run', async () => {
    const right = await file('right2.rcml', '<Response/>');
    const broken = await file('broken.rcml', '<Response>\n<Dial></Response>');
    const { code, out } = await run(['lint', right, broken]);
    expect(code).toBe(1);
    expect(out).toContain(`${right}: fine`);
    expect(out).toMatch(new RegExp(`${broken}:2:\\d+: error 12100: `));
  });

  it('[RS42] reads what is piped in', async () => {
    expect((await run(['lint', '-'], { input: '<html></html>' })).out).toMatch(/^-:1:1: error/);
  });

  it('[RS42] ends with 2 without a file, or with one that cannot be read', async () => {
    expect(await run(['lint'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('name at least one'),
    });
    expect(await run(['lint', join(folder, 'missing')])).toMatchObject({
      code: 2,
      error: expect.stringContaining('cannot be read'),
    });
  });
});

describe('parley doctor', () => {
  it('[RS43] finds a free port, a taken one, and one of a gateway that runs', async () => {
    const free = { host: '127.0.0.1', port: 0 };
    expect(await portFindings(free, '', false)).toMatchObject([{ is: 'well' }]);
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => void taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    expect(await portFindings({ host: '127.0.0.1', port }, '', false)).toMatchObject([
      { is: 'wrong', what: expect.stringContaining('taken'), remedy: expect.stringContaining('PARLEY_PORT') },
    ]);
    taken.close();
    expect(await portFindings({ host: '203.0.113.1', port: 0 }, '', false)).toMatchObject([
      { is: 'wrong', what: expect.stringContaining('not an address of this machine') },
    ]);
    await using rest = await RestGateway.start();
    expect(await isGatewayRunning(rest.url)).toBe(true);
    await using other = await startApplication((_, response) => void response.end('hello'));
    expect(await isGatewayRunning(other.origin)).toBe(false);
  });

  it('[RS43] finds a folder that cannot be written, and a Node that is too old', async () => {
    const path = await file('not-a-folder', '');
    expect(await dataFindings({ storePath: join(path, 'data', 'parley.sqlite') })).toMatchObject([
      { is: 'wrong', remedy: expect.stringContaining('PARLEY_DATA') },
    ]);
    expect(await dataFindings({ storePath: join(folder, 'data', 'parley.sqlite') })).toMatchObject([
      { is: 'well' },
    ]);
    expect(nodeFinding('20.1.0').is).toBe('wrong');
    expect(nodeFinding('24.0.0').is).toBe('well');
  });

  it('[RS43] finds an SFU worker that does not start', async () => {
    const media = { ...config().media, workerBin: join(folder, 'no-such-worker') };
    expect(await mediaFindings({ media }, false)).toMatchObject([
      {
        is: 'wrong',
        what: expect.stringContaining('does not start'),
        remedy: expect.stringContaining('MEDIASOUP_WORKER_BIN'),
      },
    ]);
  });

  it.each([
    [{ PARLEY_ANNOUNCED_ADDRESS: 'gateway.example' }, [], 'wrong'],
    [{ PARLEY_ANNOUNCED_ADDRESS: '10.0.0.5' }, [], 'odd'],
    [{ PARLEY_ANNOUNCED_ADDRESS: '1.1.1.1' }, [], 'well'],
    [{}, ['10.0.0.5'], 'well'],
    [{ PARLEY_MEDIA_ADDRESSES: '10.0.0.9' }, ['10.0.0.5'], 'wrong'],
  ])('[RS43] judges the addresses of media: %o on a machine that has %o is %s', (environment, own, is) => {
    const found = announcedFindings(config(environment), own).map((finding) => finding.is);
    expect(found).toContain(is);
    expect(found.includes('wrong')).toBe(is === 'wrong');
  });

  it('[RS43] says what browsers elsewhere need: an address that they reach, and TLS', () => {
    const found = announcedFindings(config({ PARLEY_HOST: '0.0.0.0' }), ['10.0.0.5']);
    expect(found).toMatchObject([
      { is: 'odd', remedy: expect.stringContaining('PARLEY_ANNOUNCED_ADDRESS') },
      { is: 'odd', remedy: expect.stringContaining('TLS proxy') },
    ]);
  });

  it('[RS43] tries the account’s token, and finds none, a weak one, and a demo on a network', async () => {
    const account = {
      PARLEY_ACCOUNT_SID: ACCOUNT.sid,
      PARLEY_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
    };
    expect(await accountFindings(config(account))).toMatchObject([{ is: 'well' }]);
    expect(await accountFindings(config({ ...account, PARLEY_AUTH_TOKEN: 'a'.repeat(32) }))).toMatchObject([
      { is: 'odd', what: expect.stringContaining('guessed') },
      { is: 'well' },
    ]);
    expect(await accountFindings(config())).toMatchObject([{ is: 'wrong' }]);
    expect(await accountFindings(config({ PARLEY_DEMO: 'on', PARLEY_HOST: '0.0.0.0' }))).toMatchObject([
      { is: 'odd', what: expect.stringContaining('demo') },
      { is: 'well' },
    ]);
  });

  it('[RS43] finds whether the application can be reached, without asking it anything', async () => {
    await using application = await startApplication((_, response) => void response.end());
    const voice = { PARLEY_VOICE_URL: `${application.origin}/voice` };
    expect(await applicationFindings(config(voice))).toMatchObject([
      { is: 'wrong', remedy: expect.stringContaining(`PARLEY_ALLOW=127.0.0.1:${application.port}`) },
    ]);
    expect(await applicationFindings(config({ ...voice, PARLEY_ALLOW: '127.0.0.1' }))).toMatchObject([
      { is: 'well' },
    ]);
    expect(application.seen).toEqual([]);
    const gone = { PARLEY_VOICE_URL: 'http://127.0.0.1:1/', PARLEY_ALLOW: '127.0.0.1' };
    expect(await applicationFindings(config(gone))).toMatchObject([
      { is: 'wrong', remedy: expect.stringContaining('Nothing listens there') },
    ]);
    expect(await applicationFindings(config({ PARLEY_PEER_CALLS: 'on' }))).toMatchObject([{ is: 'well' }]);
    expect(await applicationFindings(config())).toMatchObject([{ is: 'odd' }]);
  });

  it('[RS43] says everything in one go, and ends with 1 when something is wrong', async () => {
    const environment = {
      PARLEY_DATA: join(folder, 'doctored'),
      PARLEY_PORT: '0',
      PARLEY_DEMO: 'off',
      MEDIASOUP_WORKER_BIN: join(folder, 'no-such-worker'),
    };
    const { code, out } = await run(['doctor'], { environment });
    expect(code).toBe(1);
    expect(out).toMatch(/^ok {5}Node /);
    expect(out).toMatch(/WRONG {2}The SFU worker does not start/);
    expect(out).toMatch(/WRONG {2}There is no account/);
    expect(out).toMatch(/2 to be put right\.\n$/);
    expect(await run(['doctor'], { environment: { PARLEY_PORT: 'x' } })).toMatchObject({
      code: 2,
      error: expect.stringContaining('PARLEY_PORT'),
    });
  });
});

describe('parley outbox', () => {
  it('[RS44] lists what was given up, and takes it up again', async () => {
    await using application = await startApplication((_, response) => void response.writeHead(204).end());
    await using rest = await RestGateway.start({ PARLEY_ALLOW: '127.0.0.1' });
    const stream = newSid('CA');
    const { outbox } = rest.store;
    const event = outbox.add({
      key: 'k',
      accountSid: ACCOUNT.sid,
      stream,
      sequence: 3,
      origin: application.origin,
      url: `${application.origin}/status`,
      method: 'POST',
      params: [],
      createdAtMs: Date.now(),
    });
    outbox.dead(event?.id ?? 0, Date.now(), 'connection refused');
    const environment = {
      PARLEY_URL: rest.url,
      PARLEY_ACCOUNT_SID: ACCOUNT.sid,
      PARLEY_AUTH_TOKEN: ACCOUNT.authToken,
    };
    const listed = await run(['outbox'], { environment });
    expect(listed.out).toContain(`${stream} #3`);
    expect(listed.out).toContain('connection refused');
    expect((await run(['outbox', 'replay', newSid('CA')], { environment })).out).toBe('0 taken up again.\n');
    expect(await run(['outbox', 'replay', stream], { environment })).toMatchObject({
      code: 0,
      out: '1 taken up again.\n',
    });
    await expect.poll(() => application.seen.length).toBe(1);
    expect((await run(['outbox', 'list'], { environment })).out).toBe('No callback was given up.\n');
    expect(await run(['outbox', 'replay'], { environment })).toMatchObject({ code: 2 });
    expect(await run(['outbox', 'burn'], { environment })).toMatchObject({ code: 2 });
    const wrong = { ...environment, PARLEY_AUTH_TOKEN: 'x'.repeat(32) };
    expect(await run(['outbox'], { environment: wrong })).toMatchObject({
      code: 1,
      error: expect.stringContaining('Authenticate'),
    });
  });

  it('[RS44] says where it looked for a gateway, and for an account', async () => {
    const account = { PARLEY_ACCOUNT_SID: ACCOUNT.sid, PARLEY_AUTH_TOKEN: ACCOUNT.authToken };
    expect(
      await run(['outbox'], { environment: { ...account, PARLEY_URL: 'http://127.0.0.1:1' } }),
    ).toMatchObject({
      code: 1,
      error: expect.stringContaining('No gateway answers at http://127.0.0.1:1'),
    });
    expect(await run(['outbox'], { environment: { PARLEY_DATA: join(folder, 'empty') } })).toMatchObject({
      code: 1,
      error: expect.stringContaining('PARLEY_ACCOUNT_SID'),
    });
  });
});

describe('parley token', () => {
  it('[RS45] prints a token of the store’s account, beside a gateway that has the store open', async () => {
    const data = await mkdtemp(join(folder, 'data-'));
    await using store = openStore(join(data, 'parley.sqlite'));
    const account = store.accounts.save({ friendlyName: 'Mine' });
    await store.committed();
    const { code, out } = await run(['token', 'jenny'], { environment: { PARLEY_DATA: data } });
    expect(code).toBe(0);
    const keys = { secretFor: () => ({ accountSid: account.sid, secret: account.authToken }) };
    expect(await verifyToken(out.trim(), keys, { wallMs: Date.now(), skewMs: 0 })).toMatchObject({
      ok: true,
      token: { identity: 'jenny', accountSid: account.sid, grants: { incomingAllow: true } },
    });
    expect((await run(['token', 'jen?ny'])).code).toBe(2);
    expect((await run(['token'])).code).toBe(2);
  });
});
