import { commandOnPath } from './command-on-path.mjs';
import { say, SetupError } from './progress.mjs';
import { installSystemPackages } from './system-packages.mjs';

/**
 * Installs the TURN server that the tests in browsers start for themselves. Nothing else needs it, so where it cannot be
 * had the work goes on, with a sentence: one test will say the same.
 */
export async function ensureTurnServer() {
  if (commandOnPath('turnserver')) return;
  try {
    await installSystemPackages(['coturn'], { why: 'the test of calls through a TURN server' });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say('no coturn could be installed: the test of calls through a TURN server will fail');
  }
}
