import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ChildLink } from './child-link.ts';
import { createEspeakPlanner } from './espeak-voices.ts';
import { SPEECH_DEADLINE_MS, type Speech } from './speech.ts';
import { safeSsml } from './ssml.ts';
import { VoiceError } from './voice-error.ts';
import { wavOf } from './wav-writer.ts';

/** The package; it is GPL software, so it is never among our dependencies and never in our process. */
const PACKAGE = '@echogarden/espeak-ng-emscripten';
const WAITING_MAX = 1000;

export interface EspeakModuleOptions {
  /** Folders in whose `node_modules` the package is looked for. Default: where the gateway runs. */
  readonly folders?: readonly string[];
}

/**
 * Speaks with espeak-ng compiled to JavaScript, where no command can be installed and somebody has added the package
 * `@echogarden/espeak-ng-emscripten`. It runs in a process of its own.
 */
export function createEspeakModule({ folders = [process.cwd()] }: EspeakModuleOptions = {}): Speech {
  let link: ChildLink | undefined;
  const started = (): ChildLink => {
    link ??= new ChildLink({
      module: new URL(
        `./espeak-module-child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
        import.meta.url,
      ),
      args: [findPackage(folders)],
      deadlineMs: SPEECH_DEADLINE_MS,
      waitingMax: WAITING_MAX,
    });
    return link;
  };
  let languages: Promise<ReadonlySet<string>> | undefined;
  return {
    plan: createEspeakPlanner(async () => {
      languages ??= (async () => new Set((await started().ask({ type: 'languages' })) as string[]))();
      // One that is installed while the gateway runs is found by the next order.
      languages.catch(() => (languages = undefined));
      return { languages: await languages };
    }),
    async speak(order, { key }) {
      const { ssml } = safeSsml(order.ssml ?? escaped(order.text));
      const spoken = (await started().ask({ type: 'speak', voice: key, ssml })) as {
        readonly rate: number;
        readonly samples: Int16Array;
      };
      return { sound: wavOf(spoken.samples, spoken.rate) };
    },
  };
}

function findPackage(folders: readonly string[]): string {
  for (const folder of folders) {
    try {
      return pathToFileURL(createRequire(path.join(folder, 'package.json')).resolve(PACKAGE)).href;
    } catch {
      // It may be in the next.
    }
  }
  const message = 'no speech engine is installed: install espeak-ng, or configure a speech provider';
  throw new VoiceError('no-engine', message);
}

/** It reads SSML, whatever it is given. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
