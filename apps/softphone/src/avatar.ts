import { initialsOf, toneOf } from './initials.ts';
import { el } from './view.ts';

/** A round with a person's initials, always in the same tone; for the eye only, since the name is beside it. */
export function avatar(name: string, ...content: readonly Node[]): HTMLElement {
  return el('span', { class: `avatar tone-${toneOf(name)}`, 'aria-hidden': 'true' }, [
    initialsOf(name),
    ...content,
  ]);
}
