import { SPEECH_DEADLINE_MS, type Speech, type SpeechOrder } from './speech.ts';
import { Turnstile } from './turnstile.ts';
import { VoiceError } from './voice-error.ts';

const SOUND_BYTES_MAX = 16 * 1024 * 1024;
const AT_ONCE_MAX = 16;
const WAITING_MAX = 1000;

export interface HttpSpeechOptions {
  /** Asked with POST; the operator's own server, so no address is refused. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string;
}

/**
 * Speaks by asking a server, so that any engine can be plugged in. What is asked and answered is in
 * `docs/spec/voice.md`. Voice and language are the provider's to understand, so nothing is remarked.
 */
export function createHttpSpeech({ url, token }: HttpSpeechOptions): Speech {
  const turnstile = new Turnstile({ atOnceMax: AT_ONCE_MAX, waitingMax: WAITING_MAX });
  return {
    plan: async ({ voice, language }) => ({
      key: JSON.stringify(['http', url, voice, language]),
      remarks: [],
      language,
      tags: 'all',
    }),
    speak: (order) => turnstile.run(async () => ({ sound: await ask(order, { url, token }) })),
  };
}

async function ask(
  { text, ssml, voice, language }: SpeechOrder,
  { url, token }: { readonly url: string; readonly token: string | undefined },
): Promise<Uint8Array> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'audio/wav, audio/mpeg, audio/ogg',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ text, ...(ssml === undefined ? {} : { ssml }), voice, language }),
      // What is to be spoken, and the token, are for this server and no other.
      redirect: 'error',
      signal: AbortSignal.timeout(SPEECH_DEADLINE_MS),
    });
    if (!response.ok) {
      throw new VoiceError('speech-failed', `the speech provider answered with status ${response.status}`);
    }
    return await bodyOf(response);
  } catch (error) {
    if (error instanceof VoiceError) throw error;
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    const message = isLate ? 'the speech provider took too long' : 'the speech provider could not be asked';
    throw new VoiceError('speech-failed', message, { cause: error });
  }
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > SOUND_BYTES_MAX) {
      throw new VoiceError('speech-failed', 'what the speech provider answered is too large');
    }
  }
  return Buffer.concat(chunks);
}
