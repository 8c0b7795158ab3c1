import { describe, expect, it } from 'vitest';
import { TaskQueue } from './task-queue.ts';

describe('a queue of tasks', () => {
  it('[MP7] carries out one after the other, in order, whether they fail or not', async () => {
    const queue = new TaskQueue('it', { tasksMax: 10 });
    const done: string[] = [];
    const slow = Promise.withResolvers<void>();
    const first = queue.run(async () => {
      await slow.promise;
      done.push('first');
      throw new Error('no luck');
    });
    const second = queue.run(() => done.push('second'));
    expect(done).toEqual([]);
    slow.resolve();
    await expect(first).rejects.toThrow('no luck');
    await second;
    expect(done).toEqual(['first', 'second']);
  });

  it('[MP12] takes no more than it may', async () => {
    const queue = new TaskQueue('it', { tasksMax: 2 });
    const waiting = [queue.run(() => 1), queue.run(() => 2)];
    await expect(queue.run(() => 3)).rejects.toThrow('it has 2 tasks waiting already');
    expect(await Promise.all(waiting)).toEqual([1, 2]);
    expect(await queue.run(() => 4)).toBe(4);
  });

  it('[MP10] begins nothing after it was closed', async () => {
    const queue = new TaskQueue('it', { tasksMax: 2 });
    const begun: string[] = [];
    const waiting = queue.run(() => begun.push('too late'));
    queue.close();
    await expect(waiting).rejects.toThrow('it is over');
    await expect(queue.run(() => begun.push('too late'))).rejects.toThrow('it is over');
    expect(begun).toEqual([]);
  });
});
