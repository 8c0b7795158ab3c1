import { lookup as systemLookup, type LookupAddress } from 'node:dns';

/** What is told about a name. */
type LookupCallback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** Finds all addresses of a name. */
export type Lookup = (hostname: string, callback: LookupCallback) => void;

/** What a look-up is made of. */
export interface HostLookupOptions {
  readonly nowMs?: () => number;
  readonly system?: (hostname: string, options: { readonly all: true }, callback: LookupCallback) => void;
}

/** How long an answer holds, a failure as well: long enough for a burst of calls, shorter than anybody's patience. */
const HOLDS_MS = 5000;
const NAMES_MAX = 1000;

interface Answer {
  readonly error: NodeJS.ErrnoException | null;
  readonly addresses: LookupAddress[];
  readonly untilMs: number;
}

/**
 * Asks the system, which knows the hosts file and has four threads for the whole process: a name is asked for once at
 * a time and its answer shared, so that a name server that is down for one host does not take them all.
 */
export function createHostLookup({
  nowMs = Date.now,
  system = systemLookup,
}: HostLookupOptions = {}): Lookup {
  const answers = new Map<string, Answer>();
  const asking = new Map<string, LookupCallback[]>();
  return (hostname, callback) => {
    const known = answers.get(hostname);
    if (known !== undefined && nowMs() < known.untilMs) return callback(known.error, known.addresses);
    const waiting = asking.get(hostname);
    if (waiting !== undefined) return void waiting.push(callback);
    const callbacks = [callback];
    asking.set(hostname, callbacks);
    system(hostname, { all: true }, (error, addresses) => {
      asking.delete(hostname);
      // The oldest makes room: names come and go with the applications that are called.
      const [oldest] = answers.keys();
      if (answers.size >= NAMES_MAX && oldest !== undefined) answers.delete(oldest);
      answers.set(hostname, { error, addresses, untilMs: nowMs() + HOLDS_MS });
      for (const told of callbacks) told(error, addresses);
    });
  };
}
