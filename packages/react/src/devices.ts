import type { Call, CallSnapshot, MediaDeviceEntry } from '@parley/client';
import { useCallback, useEffect, useState, type RefObject } from 'react';
import { useCallState } from './calls.ts';
import { useDevice } from './provider.ts';
import { useStore } from './store.ts';

/** Devices of one kind, which is used, and how another is chosen. */
export interface DeviceChoice {
  readonly devices: readonly MediaDeviceEntry[];
  /** What is used now, where that is known; null for the system's own choice. */
  readonly selected: MediaDeviceEntry | null;
  /** Uses this one, or `'default'`. Never rejects: what goes wrong is in `error`. */
  readonly select: (deviceId: string) => Promise<void>;
  /** Why the last choice failed; null when it did not. */
  readonly error: unknown;
}

/** The microphones there are, and which is used. Asks the person nothing. */
export function useMicrophone(): DeviceChoice {
  const { audio } = useDevice();
  useRefreshed(audio);
  const [devices, selection] = useStore(audio.store, (all) => [all.microphones, all.microphone] as const);
  return useChoice(devices, selection.selected, (deviceId) => audio.setInputDevice(deviceId));
}

/** The cameras there are, and which is used. Asks the person nothing. */
export function useCamera(): DeviceChoice {
  const { video } = useDevice();
  useRefreshed(video);
  const [devices, selection] = useStore(video.store, (all) => [all.cameras, all.camera] as const);
  return useChoice(devices, selection.selected, (deviceId) => video.setInputDevice(deviceId));
}

/** The speakers there are, and which is used; an empty list where the browser lets nobody choose. */
export function useSpeaker(): DeviceChoice {
  const { audio } = useDevice();
  useRefreshed(audio);
  const [devices, selection] = useStore(audio.store, (all) => [all.speakers, all.speaker] as const);
  return useChoice(devices, selection.selected, (deviceId) => audio.speakerDevices.set(deviceId));
}

function useRefreshed(controls: { refresh(): Promise<unknown> }): void {
  useEffect(() => {
    // What cannot be listed is not there to choose from.
    controls.refresh().catch(() => undefined);
  }, [controls]);
}

function useChoice(
  devices: readonly MediaDeviceEntry[],
  selected: readonly MediaDeviceEntry[],
  choose: (deviceId: string) => Promise<void>,
): DeviceChoice {
  const [error, setError] = useState<unknown>(null);
  const select = async (deviceId: string): Promise<void> => {
    try {
      await choose(deviceId);
      setError(null);
    } catch (thrown) {
      setError(thrown);
    }
  };
  return { devices, selected: selected[0] ?? null, select, error };
}

/** How a call sounds and looks, in one word and with reasons; null before anybody knows, and without a call. */
export function useQuality(call: Call | null): CallSnapshot['quality'] {
  return useCallState(call, ({ quality }) => quality);
}

/**
 * Writes how loud a call is into an element, as `--volume-in` (this person) and `--volume-out` (the other), 0 to 1. No
 * component renders for it: `transform: scaleX(var(--volume-in))` is a meter.
 */
export function useVolume(call: Call | null, element: RefObject<HTMLElement | null>): void {
  const show = useCallback(
    (input: number, output: number) => {
      element.current?.style.setProperty('--volume-in', String(input));
      element.current?.style.setProperty('--volume-out', String(output));
    },
    [element],
  );
  useEffect(() => {
    if (call === null) return undefined;
    const stop = call.listen('volume', show);
    return () => {
      stop();
      show(0, 0);
    };
  }, [call, show]);
}
