/**
 * What a call needs once it is answered or placed. Loaded apart from what registers and rings, in the background, as
 * soon as the gateway is there (`late-media.ts`).
 */
export { answer } from './answer.ts';
export { CallMediaSession } from './call-media.ts';
