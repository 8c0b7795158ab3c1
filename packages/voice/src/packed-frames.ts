import type { Frame } from './frame.ts';

/** Many frames as one block of memory, which a thread can hand over without copying it frame by frame. */
export interface PackedFrames {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lengths: Uint16Array<ArrayBuffer>;
}

export function packFrames(frames: readonly Frame[]): PackedFrames {
  const lengths = Uint16Array.from(frames, ({ byteLength }) => byteLength);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.byteLength;
  }
  return { bytes, lengths };
}

export function unpackFrames({ bytes, lengths }: PackedFrames): readonly Frame[] {
  let at = 0;
  return Array.from(lengths, (length) => bytes.subarray(at, (at += length)));
}
