/** A quarter of a picture's height, half of it, or all: the sizes in which it is sent to a conference. */
export type Quality = 'low' | 'medium' | 'high';

/** How large the others' pictures are wanted, as the application says it. */
export type Preferred = 'auto' | Quality | { readonly maxHeight: number };

/** What is known of one picture. */
export interface Picture {
  /** Letters on a screen are not read at half their size: a screen is wanted as it is, or not looked at. */
  readonly isScreen: boolean;
  /** In a call of two, nobody else needs the bandwidth that a smaller picture would spare. */
  readonly isOfMany: boolean;
  /** The height it had at its largest so far, in pixels; 0 while nothing has been seen. */
  readonly fullHeight: number;
  /** The pixels it takes on the screen, in height; null where nobody knows of an element that shows it. */
  readonly shownHeight: number | null;
}

const SIZES = [
  ['low', 4],
  ['medium', 2],
  ['high', 1],
] as const satisfies readonly (readonly [Quality, number])[];

/** What cameras are opened with, so the best guess. */
const USUAL_HEIGHT = 360;
/** A picture may be stretched by so much before a larger one is worth its bits. */
const STRETCH = 1.2;

/** The size to ask the gateway for. */
export function chooseQuality(preferred: Preferred, picture: Picture): Quality {
  if (picture.isScreen) return 'high';
  const fullHeight = picture.fullHeight || USUAL_HEIGHT;
  if (typeof preferred === 'object') {
    const { maxHeight } = preferred;
    return SIZES.findLast(([, shrink]) => fullHeight / shrink <= maxHeight)?.[0] ?? 'low';
  }
  if (preferred !== 'auto') return preferred;
  const { isOfMany, shownHeight } = picture;
  if (!isOfMany || shownHeight === null) return 'high';
  return SIZES.find(([, shrink]) => (fullHeight / shrink) * STRETCH >= shownHeight)?.[0] ?? 'high';
}
