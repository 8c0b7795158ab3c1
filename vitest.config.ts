import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@parley/source'] },
  ssr: { resolve: { conditions: ['@parley/source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    // Two cores carry a build machine; a test that needs longer than this is waiting for nothing.
    testTimeout: 20_000,
    // Some tests look at what is still held when nobody needs it any more.
    execArgv: ['--expose-gc'],
  },
});
