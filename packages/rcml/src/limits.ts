/** The ceilings of one document: what is larger is refused, so that reading one has a known cost. */
export const limits = {
  /** Counted as UTF-8, which is what travelled. */
  documentBytesMax: 64 * 1024,
  depthMax: 16,
  elementsMax: 1000,
  attributesPerElementMax: 64,
  /** More would bury the first, which is usually the cause. */
  complaintsMax: 100,
  messageLengthMax: 300,
  nounsPerDialMax: 10,
  parametersBytesMax: 4 * 1024,
  /** One day: a longer wait is a mistake, and timers of the platform end not far above. */
  secondsMax: 86_400,
  loopMax: 1000,
  participantsMax: 40,
} as const;

/** How many bytes a text takes as UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    // Each half of a surrogate pair accounts for two of its four bytes.
    else if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}
