// Makes each of dist/shell/engine-for-<browser>.js self-contained, in place. Unbundled, an application's bundler would take
// in the whole of mediasoup-client (40 kB gzipped), because RemoteSdp asks the package's index for its version. Bundled
// with that one request answered, and its debug log left out, what one browser needs is less than half of it; and being
// one file each, they are loaded in one request and compress well.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const mediasoup = path.dirname(path.dirname(require.resolve('mediasoup-client')));
const { version } = JSON.parse(readFileSync(path.join(mediasoup, 'package.json'), 'utf8'));

/** What the handlers of mediasoup-client use of Node's emitter: the whole of it is as large as a handler. */
const EMITTER = `
  class EventEmitter {
    listenersByName = new Map();
    setMaxListeners() {}
    on(name, listener) { this.listenersByName.set(name, [...(this.listenersByName.get(name) ?? []), listener]); }
    off(name, listener) {
      this.listenersByName.set(name, (this.listenersByName.get(name) ?? []).filter((other) => other !== listener));
    }
    emit(name, ...payload) {
      const heard = this.listenersByName.get(name) ?? [];
      for (const listener of heard) listener(...payload);
      return heard.length > 0;
    }
    listenerCount(name) { return (this.listenersByName.get(name) ?? []).length; }
    removeAllListeners() { this.listenersByName.clear(); }
  }
  exports.EventEmitter = EventEmitter;`;

/** Answers the three requests that would drag in what nobody uses. */
const withoutIndex = {
  name: 'without-index',
  setup(building) {
    building.onResolve({ filter: /^\.\.\/\.\.\/$/ }, ({ importer }) =>
      importer.includes('mediasoup-client') ? { path: 'version', namespace: 'parley' } : undefined,
    );
    building.onResolve({ filter: /^(debug|events-alias)$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'parley',
    }));
    // Its log writes nothing here, so neither does what it would say have to be carried.
    building.onLoad({ filter: /mediasoup-client[\\/]lib[\\/].*\.js$/ }, async ({ path: file }) => ({
      loader: 'js',
      contents: (await readFile(file, 'utf8')).replaceAll(LOG_STATEMENT, ''),
    }));
    building.onLoad({ filter: /.*/, namespace: 'parley' }, ({ path: name }) => ({
      loader: 'js',
      contents: ANSWERS[name],
    }));
  },
};

/** A statement of its own, as its build writes them. */
const LOG_STATEMENT = /^[ \t]*(?:this\._)?logger\.(?:debug|warn|error)\((?:(?!\);\n)[\s\S])*\);\n/gm;

const ANSWERS = {
  version: `exports.version = ${JSON.stringify(version)};`,
  debug: 'module.exports = () => Object.assign(() => undefined, { enabled: false });',
  'events-alias': EMITTER,
};

/** One engine with all it needs; our own modules stay outside, because an error class must not exist twice. */
async function bundleEngine(/** @type {string} */ file) {
  const extension = path.extname(file);
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: [`../errors${extension}`],
    plugins: [withoutIndex],
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

/** For a build from the sources: does to the engines what publishing does to them. */
export const withBundledEngines = {
  name: 'with-bundled-engines',
  setup(building) {
    building.onLoad({ filter: /shell[\\/]engine-for-\w+\.ts$/ }, async ({ path: file }) => ({
      loader: 'js',
      contents: await bundleEngine(file),
    }));
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { readdir, writeFile } = await import('node:fs/promises');
  const shell = fileURLToPath(new URL('dist/shell', import.meta.url));
  const licence = readFileSync(path.join(mediasoup, 'LICENSE'), 'utf8').replaceAll('*/', '');
  const notice = `/* Contains parts of mediasoup-client ${version}:\n${licence}*/\n`;
  for (const name of await readdir(shell)) {
    if (!/^engine-for-\w+\.js$/.test(name)) continue;
    const file = path.join(shell, name);
    await writeFile(file, notice + (await bundleEngine(file)));
  }
}
