import { commandOnPath } from './command-on-path.mjs';
import { say, SetupError } from './progress.mjs';
import { installSystemPackages } from './system-packages.mjs';

/**
 * Installs the engine that speaks `<Say>`, where that is possible. Without it everything else works, so where it cannot be had
 * the work goes on, with a sentence.
 */
export async function ensureSpeech() {
  if (commandOnPath('espeak-ng')) return;
  try {
    await installSystemPackages(['espeak-ng'], { why: 'speaking the texts of documents' });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say('no espeak-ng could be installed: everything works, but <Say> is skipped with a notification');
  }
}
