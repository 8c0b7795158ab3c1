import type { DeviceOptions } from '../api.ts';
import type { CallState } from '../core/call-state.ts';

/** A call, as far as it concerns the other calls of its device. */
export interface Sibling {
  readonly callId: string;
  readonly state: CallState;
  readonly call: { readonly hold: (on: boolean) => Promise<void> };
  readonly host: {
    readonly options: Pick<DeviceOptions, 'autoHold'>;
    readonly calls: { readonly all: readonly Sibling[] };
  };
}

/** Puts the other calls of the device on hold, where it is to be so; takes them back with what it returns. */
export function holdOthers(call: Sibling): () => void {
  const others = talkingBeside(call);
  const all = (on: boolean): void => {
    for (const other of others) other.call.hold(on).catch(() => undefined);
  };
  all(true);
  return () => all(false);
}

/** Calls of the same device that talk while this one is to: one side at a time, unless the application wants it otherwise. */
export function talkingBeside({ callId, host }: Sibling): readonly Sibling[] {
  if (host.options.autoHold === false) return [];
  return host.calls.all.filter(
    ({ callId: id, state }) => id !== callId && state.phase.name === 'joined' && !state.standing.held.local,
  );
}
