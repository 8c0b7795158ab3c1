import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withLock } from './cache-lock.mjs';

it('runs one after the other, and leaves nothing behind', async () => {
  const parent = await emptyFolder();
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    events.push(`${name} ends`);
  };
  const folder = path.join(parent, 'worker');
  await Promise.all([withLock(folder, work('one')), withLock(folder, work('two'))]);

  const [first] = events[0]?.split(' ') ?? [];
  const second = first === 'one' ? 'two' : 'one';
  expect(events).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
  expect(await readdir(parent)).toEqual([]);
});

it('lets go when the work fails', async () => {
  const folder = path.join(await emptyFolder(), 'worker');
  await expect(withLock(folder, () => Promise.reject(new Error('no compiler')))).rejects.toThrow(
    'no compiler',
  );
  expect(await withLock(folder, () => Promise.resolve('works'))).toBe('works');
});

it('takes the lock from a process that has died', async () => {
  const folder = path.join(await emptyFolder(), 'worker');
  await mkdir(`${folder}.lock`);
  const beyondAnyProcess = 2 ** 30;
  await writeFile(path.join(`${folder}.lock`, 'pid'), String(beyondAnyProcess));
  expect(await withLock(folder, () => Promise.resolve('works'))).toBe('works');
});

function emptyFolder(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), 'parley-lock-'));
}
