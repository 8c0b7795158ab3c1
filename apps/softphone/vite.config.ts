import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { viteBundledEngines } from '../../packages/client/bundle-engines.mjs';

const gateway = 'http://127.0.0.1:5080';
const SERVICE_WORKER = 'service-worker.js';

/** The service worker as one classic script under a name that stays: not every browser takes workers that import. */
const serviceWorker: Plugin = {
  name: 'service-worker',
  async generateBundle() {
    this.emitFile({ type: 'asset', fileName: SERVICE_WORKER, source: await bundledServiceWorker() });
  },
  configureServer(server) {
    server.middlewares.use(`/${SERVICE_WORKER}`, (_request, response, next) => {
      bundledServiceWorker().then((code) => {
        response.setHeader('Content-Type', 'text/javascript');
        response.end(code);
      }, next);
    });
  },
};

async function bundledServiceWorker(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`src/${SERVICE_WORKER}`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    target: 'es2022',
    conditions: ['@parley/source'],
  });
  return outputFiles[0]?.text ?? '';
}

export default defineConfig({
  // The engines as they are published: half as large, and what the tests run is what a customer's page runs.
  plugins: [viteBundledEngines, serviceWorker],
  // The packages of this repository, from their sources. A customer's project does not need this line.
  resolve: { conditions: ['@parley/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // Nothing is put into the page as `data:`, so that it runs under a policy without that.
    assetsInlineLimit: 0,
    // The licences of those whose work is in the engines stay with it.
    rolldownOptions: { output: { comments: { legal: true } } },
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/parley': { target: gateway, ws: true },
      '/demo': gateway,
      '/rest': gateway,
    },
  },
});
