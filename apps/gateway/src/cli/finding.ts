/** One thing that was looked at: what was found, and where that is not well, what to do. */
export type Finding =
  | { readonly is: 'well'; readonly what: string }
  | { readonly is: 'odd' | 'wrong'; readonly what: string; readonly remedy: string };

export function well(what: string): Finding {
  return { is: 'well', what };
}

/** It works here, and may not for somebody else. */
export function odd(what: string, remedy: string): Finding {
  return { is: 'odd', what, remedy };
}

/** It does not work. */
export function wrong(what: string, remedy: string): Finding {
  return { is: 'wrong', what, remedy };
}

/** What an error says, in one line. */
export function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
