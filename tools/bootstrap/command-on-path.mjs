import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/**
 * The absolute path of a command; of an absolute path, itself. Undefined where there is nothing that may be run.
 *
 * @param {string} command
 * @returns {string | undefined}
 */
export function commandOnPath(command) {
  if (path.isAbsolute(command)) return isExecutable(command) ? command : undefined;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, command)).find(isExecutable);
}

function isExecutable(/** @type {string} */ file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
