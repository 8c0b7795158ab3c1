// Builds the pages beside it with Vite from the packed packages, as a customer's project would: node build-pages.mjs OUT
import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { installPacked } from './install.mjs';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('say where to: node build-pages.mjs OUT');

const { folder, remove } = await installPacked();
try {
  await cp(path.join(import.meta.dirname, 'pages'), folder, { recursive: true });
  const config = {
    build: {
      outDir: path.resolve(out),
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: { polyfill: false },
      rollupOptions: { input: ['sdk.html', 'twilio.html', 'restcomm.html'] },
    },
  };
  await writeFile(path.join(folder, 'vite.config.mjs'), `export default ${JSON.stringify(config)};`);
  const vite = path.join(REPOSITORY, 'apps/softphone/node_modules/.bin/vite');
  await promisify(execFile)(vite, ['build', '--logLevel=warn'], { cwd: folder });
} finally {
  await remove();
}
