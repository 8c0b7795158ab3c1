import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createEspeakPlanner, type EspeakVoices } from './espeak-voices.ts';
import { safeSsml } from './ssml.ts';
import { SPEECH_DEADLINE_MS, type Speech, type SpeechOrder, type SpeechPlan, type Spoken } from './speech.ts';
import { Turnstile } from './turnstile.ts';
import { VoiceError } from './voice-error.ts';

/** Five minutes of what espeak-ng writes: nothing that is spoken in one piece is so long. */
const SOUND_BYTES_MAX = 5 * 60 * 22_050 * 2;
/** Orders that wait for a process. */
const WAITING_MAX = 1000;

export interface EspeakOptions {
  /** The command; an absolute path, or a name to be found on the path. */
  readonly command?: string;
  /** How many processes may run at a time. */
  readonly processesMax?: number;
}

/**
 * Speaks with the command `espeak-ng`, as Debian and others package it: one short-lived process a sentence. It is GPL
 * software, and a program of its own.
 */
export function createEspeak({ command = 'espeak-ng', processesMax = 2 }: EspeakOptions = {}): Speech {
  const turnstile = new Turnstile({ atOnceMax: processesMax, waitingMax: WAITING_MAX });
  const run = (args: readonly string[], input: string): Promise<Uint8Array> =>
    turnstile.run(() => runCommand(command, args, input));

  let voices: Promise<EspeakVoices> | undefined;
  const plan = createEspeakPlanner(() => {
    voices ??= run(['--voices'], '').then(readVoices);
    // One that is installed while the gateway runs is found by the next order.
    voices.catch(() => (voices = undefined));
    return voices;
  });

  return {
    plan,
    async speak(order: SpeechOrder, { key }: SpeechPlan): Promise<Spoken> {
      const isSsml = order.ssml !== undefined;
      const text = order.ssml === undefined ? order.text : safeSsml(order.ssml).ssml;
      // On its standard input, because a text may begin with a dash.
      const args = ['--stdin', '--stdout', '-b', '1', ...(isSsml ? ['-m'] : []), '-v', key];
      // A NUL would be the text's end.
      return { sound: await run(args, text.replaceAll('\0', ' ')) };
    },
  };
}

/** The second column of `espeak-ng --voices` is the language. */
function readVoices(bytes: Uint8Array): EspeakVoices {
  const lines = new TextDecoder().decode(bytes).split('\n').slice(1);
  const languages = lines.flatMap((line) => line.trim().split(/\s+/)[1] ?? []);
  return { languages: new Set(languages.map((language) => language.toLowerCase())) };
}

function runCommand(command: string, args: readonly string[], input: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: SPEECH_DEADLINE_MS,
      killSignal: 'SIGKILL',
      // It needs nothing of ours, least of all what the gateway's environment keeps secret.
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' },
    });
    const fail = (message: string, error?: unknown): void => {
      child.kill('SIGKILL');
      reject(new VoiceError('speech-failed', message, { cause: error }));
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') {
        const message = 'no speech engine is installed: install espeak-ng, or configure a speech provider';
        reject(new VoiceError('no-engine', message, { cause: error }));
      } else fail('espeak-ng could not be started', error);
    });
    if (child.pid !== undefined) behindTheOthers(child.pid);
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > SOUND_BYTES_MAX) fail('what espeak-ng spoke is too long');
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(chunks));
      else if (signal === null) fail(`espeak-ng ended with ${code}`);
      else fail('espeak-ng took too long');
    });
    // One that is gone before it has read everything reports that in its own way.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Media that is under way matters more than a prompt that begins a few milliseconds later. */
function behindTheOthers(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It may be over already.
  }
}
