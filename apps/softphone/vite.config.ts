import { defaultClientConditions, defineConfig } from 'vite';

const gateway = 'http://127.0.0.1:5080';

export default defineConfig({
  // The packages of this repository, from their sources. A customer's project does not need this line.
  resolve: { conditions: ['@parley/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // Nothing is put into the page as `data:`, so that it runs under a policy without that.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
  },
  server: {
    proxy: {
      '/parley': { target: gateway, ws: true },
      '/demo': gateway,
      '/rest': gateway,
    },
  },
});
