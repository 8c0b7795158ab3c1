import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sineWav } from './ear.test.kit.ts';
import { createEspeakModule } from './espeak-module.ts';
import { createEspeak } from './espeak.ts';
import { firstSpeech } from './first-speech.ts';
import { readWav } from './wav.ts';

const VOICES = `Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  de              --/M      German             gmw/de
 5  en-gb           --/M      English_(GB)       gmw/en               (en 2)
 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  pt-br           --/M      Portuguese_(BR)    roa/pt-BR            (pt 6)
`;
const ORDER = { text: '--help me & <others>\0', voice: 'woman', language: 'de' };

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'parley-espeak-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A command in place of espeak-ng: it writes down what it was asked. */
function command(body: string): string {
  writeFileSync(path.join(folder, 'voices'), VOICES);
  writeFileSync(path.join(folder, 'sound.wav'), sineWav({ frequencyHz: 200, ms: 100, rate: 22_050 }));
  const file = path.join(folder, 'espeak');
  writeFileSync(
    file,
    `#!/bin/sh\ncd "${folder}"\nif [ "$1" = --voices ]; then cat voices; exit; fi\n${body}\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

const written = (name: string): string => readFileSync(path.join(folder, name), 'utf8');

describe('the command espeak-ng', () => {
  it('[VO4] is given the text on its standard input, and nothing of it as an option', async () => {
    const engine = createEspeak({
      command: command('echo "$@" > args; cat > text; env > env; cat sound.wav'),
    });
    const { sound } = await engine.speak(ORDER, await engine.plan(ORDER));
    expect(written('args')).toBe('--stdin --stdout -b 1 -v de+f2\n');
    expect(written('text')).toBe('--help me & <others> ');
    expect(Array.from(readWav(sound))[0]?.rate).toBe(22_050);
  });

  it('[VO4] is not told what our environment holds', async () => {
    process.env['PARLEY_TEST_SECRET'] = 'hush';
    const engine = createEspeak({ command: command('env > env; cat > /dev/null; cat sound.wav') });
    await engine.speak(ORDER, await engine.plan(ORDER));
    delete process.env['PARLEY_TEST_SECRET'];
    expect(written('env')).not.toContain('hush');
  });

  it('[VO5] is given tags as such, without those that name a file or a voice', async () => {
    const engine = createEspeak({ command: command('echo "$@" > args; cat > text; cat sound.wav') });
    const ssml = 'a <break time="1s"/><audio src="/etc/passwd">b</audio>';
    await engine.speak({ ...ORDER, ssml }, await engine.plan(ORDER));
    expect(written('args')).toContain(' -m ');
    expect(written('text')).toBe('<speak>a <break time="1s"/> b </speak>');
  });

  it('[VO2] [VO3] remarks on a voice and a language it does not have', async () => {
    const engine = createEspeak({ command: command('') });
    const plan = await engine.plan({ voice: 'Polly.Joanna', language: 'de-AT' });
    expect(plan).toMatchObject({
      key: 'de+f2',
      remarks: [
        { about: 'voice', message: expect.stringContaining('Polly.Joanna') },
        { about: 'language', message: expect.stringContaining('de-AT') },
      ],
    });
    expect((await engine.plan({ voice: 'man', language: 'bp' })).remarks).toEqual([]);
  });

  it('[VO6] that is not installed is no engine, and is found once it is', async () => {
    const engine = createEspeak({ command: path.join(folder, 'espeak') });
    await expect(engine.plan(ORDER)).rejects.toMatchObject({ fault: 'no-engine' });
    command('');
    expect((await engine.plan(ORDER)).key).toBe('de+f2');
  });

  it('[VO6] that fails is reported', async () => {
    const engine = createEspeak({ command: command('cat > /dev/null; exit 3') });
    const plan = await engine.plan(ORDER);
    await expect(engine.speak(ORDER, plan)).rejects.toMatchObject({
      fault: 'speech-failed',
      message: 'espeak-ng ended with 3',
    });
  });

  it('[VO6] that speaks for ever is ended', async () => {
    const engine = createEspeak({ command: command('cat > /dev/null; cat /dev/zero') });
    const plan = await engine.plan(ORDER);
    await expect(engine.speak(ORDER, plan)).rejects.toThrow('too long');
  });

  it('[VO18] runs so many times at once, and no more', async () => {
    const engine = createEspeak({
      command: command('cat > /dev/null; echo + >> runs; sleep 0.05; echo - >> runs; cat sound.wav'),
      processesMax: 2,
    });
    const plan = await engine.plan(ORDER);
    await Promise.all(Array.from({ length: 6 }, () => engine.speak(ORDER, plan)));
    let [running, most] = [0, 0];
    for (const line of written('runs').trim().split('\n')) {
      running += line === '+' ? 1 : -1;
      most = Math.max(most, running);
    }
    expect(most).toBe(2);
  });

  it('[VO1] as it is installed here speaks, or is said to be missing', async () => {
    const engine = createEspeak();
    const outcome = await engine.plan(ORDER).then(
      async (plan) => (await engine.speak({ ...ORDER, text: 'Guten Tag' }, plan)).sound.length > 20_000,
      (error: unknown) => error,
    );
    if (outcome !== true) expect(outcome).toMatchObject({ fault: 'no-engine' });
  });
});

describe('the package of espeak-ng', () => {
  /** As the package is, as far as it is used: it hums for as long as the text is. */
  function install(): void {
    const place = path.join(folder, 'node_modules/@echogarden/espeak-ng-emscripten');
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, 'package.json'), '{ "type": "module", "main": "index.js" }');
    writeFileSync(
      path.join(place, 'index.js'),
      `export default async () => ({ eSpeakNGWorker: class {
        set_voice(name) { return name.startsWith('en-us') ? 0 : 2; }
        get_samplerate() { return 22050; }
        list_voices() { return [{ languages: [{ name: 'en-us' }, { name: 'xx' }] }]; }
        synthesize(text, onSamples) {
          if (text.includes('die')) process.exit(1);
          onSamples(new Int16Array(text.length * 100)); onSamples(null);
        }
      } });`,
    );
  }
  const order = { text: 'a < b', voice: 'man', language: 'en' };

  it('[VO6] speaks in a process of its own, plain text as such', async () => {
    install();
    const engine = createEspeakModule({ folders: ['/nowhere', folder] });
    const { sound } = await engine.speak(order, await engine.plan(order));
    const spoken = Array.from(readWav(sound)).reduce((sum, { samples }) => sum + samples.length, 0);
    expect(spoken).toBe('<speak>a &lt; b</speak>'.length * 100);
  });

  it('[VO6] is missed where it is not installed, and another engine speaks', async () => {
    const missing = createEspeakModule({ folders: [folder] });
    await expect(missing.plan(order)).rejects.toMatchObject({ fault: 'no-engine' });
    const engine = firstSpeech([
      missing,
      createEspeak({ command: command('cat > /dev/null; cat sound.wav') }),
    ]);
    const plan = await engine.plan(order);
    expect((await engine.speak(order, plan)).sound.length).toBeGreaterThan(44);
    await expect(firstSpeech([missing]).plan(order)).rejects.toMatchObject({ fault: 'no-engine' });
  });

  it('[VO6] is started again when it dies, and refuses a voice it does not have', async () => {
    install();
    const engine = createEspeakModule({ folders: [folder] });
    const plan = await engine.plan(order);
    await expect(engine.speak({ ...order, text: 'die' }, plan)).rejects.toMatchObject({
      fault: 'speech-failed',
    });
    expect((await engine.speak(order, plan)).sound.length).toBeGreaterThan(44);
    await expect(engine.speak(order, { ...plan, key: 'xx' })).rejects.toThrow('there is no voice xx');
  });
});
