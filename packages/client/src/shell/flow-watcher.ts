import type { CallStats, Sample } from '../api.ts';
import {
  NO_FLOW,
  stepFlow,
  WAY_DOWN,
  WAY_UP,
  type FlowInput,
  type FlowOutput,
  type FlowState,
  type FlowWay,
} from '../core/flow-watch.ts';
import type { CallRunner } from './call-runner.ts';

type Direction = 'send' | 'recv';

const WAYS: Readonly<Record<Direction, FlowWay>> = { send: WAY_UP, recv: WAY_DOWN };

/**
 * Sees to it that a path on which nothing passes is mended, although ICE takes it for good: a firewall that lets only
 * connectivity checks through, an address translator that has forgotten half of it, a stream that the SFU or the browser
 * cannot decrypt any more. What decides is `core/flow-watch.ts`, once for each direction; what mends is the path itself.
 */
export class FlowWatcher {
  readonly #call: CallRunner;
  readonly #states: Record<Direction, FlowState> = { send: NO_FLOW, recv: NO_FLOW };
  #reportedAtMs = 0;

  constructor(call: CallRunner) {
    this.#call = call;
  }

  /** Once a second, with what has passed since. */
  took({ sent, received }: Sample, stats: CallStats): void {
    const isUp = this.#isUp();
    const { phase, media } = this.#call.store.getSnapshot();
    const isOffered = media.remoteAudio === 'on' || media.remoteVideo === 'on';
    this.#feed('recv', {
      type: 'second',
      isExpected: isUp && (phase === 'joined' || phase === 'answered') && isOffered,
      hasFlowed: packetsOf(received) > 0,
    });
    const reportedAtMs = newestReport(stats);
    const hasFlowed = reportedAtMs > this.#reportedAtMs;
    if (hasFlowed) this.#reportedAtMs = reportedAtMs;
    this.#feed('send', { type: 'second', isExpected: isUp && packetsOf(sent) > 0, hasFlowed });
  }

  /** ICE says yes, the socket is there to be asked by, nothing is being mended already, and nobody is on hold. */
  #isUp(): boolean {
    const { held, conference, media } = this.#call.store.getSnapshot();
    const { isPathBroken, isAway } = this.#call.state;
    const isHeld = held.local || held.remote || conference?.isOnHold === true;
    return media.transport === 'connected' && !isPathBroken && !isAway && !isHeld;
  }

  #feed(direction: Direction, input: FlowInput): void {
    const nowMs = this.#call.host.platform.nowMs();
    const { state, outputs } = stepFlow(this.#states[direction], input, nowMs, WAYS[direction]);
    this.#states[direction] = state;
    for (const output of outputs) this.#perform(direction, output);
  }

  #ask(direction: Direction, number: number): void {
    const { host, callId } = this.#call;
    const refused = { type: 'refused', to: number } as const;
    host.link.request({ type: 'mediaFlow', callId }).then(
      ({ flow }) =>
        this.#feed(
          direction,
          flow === undefined ? refused : { ...refused, type: 'said', count: flow[direction] },
        ),
      () => this.#feed(direction, refused),
    );
  }

  #perform(direction: Direction, output: FlowOutput): void {
    const { host, media, isOver, state } = this.#call;
    if (isOver) return;
    const path = media.session?.path;
    switch (output.type) {
      case 'ask':
        this.#ask(direction, output.number);
        break;
      case 'cure':
        host.log.warn('nothing passes on a path that is up', {
          callSid: state.callSid,
          direction,
          times: output.times,
        });
        path?.onDead(output.times);
        break;
      case 'flows':
        path?.onTransport('connected');
        break;
    }
  }
}

function packetsOf({
  audio,
  video,
}: {
  readonly [kind in 'audio' | 'video']: { readonly packets: number } | null;
}): number {
  return (audio?.packets ?? 0) + (video?.packets ?? 0);
}

/** When the SFU last said what has arrived of ours; 0 before it has. */
function newestReport({ send, recv }: CallStats): number {
  const entries = [send, recv].flatMap((report) => [...((report?.values() ?? []) as Iterable<Entry>)]);
  const times = entries.filter(({ type }) => type === 'remote-inbound-rtp').map(({ timestamp }) => timestamp);
  return Math.max(0, ...times);
}

interface Entry {
  readonly type: string;
  readonly timestamp: number;
}
