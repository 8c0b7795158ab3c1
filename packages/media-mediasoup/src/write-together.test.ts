import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { writeTogether } from './write-together.ts';

class Connection extends Writable {
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

describe('frames of one turn', () => {
  it('[GW40] go out together, each to its own phone and in order', async () => {
    const [anna, bert] = [new Connection(), new Connection()];
    for (const [connection, frame] of [
      [anna, 'a1'],
      [bert, 'b1'],
      [anna, 'a2'],
    ] as const) {
      writeTogether(connection);
      connection.write(frame);
    }
    expect(anna.writes).toEqual([]);
    await turn();
    expect(anna.writes).toEqual([['a1', 'a2']]);
    expect(bert.writes).toEqual([['b1']]);
  });

  it('[GW40] are no matter for a connection that is gone', async () => {
    const gone = new Connection();
    gone.destroy();
    writeTogether(gone);
    expect(gone.writableCorked).toBe(0);
    const dies = new Connection();
    writeTogether(dies);
    dies.destroy();
    await turn();
    expect(dies.writes).toEqual([]);
  });
});
