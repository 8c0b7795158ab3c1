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
export type { LastEnd } from './end-record.ts';
export {
  LocalVideo,
  RemoteAudio,
  RemoteVideo,
  usePlayback,
  type LocalVideoProps,
  type RemoteAudioProps,
  type RemoteVideoProps,
} from './media.ts';
export { useCallShortcuts, useDialpad, type CallShortcuts, type Dialpad } from './controls.ts';
export { useCallAnnouncer, type AnnouncerWords } from './announcer.ts';
export { useStore, type Selector } from './store.ts';
export { useCamera, useMicrophone, useQuality, useSpeaker, useVolume, type DeviceChoice } from './devices.ts';
export {
  usePreflight,
  type PreflightControls,
  type PreflightState,
  type PreflightStep,
} from './preflight.ts';
