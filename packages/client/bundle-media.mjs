// Makes dist/shell/sfu-handlers.js self-contained, in place. Unbundled, an application's bundler would take in the
// whole of mediasoup-client (40 kB gzipped), because RemoteSdp asks the package's index for its version; bundled with
// that one request answered, and its debug log left out, the same handlers are half of it.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);
const licence = readFileSync(
  new URL('../LICENSE', pathToFileURLOf(require.resolve('mediasoup-client'))),
  'utf8',
);

function pathToFileURLOf(path) {
  return new URL(`file://${path}`);
}

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', pathToFileURLOf(require.resolve('mediasoup-client'))), 'utf8'),
);

/** Answers the two requests that would drag in what nobody uses. */
export const withoutIndex = {
  name: 'without-index',
  setup(building) {
    building.onResolve({ filter: /^\.\.\/\.\.\/$/ }, ({ importer }) =>
      importer.includes('mediasoup-client') ? { path: 'version', namespace: 'parley' } : undefined,
    );
    building.onResolve({ filter: /^debug$/ }, () => ({ path: 'debug', namespace: 'parley' }));
    building.onLoad({ filter: /.*/, namespace: 'parley' }, ({ path }) => ({
      loader: 'js',
      contents:
        path === 'version'
          ? `exports.version = ${JSON.stringify(version)};`
          : 'module.exports = () => Object.assign(() => undefined, { enabled: false });',
    }));
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({
    entryPoints: [here('dist/shell/sfu-handlers.js')],
    outfile: here('dist/shell/sfu-handlers.js'),
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    // Our own modules stay modules: an error class must not exist twice.
    external: ['../errors.js'],
    plugins: [withoutIndex],
    banner: { js: `/* Contains parts of mediasoup-client ${version}:\n${licence.replaceAll('*/', '')}*/` },
    logLevel: 'warning',
  });
}
