/** One frame lasts so long; every packet of a call carries one. */
export const FRAME_MS = 20;
/** The rate at which everything is mixed, levelled and encoded: Opus's own. */
export const SAMPLE_RATE = 48_000;
export const FRAME_SAMPLES = (SAMPLE_RATE / 1000) * FRAME_MS;

/** One Opus frame of 20 ms, mono. Never changed once made: a frame is shared by all who hear it. */
export type Frame = Uint8Array;

/** A frame of silence, as RFC 6716 codes it; for gaps, and for the moment before and after something is said. */
export const SILENT_FRAME: Frame = Uint8Array.of(0xf8, 0xff, 0xfe);
