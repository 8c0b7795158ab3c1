import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('[PK1] the SDK stays under its ceilings', { timeout: 60_000 }, async () => {
  const program = path.join(import.meta.dirname, '..', 'packages', 'client', 'size.mjs');
  // It fails above a ceiling, and says which.
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout).toMatch(/^registered and ringing +\d/);
});
