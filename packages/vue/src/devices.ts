import type { Call, CallSnapshot, MediaDeviceEntry } from '@parley/client';
import {
  computed,
  onMounted,
  shallowRef,
  toValue,
  watch,
  type ComputedRef,
  type MaybeRefOrGetter,
} from 'vue';
import { useCallState } from './calls.ts';
import { useDevice } from './device.ts';
import { useStore } from './store.ts';

/** Devices of one kind, which is used, and how another is chosen. */
export interface DeviceChoice {
  readonly devices: ComputedRef<readonly MediaDeviceEntry[]>;
  /** What is used now, where that is known; null for the system's own choice. */
  readonly selected: ComputedRef<MediaDeviceEntry | null>;
  /** Uses this one, or `'default'`. Never rejects: what goes wrong is in `error`. */
  readonly select: (deviceId: string) => Promise<void>;
  /** Why the last choice failed; null when it did not. */
  readonly error: ComputedRef<unknown>;
}

/** The microphones there are, and which is used. Asks the person nothing. */
export function useMicrophone(): DeviceChoice {
  const { audio } = useDevice();
  return useChoice(
    audio,
    useStore(audio.store, ({ microphones }) => microphones),
    useStore(audio.store, ({ microphone }) => microphone.selected[0] ?? null),
    (deviceId) => audio.setInputDevice(deviceId),
  );
}

/** The cameras there are, and which is used. Asks the person nothing. */
export function useCamera(): DeviceChoice {
  const { video } = useDevice();
  return useChoice(
    video,
    useStore(video.store, ({ cameras }) => cameras),
    useStore(video.store, ({ camera }) => camera.selected[0] ?? null),
    (deviceId) => video.setInputDevice(deviceId),
  );
}

/** The speakers there are, and which is used; an empty list where the browser lets nobody choose. */
export function useSpeaker(): DeviceChoice {
  const { audio } = useDevice();
  return useChoice(
    audio,
    useStore(audio.store, ({ speakers }) => speakers),
    useStore(audio.store, ({ speaker }) => speaker.selected[0] ?? null),
    (deviceId) => audio.speakerDevices.set(deviceId),
  );
}

function useChoice(
  controls: { refresh(): Promise<unknown> },
  devices: ComputedRef<readonly MediaDeviceEntry[]>,
  selected: ComputedRef<MediaDeviceEntry | null>,
  choose: (deviceId: string) => Promise<void>,
): DeviceChoice {
  const error = shallowRef<unknown>(null);
  // What cannot be listed is not there to choose from.
  onMounted(() => void controls.refresh().catch(() => undefined));
  const select = async (deviceId: string): Promise<void> => {
    try {
      await choose(deviceId);
      error.value = null;
    } catch (thrown) {
      error.value = thrown;
    }
  };
  return { devices, selected, select, error: computed(() => error.value) };
}

/** How a call sounds and looks, in one word and with reasons; null before anybody knows, and without a call. */
export function useQuality(call: MaybeRefOrGetter<Call | null>): ComputedRef<CallSnapshot['quality']> {
  return useCallState(call, ({ quality }) => quality);
}

/**
 * Writes how loud a call is into an element, as `--volume-in` (this person) and `--volume-out` (the other), 0 to 1. No
 * component renders for it: `transform: scaleX(var(--volume-in))` is a meter.
 */
export function useVolume(
  call: MaybeRefOrGetter<Call | null>,
  element: MaybeRefOrGetter<HTMLElement | null>,
): void {
  const show = (input: number, output: number): void => {
    const style = toValue(element)?.style;
    style?.setProperty('--volume-in', String(input));
    style?.setProperty('--volume-out', String(output));
  };
  watch(
    () => toValue(call),
    (current, _before, onCleanup) => {
      if (current === null || typeof window === 'undefined') return;
      const stop = current.listen('volume', show);
      onCleanup(() => {
        stop();
        show(0, 0);
      });
    },
    { immediate: true },
  );
}
