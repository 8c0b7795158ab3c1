import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The folder that holds the repository. */
export const REPOSITORY = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Commands that dependencies bring with them. */
export const BIN = path.join(REPOSITORY, 'node_modules', '.bin');

/** The sample phone. */
export const SOFTPHONE = path.join(REPOSITORY, 'apps', 'softphone');

/** Where things live that are worth keeping between checkouts: `${XDG_CACHE_HOME:-~/.cache}/parley`. */
export function cacheFolder() {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'parley');
}
