// The whole of this process: one engine, one question at a time. It is separate because the engine is under another
// licence, and because it does not let go of its thread before it has spoken.
const HALF_AN_HOUR_OF_SAMPLES = 30 * 60 * 22_050;

/** What of the package is used. */
interface Engine {
  set_voice(name: string): number;
  get_samplerate(): number;
  list_voices(): readonly { readonly languages: readonly { readonly name: string }[] }[];
  synthesize(text: string, onSamples: (samples: Int16Array | null) => void): void;
}
interface EngineModule {
  readonly default: () => Promise<{ readonly eSpeakNGWorker: new () => Engine }>;
}

type Question = { readonly id: number } & (
  | { readonly type: 'languages' }
  | { readonly type: 'speak'; readonly voice: string; readonly ssml: string }
);

const engine = load(process.argv[2] ?? '');

process.on('message', (question: Question) => void answer(question));
// Whoever asks is gone.
process.on('disconnect', () => process.exit(0));

async function load(url: string): Promise<Engine> {
  const { default: start } = (await import(url)) as EngineModule;
  const { eSpeakNGWorker } = await start();
  return new eSpeakNGWorker();
}

async function answer(question: Question): Promise<void> {
  const { id } = question;
  try {
    const value = question.type === 'languages' ? languages(await engine) : speak(await engine, question);
    process.send?.({ id, ok: true, value });
  } catch (error) {
    process.send?.({ id, ok: false, message: `the speech engine failed: ${String(error)}` });
  }
}

function languages(engine: Engine): readonly string[] {
  return engine.list_voices().flatMap((voice) => voice.languages.map(({ name }) => name.toLowerCase()));
}

function speak(engine: Engine, { voice, ssml }: Extract<Question, { type: 'speak' }>): object {
  // It would speak with any other voice, and say so by this number alone.
  if (engine.set_voice(voice) !== 0) throw new Error(`there is no voice ${voice}`);
  const pieces: Int16Array[] = [];
  let length = 0;
  engine.synthesize(ssml, (samples) => {
    if (samples === null || length > HALF_AN_HOUR_OF_SAMPLES) return;
    pieces.push(samples.slice());
    length += samples.length;
  });
  const samples = new Int16Array(length);
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { rate: engine.get_samplerate(), samples };
}
