/**
 * Vue composables over the stores of `@parley/client`, and components that show a picture.
 *
 * @module @parley/vue
 */
export { clientPlugin, provideDevice, useDevice, type DeviceOwnership } from './device.ts';
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
export { LocalVideo, RemoteAudio, RemoteVideo, usePlayback } from './media.ts';
export { useCallShortcuts, useDialpad, type Dialpad } from './controls.ts';
export { useCallAnnouncer } from './announcer.ts';
export { useStore } from './store.ts';
export { useCamera, useMicrophone, useQuality, useSpeaker, useVolume, type DeviceChoice } from './devices.ts';
export { usePreflight, type PreflightControls } from './preflight.ts';
