/**
 * What a call needs once it is answered or placed. Loaded apart from what registers and rings, in the background,
 * while a device registers (`late-media.ts`).
 */
export { stepCall } from '../core/call-machine.ts';
export { CALL_SHAPES } from '../core/call-shapes.ts';
export { loadAdvice } from './late-advice.ts';
export { answer } from './answer.ts';
export { perform } from './call-outputs.ts';
export { midCall } from './late-mid-call.ts';
export { attach } from './attached-media.ts';
export { openMedia } from './open-media.ts';
export { loadDesk, recallDevices } from './call-devices.ts';
export { hear } from './call-notices.ts';
export { engineRoomOf } from './engine-room.ts';
export { Presence } from './presence.ts';
export { foresee, muteVideo, place, ring, sendDigits } from './call-verbs.ts';
export { soundOfEnd } from './sound-of-end.ts';
