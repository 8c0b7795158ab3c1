import type { ServerMessageOf } from '@parley/protocol';
import type { Standing } from './call-state.ts';

/** How the two stand with one another, as the gateway says it. Where it says nothing, all is at ease. */
export function standingFrom(said?: ServerMessageOf<'standing'>['standing']): Standing {
  const {
    held = { local: false, remote: false },
    asks: videoRequest = null,
    transferring: isTransferring = false,
  } = said ?? {};
  return { held, videoRequest, isTransferring };
}
