import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Writable } from 'node:stream';

/** The file descriptor on which mediasoup's worker reads requests. */
const REQUESTS_FD = 3;

/**
 * Starts a worker and lets the requests of one turn of the event loop go to it in one write.
 *
 * mediasoup writes every request by itself: a complete call makes some twenty, and on a busy gateway the system calls,
 * each of which may hand the core to the worker and back, cost more than what is written. The pipe is therefore corked
 * with the first write of a turn and let go when everything that has arrived in this turn has been read: nothing waits
 * for anything that is not there already. The order stays. mediasoup does not show the process it starts; Node tells of
 * it on a public channel, and where none is told of, requests go out one by one as before.
 */
export async function startInOnePipe<Started>(start: () => Promise<Started>): Promise<Started> {
  const made: ChildProcess[] = [];
  const heard = (message: unknown): void => {
    const { process } = message as { readonly process: ChildProcess };
    made.push(process);
  };
  subscribe('child_process', heard);
  let starting: Promise<Started>;
  try {
    // The process is made before anything is waited for, so nobody else's can be among those heard of.
    starting = start();
  } finally {
    unsubscribe('child_process', heard);
  }
  const started = await starting;
  for (const process of made) {
    const pipe = process.stdio?.[REQUESTS_FD];
    if (pipe instanceof Writable) letTurnsGoTogether(pipe);
  }
  return started;
}

/** Corks the stream with the first write of a turn, and lets it go at the turn's end. */
export function letTurnsGoTogether(stream: Writable): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isCorked = false;
  const letGo = (): void => {
    isCorked = false;
    stream.uncork();
  };
  stream.write = (...args: unknown[]): boolean => {
    if (!isCorked && !stream.destroyed) {
      isCorked = true;
      stream.cork();
      setImmediate(letGo);
    }
    return write(...args);
  };
}
