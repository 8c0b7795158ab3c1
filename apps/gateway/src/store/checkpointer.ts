import { Worker } from 'node:worker_threads';

// As text, because a worker's file would have another name when it runs from source and when it is built.
const WORKER = `
  const { DatabaseSync } = require('node:sqlite');
  const { parentPort, workerData } = require('node:worker_threads');
  const database = new DatabaseSync(workerData.path);
  database.exec('PRAGMA busy_timeout = 0; PRAGMA synchronous = NORMAL');
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  const timer = setInterval(() => { try { checkpoint.get(); } catch {} }, workerData.everyMs);
  parentPort.once('message', () => { clearInterval(timer); database.close(); });
`;

/**
 * Moves what was committed from the log of SQLite into its file, on a thread of its own: it waits for the disk, and
 * calls must not. A failure of it costs nothing but that the main thread does the work when the log has grown long.
 */
export function startCheckpointer(path: string, everyMs = 200): AsyncDisposable {
  const worker = new Worker(WORKER, { eval: true, workerData: { path, everyMs } });
  worker.unref();
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
    worker.once('error', () => resolve());
  });
  return {
    [Symbol.asyncDispose]: () => {
      worker.ref();
      worker.postMessage('stop');
      return ended;
    },
  };
}
