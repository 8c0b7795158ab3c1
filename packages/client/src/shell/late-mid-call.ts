import { asClientError } from '../errors.ts';
import type { CallRunner } from './call-runner.ts';
import type { MidCall } from './mid-call.ts';

const kept = new WeakMap<CallRunner, Promise<MidCall>>();

/** Does something with what a call can do between being joined and its end; that is loaded when it is first wanted. */
export async function midCall<Result>(
  call: CallRunner,
  work: (parts: MidCall) => Result | Promise<Result>,
): Promise<Result> {
  const loading = kept.get(call) ?? import('./mid-call.ts').then((parts) => new parts.MidCall(call));
  kept.set(call, loading);
  const parts = await loading.catch((thrown: unknown) => {
    // The next who asks has it loaded again.
    kept.delete(call);
    throw asClientError(thrown, 'no-media-engine');
  });
  return work(parts);
}
