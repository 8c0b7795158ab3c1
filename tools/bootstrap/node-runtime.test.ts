import { expect, it } from 'vitest';
import { isNewEnough } from './node-runtime.mjs';

it.each(['v24.0.0', 'v24.21.0', 'v26.1.0', 'v100.1.0'])('accepts Node %s', (version) => {
  expect(isNewEnough(version)).toBe(true);
});

it.each(['v20.20.2', 'v22.20.1', 'v9.30.0', '', 'bash: node: command not found'])('refuses %j', (version) => {
  expect(isNewEnough(version)).toBe(false);
});
