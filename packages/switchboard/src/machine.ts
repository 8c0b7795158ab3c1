/** Milliseconds on the clock of the world: real ones in the gateway, simulated ones in a test. */
export type Millis = number;

/** What a machine answers to one input: the state it is in now, and what is to be done, in order. */
export interface Step<State, Output> {
  readonly state: State;
  readonly outputs: readonly Output[];
}

/** The step of an input that means nothing now. */
export function stay<State>(state: State): Step<State, never> {
  return { state, outputs: [] };
}

/** One step after another, as one. */
export function chain<State, Output>(
  step: Step<State, Output>,
  then: (state: State) => Step<State, Output>,
): Step<State, Output> {
  return prefix(step.outputs, then(step.state));
}

/** The same step, with something said before it. */
export function prefix<State, Output>(
  outputs: readonly Output[],
  step: Step<State, Output>,
): Step<State, Output> {
  if (outputs.length === 0) return step;
  if (step.outputs.length === 0) return { state: step.state, outputs };
  return { state: step.state, outputs: [...outputs, ...step.outputs] };
}

/** The earliest of some deadlines, of which any may be absent. */
export function earliest(...deadlines: readonly (Millis | undefined)[]): Millis | undefined {
  let first: Millis | undefined;
  for (const deadline of deadlines) {
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline;
  }
  return first;
}
