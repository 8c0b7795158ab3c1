import type { MediaId } from '@parley/protocol';

/** A name mediasoup made, as the wire knows it. They are UUIDs, which the wire's rule for names allows. */
export function mediaId(id: string): MediaId {
  return id as MediaId;
}
