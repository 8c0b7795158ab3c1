import type { Call } from '@parley/client';
import {
  createElement,
  Fragment,
  useCallback,
  useEffect,
  useRef,
  type ReactNode,
  type VideoHTMLAttributes,
} from 'react';
import { useCall, useDeviceState } from './calls.ts';
import { useDevice } from './provider.ts';

type VideoAttributes = Omit<
  VideoHTMLAttributes<HTMLVideoElement>,
  'src' | 'muted' | 'autoPlay' | 'playsInline'
>;

/** Whose picture is shown, and how. Everything else goes to the `<video>`. */
export interface RemoteVideoProps extends VideoAttributes {
  /** Default: what `useCall()` answers. */
  readonly call?: Call | null;
  /** One of `media.remotes` of a conference; without it, the other side. */
  readonly person?: string;
}

/** The other side's picture. Its sound is played once, by the SDK. */
export function RemoteVideo({ call, person, ...attributes }: RemoteVideoProps): ReactNode {
  const active = useCall();
  const element = useRef<HTMLVideoElement>(null);
  const shown = call === undefined ? active : call;
  useEffect(() => {
    if (shown === null || element.current === null) return undefined;
    return shown.media.attach(element.current, person);
  }, [shown, person]);
  return createElement('video', { ...attributes, ...PLAYING, ref: element });
}

/** One's own picture, and how it is shown. */
export interface LocalVideoProps extends VideoAttributes {
  /** Default: what `useCall()` answers. */
  readonly call?: Call | null;
  /** As in a mirror, which is how people know themselves. Default `true`. */
  readonly mirror?: boolean;
}

/** This person's own picture. */
export function LocalVideo({ call, mirror = true, style, ...attributes }: LocalVideoProps): ReactNode {
  const active = useCall();
  const element = useRef<HTMLVideoElement>(null);
  const shown = call === undefined ? active : call;
  useEffect(() => {
    if (shown === null || element.current === null) return undefined;
    return shown.media.attachLocal(element.current);
  }, [shown]);
  // A flat transform only: anything in space makes some phones draw it without the processor for pictures.
  const mirrored = mirror ? { ...style, transform: 'scaleX(-1)' } : style;
  return createElement('video', { ...attributes, ...PLAYING, style: mirrored, ref: element });
}

const PLAYING = { muted: true, autoPlay: true, playsInline: true } as const;

/** Whether the browser refuses to play sound, and what a click has to do about it. */
export function usePlayback(): { readonly blocked: boolean; readonly unlock: () => Promise<boolean> } {
  const device = useDevice();
  const blocked = useDeviceState(({ playback }) => playback.blocked);
  const unlock = useCallback(() => device.playback.unlock(), [device]);
  return { blocked, unlock };
}

/** What is shown while the browser refuses to play sound. */
export interface RemoteAudioProps {
  /** Gets what a click has to call: `{(unlock) => <button onClick={unlock}>Turn the sound on</button>}`. */
  readonly children: (unlock: () => Promise<boolean>) => ReactNode;
}

/** The SDK plays the sound of calls by itself; this is where a person mends it when the browser will not have it. */
export function RemoteAudio({ children }: RemoteAudioProps): ReactNode {
  const { blocked, unlock } = usePlayback();
  return blocked ? createElement(Fragment, null, children(unlock)) : null;
}
