// What users get is the tarball. These tests install what would be published, and use it as they would: from Node, with a
// strict compiler, and in a bundler. In a browser, the same is opened by e2e/specs/packed.spec.ts.
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryPoints, installPacked } from './install.mjs';

const run = promisify(execFile);
const REPOSITORY = path.resolve(import.meta.dirname, '../..');

let installed: Awaited<ReturnType<typeof installPacked>>;
let all: string[];

beforeAll(async () => {
  installed = await installPacked();
  all = await entryPoints(installed.folder);
}, 120_000);

afterAll(() => installed.remove());

const write = (name: string, text: string) => writeFile(path.join(installed.folder, name), text);

describe('the packed packages', () => {
  it('[PK40] are imported by Node, every entry point, and a device is made there', async () => {
    expect(all).toContain('@parley/client/compat/twilio');
    await write('package.json', '{ "type": "module" }');
    await write(
      'import.mjs',
      `${all.map((name) => `await import('${name}');`).join('\n')}
       const { Device } = await import('@parley/client');
       const { FakeGateway } = await import('@parley/client/testing');
       const gateway = new FakeGateway();
       const device = new Device('jenny', { platform: gateway.page().platform });
       await device.register();
       gateway.call({ from: 'alice', to: 'jenny' });
       await gateway.settle();
       await device.calls[0].accept();
       await gateway.settle();
       console.log(device.calls[0].status());
       await device.destroy();
       const { response, dial, client } = await import('@parley/rcml');
       console.log(typeof response, typeof dial, typeof client);`,
    );
    const { stdout } = await run(process.execPath, ['import.mjs'], { cwd: installed.folder });
    expect(stdout).toBe('open\nfunction function function\n');
  }, 60_000);

  it('[PK41] pass a strict compiler that looks into libraries', async () => {
    await write(
      'use.tsx',
      `import { Device, ClientError, type Call, type CallEnd } from '@parley/client';
       import { Device as TwilioDevice } from '@parley/client/compat/twilio';
       import { RestCommClient } from '@parley/client/compat/restcomm';
       import { browserPlatform } from '@parley/client/platform';
       import { FakeGateway } from '@parley/client/testing';
       import { ClientProvider, RemoteVideo, useCallState, useIncomingCall } from '@parley/react';
       import { clientPlugin, useCall } from '@parley/vue';
       import { createApp, h, defineComponent } from 'vue';
       import * as rcml from '@parley/rcml';
       import { SUBPROTOCOL } from '@parley/protocol';

       export const device: Device = new Device(async () => 'token', { platform: browserPlatform() });
       device.on('incoming', (call: Call) => call.accept({ video: true }));
       // @ts-expect-error: no such event
       device.on('incomming', () => undefined);
       export async function place(): Promise<CallEnd> {
         const call = await device.connect({ to: 'jenny', video: { width: 640 }, signal: AbortSignal.timeout(1) });
         for await (const [error] of call.events('error')) if (error instanceof ClientError) break;
         return call.ended;
       }
       export const twilio = new TwilioDevice('token').on('registered', () => undefined).state;
       RestCommClient.Device.setup({ token: 'token' });
       export const gateway = new FakeGateway();
       function Phone() {
         const call = useIncomingCall();
         const name = useCallState(call, (state) => state.other?.identity);
         return <p title={name ?? ''}><RemoteVideo call={call} className="big" /></p>;
       }
       export const page = <ClientProvider device={device}><Phone /></ClientProvider>;
       const VuePhone = defineComponent(() => {
         const current = useCall();
         return () => h('p', current.value?.callId);
       });
       createApp(VuePhone).use(clientPlugin(device));
       export const words = [SUBPROTOCOL, Object.keys(rcml).length];`,
    );
    await write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          strict: true,
          skipLibCheck: false,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          noEmit: true,
          target: 'es2022',
          module: 'nodenext',
          jsx: 'react-jsx',
          lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
          types: [],
        },
        files: ['use.tsx'],
      }),
    );
    const tsc = path.join(REPOSITORY, 'node_modules/.bin/tsc');
    const { stdout } = await run(tsc, ['-p', '.'], { cwd: installed.folder }).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe('');
  }, 120_000);

  it('[PK42] become a small page in a Vite application, in parts that are loaded when needed', async () => {
    const folder = path.join(installed.folder, 'app');
    await mkdir(folder, { recursive: true });
    await writeFile(
      path.join(folder, 'index.html'),
      '<!doctype html><script type="module" src="./main.js"></script>',
    );
    await writeFile(
      path.join(folder, 'main.js'),
      "import { Device } from '@parley/client';\nwindow.device = new Device('token');",
    );
    const vite = path.join(REPOSITORY, 'apps/softphone/node_modules/.bin/vite');
    await run(vite, ['build', '--logLevel=warn'], { cwd: folder });
    const assets = await readdir(path.join(folder, 'dist/assets'));
    const sizes = await Promise.all(
      assets.map(
        async (name) => [name, (await readFile(path.join(folder, 'dist/assets', name))).length] as const,
      ),
    );
    const sizeOf = (part: string) => sizes.find(([name]) => name.startsWith(part))?.[1] ?? 0;
    // The wire's schemas are left out, and of the three engines each is a file of its own.
    for (const family of ['chromium', 'firefox', 'safari'])
      expect(sizeOf(`engine-for-${family}`)).toBeGreaterThan(1000);
    expect(sizeOf('call-parts')).toBeGreaterThan(1000);
    expect(sizeOf('index')).toBeLessThan(70_000);
  }, 120_000);

  it('[PK45] are as large in an application as the sources are said to be', async () => {
    const program = path.join(REPOSITORY, 'packages/client/size.mjs');
    const sizeWith = async (...options: string[]) => {
      const { stdout } = await run(process.execPath, [program, ...options]);
      return Number(/^registered and ringing +(\d+\.\d)/.exec(stdout)?.[1]);
    };
    // They differ by the length of a path, where that is written down.
    expect(Math.abs((await sizeWith()) - (await sizeWith('--installed', installed.folder)))).toBeLessThan(
      0.15,
    );
  }, 120_000);

  it('[PK49] lead to no other package from where a page begins, but for two entry points', async () => {
    const client = path.join(installed.folder, 'node_modules/@parley/client');
    const { exports } = JSON.parse(await readFile(path.join(client, 'package.json'), 'utf8')) as {
      readonly exports: Record<string, { readonly default: string }>;
    };
    const outside = await Promise.all(
      Object.entries(exports).map(async ([name, { default: file }]) => {
        const { metafile } = await build({
          entryPoints: [path.join(client, file)],
          bundle: true,
          write: false,
          metafile: true,
          format: 'esm',
          // What has no dot in front is another package.
          packages: 'external',
          outdir: 'nowhere',
          splitting: true,
          logLevel: 'error',
        });
        const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
        const names = imports.flatMap(({ external, path: asked }) => (external === true ? [asked] : []));
        return [name, [...new Set(names)]] as const;
      }),
    );
    expect(outside.filter(([, names]) => names.length > 0)).toEqual([
      ['./platform', ['mediasoup-client/ortc']],
      ['./testing', ['@parley/protocol']],
    ]);
  }, 60_000);

  it('[PK43] name a page for every error, and hold it', async () => {
    await write(
      'docs-url.mjs',
      "import { ClientError } from '@parley/client';\nconsole.log(new ClientError('camera-denied').docsUrl);",
    );
    const { stdout } = await run(process.execPath, ['docs-url.mjs'], { cwd: installed.folder });
    const [page, name] = stdout.trim().split('#');
    const file = page?.replace(/^https:\/\/unpkg\.com\/(@parley\/client)@[^/]+/, 'node_modules/$1') ?? '';
    const html = await readFile(path.join(installed.folder, file), 'utf8');
    expect(html).toContain(`<h2 id="${name}">camera-denied <small>61011, device</small></h2>`);
  });
});
