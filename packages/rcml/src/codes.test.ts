import { expect, it } from 'vitest';
import { notificationByCode, notifications } from './codes.ts';

it('[RC37] has each number once, and finds it again', () => {
  const kinds = Object.values(notifications);
  expect(new Set(kinds.map(({ code }) => code)).size).toBe(kinds.length);
  for (const kind of kinds) expect(notificationByCode(kind.code)).toBe(kind);
  expect(notificationByCode(1)).toBeUndefined();
});

it('[RC37] says what happened and what would be right, in sentences', () => {
  for (const { description, remedy } of Object.values(notifications)) {
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  }
});
