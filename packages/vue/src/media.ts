import type { Call } from '@parley/client';
import {
  computed,
  defineComponent,
  h,
  shallowRef,
  watchPostEffect,
  type ComputedRef,
  type PropType,
  type SlotsType,
} from 'vue';
import { useCall, useDeviceState } from './calls.ts';
import { useDevice } from './device.ts';

const CALL = {
  /** Default: what `useCall()` answers. */
  call: { type: Object as PropType<Call | null>, default: undefined },
} as const;

/** The other side's picture, in a `<video>` that takes all other attributes. Its sound is played once, by the SDK. */
export const RemoteVideo = defineComponent({
  name: 'RemoteVideo',
  props: {
    ...CALL,
    /** One of `media.remotes` of a conference; without it, the other side. */
    person: { type: String, default: undefined },
  },
  setup(props) {
    const element = useAttached(props, (call, video) => call.media.attach(video, props.person));
    return () => h('video', { ...PLAYING, ref: element });
  },
});

/** This person's own picture, in a `<video>` that takes all other attributes. */
export const LocalVideo = defineComponent({
  name: 'LocalVideo',
  props: {
    ...CALL,
    /** As in a mirror, which is how people know themselves. */
    mirror: { type: Boolean, default: true },
  },
  setup(props) {
    const element = useAttached(props, (call, video) => call.media.attachLocal(video));
    // A flat transform only: anything in space makes some phones draw it without the processor for pictures.
    return () =>
      h('video', {
        ...PLAYING,
        ...(props.mirror ? { style: { transform: 'scaleX(-1)' } } : {}),
        ref: element,
      });
  },
});

const PLAYING = { muted: true, autoplay: true, playsinline: '' } as const;

function useAttached(
  props: { readonly call?: Call | null | undefined },
  attach: (call: Call, video: HTMLVideoElement) => () => void,
): (video: unknown) => void {
  const active = useCall();
  const element = shallowRef<HTMLVideoElement | null>(null);
  if (typeof window !== 'undefined') {
    watchPostEffect((onCleanup) => {
      const call = props.call === undefined ? active.value : props.call;
      if (call !== null && element.value !== null) onCleanup(attach(call, element.value));
    });
  }
  return (video) => (element.value = video as HTMLVideoElement | null);
}

/** Whether the browser refuses to play sound, and what a click has to do about it. */
export function usePlayback(): {
  readonly blocked: ComputedRef<boolean>;
  readonly unlock: () => Promise<boolean>;
} {
  const device = useDevice();
  return {
    blocked: useDeviceState(({ playback }) => playback.blocked),
    unlock: () => device.playback.unlock(),
  };
}

/**
 * The SDK plays the sound of calls by itself; this is where a person mends it when the browser will not have it. Its slot
 * gets what a click has to call: `<RemoteAudio v-slot="{ unlock }"><button @click="unlock">…</button></RemoteAudio>`.
 */
export const RemoteAudio = defineComponent({
  name: 'RemoteAudio',
  slots: Object as SlotsType<{ default: { readonly unlock: () => Promise<boolean> } }>,
  setup(_props, { slots }) {
    const { blocked, unlock } = usePlayback();
    const shown = computed(() => blocked.value);
    return () => (shown.value ? slots.default?.({ unlock }) : null);
  },
});
