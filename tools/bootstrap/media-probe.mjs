import { commandOnPath } from './command-on-path.mjs';
import { installSystemPackages } from './system-packages.mjs';

/**
 * Installs the programs by which tests judge the files of recordings. The gateway itself never needs them.
 */
export async function ensureMediaProbe() {
  if (commandOnPath('ffprobe') && commandOnPath('ffmpeg')) return;
  await installSystemPackages(['ffmpeg'], { why: 'checking the files of recordings' });
}
