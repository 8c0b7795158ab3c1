// Makes pages of the packed packages: node build-pages.mjs OUT, with Vite, as most customers' projects would; with
// --unbundled, as they are, beside the files of the tarball.
import { execFile } from 'node:child_process';
import { cp, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { installPacked } from './install.mjs';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  options: { unbundled: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [out] = positionals;
if (out === undefined) throw new Error('say where to: node build-pages.mjs OUT');

const { folder, remove } = await installPacked();
try {
  if (values.unbundled) await layOut(out);
  else await bundle(out);
} finally {
  await remove();
}

/** The pages with Vite's usual settings. */
async function bundle(/** @type {string} */ target) {
  await cp(path.join(import.meta.dirname, 'pages'), folder, { recursive: true });
  const config = {
    build: {
      outDir: path.resolve(target),
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: { polyfill: false },
      rollupOptions: { input: ['sdk.html', 'twilio.html', 'restcomm.html'] },
    },
  };
  await writeFile(path.join(folder, 'vite.config.mjs'), `export default ${JSON.stringify(config)};`);
  const vite = path.join(REPOSITORY, 'apps/softphone/node_modules/.bin/vite');
  await promisify(execFile)(vite, ['build', '--logLevel=warn'], { cwd: folder });
}

/** Pages that bundle nothing, and of the tarball what a browser may ask for. */
async function layOut(/** @type {string} */ target) {
  await cp(path.join(import.meta.dirname, 'unbundled'), target, { recursive: true });
  const client = path.join(folder, 'node_modules/@parley/client/dist');
  for (const file of await readdir(client, { recursive: true }))
    if (file.endsWith('.js')) await cp(path.join(client, file), path.join(target, 'parley', file));
}
