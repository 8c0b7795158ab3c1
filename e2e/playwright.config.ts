import { defineConfig } from '@playwright/test';

/**
 * Real browsers on a machine with two cores: one test at a time, each with time to spare, and none tried twice. A test
 * that passes at the second attempt has found something.
 */
export default defineConfig({
  testDir: 'specs',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  globalTimeout: 60 * 60_000,
  reporter: [['list']],
  use: { trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false } },
});
