export { createMediasoupPlane } from './create.ts';
export type { ListenAddress, LogLevel, MediaLog, MediasoupPlaneOptions } from './options.ts';
export type { MediaHealth, OwnedMediaPlane, WorkerUsage } from './owned-plane.ts';
