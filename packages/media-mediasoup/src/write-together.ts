import type { Writable } from 'node:stream';

const corked = new Set<Writable>();

/**
 * What is written to this stream goes out at the end of the turn of the event loop, together. Said before each write. A
 * step of a call asks several things of an SFU worker and tells a phone several more, and each write is a system call,
 * which may hand the core to whoever reads it and back. Nothing waits for anything that has not arrived yet, and the order
 * stays. One list for all streams, because a timer and a closure for each would cost an idle phone memory.
 */
export function writeTogether(stream: Writable): void {
  if (stream.destroyed || corked.has(stream)) return;
  if (corked.size === 0) setImmediate(letGo);
  corked.add(stream);
  stream.cork();
}

function letGo(): void {
  // A copy, because a stream that fails while it is let go may be followed by another write.
  const streams = Array.from(corked);
  corked.clear();
  for (const stream of streams) stream.uncork();
}
