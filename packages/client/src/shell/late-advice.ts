import { takeAdvice } from '../errors.ts';

/** Loads the sentences about errors, for which nobody waits: without them, an error says its name. */
export function loadAdvice(): void {
  import('../error-advice.ts').then(
    ({ ADVICE }) => takeAdvice(ADVICE),
    () => undefined,
  );
}
