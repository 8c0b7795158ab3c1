import { type Frame } from '../src/frame.ts';
import type { Tape } from '../src/tape.ts';
/** What somebody would hear of these frames, as samples at 48 kHz. */
export declare function heard(frames: readonly Frame[]): Promise<Float32Array>;
export declare function framesOf(tape: Tape): Promise<readonly Frame[]>;
export declare function listenTo(tape: Tape): Promise<Float32Array>;
/** Goertzel: how much of a sound's power is at one frequency, 0 to 1. */
export declare function shareAt(samples: Float32Array, frequencyHz: number, rate?: number): number;
export declare function lufs(samples: Float32Array): number;
export declare function sine(options: {
  readonly frequencyHz: number;
  readonly ms: number;
  readonly rate: number;
  readonly peak?: number;
}): Float32Array;
export declare function sineWav(options: Parameters<typeof sine>[0]): Uint8Array;
//# sourceMappingURL=ear.d.ts.map
