import { expect, it } from 'vitest';
import { Admission } from '../src/calls/admission.ts';

const limits = { callsMax: 4, callsPerAccountMax: 3, callsPerSecond: 2 };

it('[AC36] one account may have so many calls at once, and not a place more until one ends', () => {
  const admission = new Admission({ ...limits, callsPerSecond: 100 });
  for (let call = 0; call < 3; call++) expect(admission.enter('AC1', 0)).toBeUndefined();
  expect(admission.enter('AC1', 0)).toMatchObject({ why: 'account-full', retryAfterMs: 5000 });
  admission.leave('AC1');
  expect(admission.enter('AC1', 0)).toBeUndefined();
});

it('[AC36] an account that is full takes no place from another, until the gateway is', () => {
  const admission = new Admission({ ...limits, callsPerSecond: 100 });
  for (let call = 0; call < 4; call++) admission.enter('AC1', 0);
  expect(admission.enter('AC2', 0)).toBeUndefined();
  expect(admission.enter('AC2', 0)).toMatchObject({ why: 'full' });
});

it('[AC37] an account may begin so many calls a second, twice as many at once, and is told when to try again', () => {
  const admission = new Admission({ callsMax: 100, callsPerAccountMax: 100, callsPerSecond: 2 });
  for (let call = 0; call < 4; call++) expect(admission.enter('AC1', 0)).toBeUndefined();
  expect(admission.enter('AC1', 0)).toMatchObject({ why: 'too-fast', retryAfterMs: 500 });
  expect(admission.enter('AC2', 0)).toBeUndefined();
  expect(admission.enter('AC1', 499)).toMatchObject({ why: 'too-fast' });
  expect(admission.enter('AC1', 500)).toBeUndefined();
});

it('[AC36] a call that comes from another takes a place, and gives it back', () => {
  const admission = new Admission({ ...limits, callsPerSecond: 100 });
  admission.enter('AC1', 0);
  admission.hold('AC1');
  admission.hold('AC1');
  expect(admission.enter('AC1', 0)).toMatchObject({ why: 'account-full' });
  for (let call = 0; call < 3; call++) admission.leave('AC1');
  for (let call = 0; call < 3; call++) expect(admission.enter('AC1', 0)).toBeUndefined();
});
