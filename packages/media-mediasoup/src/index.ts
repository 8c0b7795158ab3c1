export type { Announcement } from './announcer.ts';
export { createMediasoupPlane } from './create.ts';
export type { ListenAddress, LogLevel, MediaLog, MediasoupPlaneOptions } from './options.ts';
export type { MediaHealth, OwnedMediaPlane, WorkerUsage } from './owned-plane.ts';
export type { PacingReport } from './pacer.ts';
export type { SenderReport, Tap, TapEvents, TapOptions, TappedStream } from './tap.ts';
