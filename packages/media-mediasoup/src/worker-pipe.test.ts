import { spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { letTurnsGoTogether, startInOnePipe } from './worker-pipe.ts';

/** What arrives, write by write, as a pipe would be asked to carry it. */
class Pipe extends Writable {
  readonly writes: string[][] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push([chunk.toString()]);
    done();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk.toString()));
    done();
  }
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('the pipe to an SFU worker', () => {
  it('[MP50] carries the requests of one turn in one write, in their order, and those of the next in the next', async () => {
    const pipe = new Pipe();
    letTurnsGoTogether(pipe);
    pipe.write('one');
    await Promise.resolve();
    pipe.write('two');
    expect(pipe.writes).toEqual([]);
    await turn();
    pipe.write('three');
    await turn();
    expect(pipe.writes).toEqual([['one', 'two'], ['three']]);
  });

  it('[MP50] says as ever that a pipe is closed', async () => {
    const pipe = new Pipe();
    letTurnsGoTogether(pipe);
    pipe.on('error', () => undefined);
    pipe.destroy();
    const failed = new Promise<unknown>((resolve) => {
      pipe.write('too late', resolve);
    });
    expect(await failed).toBeInstanceOf(Error);
  });

  it('[MP50] leaves alone the pipes of processes that others start meanwhile', async () => {
    const start = { release: (): void => undefined };
    const started = startInOnePipe(
      () =>
        new Promise<void>((resolve) => {
          start.release = resolve;
        }),
    );
    const others = spawn(process.execPath, ['-e', ''], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const pipe = others.stdio[3];
    if (!(pipe instanceof Writable)) throw new Error('no pipe');
    pipe.on('error', () => undefined);
    start.release();
    await started;
    pipe.write('at once');
    expect(pipe.writableCorked).toBe(0);
    others.kill();
  });
});
