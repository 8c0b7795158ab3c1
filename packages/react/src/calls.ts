import type { Call, CallSnapshot, DeviceSnapshot } from '@parley/client';
import { recordOf, type LastEnd, type Selector } from '@parley/client/bindings';
import { useEffect, useState } from 'react';
import { useDevice } from './provider.ts';
import { useMaybeStore, useStore } from './store.ts';

/** Everything about the device, or what is picked from it. Renders again when that is different. */
export function useDeviceState(): DeviceSnapshot;
export function useDeviceState<Selected>(select: Selector<DeviceSnapshot, Selected>): Selected;
export function useDeviceState(select: Selector<DeviceSnapshot, unknown> = itself): unknown {
  return useStore(useDevice().store, select);
}

/** Calls that are not over, oldest first. */
export function useCalls(): readonly Call[] {
  return useDeviceState((device) => device.calls);
}

/** The call that rings here and waits for its person; null without one. The oldest, where there are several. */
export function useIncomingCall(): Call | null {
  const calls = useCalls();
  // What is pending is known by the calls' own stores; the device's changes with them.
  const pending = calls.find((call) => call.status() === 'pending') ?? null;
  const status = useCallState(pending, (call) => call.status);
  return status === 'pending' ? pending : null;
}

/** The call that talks; without one, the oldest; null without calls. With `callId`, that call. */
export function useCall(callId?: string): Call | null {
  const device = useDevice();
  const calls = useCalls();
  if (callId !== undefined) return calls.find((call) => call.callId === callId) ?? null;
  return calls.length === 0 ? null : device.activeCall;
}

/** Everything about a call, or what is picked from it; null without a call. Renders again when that is different. */
export function useCallState(call: Call | null): CallSnapshot | null;
export function useCallState<Selected>(
  call: Call | null,
  select: Selector<CallSnapshot, Selected>,
): Selected | null;
export function useCallState(call: Call | null, select: Selector<CallSnapshot, unknown> = itself): unknown {
  return useMaybeStore(call?.store ?? null, select);
}

/**
 * How the last call of this device ended, until the next begins; null before. Also for a component that is shown only
 * afterwards: what ends while a `<ClientProvider>` has the device is kept.
 */
export function useLastEnd(): LastEnd | null {
  return useStore<LastEnd | null, LastEnd | null>(recordOf(useDevice()), itself);
}

/** For how long a call has been answered, in whole seconds; null before that. Stands still when it is over. */
export function useCallDuration(call: Call | null): number | null {
  const answeredAtMs = useCallState(call, (state) => state.answeredAtMs);
  const end = useCallState(call, (state) => state.end);
  const [, tick] = useState(0);
  const isRunning = answeredAtMs !== null && end === null;
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => tick((ticks) => ticks + 1), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  if (answeredAtMs === null) return null;
  const durationMs = end === null ? Date.now() - answeredAtMs : end.durationMs;
  return Math.max(0, Math.floor(durationMs / 1000));
}

function itself<Value>(value: Value): Value {
  return value;
}
