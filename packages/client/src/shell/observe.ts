import type { CallState } from '../core/call-state.ts';
import type { CallObserver } from './call-observer.ts';
import type { CallRunner } from './call-runner.ts';

/** Whoever watches this call; loaded beside it, since nobody waits for it to talk. Rejects where it cannot be loaded. */
export async function observerOf(call: CallRunner, initial = call.state): Promise<CallObserver> {
  const { observe } = await import('./call-observer.ts');
  return observe(call, initial);
}

/** Tells whoever watches, in order. A call that nobody watches is a call all the same. */
export function watched(call: CallRunner, tell: (observer: CallObserver) => void, initial?: CallState): void {
  observerOf(call, initial).then(tell, () => undefined);
}
