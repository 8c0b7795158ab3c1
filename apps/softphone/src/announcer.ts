/**
 * Speaks to people who use a screen reader. `now` interrupts and is for a call that rings; `soon` waits its turn.
 */
export interface Announcer {
  now(sentence: string): void;
  soon(sentence: string): void;
}

/** Makes an announcer of the two live regions that `index.html` has from the start, as screen readers want it. */
export function createAnnouncer(polite: HTMLElement, assertive: HTMLElement): Announcer {
  return { now: (sentence) => speak(assertive, sentence), soon: (sentence) => speak(polite, sentence) };
}

function speak(region: HTMLElement, sentence: string): void {
  // Emptied first: the same sentence twice would otherwise be no change, and not be spoken.
  region.textContent = '';
  setTimeout(() => {
    region.textContent = sentence;
  }, 50);
}
