import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Writable } from 'node:stream';
import { writeTogether } from './write-together.ts';

/** The file descriptor on which mediasoup's worker reads requests. */
const REQUESTS_FD = 3;

/**
 * Starts a worker and lets the requests of one turn of the event loop go to it in one write.
 *
 * mediasoup writes every request by itself, a complete call some twenty, and on a busy gateway the system calls cost more
 * than what is written. It does not show the process it starts; Node tells of it on a public channel, and where none is
 * told of, requests go out one by one as before.
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

/** Whatever is written to the stream goes out with what else is written in this turn. */
export function letTurnsGoTogether(stream: Writable): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]): boolean => {
    writeTogether(stream);
    return write(...args);
  };
}
