import { defaultClientConditions, defineConfig } from 'vite';
import { viteBundledEngines } from '../../packages/client/bundle-engines.mjs';

const gateway = 'http://127.0.0.1:5080';

export default defineConfig({
  // The engines as they are published: half as large, and what the tests run is what a customer's page runs.
  plugins: [viteBundledEngines],
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
