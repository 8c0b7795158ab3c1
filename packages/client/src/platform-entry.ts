/**
 * For phones outside a web page, and for tests: everything the SDK asks of its surroundings, and the parts of the
 * browser's answer that are of use elsewhere.
 *
 * A headless phone gives `new Device(token, { url, platform })` a platform of its own: a socket, tracks that are
 * nobody's, and `createSfuEngine(FakeHandler.createFactory(…), gatewayCapabilities)` for the media.
 *
 * @module @parley/client/platform
 */
export type {
  LifecycleEvent,
  ListedDevice,
  Permission,
  PlaceholderTrack,
  Platform,
  PlatformDevices,
  PlatformSocket,
  PlatformSounds,
  PlatformSpeaker,
  SocketHandlers,
  SystemCall,
} from './platform.ts';
export type {
  EngineReceiver,
  EngineSender,
  EngineTransport,
  EngineTransportOptions,
  MediaEngine,
  MediaEngineLoader,
  SendOptions,
  TransportState,
} from './media-engine.ts';
export { browserPlatform } from './shell/browser-platform.ts';
export { createSfuEngine, type HandlerFactory } from './shell/sfu-engine.ts';
