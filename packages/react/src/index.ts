/**
 * React hooks over the stores of `@parley/client`, and elements that show a picture.
 *
 * @module @parley/react
 */
export { ClientProvider, useDevice, type ClientProviderProps } from './provider.ts';
export {
  useCall,
  useCallDuration,
  useCalls,
  useCallState,
  useDeviceState,
  useIncomingCall,
  useLastEnd,
} from './calls.ts';
export type {
  AnnouncerWords,
  CallShortcuts,
  LastEnd,
  PreflightState,
  PreflightStep,
  Selector,
} from '@parley/client/bindings';
export {
  LocalVideo,
  RemoteAudio,
  RemoteVideo,
  usePlayback,
  type LocalVideoProps,
  type RemoteAudioProps,
  type RemoteVideoProps,
} from './media.ts';
export { useCallShortcuts, useDialpad, type Dialpad } from './controls.ts';
export { useCallAnnouncer } from './announcer.ts';
export { useStore } from './store.ts';
export { useCamera, useMicrophone, useQuality, useSpeaker, useVolume, type DeviceChoice } from './devices.ts';
export { usePreflight, type PreflightControls } from './preflight.ts';
