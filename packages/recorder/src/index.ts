export { createRecorder } from './create.ts';
export type { OwnedRecordingPlane, RecorderLog, RecorderOptions, RecoveredRecording } from './options.ts';
export type { MediaStream, MediaTap, MediaTapOptions, TappedMedia } from './tapped-media.ts';
