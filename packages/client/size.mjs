// What an application pays, gzipped: the part it loads first, which registers and rings; what a browser has loaded by the
// time it is in a video call; what it loads later or never; every other entry point; and, by the same bundler, what others ask for. Fails above the
// ceilings, which keep it from growing. With `--what`, it also says what is in the first part; `--installed FOLDER` says how
// large that is for an application in that folder, which has the published package.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { withBundledEngines } from './bundle-engines.mjs';
import { bundleFirst, withBundledFirst } from './bundle-first.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

// What is left in the first part registers, rings, refuses, is cancelled and survives the loss of its socket by itself.
// Less would mean a phone that cannot ring until another file has come. See docs/adr/0075-sizes.md.
const FIRST = { aim: 15, ceiling: 15 };
const WHOLE = { aim: 48, ceiling: 45 };
const BROWSERS = ['chromium', 'firefox', 'safari'];

/** What others load for the same, as far as they can do it. */
const OTHERS = {
  '@twilio/voice-sdk (audio only)': "export { Device } from '@twilio/voice-sdk';",
  'livekit-client (rooms)': "export { Room } from 'livekit-client';",
};

/** What every call loads, besides the engine; all other parts wait until they are asked for. */
const CALL_PARTS = ['src/shell/call-parts.ts', 'src/shell/browser-media.ts'];
const inCalls = new Set();

const [flag, installed] = process.argv.slice(2);
if (flag === '--installed') {
  const { entry, withStaticImports, kilobytes } = await bundle(
    "export { Device } from '@parley/client';",
    installed,
  );
  show('registered and ringing', kilobytes(withStaticImports(entry)), FIRST);
  process.exit(0);
}
// The published package has both done to it already; here the sources are measured, so that no build is needed first.
const firstPart = await bundleFirst();
const asPublished = {
  plugins: [withBundledEngines, withBundledFirst(firstPart)],
  conditions: ['@parley/source'],
};
const client = await bundle("export { Device } from './src/index.ts';", here, asPublished);
const first = client.withStaticImports(client.entry);
let isFine = true;
show('registered and ringing', client.kilobytes(first), FIRST);
const callFor = (/** @type {string} */ browser) => {
  const parts = [...CALL_PARTS, `src/shell/engine-for-${browser}.ts`];
  return client.names.filter((name) => parts.includes(client.outputs[name].entryPoint ?? ''));
};
for (const browser of BROWSERS) {
  const names = new Set(
    [client.entry, ...callFor(browser)].flatMap((name) => client.withStaticImports(name)),
  );
  show(`a video call in ${browser}`, client.kilobytes([...names]), WHOLE);
  for (const name of names) inCalls.add(name);
}
for (const name of client.names) {
  const { entryPoint } = client.outputs[name];
  if (entryPoint !== undefined && !inCalls.has(name))
    show(`later, ${path.basename(entryPoint, '.ts')}`, client.kilobytes([name]));
}
await showEntryPoints('.', '@parley/client');
for (const framework of ['react', 'vue'])
  if (existsSync(path.join(here, '..', framework, 'package.json')))
    await showEntryPoints(`../${framework}`, `@parley/${framework}`);
for (const [name, contents] of Object.entries(OTHERS)) {
  const { kilobytes, names } = await bundle(contents, here);
  show(name, kilobytes(names));
}
if (flag === '--what') {
  const parts = Object.entries(firstPart.inputs);
  for (const [name, { bytesInOutput }] of parts.toSorted(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput))
    console.log(`${String(bytesInOutput).padStart(6)} bytes  ${name}`);
}
if (!isFine) process.exitCode = 1;

/** Each entry point but the first, by itself: what it adds to a page that has the SDK, and the framework, already. */
async function showEntryPoints(/** @type {string} */ folder, /** @type {string} */ name) {
  const root = path.join(here, folder);
  const { exports, sizeCeilings = {} } = createRequire(import.meta.url)(path.join(root, 'package.json'));
  for (const [subpath, target] of Object.entries(exports)) {
    if (folder === '.' && subpath === '.') continue;
    const source = target['@parley/source'];
    // The SDK is there already, whether it is asked for by its name or from within its own package.
    const { kilobytes, names, entry, withStaticImports } = await bundle(`export * from '${source}';`, root, {
      ...asPublished,
      plugins: [outside(source, root), ...asPublished.plugins],
    });
    const ceiling = sizeCeilings[subpath];
    const atOnce = withStaticImports(entry);
    const later = names.filter((chunk) => !atOnce.includes(chunk));
    show(
      `${name}${subpath.slice(1)} adds`,
      kilobytes(atOnce),
      ceiling === undefined ? undefined : { aim: ceiling, ceiling },
    );
    if (later.length > 0) show(`${name}${subpath.slice(1)}, later`, kilobytes(later));
  }
}

/** Leaves the SDK's first part, and peers, outside of a bundle; what only bindings load of the SDK is theirs. */
function outside(/** @type {string} */ source, /** @type {string} */ root) {
  const entry = path.join(root, source);
  return {
    name: 'outside',
    setup(building) {
      building.onResolve({ filter: /^(react|react-dom|vue|@parley\/client)(\/|$)/ }, ({ path: name }) =>
        name === '@parley/client/bindings' ? undefined : { path: name, external: true },
      );
      building.onResolve({ filter: /^\./ }, ({ path: name, resolveDir }) => {
        const file = path.resolve(resolveDir, name);
        return file !== entry && firstPart.rests.has(file) ? { path: file, external: true } : undefined;
      });
    },
  };
}

/** Bundled and minified as an application's own bundler would. */
async function bundle(
  /** @type {string} */ contents,
  /** @type {string} */ resolveDir,
  /** @type {import('esbuild').BuildOptions} */ options = {},
) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir },
    absWorkingDir: resolveDir,
    bundle: true,
    splitting: true,
    minify: true,
    // Code is measured: notices of licences are text, and bundlers put them elsewhere.
    legalComments: 'none',
    metafile: true,
    format: 'esm',
    target: 'es2022',
    outdir: 'size',
    write: false,
    logLevel: 'error',
    ...options,
  });
  const { outputs } = metafile;
  /** A chunk and all that is loaded with it, without what it loads later. */
  const withStaticImports = (/** @type {string} */ name, found = new Set()) => {
    if (found.has(name)) return [];
    found.add(name);
    for (const { path: imported, kind, external } of outputs[name].imports)
      if (kind === 'import-statement' && !external) withStaticImports(imported, found);
    return [...found];
  };
  const kilobytes = (/** @type {string[]} */ names) => {
    const files = names.map((name) => outputFiles.find(({ path: file }) => file.endsWith(`/${name}`)));
    return files.reduce((sum, { contents: code }) => sum + gzipSync(code, { level: 9 }).length, 0) / 1000;
  };
  return { outputs, names: Object.keys(outputs), entry: 'size/stdin.js', withStaticImports, kilobytes };
}

function show(
  /** @type {string} */ name,
  /** @type {number} */ kilobytes,
  /** @type {{ aim: number, ceiling: number } | undefined} */ limit,
) {
  const size = `${name.padEnd(34)} ${kilobytes.toFixed(1).padStart(6)} kB`;
  if (limit === undefined) return console.log(size);
  const verdict = kilobytes <= limit.aim ? 'reached' : `not reached, ceiling ${limit.ceiling}`;
  console.log(`${size} (aim ${limit.aim}: ${verdict})`);
  if (kilobytes > limit.ceiling) isFine = false;
}
