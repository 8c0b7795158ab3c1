import type { Call, CallSnapshot, DeviceSnapshot } from '@parley/client';
import { recordOf, type LastEnd, type Selector } from '@parley/client/bindings';
import { computed, markRaw, shallowRef, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue';
import { useDevice } from './device.ts';
import { useMaybeStore, useStore } from './store.ts';

/** Everything about the device, or what is picked from it. */
export function useDeviceState(): ComputedRef<DeviceSnapshot>;
export function useDeviceState<Selected>(select: Selector<DeviceSnapshot, Selected>): ComputedRef<Selected>;
export function useDeviceState(select: Selector<DeviceSnapshot, unknown> = itself): ComputedRef<unknown> {
  return useStore(useDevice().store, select);
}

/** Calls that are not over, oldest first. They may be kept in refs: they are marked to be left as they are. */
export function useCalls(): ComputedRef<readonly Call[]> {
  return useDeviceState(({ calls }) => {
    for (const call of calls) markRaw(call);
    return calls;
  });
}

/** The call that rings here and waits for its person; null without one. The oldest, where there are several. */
export function useIncomingCall(): ComputedRef<Call | null> {
  const calls = useCalls();
  // What is pending is known by the calls' own stores; the device's changes with them.
  const pending = computed(() => calls.value.find((call) => call.status() === 'pending') ?? null);
  const status = useCallState(pending, (call) => call.status);
  return computed(() => (status.value === 'pending' ? pending.value : null));
}

/** The call that talks; without one, the oldest; null without calls. With `callId`, that call. */
export function useCall(callId?: MaybeRefOrGetter<string | undefined>): ComputedRef<Call | null> {
  const device = useDevice();
  const calls = useCalls();
  return computed(() => {
    const wanted = toValue(callId);
    if (wanted !== undefined) return calls.value.find((call) => call.callId === wanted) ?? null;
    return calls.value.length === 0 ? null : device.activeCall;
  });
}

/** Everything about a call, or what is picked from it; null without a call. */
export function useCallState(call: MaybeRefOrGetter<Call | null>): ComputedRef<CallSnapshot | null>;
export function useCallState<Selected>(
  call: MaybeRefOrGetter<Call | null>,
  select: Selector<CallSnapshot, Selected>,
): ComputedRef<Selected | null>;
export function useCallState(
  call: MaybeRefOrGetter<Call | null>,
  select: Selector<CallSnapshot, unknown> = itself,
): ComputedRef<unknown> {
  return useMaybeStore(() => toValue(call)?.store ?? null, select);
}

/**
 * How the last call of this device ended, until the next begins; null before. Also for a component that is shown only
 * afterwards: what ends while the device is provided is kept.
 */
export function useLastEnd(): ComputedRef<LastEnd | null> {
  return useStore<LastEnd | null, LastEnd | null>(recordOf(useDevice()), itself);
}

/** For how long a call has been answered, in whole seconds; null before that. Stands still when it is over. */
export function useCallDuration(call: MaybeRefOrGetter<Call | null>): ComputedRef<number | null> {
  const answeredAtMs = useCallState(call, (state) => state.answeredAtMs);
  const end = useCallState(call, (state) => state.end);
  const nowMs = shallowRef(Date.now());
  watch(
    () => answeredAtMs.value !== null && end.value === null,
    (isRunning, _before, onCleanup) => {
      if (!isRunning || typeof window === 'undefined') return;
      const tick = (): number => (nowMs.value = Date.now());
      tick();
      const timer = setInterval(tick, 1000);
      onCleanup(() => clearInterval(timer));
    },
    { immediate: true },
  );
  return computed(() => {
    if (answeredAtMs.value === null) return null;
    const durationMs = end.value === null ? nowMs.value - answeredAtMs.value : end.value.durationMs;
    return Math.max(0, Math.floor(durationMs / 1000));
  });
}

function itself<Value>(value: Value): Value {
  return value;
}
