import vue from '@vitejs/plugin-vue';
import { defaultClientConditions, defineConfig } from 'vite';

const gateway = 'http://127.0.0.1:5080';

export default defineConfig({
  plugins: [vue()],
  // The packages of this repository, from their sources. A customer's project does not need this line.
  resolve: { conditions: ['@parley/source', ...defaultClientConditions] },
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/parley': { target: gateway, ws: true }, '/demo': gateway } },
});
