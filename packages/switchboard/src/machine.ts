/** Milliseconds on the clock of the world: real ones in the gateway, simulated ones in a test. */
export type Millis = number;

/** What a machine answers to one input: the state it is in now, and what is to be done, in order. */
export interface Step<State, Output> {
  readonly state: State;
  readonly outputs: readonly Output[];
}

/** The earliest of some deadlines, of which any may be absent. */
export function earliest(...deadlines: readonly (Millis | undefined)[]): Millis | undefined {
  let first: Millis | undefined;
  for (const deadline of deadlines) {
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline;
  }
  return first;
}
